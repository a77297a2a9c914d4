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
		ok "$readme: $name exists" test -e "$folder/$name" -o -e "$name" -o -e "build/gen/${name##*/}"
	done
	may=$(sed -n 's/^May include: //p' "$readme")
	case $folder in engine | dsl | tests | tools/completion | tools/coverage | tools/gen) continue ;; esac
	has "$readme says what may be included" "include/rko" "$may"
	for found in $(cat "$folder"/*.c "$folder"/*.h "$folder"/*.y "$folder"/*.re 2>/dev/null |
		sed -nE 's,^#include "((engine|dsl|tools|tests)/[a-z]+)/.*,\1,p' | sort -u); do
		[ "$found" = "$folder" ] || has "$folder includes $found" "\`$found\`" "$may"
	done
done
ends
