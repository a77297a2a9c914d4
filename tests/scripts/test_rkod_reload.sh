# SPDX-License-Identifier: EUPL-1.2
# I14: Reload and death under load: every answer is right or none, every decision has one policy, and every permit that was
# heard has its record.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
load=${BUILD:-build}/tests/sidecar/load
one=/access/v1/evaluation
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
echo '{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}' >"$work/ask"
count() { echo "$1" | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"; }

# A second policy: the same under another version, and the rule that grants has another name.
sed -e 's/version "1"/version "2"/' -e 's/everybody-reads/anybody-reads/' tests/sidecar/cert.rko >"$work/second.rko"
"$RKO" compile -o "$work/second.image" "$work/second.rko" >/dev/null
cp "$work/cert.image" "$work/first.image"
digest() { gets /readyz; echo "$body" | sed 's/.*"digest":"\([^"]*\)".*/\1/'; }

# `make tsan-sidecar` does a thousand with the thread sanitizer: as many reloads as asked, each awaited, while questions are asked one by one and sixteen at a
# time; every tenth reload new facts. An answer that names one policy and the rule of the other is mixed.
reloads=${RELOADS:-40}
starts cert --request-seconds=30 --audit-seconds=60 --tell-most=reasons --tell=reasons --threads=4
first=$(digest)
cp "$work/second.image" "$work/cert.image.new" && mv "$work/cert.image.new" "$work/cert.image" && hangs_up '"event":"reloaded"'
second=$(digest)
ok "the other policy has another digest" test "$first" != "$second"
ask=$(cat "$work/ask")
echo "{\"evaluations\":[$ask$(printf ",$ask%.0s" $(seq 15))]}" >"$work/sixteen"
# asking NAME CONNECTIONS REQUESTS PATH: until there were enough reloads; a line for each run
asking() {
	until [ -e "$work/enough" ]; do
		"$load" --json --connections="$2" --requests="$3" --path="/access/v1/$4" \
			--pair="everybody-reads=$first" --pair="anybody-reads=$second" "$socket" "$work/$1"
	done >"$work/$1.done"
}
asking ask 12 600 evaluation &
one_by_one=$!
asking sixteen 4 50 evaluations &
sixteen=$!
for i in $(seq $((reloads / 2))); do
	for image in first second; do
		cp "$work/$image.image" "$work/next" && mv "$work/next" "$work/cert.image" && hangs_up '"event":"reloaded"'
	done
	[ $((i % 5)) -eq 0 ] || continue
	sed -e 's/^recorded: .*//' -e "s/record-2: {status: archived}/&\\n  record-$i: {status: archived}/" \
		tests/sidecar/cert.yaml >"$work/more.yaml"
	"$RKO" facts load -q --store="$work/cert.facts" --policy="$work/cert.image" "$work/more.yaml" >&2
done
: >"$work/enough"
wait "$one_by_one" "$sixteen"
sums() { sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" "$work/$1.done" | awk '{ n += $1 } END { print n + 0 }'; }
for kind in ask sixteen; do
	is "$kind: none of $(sums $kind good) answers was a 503, wrong, lost or mixed" "0 0 0 0" \
		"$(sums $kind unavailable) $(sums $kind other) $(sums $kind lost) $(sums $kind mixed)"
	ok "$kind: there were some" test "$(sums $kind good)" -gt "$reloads"
done
gets /metrics
taken=$(echo "$body" | sed -n 's/^rkod_reloads_total //p')
ok "$taken reloads were taken up, of $reloads" test "${taken:-0}" -ge "$reloads"
is "none failed" 0 "$(echo "$body" | sed -n 's/^rkod_failed_reloads_total //p')"
decisions=$(($(sums ask good) + 16 * $(sums sixteen good)))
is "all $decisions decisions were counted, across reloads" "$decisions" \
	"$(echo "$body" | sed -n 's/^rkod_decisions_total{.*outcome="granted".*} //p' | awk '{ n += $1 } END { print n }')"
ok "the facts had more than one generation" test "$(echo "$body" | sed -n 's/^rkod_facts_generation //p')" -gt 1
stops
is "it stops in order" 0 "$code"
exits "each record names one policy and one state of the facts, on which it comes out the same" 0 \
	"$RKO" audit replay --store="$work/cert.facts" "$work/cert.facts.audit"
has "$(echo "$out" | tail -n 1)" "$decisions decisions, $decisions the same byte for byte, 0 defects" "$out"
hasnt "no thread met another one's data" "ThreadSanitizer" "$(cat "$work/cert.log")"
rm -rf "$work/cert.facts"* && ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
cp "$work/first.image" "$work/cert.image"
starts cert --request-seconds=30 --audit-seconds=60 --tell-most=reasons --tell=reasons --threads=4

cp "$work/second.image" "$work/next" && mv "$work/next" "$work/cert.image" && kill -HUP "$pid"
for _ in $(seq 100); do [ "$(digest)" != "$first" ] && break; sleep 0.05; done
second=$(digest)
asks $one "$(cat "$work/ask")"
has "and answers name it" "\"policy\":\"$second\"" "$body"

# Facts: a load into the store is seen by the next decision, without a reload.
sed 's/alice: {role: staff/carol: {role: staff, writer: no}\n  alice: {role: staff/' tests/sidecar/cert.yaml |
	sed 's/recorded: .*//' >"$work/more.yaml"
carol='{"subject":{"type":"user","id":"carol"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
asks $one "$carol"
has "somebody who is not known" '"decision":false' "$body"
"$RKO" facts load -q --store="$work/cert.facts" --policy="$work/cert.image" "$work/more.yaml"
asks $one "$carol"
has "is known when the facts say so" '"decision":true' "$body"
has "on the next generation" '"generation":2' "$body"

# Draining: answers under way are finished.
"$load" --json --connections=8 --requests=4000 "$socket" "$work/ask" >"$work/drained" &
loading=$!
sleep 0.1
stops
wait "$loading"
drained=$(cat "$work/drained")
is "a stop under load ends in order" 0 "$code"
is "and nothing was answered wrongly" "0 0" "$(count "$drained" unavailable) $(count "$drained" other)"

# Another store in the place of the first. One of which only a file was replaced would share its locks with that which is
# open, so it is not taken; nor is what Landlock does not let through.
swaps() { rm -rf "$work/old.facts" && cp -a "$work/cert.facts" "$work/new.facts" && mv "$work/cert.facts" "$work/old.facts" && mv "$work/new.facts" "$work/cert.facts"; }
starts cert --request-seconds=30 --audit-seconds=60 --tell-most=reasons --tell=reasons --confine=off
cp "$work/cert.facts/data.mdb" "$work/data.new" && mv "$work/data.new" "$work/cert.facts/data.mdb"
hangs_up '"event":"reload_failed"'
has "data.mdb alone is replaced: says what to do" "a store is replaced as a whole folder" "$(cat "$work/cert.log")"
asks $one "$carol"
has "data.mdb alone is replaced: the old facts go on" '"decision":true' "$body"
swaps
sed 's/carol:/dave:/' "$work/more.yaml" >"$work/dave.yaml"
"$RKO" facts load -q --store="$work/cert.facts" --policy="$work/cert.image" "$work/dave.yaml"
hangs_up '"event":"reloaded"'
asks $one "$carol"
has "the whole folder is replaced: the new facts are taken" '"generation":3' "$body"
stops
starts cert --request-seconds=30 --audit-seconds=60
swaps
hangs_up '"event":"reload_failed"'
has "confined, the folder is replaced: says why" "Permission denied" "$(cat "$work/cert.log")"
asks $one "$carol"
has "confined, the folder is replaced: the old facts go on" '"decision":true' "$body"
stops

# Death: kill -9 in the middle. The record has every permit that was heard.
for round in 1 2 3; do
	starts cert --audit-seconds=60
	gets /metrics
	before=$(echo "$body" | sed -n 's/^rkod_audit_records //p')
	"$load" --json --connections=8 --requests=100000 "$socket" "$work/ask" >"$work/killed" &
	loading=$!
	for _ in $(seq 200); do
		gets /metrics
		answered=$(echo "$body" | sed -n 's/^rkod_request_seconds_count //p')
		[ "${answered:-0}" -gt $((300 * round)) ] && break
		sleep 0.02
	done
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	wait "$loading"
	heard=$(count "$(cat "$work/killed")" good)
	starts cert
	gets /metrics
	after=$(echo "$body" | sed -n 's/^rkod_audit_records //p')
	ok "kill $round: $heard permits were heard, and $((after - before)) are recorded" test "$((after - before))" -ge "$heard"
	ok "kill $round: some were heard" test "$heard" -gt 0
	stops
done
ends
