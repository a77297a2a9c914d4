# SPDX-License-Identifier: EUPL-1.2
# Each folder of code has a README, and includes nothing but itself and what its README says.
. tests/scripts/lib.sh

for folder in engine engine/* dsl dsl/* tools/* tests; do
	[ -d "$folder" ] || continue
	readme=$folder/README.md
	lines=$(wc -l <"$readme" 2>/dev/null || echo 0)
	is "$readme is there, and short" yes "$([ "$lines" -ge 5 ] && [ "$lines" -le 30 ] && echo yes)"
	# Files that it names stand in the folder, in the repository, or are made when building.
	for name in $(grep -oE '`[a-z_/]+\.(c|h|def|re|y|sh|bash|rko)`' "$readme" | tr -d '`'); do
		ok "$readme: $name exists" test -e "$folder/$name" -o -e "$name" -o -e "${BUILD:-build}/gen/${name##*/}"
	done
	may=$(sed -n 's/^May include: //p' "$readme")
	case $folder in engine | dsl | tests | tools/completion | tools/coverage | tools/gen) continue ;; esac
	has "$readme says what may be included" "include/rko" "$may"
	for found in $(cat "$folder"/*.c "$folder"/*.h "$folder"/*.y "$folder"/*.re 2>/dev/null |
		sed -nE 's,^#include "((engine|dsl|tools|tests)/[a-z]+)/.*,\1,p' | sort -u); do
		[ "$found" = "$folder" ] || has "$folder includes $found" "\`$found\`" "$may"
	done
done

# Files that comments name exist. A member such as plan.h stands behind a bracket or an arrow and is no file.
find engine dsl tools include examples tests -name '*.[chy]' -o -name '*.re' -o -name '*.def' | sort >"$work/code"
{ sed 's,.*/,,' "$work/code"; ls build/gen 2>/dev/null; printf 'grammar.h\nzone_table.h\n'; } | sort -u >"$work/there"
# shellcheck disable=SC2046
awk 'FNR == 1 { inside = 0 }
	{
		line = $0
		while (line != "") {
			if (!inside) {
				at = index(line, "/*")
				if (!at) break
				line = substr(line, at + 2)
				inside = 1
			}
			at = index(line, "*/")
			said = at ? substr(line, 1, at - 1) : line
			line = at ? substr(line, at + 2) : ""
			if (at) inside = 0
			while (match(said, /[a-z_][a-z_0-9]*\.(c|h|y|re|def)/)) {
				after = substr(said, RSTART + RLENGTH, 1)
				name = substr(said, RSTART, RLENGTH)
				said = substr(said, RSTART + RLENGTH)
				if (after !~ /[A-Za-z0-9_(]/) print name, FILENAME
			}
		}
	}' $(cat "$work/code") | sort -u >"$work/named"
ok "comments name files" test "$(wc -l <"$work/named")" -ge 50
is "every file that a comment names is there" "" "$(awk 'NR == FNR { there[$1]; next } !($1 in there)' "$work/there" "$work/named")"
ends
