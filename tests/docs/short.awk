# SPDX-License-Identifier: EUPL-1.2
# What `rko check` prints, as the documents show it: messages and help, without places; of the facts of a situation
# that is shown only that there are some.
/^(error|warning|note)\[/ { if (shown++) print ""; print; message = 1; next }
/^ *--> / { message = 0; next }
message == 1 { print "  …"; message = 2 }
/^ *= (help|fix): / { sub(/^ *= /, "  "); print }
