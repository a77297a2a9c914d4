# SPDX-License-Identifier: EUPL-1.2
# check, compile, dump, explain and fmt from end to end.
. tests/scripts/lib.sh
policy=examples/documents

# check
exits "check: a clean policy" 0 "$RKO" check $policy
has "check: says so" "no errors, 0 warnings" "$out"
exits "check: options behind files" 0 "$RKO" check $policy --notes --report
has "check --report: sizes" "documents" "$out"
exits "check: no file" 3 "$RKO" check
has "check: no file: what to do" "name a policy file or a folder" "$err"
exits "check: a file that is not there" 3 "$RKO" check $policy "$work/none.rko"
is "check: a file that is not there: which" "rko: $work/none.rko: No such file or directory" "$err"
printf 'vocabulary x version "1"\ncodes a b\nrecord r closed\n  key id : id\n  field f : aa\n' >"$work/bad.rko"
exits "check: errors" 4 "$RKO" check "$work/bad.rko"
has "check: the code" "error[RKO0301]" "$err"
has "check: the place" "$work/bad.rko:5:13" "$err"
is "check: errors are no output" "" "$out"
exits "check --format=json: errors" 4 "$RKO" check --format=json "$work/bad.rko"
has "check --format=json: on standard output" '"code"' "$out"
is "check --format=json: nothing beside it" "" "$err"
exits "check --format: another" 3 "$RKO" check --format=xml $policy
has "check --format: another: what there is" "text or json, not \`xml\`" "$err"
exits "check: cases given as a policy" 4 "$RKO" check policies/cases/windows.yaml
has "check: cases given as a policy: says so" "this is no policy: cases and facts are written in YAML" "$err"
exits "fmt: cases given as a policy" 3 "$RKO" fmt --check policies/cases/windows.yaml
has "fmt: cases given as a policy: says so" "this is no policy: cases and facts are written in YAML" "$err"
exits "check: a folder without policies" 4 "$RKO" check policies/cases
has "check: a folder without policies: which" "there is no file ending in .rko: policies/cases" "$err"
exits "check: a folder twice, and a file in it" 0 "$RKO" check examples/documents examples/documents/../documents examples/documents/documents.rko
mkdir "$work/twice"
cp examples/documents/*.rko "$work/twice"
cp "$work/twice/documents.rko" "$work/twice/documents (copy).rko"
exits "check: a copy of a file beside it" 4 "$RKO" check "$work/twice"
is "check: a copy of a file beside it is one error" 1 "$(echo "$err" | grep -c '^error')"
has "check: a copy of a file beside it: of which" "this file says the same as $work/twice/documents" "$err"
i=0
{ echo 'vocabulary x version "1"'; while [ $i -lt 30 ]; do echo "record r$i closed"; echo "  key id : missing$i"; i=$((i + 1)); done; } >"$work/many.rko"
exits "check: many errors" 4 "$RKO" check "$work/many.rko"
is "check: the first twenty are shown" 20 "$(echo "$err" | grep -c '^error\[')"
exits "check --all" 4 "$RKO" check --all "$work/many.rko"
is "check --all: all are shown" 30 "$(echo "$err" | grep -c '^error\[')"

# compile
exits "compile: nowhere to write" 3 "$RKO" compile $policy
has "compile: nowhere to write: what to do" "-o policy.image" "$err"
exits "compile" 0 "$RKO" compile -o "$work/one.image" $policy
is "compile: silent when all is well" "" "$out$err"
exits "compile --report, the option last" 0 "$RKO" compile $policy --output="$work/two.image" --report
ok "compile: the same bytes" cmp "$work/one.image" "$work/two.image"
exits "compile: errors" 4 "$RKO" compile -o "$work/three.image" "$work/bad.rko"
ok "compile: errors write nothing" test ! -e "$work/three.image"
cp "$work/one.image" "$work/kept.image"
exits "compile: errors over an image" 4 "$RKO" compile -o "$work/kept.image" "$work/bad.rko"
ok "compile: errors leave the old image" cmp "$work/one.image" "$work/kept.image"
exits "compile: a folder that is not there" 3 "$RKO" compile -o "$work/no/such.image" $policy
has "compile: a folder that is not there: which" "$work/no/such.image" "$err"
mkdir "$work/folder"
exits "compile: a folder instead of a file" 3 "$RKO" compile -o "$work/folder" $policy
has "compile: a folder instead of a file: which" "$work/folder: Is a directory" "$err"
ok "compile: a folder instead of a file: nothing beside" test ! -e "$work/folder.new"
exits "compile: an image for a text" 3 "$RKO" check "$work/one.image"
has "compile: an image for a text: says so" "this is a compiled image" "$err"
ok "compile: leaves nothing beside" test ! -e "$work/one.image.new"

# dump
for stage in tokens ast check rules diagram image; do
	exits "dump --after=$stage" 0 "$RKO" dump --after=$stage $policy
	ok "dump --after=$stage: something" test -n "$out"
	is "dump --after=$stage: nothing on standard error" "" "$err"
	one=$out
	exits "dump --after=$stage again" 0 "$RKO" dump $policy --after=$stage
	is "dump --after=$stage: the same again" "$one" "$out"
done
has "dump --after=image: the digest" "digest" "$out"
is "dump: check is the default" "$("$RKO" dump --after=check $policy)" "$("$RKO" dump $policy)"
exits "dump: a stage there is not" 3 "$RKO" dump --after=magic $policy
has "dump: a stage there is not: which there are" "tokens, ast, check, rules, diagram or image, not \`magic\`" "$err"
exits "dump: of errors" 4 "$RKO" dump --after=rules "$work/bad.rko"
has "dump: of errors: they are told" "error[RKO0301]" "$err"

# explain
for code in RKO0417 rko0417 417 0417; do
	exits "explain $code" 0 "$RKO" explain $code
	has "explain $code: the title" "RKO0417: the set has no such code" "$out"
	has "explain $code: an example" "right   when" "$out"
done
exits "explain: a code there is not" 3 "$RKO" explain RKO9999
has "explain: a code there is not: which" "there is no code \`RKO9999\`" "$err"
exits "explain: no code at all" 3 "$RKO" explain 12x
exits "explain: two" 3 "$RKO" explain 417 418
exits "explain: the list" 0 "$RKO" explain
is "explain: the list is in order, each once" "$(echo "$out" | sort -u)" "$out"
for code in $(echo "$out" | cut -d' ' -f1); do
	"$RKO" explain "$code" | tail -n +3 | grep -q . || fail "explain $code says nothing"
done

# fmt
cp $policy/documents.rko "$work/tidy.rko"
exits "fmt --check: laid out" 0 "$RKO" fmt --check "$work/tidy.rko"
is "fmt --check: silent" "" "$out$err"
sed 's/^  key /   key  /' "$work/tidy.rko" >"$work/untidy.rko"
cp "$work/untidy.rko" "$work/other.rko"
exits "fmt --check: not laid out" 1 "$RKO" fmt --check "$work/tidy.rko" "$work/untidy.rko" "$work/other.rko"
has "fmt --check: which" "$work/untidy.rko" "$out$err"
has "fmt --check: how many" "2 of 3 files would change" "$err"
ok "fmt --check: changes nothing" cmp "$work/untidy.rko" "$work/other.rko"
exits "fmt: standard input" 0 sh -c "\"$RKO\" fmt - <\"$work/untidy.rko\" >\"$work/out.rko\""
ok "fmt: standard input: laid out" cmp "$work/out.rko" "$work/tidy.rko"
exits "fmt: several files" 0 "$RKO" fmt "$work/untidy.rko" "$work/other.rko"
ok "fmt: the first" cmp "$work/untidy.rko" "$work/tidy.rko"
ok "fmt: the second" cmp "$work/other.rko" "$work/tidy.rko"
exits "fmt: twice changes nothing more" 0 "$RKO" fmt "$work/untidy.rko"
is "fmt: twice: silent" "" "$out$err"
printf 'rule rule rule' >"$work/broken.rko"
exits "fmt: what does not parse" 4 "$RKO" fmt "$work/broken.rko"
has "fmt: what does not parse: where" "$work/broken.rko:1:" "$err"
is "fmt: what does not parse is left" "rule rule rule" "$(cat "$work/broken.rko")"
exits "fmt: a file that is not there" 3 "$RKO" fmt "$work/none.rko"
exits "fmt: nothing" 3 "$RKO" fmt
ends
