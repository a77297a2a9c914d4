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

# A second policy: the same rules under another version, so that its image has another digest.
sed 's/version "1"/version "2"/' tests/sidecar/cert.rko >"$work/second.rko"
"$RKO" compile -o "$work/second.image" "$work/second.rko" >/dev/null
cp "$work/cert.image" "$work/first.image"
digest() { gets /readyz; echo "$body" | sed 's/.*"digest":"\([^"]*\)".*/\1/'; }

starts cert --request-seconds=30 --audit-seconds=60 --tell=reasons --threads=4
first=$(digest)
"$load" --json --connections=16 --requests=12000 "$socket" "$work/ask" >"$work/loaded" &
loading=$!
reloads=0
while kill -0 "$loading" 2>/dev/null; do
	cp "$work/second.image" "$work/next" && mv "$work/next" "$work/cert.image" && kill -HUP "$pid"
	sleep 0.02
	cp "$work/first.image" "$work/next" && mv "$work/next" "$work/cert.image" && kill -HUP "$pid"
	sleep 0.02
	reloads=$((reloads + 2))
done
wait "$loading"
loaded=$(cat "$work/loaded")
is "every answer under $reloads reloads is right" "12000 0 0 0" \
	"$(count "$loaded" good) $(count "$loaded" unavailable) $(count "$loaded" other) $(count "$loaded" lost)"
gets /metrics
taken=$(echo "$body" | sed -n 's/^rkod_reloads_total //p')
ok "they were taken up" test "${taken:-0}" -ge 2
is "none failed" 0 "$(echo "$body" | sed -n 's/^rkod_failed_reloads_total //p')"
is "decisions are counted on across reloads" 12000 \
	"$(echo "$body" | sed -n 's/^rkod_decisions_total{question="cert",outcome="granted",rule="everybody-reads"} //p')"
cp "$work/second.image" "$work/next" && mv "$work/next" "$work/cert.image" && kill -HUP "$pid"
for _ in $(seq 100); do [ "$(digest)" != "$first" ] && break; sleep 0.05; done
second=$(digest)
ok "the other policy has another digest" test "$first" != "$second"
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
