#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Whether the sidecar's memory, descriptors and threads stay as they are: for as long as asked it answers a mix of
# questions that are granted, denied, wrong, many at once, explained and searched for, with every decision recorded,
# a reload every few seconds and new facts now and then. Says what it found as TAP, and the samples as comments.
#
#   SOAK=600 STEP=10 RATE=1000 tests/sidecar/soak.sh
#
# SOAK: seconds. STEP: between two samples. RATE: requests a second, all together. Memory is what the process has of its
# own (RssAnon); pages of the store and of the record, which the kernel may take back, are shown beside it. It is flat
# when the line through the samples of the last half rises by less than 2 MiB over that half: what one worker with its
# session takes, and how many of those there are changes with each reload. At 1 000 requests a second for ten minutes that
# is 7 bytes a request. The first minutes say little: a worker is made whenever more ask at once than ever before.
cd "$(dirname "$0")/../.." || exit 1
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
soak=${SOAK:-600} step=${STEP:-10} rate=${RATE:-1000} load=${BUILD:-build}/tests/sidecar/load
ground demo policies policies/demo/facts.yaml
cp "$work/demo.image" "$work/first.image"
cp -r policies "$work/policies"
find "$work/policies" -name '*.rko' -exec sed -i '/^\(policy\|vocabulary\) /s/version "[^"]*/&-b/' {} +
"$RKO" compile -o "$work/second.image" "$work/policies" >/dev/null
ok "two policies to change between" sh -c '! cmp -s "$0" "$1" && [ -s "$1" ]' "$work/first.image" "$work/second.image"

# Requests, each by a process of its own: NAME SHARE (thousandths of the rate) CONNECTIONS STATUS PATH EXPECTED
subject='"subject":{"type":"user","id":"kaisa","properties":{"unit":"kukkakoti_u1","work_task":"priv_implementation","identification":"professional_card","system":"x_jarjestelma"}},"action":{"name":"read"}'
resource='"resource":{"type":"document","id":"liisa_merkinta","properties":{"client":"liisa"}}'
context='"context":{"register":"ekhva","purpose":"service","channel":"kanta"'
echo "{$subject,$resource,$context}}" >"$work/granted"
sed 's/kaisa/pekka/' "$work/granted" >"$work/denied"
echo "{$subject,$resource,$context,}}" >"$work/wrong"
echo "{$subject,$resource,$context,\"rko\":{\"tell\":\"explain\"}}}" >"$work/explained"
echo "{$subject,$resource,$context},\"evaluations\":[$(printf '{}%.0s' $(seq 16) | sed 's/}{/},{/g')]}" >"$work/many"
echo "{$subject,\"resource\":{\"type\":\"document\",\"properties\":{\"client\":\"liisa\"}},$context}}" >"$work/searched"
mix='granted 500 16 200 evaluation "decision":true
denied 300 8 200 evaluation "decision":false
wrong 100 4 400 evaluation "json_
explained 60 2 200 evaluation "explanation"
many 30 4 200 evaluations "decision":true
searched 10 2 200 search/resource liisa_merkinta'

starts demo --demo-clock=2026-07-10T10:00+03:00 --tell-most=explain --audit-seconds=60 --request-seconds=300 --idle-seconds=3600 --threads=2 ||
	{ fail "it starts"; ends; exit 1; }

began=$(date +%s%N)
while read -r name share lines code path expected; do
	a_second=$((rate * share / 1000))
	[ "$a_second" -gt 0 ] || a_second=1
	"$load" --json --again --connections="$lines" --rate="$a_second" --requests=$((a_second * soak)) --status="$code" \
		--path="/access/v1/$path" --expect="$expected" "$socket" "$work/$name" >"$work/$name.done" &
	loads="$loads $!"
	pids="$pids $!"
done <<END
$mix
END

# A line of samples: seconds, memory of its own, memory of files, descriptors, threads.
sample() {
	awk -v s="$(( ($(date +%s%N) - began) / 1000000 ))" -v fds="$(ls "/proc/$pid/fd" | wc -l)" '
		/^RssAnon/ { own = $2 } /^RssFile/ { file = $2 } /^Threads/ { threads = $2 }
		END { printf "%.1f %d %d %d %d\n", s / 1000, own, file, fds, threads }' "/proc/$pid/status" >>"$work/samples"
}
# Every two seconds another policy, every third time new facts; a sample each $step.
minute=5 tick=0
more() {
	minute=$((minute + 1))
	case $((minute % 2)) in 0) services='[]' ;; *) services='[yhteisollinen_asuminen]' ;; esac
	sed -e "s/^recorded:.*/recorded: $(printf '2026-07-10T%02d:%02d+03:00' $((6 + minute / 60)) $((minute % 60)))/" \
		-e "/^  pensaskoti_oy: {sector/s/\[.*\]/$services/" policies/demo/facts.yaml >"$work/more.yaml"
	"$RKO" facts load -q --store="$work/demo.facts" --policy="$work/demo.image" "$work/more.yaml" >&2
}
while [ "$(( ($(date +%s%N) - began) / 1000000000 ))" -lt "$soak" ] && kill -0 "$pid" 2>/dev/null; do
	sleep 1
	tick=$((tick + 1))
	[ $((tick % step)) -eq 0 ] && sample
	[ $((tick % 2)) -eq 0 ] || continue
	case $((tick / 2 % 2)) in 0) cp "$work/first.image" "$work/next" ;; *) cp "$work/second.image" "$work/next" ;; esac
	mv "$work/next" "$work/demo.image" && kill -HUP "$pid"
	[ $((tick % 6)) -eq 0 ] && more
done
wait $loads

# What was answered
figure() { sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" "$work/$1.done"; }
metric() { echo "$metrics" | sed -n "s/^rkod_$1 //p"; }
all=0
while read -r name share lines code path expected; do
	is "every request of those that are $name is answered as it should be" "0 0 0" \
		"$(figure "$name" unavailable) $(figure "$name" other) $(figure "$name" lost)"
	ok "and there were some: $(figure "$name" good), p99 $(figure "$name" p99) us" test "$(figure "$name" good)" -gt 0
	all=$((all + $(figure "$name" good)))
done <<END
$mix
END
gets /metrics
metrics=$body
is "no reload failed, of $(metric reloads_total)" 0 "$(metric failed_reloads_total)"
ok "new facts were taken: generation $(metric facts_generation)" test "$(metric facts_generation)" -gt $((soak / 15))
echo "# $all requests in $soak seconds, $(metric audit_records) records"

# Whether it is flat
echo "# seconds  own KiB  files KiB  descriptors  threads"
awk '{ printf "# %7s %8d %10d %12d %8d\n", $1, $2, $3, $4, $5 }' "$work/samples"
flat() {	# COLUMN MOST: 0 when the line through the last half rises by less
	awk -v c="$1" -v most="$2" '{ t[NR] = $1; y[NR] = $c }
		END { from = int(NR / 2) + 1
			for (i = from; i <= NR; i++) { n++; st += t[i]; sy += y[i]; stt += t[i] * t[i]; sty += t[i] * y[i] }
			if (n < 3) { print "too few samples"; exit 1 }
			rise = (n * sty - st * sy) / (n * stt - st * st) * (t[NR] - t[from])
			printf "the last half rises by %.1f, of %.1f, at most %.1f\n", rise, sy / n, most
			exit rise > most }' "$work/samples"
}
if [ "$soak" -ge 300 ]; then
	ok "memory is flat: $(flat 2 2048)" flat 2 2048
else
	most=$(awk '$2 > most { most = $2 } END { print most }' "$work/samples")
	ok "too short to see whether memory is flat; it is little: $most KiB" test "$most" -lt 65536
fi
ok "descriptors are: $(flat 4 4)" flat 4 4
ok "threads are: $(flat 5 1)" flat 5 1
stops
is "it ends in order" 0 "$code"
exits "the record is whole" 0 "$RKO" audit verify "$work/demo.facts.audit"
ends
