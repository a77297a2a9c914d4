# SPDX-License-Identifier: EUPL-1.2
# The policies of the repository: clean, laid out, the same bytes twice, and a policy from an unrelated field.
. tests/scripts/lib.sh

for folder in policies examples/documents; do
	exits "$folder: no errors" 0 "$RKO" check "$folder"
	hasnt "$folder: no warnings" "warning[" "$out$err"
	exits "$folder: laid out as rko fmt does" 0 "$RKO" fmt --check "$folder"
	ok "$folder: compiles" "$RKO" compile -o "$work/one.image" "$folder"
	ok "$folder: compiles again" "$RKO" compile -o "$work/two.image" "$folder"
	ok "$folder: same sources, same bytes" cmp "$work/one.image" "$work/two.image"
done
exits "examples/documents: its cases" 0 "$RKO" test examples/documents
ends
