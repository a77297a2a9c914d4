# SPDX-License-Identifier: EUPL-1.2
# policies/coverage.yaml holds every rule of the domain, names what exists, and names every statement that decides;
# docs/coverage.md says the same.
. tests/scripts/lib.sh

tool=tools/coverage/coverage.sh
exits "the page is written" 0 "$tool"
ok "docs/coverage.md is what $tool writes" cmp docs/coverage.md "$work/.out"
exits "its names" 0 "$tool" --rules
cp "$work/.out" "$work/rules"
exits "its cases" 0 "$tool" --cases
cp "$work/.out" "$work/cases"

is "every rule of the domain, R-001 to R-172, once" "$(seq -f 'R-%03g' 172)" \
	"$(sed -n 's/^- {id: \(R-[0-9]*\),.*/\1/p' policies/coverage.yaml)"

# Names as the compiler reads them: statements of parts and chapters.
exits "the statements of the policies" 0 "$RKO" dump --after=ast policies
named='rule|exception|duty|redact|silent|law|cond|define|judgement|parameter|table|reading'
sed -nE "s/^ +($named) ([^ ]+).*/\2/p" "$work/.out" | sort -u >"$work/statements"
for name in $(cut -d ' ' -f 3 "$work/rules" | sort -u); do
	ok "$name is a statement of the policies" grep -qxF "$name" "$work/statements"
done

# Everything that decides one of the three questions.
exits "the rules of the policies" 0 "$RKO" dump policies
awk '/^request / { question = $2 }
	/^  (rule|exception|silent|redact) / && question ~ /^(access|issue_grant|disclose)$/ { sub(/:$/, "", $2); print question, $2 }' \
	"$work/.out" | sort -u >"$work/deciding"
is "there are such rules" yes "$([ "$(wc -l <"$work/deciding")" -gt 50 ] && echo yes)"
while read -r question name; do
	ok "$question: $name is in the table" grep -q " $name\$" "$work/rules"
done <"$work/deciding"

"$RKO" test --format=tap policies | sed -nE 's/^(not )?ok [0-9]+ - ([^ ]+).*/\2/p' | sort -u >"$work/ids"
for id in $(cut -d ' ' -f 3 "$work/cases" | sort -u); do
	ok "$id is a case" grep -qxF "$id" "$work/ids"
done

# What the tool refuses: the file, changed, in a tree of its own.
mkdir -p "$work/tree/policies" "$work/tree/tools/coverage"
cp "$tool" "$work/tree/tools/coverage"
refused() {
	sed "$2" policies/coverage.yaml >"$work/tree/policies/coverage.yaml"
	exits "refused: $1" 1 "$work/tree/$tool"
	has "refused: $1, where and why" "$3" "$err"
}
refused "a key without meaning" 's/^- {id: R-002, key:/- {id: R-002, kay:/' '`kay` has no meaning here'
refused "a rule twice" 's/^- {id: R-003,/- {id: R-002,/' "R-002 is there twice"
refused "no rules and no reason" '/R-021/,/why:/ { s/\[S-140\],/[S-140]}/; /why:/d }' "R-021 names no rule and does not say why"
refused "an unknown question" 's/decides: disclose/decides: disclosure/' '`disclosure` is no question'
refused "a line of another form" 's/^- {id: R-010/* {id: R-010/' "an entry, or its next line by two spaces, is expected"
ends
