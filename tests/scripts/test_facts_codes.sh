# SPDX-License-Identifier: EUPL-1.2
# Facts as text: what is dumped loads again, histories, and every message about facts, cases and requests in files
# has a test that brings it about.
. tests/scripts/lib.sh
library=$work/library.image
"$RKO" compile -o "$library" tests/common/library.rko || exit 1
facts() { action=$1 store=$2; shift 2; "$RKO" facts "$action" --store="$work/$store" --policy="$library" "$@"; }

# What is dumped, loaded into an empty store and dumped again, is the same.
ok "the library's facts load" facts load one tests/common/library.yaml --quiet
cat >"$work/odd.yaml" <<'YAML'
branch:
  "b:3": {town: raahe, kinds: [game, book], number: "1, 2"}
  "- b": {town: raahe, kinds: [], number: 'it''s'}
  "#b": {town: raahe, kinds: [], number: "[x]"}
YAML
# An id has no spaces: what YAML itself would read otherwise is what can be odd about one.
exits "ids with spaces are refused" 3 facts load one "$work/odd.yaml"
cat >"$work/odd.yaml" <<'YAML'
branch:
  "b:3": {town: raahe, kinds: [game, book], number: "1,2"}
  "-b": {town: raahe, kinds: [], number: 'it''s'}
  "#b": {town: raahe, kinds: [], number: "[x]"}
  "{b}": {town: raahe, kinds: [], number: "&a"}
  "*b": {town: raahe, kinds: [], number: "!t"}
  "b:": {town: raahe, kinds: [], number: "a\"b"}
  "öljy": {town: raahe, kinds: [], number: "~"}
  "?": {town: raahe, kinds: [], number: "|"}
  "null": {town: raahe, kinds: [], number: "007"}
  "b#": {town: raahe, kinds: [], number: ">"}
  "%": {town: raahe, kinds: [], number: "\\"}
  "=": {town: raahe, kinds: [], number: "..."}
  "---": {town: raahe, kinds: [], number: "@"}
  "<": {town: raahe, kinds: [], number: "-"}
YAML
ok "odd ids load" facts load one "$work/odd.yaml" --quiet
facts dump one >"$work/first.yaml" 2>&1
ok "a dump loads into an empty store" facts load two "$work/first.yaml" --quiet
facts dump two >"$work/second.yaml" 2>&1
ok "and is dumped as it was" cmp "$work/first.yaml" "$work/second.yaml"
exits "loaded again it stores nothing" 0 facts load two "$work/first.yaml"
has "loaded again it stores nothing: the rows are known" " 0 rows stored, 0 removed, 28 known already" "$out"
ok "the demo's facts" "$RKO" facts load -s "$work/demo" -p policies policies/demo/facts.yaml -q
"$RKO" facts dump -s "$work/demo" -p policies >"$work/demo.yaml"
ok "the demo's facts: a dump loads" "$RKO" facts load -s "$work/again" -p policies "$work/demo.yaml" -q
"$RKO" facts dump -s "$work/again" -p policies >"$work/again.yaml"
ok "the demo's facts: and is dumped as it was" cmp "$work/demo.yaml" "$work/again.yaml"

# Histories: every version, the newest first, and the old ones as of their generation.
printf 'recorded: 2026-03-01T12:00+02:00\nbranch:\n  b2: {town: raahe, kinds: [game], number: none}\n' >"$work/change.yaml"
printf 'recorded: 2026-04-01T12:00+03:00\nremove:\n  denial:\n    - {customer: pekka, number: d1}\n' >"$work/remove.yaml"
ok "a change" facts load three tests/common/library.yaml --recorded=2026-01-01T12:00+02:00 -q
ok "a change: loaded" facts load three "$work/change.yaml" -q
ok "a removal: loaded" facts load three "$work/remove.yaml" -q
facts dump three --as-of=1 >"$work/old.yaml"
facts load four tests/common/library.yaml -q
facts dump four >"$work/new.yaml"
ok "as of the first generation nothing has changed" cmp "$work/old.yaml" "$work/new.yaml"
exits "history of what was changed" 0 facts history three branch b2
is "history of what was changed: both versions" "branch:
  # generation 2, 2026-03-01T12:00:00+02:00, change.yaml:3
  - {id: b2, town: raahe, kinds: [game], number: none}
  # generation 1, 2026-01-01T12:00:00+02:00, library.yaml:4
  - {id: b2, town: sipoo, kinds: [], number: none}" "$out"
exits "history of what was removed" 0 facts history three denial pekka
is "history of what was removed: when, and what it was" "denial:
  # generation 3, 2026-04-01T12:00:00+03:00, remove.yaml:4: removed
  # - {customer: pekka, number: d1}
  # generation 1, 2026-01-01T12:00:00+02:00, library.yaml:20
  - {customer: pekka, number: d1, kind: film, begins: 2026-01-01, ends: open}" "$out"

# Messages of cases and requests; those of facts are in tests/unit/test_load.c and tests/limits.
cases() { cat >"$work/cases.yaml"; }
cases <<'YAML'
name: cases
requests:
  ask: {library: renew, customer: liisa, copy: c1, channel: desk, wishes: []}
request: nothing
at: 2026-06-15T12:00+03:00
cases:
  - id: A
    name: a case
    expect: {outcome: granted}
YAML
exits "a case that names what there is not" 3 "$RKO" test -p "$library" "$work/cases.yaml"
has "1217" "error[RKO1217]: there is no request \`nothing\`" "$err"
has "1217: where" "cases.yaml:4:10" "$err"
cases <<'YAML'
name: cases
requests:
  ask: {customer: liisa, copy: c1}
request: ask
at: 2026-06-15T12:00+03:00
cases:
  - id: A
    name: a case
    expect: {outcome: granted}
YAML
exits "a request that asks nothing" 1 "$RKO" test -p "$library" "$work/cases.yaml"
has "1218" "error[RKO1218]" "$err"
has "1218: where" "cases.yaml:3:8" "$err"

# A table: each code 12xx and the file that brings it about.
while read -r code file; do
	grep -q "\b$code\b" "$file" && pass "RKO$code is brought about in $file" || fail "RKO$code is brought about in $file"
done <<TABLE
1201 tests/unit/test_load.c
1202 tests/unit/test_load.c
1203 tests/unit/test_load.c
1204 tests/unit/test_load.c
1205 tests/unit/test_load.c
1206 tests/unit/test_load.c
1207 tests/unit/test_load.c
1208 tests/unit/test_load.c
1209 tests/unit/test_load.c
1210 tests/unit/test_load.c
1211 tests/limits/test_facts_limits.c
1212 tests/unit/test_load.c
1213 tests/unit/test_load.c
1214 tests/unit/test_load.c
1215 tests/limits/test_facts_limits.c
1216 tests/unit/test_load.c
1217 tests/scripts/test_facts_codes.sh
1218 tests/scripts/test_facts_codes.sh
TABLE
codes=$(sed -n 's/^DIAG(\(12[0-9][0-9]\),.*/\1/p' engine/base/diag_codes.def | tr '\n' ' ')
is "the table has every code" "$codes" "$(sed -n 's/^\(12[0-9][0-9]\) tests.*/\1/p' tests/scripts/test_facts_codes.sh | tr '\n' ' ')"
ends
