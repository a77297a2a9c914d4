# SPDX-License-Identifier: EUPL-1.2
# docs/architecture.md names every folder and file of the code, and each invariant is cited in code and in a test.
. tests/scripts/lib.sh
page=docs/architecture.md

for folder in engine/* dsl dsl/* tools/common tools/rko tools/rkod; do
	[ -d "$folder" ] || continue
	# The rows of the folder's table: from its head to the next blank line.
	awk -v head="| \`$folder/\`" 'index($0, head) == 1 { on = 1 } /^$/ { on = 0 } on' "$page" >"$work/rows"
	missing=
	for file in "$folder"/*.c "$folder"/*.h "$folder"/*.y "$folder"/*.re "$folder"/*.def; do
		[ -f "$file" ] || continue
		name=$(basename "$file")
		grep -q "\`${name%.*}\`" "$work/rows" || missing="$missing $name"
	done
	is "$page names each file of $folder" "" "$missing"
done
for name in $(grep -oE '^\| `[a-z_]+`(, `[a-z_]+`)*' "$page" | grep -oE '[a-z_]+'); do
	find engine dsl tools -name "$name.*" | grep -q . || echo "$name"
done >"$work/gone"
is "$page names no file that is gone" "" "$(cat "$work/gone")"

count=0
for number in $(grep -oE '^\| I[0-9]+ ' "$page" | grep -oE 'I[0-9]+'); do
	count=$((count + 1))
	file=$(grep "^| $number " "$page" | grep -oE '`[a-z_/]+\.(c|sh)`' | head -n 1 | tr -d '`')
	ok "$number is cited in $file" grep -qE "\b$number\b" "$file"
	ok "$number is cited in a test" grep -rqE "\b$number\b" tests --include='*.c' --include='test_*.sh'
done
ok "there are invariants" test "$count" -gt 10
is "nothing cites an invariant that is not there" "" "$(grep -rohE '(/\*|\*|#)[ ]I[0-9]+\b' engine dsl tools tests |
	grep -oE 'I[0-9]+' | sort -u | while read -r number; do grep -q "^| $number " "$page" || echo "$number"; done)"
ends
