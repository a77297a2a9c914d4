# SPDX-License-Identifier: EUPL-1.2
# docs/limits.md has every bound of engine/base/limits.h with its number; docs/diagnostics.md every code; docs/cases.md
# every key of a case.
. tests/scripts/lib.sh

names=$(sed -n 's/^#define \(LIMIT_[A-Z_]*\) .*/\1/p' engine/base/limits.h)
{
	printf '#include <stdio.h>\n#include "engine/base/limits.h"\nint main(void)\n{\n'
	for name in $names; do printf 'printf("%s %%llu\\n", (unsigned long long)%s);\n' "$name" "$name"; done
	printf 'return 0;\n}\n'
} >"$work/limits.c"
ok "a program that prints the bounds" cc -I. "$work/limits.c" -o "$work/limits"
"$work/limits" >"$work/header"
sed -n 's/^| `\(LIMIT_[A-Z_]*\)` | \([0-9]*\) |.*/\1 \2/p' docs/limits.md >"$work/documented"
is "there are bounds" yes "$([ "$(wc -l <"$work/header")" -gt 30 ] && echo yes)"
while read -r name number; do
	is "docs/limits.md: $name" "$name $number" "$(grep "^$name " "$work/documented")"
done <"$work/header"
is "docs/limits.md has no others" "$(cut -d ' ' -f 1 "$work/header" | sort)" "$(cut -d ' ' -f 1 "$work/documented" | sort)"
for code in $(grep -oE 'RKO[0-9]{4}' docs/limits.md | sort -u); do
	ok "docs/limits.md: $code is a code" "$RKO" explain "$code"
done

"$RKO" explain >"$work/codes"
sed -n '/^```text codes$/,/^```$/p' docs/diagnostics.md | grep '^RKO' >"$work/listed"
is "docs/diagnostics.md lists every code as rko explain prints them" "$(cat "$work/codes")" "$(cat "$work/listed")"

# Keys as the tool compares them.
keys=$(sed -n 's/.*strcmp(key, "\([a-z_]*\)").*/\1/p' tools/rko/expect.c)
is "keys of expect are found in the source" yes "$([ "$(echo "$keys" | wc -l)" -ge 12 ] && echo yes)"
keys="$keys $(grep -A 3 'const keys\[\] = {' tools/common/cases.c | grep -oE '"[a-z]+"' | tr -d '"')"
for key in $keys; do
	has "docs/cases.md tells of $key" "\`$key\`" "$(cat docs/cases.md)"
done
ends
