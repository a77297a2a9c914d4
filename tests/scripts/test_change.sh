# SPDX-License-Identifier: EUPL-1.2
# What would have to change, applied to the facts: scenarios of the policies with the change written into their facts
# are granted, and with a part of it they are not. (tests/unit/test_change_turns.c writes them all; these few stand here as
# somebody would write them.)
. tests/scripts/lib.sh
policy=$work/policy.image
"$RKO" compile -o "$policy" policies || exit 1
cp -r policies/cases "$work/cases"
count=0

# shows FILE CASE WORDS…: the decision of the case says so
shows() {
	"$RKO" test --policy="$policy" --lang=en --verbose --filter="$2" "$work/cases/$1.yaml" | sed 's/^  |   //' >"$work/shown"
	of=$2
	shift 2
	for words; do has "$of: would be granted once $words" "$words" "$(cat "$work/shown")"; done
}
# try FILE CASE OUTCOME, and the differences on standard input
try() {
	count=$((count + 1))
	{ printf '\n  - id: T-%d\n    name: applied to %s\n    as: [%s]\n' "$count" "$2" "$2"; cat
	  printf '    expect: {outcome: %s}\n' "$3"; } >"$work/tail"
	cp "$work/cases/$1.yaml" "$work/cases/tried.yaml"
	cat "$work/tail" >>"$work/cases/tried.yaml"
	exits "$2, changed: $3" 0 "$RKO" test --policy="$policy" --lang=en --filter="T-$count" "$work/cases/tried.yaml"
	has "$2, changed: tried" "1 passed, 0 failed" "$out"
}

# One record or field
shows eligibility S-45 'OID: is recorded (now none)' 'can be changed by: The producer'
try eligibility S-45 granted <<'YAML'
    change: {unit: {u1: {oid: 1.2.246.10.99999992.10.1}}}
YAML
shows eligibility S-47a 'State of the test: Passed (now Vendor not reached)'
try eligibility S-47a granted <<'YAML'
    change: {commissioning_test: [{system: walmu, controller: ekhva, state: passed}]}
YAML
shows eligibility S-48 'there is a record: Notified system' 'Kind of system: Client information system'
try eligibility S-48 granted <<'YAML'
    change: {known_system: [{controller: ekhva, organisation: kukkakoti_oy, system: domacare, since: 2026-06-01}]}
YAML
shows eligibility S-50 'there is a record: Commissioning test'
try eligibility S-50 granted <<'YAML'
    change: {commissioning_test: [{system: x, controller: ekhva, state: passed}]}
YAML
shows eligibility S-57a 'there is a record: Contract' 'Services: includes: Document › Service of the document' 'Ends: 10 July 2026 or later'
try eligibility S-57a granted <<'YAML'
    change: {contract: [{controller: ekhva, organisation: kukkakoti_oy, number: k9, kind: purchase_contract,
             services: [yhteisollinen_asuminen], art28: no, begins: 2026-07-10, ends: 2026-07-10}]}
YAML
shows eligibility S-57b 'Delivery and article 28 are agreed: yes' 'Kind of contract: Contract of purchase'
try eligibility S-57b granted <<'YAML'
    change: {contract: [{controller: ekhva, organisation: kukkakoti_oy, number: k9, kind: purchase_contract,
             services: [yhteisollinen_asuminen], art28: yes, begins: 2026-07-10, ends: 2026-07-10}]}
YAML
shows extra X-05 'there is a record: Entry in the register of users' 'can be changed by: The employer of the'
try extra X-05 granted <<'YAML'
    change: {user_entry: [{user: n, unit: u1, work_tasks: [priv_implementation], begins: 2026-07-10, ends: 2026-07-10}]}
YAML
shows extra X-08 'Right ends: 10 July 2026 or later (now 5 July 2026)'
try extra X-08 granted <<'YAML'
    change: {rko_grant: [{id: g1, ends: 2026-07-10}]}
YAML
try extra X-08 not_granted <<'YAML'
    change: {rko_grant: [{id: g1, ends: 2026-07-09}]}
YAML
shows extra X-09 'can be changed by: The client information system'
try extra X-09 granted <<'YAML'
    change: {client_system: {domacare: {rko_capable: yes}}}
YAML
shows extra X-11 'there is a record: Service decision'
try extra X-11 granted <<'YAML'
    change: {service_decision: [{matter: c1, client: l, service_task: iakkaat, service: yhteisollinen_asuminen, id: d9,
             made: 2026-06-22, begins: 2026-07-01, ends: open}]}
YAML
shows extra X-12 'Decision ends: 2 December 2026 or later (now 1 December 2026)' 'Ended: 2 December 2026 or later'
try extra X-12 granted <<'YAML'
    change: {episode: {e1: {decided_to: 2026-12-02}}}
YAML
try extra X-12 granted <<'YAML'
    change: {episode: {e1: {ended: 2026-12-02}}}
YAML
shows extra X-22 'Denied service tasks: must not include: Document › Service task of the' 'can be changed by: The client'
try extra X-22 granted <<'YAML'
    change: {will: {l: {denied_service_tasks: []}}}
YAML
shows windows S-24 'Ended: 6 August 2026 or later (now 31 July 2026)' 'a record changes: Document › Service in which the document was created'
try windows S-24 granted <<'YAML'
    change: {episode: {e1: {ended: 2026-08-06}}}
YAML
try windows S-24 not_granted <<'YAML'
    change: {episode: {e1: {ended: 2026-08-05}}}
YAML
shows technology S-125 'Status: Usable (now Prohibited by the supervisor)' 'can be changed by: The supervising authority'
try technology S-125 granted <<'YAML'
    change: {client_system: {domacare: {status: usable}}}
YAML
shows technology S-126 'can be changed by: Kela'
try technology S-126 granted <<'YAML'
    change: {organisation: {kukkakoti_oy: {disconnected: no}}}
YAML
shows technology S-127 'there is a record: Joining of the organiser'
try technology S-127 granted <<'YAML'
    change: {membership: {ekhva: {joined_told_to: [], rko_from: 2026-07-10, ends: 2026-07-10}}}
YAML
shows transition S-62a 'there is a record: Matter number received by the unit' 'Needs the matter number: no (now yes)'
try transition S-62a granted <<'YAML'
    change: {matter_number: [{unit: u1, client: l, service: yhteisollinen_asuminen, matter: c1}]}
YAML
try transition S-62a granted <<'YAML'
    change: {client_system: {domacare: {needs_matter_number: no}}}
YAML
shows who S-04 'there is a record: Usage right' 'can be changed by: The administrator of usage rights'
try who S-04 granted <<'YAML'
    change: {usage_right: [{user: n, unit: u1, work_task: priv_implementation, service_task: iakkaat,
             service: yhteisollinen_asuminen, operations: [write]}]}
YAML

# A right that is to be given, with all that is told of it at its edges
shows rest S-148 'there is a record: Register access right' 'State of the right: Given' 'Right ends: 10 July 2026 or later' \
	'Right begins: 10 July 2026 or earlier' 'Service of the right: the same as: Document › Service of the document' \
	'Start of the service: 17 July 2026 or earlier' 'End of the service: 10 July 2026 or later'
try rest S-148 granted <<'YAML'
    change: {rko_grant: [{controller: ekhva, client: l, unit: u1, service_task: iakkaat, service: yhteisollinen_asuminen,
             id: g9, episode: e1, state: active, issued: 2026-07-10, begins: 2026-07-10, ends: 2026-07-10, told: none}]}
YAML
try rest S-148 not_granted <<'YAML'
    change: {rko_grant: [{controller: ekhva, client: l, unit: u1, service_task: iakkaat, service: yhteisollinen_asuminen,
             id: g9, episode: e1, state: active, issued: 2026-07-10, begins: 2026-07-11, ends: open, told: none}]}
YAML

# Several steps: all of them, and each alone
decision='service_decision: [{matter: c1, client: l, service_task: iakkaat, service: yhteisollinen_asuminen, id: d9,
             made: 2026-07-01, begins: 2026-07-01, ends: open}]'
right='rko_grant: [{controller: ekhva, client: l, unit: u1, service_task: iakkaat, service: yhteisollinen_asuminen,
             id: g9, episode: e1, state: active, issued: 2026-07-01, begins: 2026-07-01, ends: open, told: none}]'
shows windows S-27b 'there is a record: Service decision in the matter' 'there is a record: Register access right'
printf '    change: {%s, %s}\n' "$decision" "$right" | try windows S-27b granted
printf '    change: {%s}\n' "$decision" | try windows S-27b not_granted
printf '    change: {%s}\n' "$right" | try windows S-27b forbidden
joining='membership: {kukkakoti_oy: {joined_told_to: [ekhva], rko_from: 2026-10-05, ends: open}}'
shows transition S-70a 'there is a record: Joining of the producer' 'there is a record: Register access right'
right=$(echo "$right" | sed 's/2026-07-01/2026-10-05/g')
printf '    change: {%s, %s}\n' "$joining" "$right" | try transition S-70a granted
printf '    change: {%s}\n' "$joining" | try transition S-70a not_granted
printf '    change: {%s}\n' "$right" | try transition S-70a not_granted
contract='contract: [{controller: ekhva, organisation: kukkakoti_oy, number: k9, kind: purchase_contract,
             services: [asumisen_tuki, yhteisollinen_asuminen], art28: no, begins: 2026-06-01, ends: open}]'
shows eligibility S-42a 'Way of procuring: Purchased service (now Service voucher)' 'Kind of contract: Contract of purchase' \
	'Services: includes: Service › Service'
printf '    change: {episode: {e2: {procurement: purchase}}, %s}\n' "$contract" | try eligibility S-42a granted
printf '    change: {episode: {e2: {procurement: purchase}}}\n' | try eligibility S-42a forbidden
printf '    change: {%s}\n' "$contract" | try eligibility S-42a forbidden

# Time: the first day, and the last before it
shows windows S-15b 'it is 24 June 2026 or later'
echo '    at: 2026-06-24T00:00+03:00' | try windows S-15b granted
shows transition S-65a 'it is 20 August 2026 or later' 'Register access right in use from: 15 July 2026 or earlier'
echo '    at: 2026-08-20T00:00+03:00' | try transition S-65a granted
echo '    at: 2026-08-19T23:59+03:00' | try transition S-65a not_granted

# What nobody can change is not shown
for scenario in extra/X-06 registers/S-89a who/S-09; do
	"$RKO" test --policy="$policy" --lang=en --verbose --filter="${scenario#*/}" "$work/cases/${scenario%/*}.yaml" >"$work/shown"
	has "${scenario#*/}: denied" "FORBIDDEN" "$(cat "$work/shown")"
	hasnt "${scenario#*/}: no change opens it" "Would be granted" "$(cat "$work/shown")"
done
ends
