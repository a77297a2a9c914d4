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
# No official source gives the Swedish and English of these policies, unless a file says so.
for file in policies/*/*.labels.rko; do
	has "$file: its head says that its texts are working translations" "orking translations" "$(sed '/^translation/,$d' "$file")"
done
# I11: the engine and the language know nothing of the field of these policies.
is "no word of social welfare in engine/ and dsl/" "" \
	"$(grep -rnE 'asiakas|sosiaali|rekisterinkäyttö|\brko_grant\b|voucher|[Kk]anta\b|[Ee]khva|[Pp]irha' engine dsl include \
		--include='*.[chy]' --include='*.re' --include='*.def' --exclude=diag_codes.def | head -n 5)"
ends
