# SPDX-License-Identifier: EUPL-1.2
# rko test: what a failed case shows, every form of the report, filters, coverage, and case files that are wrong.
. tests/scripts/lib.sh
policy=$work/policy.image
"$RKO" compile -o "$policy" examples/documents || exit 1
mkdir "$work/cases"
sed -n '1,/^cases:/p' examples/documents/cases/documents.yaml >"$work/cases/base.yaml"
echo '  []' >>"$work/cases/base.yaml"
# with CASES…: a file of cases on the facts of examples/documents
with() { { printf 'base: base.yaml\nname: tried\ncases:\n'; cat; } >"$work/cases/tried.yaml"; }
try() { "$RKO" test --policy="$policy" --lang=en "$@" "$work/cases/tried.yaml"; }

with <<'YAML'
  - {id: A-1, name: a member reads, expect: {outcome: granted, by: [members]}}
  - {id: A-2, name: "a member <edits> & \"saves\"", request: {like: view, documents: edit}, expect: {outcome: granted, by: [editors]}}
  - {id: B-1, name: someone asks by telephone, rules: [R-1], outside: the engine has no telephone}
YAML

# Passed, failed, outside
exits "a failed case ends with 1" 1 try
has "failed: which case" "✘ A-2  a member <edits> & \"saves\"" "$out"
has "failed: where it stands" "$work/cases/tried.yaml:5:5" "$out"
has "failed: what is otherwise" "outcome: expected granted, found not_granted" "$out"
has "failed: what is otherwise with the rules" "by: expected [editors], found []" "$out"
has "failed: the decision with its reasons" "|   ✘ NOT GRANTED  edit · 10 July 2026" "$out"
has "failed: the conditions of the nearest rule" "✘ membership › role: reader – needed: editor" "$out"
hasnt "failed: what passed is not listed" "A-1" "$out"
has "the count" "1 passed, 1 failed, 1 outside the engine" "$out"
exits "--verbose" 1 try --verbose
has "--verbose: what passed" "✔ A-1  a member reads" "$out"
has "--verbose: why it was granted" "|   ✔ GRANTED" "$out"
has "--verbose: what is outside" "outside: the engine has no telephone" "$out"

# Filters
exits "--filter: by id" 0 try --filter=A-1
has "--filter: by id: the count" "1 passed, 0 failed, 0 outside" "$out"
exits "--filter: a pattern of ids" 1 try --filter='A-*'
has "--filter: a pattern of ids: the count" "1 passed, 1 failed, 0 outside" "$out"
exits "--filter: a part of the name" 0 try --filter=telephone
has "--filter: a part of the name: the count" "0 passed, 0 failed, 1 outside" "$out"
exits "--filter: nothing" 3 try --filter=nothing-like-it
has "--filter: nothing: says so" "no case matches \`nothing-like-it\`" "$err"

# Coverage
exits "--coverage" 1 try --coverage
has "--coverage: a rule without a case" "no case: documents auditors (documents/documents.rko:" "$out"
hasnt "--coverage: not of a rule with a case" "no case: documents members" "$out"
has "--coverage: the sum" "rules and duties decide, or may decide, in some case" "$out"
exits "the examples cover their policy" 0 "$RKO" test --coverage examples/documents
hasnt "the examples cover their policy: no rule is left" "no case:" "$out"

# Forms
exits "--format=html" 1 try --format=html
is "html: a sheet for each case that is decided" 2 "$(echo "$out" | grep -c '<h1>')"
has "html: which case" "A-2  a member &lt;edits&gt; &amp; " "$out"
has "html: what came of it" "is not allowed on 10 July 2026" "$(echo "$out" | grep '<h1>')"
has "html: what is otherwise, beside the page" "by: expected [editors], found []" "$err"
hasnt "html: nothing but the page on standard output" "expected [editors]" "$out"
exits "--format=tap" 1 try --format=tap
is "tap: the results" "TAP version 13
1..3
ok 1 - A-1 a member reads
not ok 2 - A-2 a member <edits> & \"saves\"
ok 3 - B-1 someone asks by telephone # SKIP the engine has no telephone" "$(echo "$out" | grep -v '^#')"
has "tap: why" "# by: expected [editors], found []" "$out"
has "tap: the decision" "#   ✘ NOT GRANTED  edit" "$out"
exits "--format=junit" 1 try --format=junit
has "junit: the counts" '<testsuite name="rko" tests="3" failures="1" skipped="1">' "$out"
has "junit: a name with signs" 'name="A-2: a member &lt;edits&gt; &amp; &quot;saves&quot;"' "$out"
has "junit: why" "<failure message=\"outcome: expected granted, found not_granted\">" "$out"
has "junit: what is outside" '<skipped message="the engine has no telephone"/>' "$out"
if command -v xmllint >/dev/null; then
	echo "$out" >"$work/report.xml"
	ok "junit: well-formed" xmllint --noout "$work/report.xml"
fi
exits "--format=json" 1 try --format=json
has "json: the counts" '"failed": 1' "$out"
has "json: the result" '"result": "failed"' "$out"
has "json: why" "by: expected [editors], found []" "$out"
exits "--format: another" 3 try --format=xml
has "--format: another: what there is" "text, json, html, junit or tap, not \`xml\`" "$err"

# Everything that can be expected is compared.
# differs KEY VALUE: an expectation that does not hold of the case is told
differs() {
	with <<YAML
  - {id: C-1, name: expected otherwise, request: {$3}, expect: {$1: $2}}
YAML
	exits "expected: $1" 1 try
	has "expected: $1: is told" "$1: expected " "$out"
}
differs outcome forbidden "like: view"
differs by "[owner]" "like: view"
differs duties "[log]" "like: view"
differs redact "[name]" "like: view"
differs stands_until 2026-08-01 "like: view"
differs nearest owner "like: edit, user: bengt"
differs lacking "[managed]" "like: edit, user: bengt"
differs readings "[plain]" "like: view"
differs pending "[ceiling]" "like: view"
differs excepted "[owner by archived-is-closed]" "like: view"
differs because network "like: view"
differs would_settle "[membership]" "like: view"
differs possible "[owner]" "like: view"

# Case files that are wrong are refused, with the place; what shows only when the case is run makes it fail.
# wrong WHAT WORDS [EXIT]: the case that follows on standard input
wrong() {
	with
	exits "wrong: $1" "${3:-3}" try
	has "wrong: $1: says what" "$2" "$err"
	has "wrong: $1: says where" "$work/cases/tried.yaml:" "$err"
}
wrong "an expectation that cannot be" "\`outcom\` is nothing that can be expected" 1 <<'YAML'
  - {id: D-1, name: x, expect: {outcom: granted}}
YAML
wrong "an id twice" "D-1" <<'YAML'
  - {id: D-1, name: x, expect: {outcome: granted}}
  - {id: D-1, name: y, expect: {outcome: granted}}
YAML
wrong "no id" "id" <<'YAML'
  - {name: x, expect: {outcome: granted}}
YAML
wrong "a request that is not there" "\`vew\`" <<'YAML'
  - {id: D-1, name: x, request: {like: vew}, expect: {outcome: granted}}
YAML
wrong "a row that is not there" "no row of folder has this key, and a new one lacks owner, site" <<'YAML'
  - {id: D-1, name: x, change: {folder: {attic: {label: internal}}}, expect: {outcome: granted}}
YAML
wrong "a kind that is not there" "no kind of fact \`foldr\`" <<'YAML'
  - {id: D-1, name: x, change: {foldr: {plans: {label: internal}}}, expect: {outcome: granted}}
YAML
wrong "a field that is not there" "no field \`lable\`" <<'YAML'
  - {id: D-1, name: x, change: {folder: {plans: {lable: internal}}}, expect: {outcome: granted}}
YAML
wrong "a part to build on that is not there" "nobody" <<'YAML'
  - {id: D-1, name: x, as: [nobody], expect: {outcome: granted}}
YAML
wrong "an instant without an offset" "2026-07-10T10:00" <<'YAML'
  - {id: D-1, name: x, at: 2026-07-10T10:00, expect: {outcome: granted}}
YAML
wrong "nothing is expected" "expect" <<'YAML'
  - {id: D-1, name: x}
YAML
wrong "a key misspelt" "the nearest is \`change\`" <<'YAML'
  - {id: D-1, name: x, chnage: {folder: {plans: {label: internal}}}, expect: {outcome: granted}}
YAML
wrong "a key of nothing" "here may stand: id, name, rules" <<'YAML'
  - {id: D-1, name: x, description: y, expect: {outcome: granted}}
YAML
wrong "a list that is none" "a list is expected here: [A-1]" <<'YAML'
  - {id: D-1, name: x, as: A-1, expect: {outcome: granted}}
YAML
wrong "a tab" "here stands a tab; YAML is indented with spaces" <<'YAML'
	- {id: D-1, name: x, expect: {outcome: granted}}
YAML
wrong "a colon in a value" "a value with a colon in it stands in quotes" <<'YAML'
  - id: D-1
    name: a member: reads
    expect: {outcome: granted}
YAML
wrong "what is not closed" "what [ or { opens, ] or } closes" <<'YAML'
  - {id: D-1, name: x, expect: {outcome: granted, by: [members}}
YAML
wrong "a no-break space" "a no-break space stands in it" <<'YAML'
  - {id: D-1, name: x, change: {folder: {plans: {label: internal}}}, expect: {outcome: granted}}
YAML
wrong "a word that is no outcome" "\`denied\` is no outcome" 1 <<'YAML'
  - {id: D-1, name: x, expect: {outcome: denied}}
YAML
wrong "a part of what is expected that is none" "the nearest is \`duties\`" 1 <<'YAML'
  - {id: D-1, name: x, expect: {dutys: []}}
YAML
wrong "a list of rules that is none" "a list is expected here: [members]" 1 <<'YAML'
  - {id: D-1, name: x, expect: {by: members}}
YAML
printf 'base: base.yaml\nname: tried\nvariants:\n  moved: {chnage: {folder: {plans: {label: internal}}}}\ncases:\n  - {id: D-1, name: x, as: [moved], expect: {outcome: granted}}\n' >"$work/cases/tried.yaml"
exits "wrong: a key of a variant" 3 try
has "wrong: a key of a variant: says what" "the nearest is \`change\`" "$err"
{ printf '\357\273\277'; cat "$work/cases/base.yaml"; } >"$work/cases/marked.yaml"
sed 's/base.yaml/marked.yaml/' <<'YAML' >"$work/cases/tried.yaml"
base: base.yaml
name: tried
cases:
  - {id: D-1, name: a member reads, expect: {outcome: granted}}
YAML
exits "a byte order mark, as some editors write, is left out" 0 try

# A fault in the facts of many cases is one fault.
printf 'base: base.yaml\nname: tried\nfacts:\n  folder: {plans: {label: internl}}\ncases:\n' >"$work/cases/tried.yaml"
for i in 1 2 3; do echo "  - {id: D-$i, name: x, expect: {outcome: granted}}"; done >>"$work/cases/tried.yaml"
exits "a fault in the facts of three cases" 1 try
is "a fault in the facts of three cases is shown once" 1 "$(echo "$err" | grep -c "^error\[RKO1204")"
has "a fault in the facts of three cases fails them all" "0 passed, 3 failed" "$out"

# A case whose facts cannot be loaded fails, and the others run.
with <<'YAML'
  - {id: E-1, name: a reader of nothing, change: {member: [{folder: attic, user: bengt, role: reader, begins: 2026-01-01, ends: open}]}, expect: {outcome: granted}}
  - {id: E-2, name: a member reads, expect: {outcome: granted}}
YAML
exits "facts that contradict themselves" 1 try
has "facts that contradict themselves: why" "error[RKO1206]" "$err"
has "facts that contradict themselves: the others run" "1 passed, 1 failed" "$out"
exits "a folder without cases" 3 "$RKO" test policies/national
has "a folder without cases: where they are" "folders called \`cases\`" "$err"
exits "cases without a policy" 3 "$RKO" test "$work/cases/tried.yaml"
has "cases without a policy: what to do" "say by which policies the cases are decided: --policy=" "$err"
exits "cases given as the policy" 4 "$RKO" test --policy="$work/cases/tried.yaml" "$work/cases/tried.yaml"
has "cases given as the policy: says so" "tried.yaml: this is no policy: cases and facts are written in YAML" "$err"
exits "a folder of cases given for the policies too" 4 "$RKO" test "$work/cases"
has "a folder of cases given for the policies too: which" "there is no file ending in .rko: $work/cases" "$err"
exits "a folder that is not there" 3 "$RKO" test "$work/nowhere"
exits "a policy with errors" 4 sh -c "echo 'rule' >\"$work/bad.rko\"; \"$RKO\" test -p \"$work/bad.rko\" \"$work/cases/tried.yaml\""
ends
