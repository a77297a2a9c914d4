#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# The sidecar beside a bare server of the same HTTP library that answers a constant, in turn, over a Unix socket with
# connections that stay open; the generator is on the same machine. The real policies and the demo's facts; one question,
# and sixteen in one request; without a record, and with every decision on the disk before its answer.
#
# Each line has its ratio to the bare server's line before it, and the processor time that the server took for a request:
# where other programs want the same processors, that says more than what is on the clock. The table at the end has the
# middle of the rounds.
#
#   REQUESTS=100000 ROUNDS=3 tests/sidecar/bench.sh
cd "$(dirname "$0")/../.." || exit 1
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
requests=${REQUESTS:-60000} rounds=${ROUNDS:-3} tools=${BUILD:-build}/tests/sidecar
ground demo policies policies/demo/facts.yaml
one='"subject":{"type":"user","id":"kaisa","properties":{"unit":"kukkakoti_u1","work_task":"priv_implementation","identification":"professional_card","system":"x_jarjestelma"}},"action":{"name":"read"},"resource":{"type":"document","id":"liisa_merkinta","properties":{"client":"liisa"}},"context":{"register":"ekhva","purpose":"service","channel":"kanta"}'
echo "{$one}" >"$work/one"
echo "{$one,\"evaluations\":[$(printf '{}%.0s' $(seq 16) | sed 's/}{/},{/g')]}" >"$work/sixteen"
yes='{"decision":true}'
batch="{\"evaluations\":[$(printf "$yes%.0s" $(seq 16) | sed 's/}{/},{/g')]}"
bare() {
	rm -f "$work/bare.ready"
	"$tools/bare" "$work/$1.bare" 2 "$2" >"$work/bare.ready" &
	pid=$! pids="$pids $!"
	waits "$work/bare.ready" ready
}
bare one "$yes" && bare_one=$pid
bare sixteen "$batch" && bare_sixteen=$pid
clock=2026-07-10T10:00+03:00
starts demo --audit=none --demo-clock=$clock && quiet=$socket quiet_pid=$pid
cp "$work/demo.image" "$work/kept.image" && cp -a "$work/demo.facts" "$work/kept.facts"
starts kept --demo-clock=$clock && kept=$socket kept_pid=$pid

# Nanoseconds of processor time that a process has had, all its threads together.
spent() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }
# asks_all WHAT PID SOCKET BODY CONNECTIONS REQUESTS [RATE]: one line, also into $work/figures. The bare server's is the
# measure of those that follow it.
asks_all() {
	path=/access/v1/evaluation items=1
	[ "$4" = sixteen ] && path=${path}s items=16
	before=$(spent "$2")
	said=$("$tools/load" --json --rate="${7:-0}" --connections="$5" --requests="$6" --path="$path" "$3" "$work/$4")
	after=$(spent "$2")
	echo "$said" | tr -d '{}"' | tr ',:' '  ' | awk -v what="$1" -v c="$5" -v n="$6" -v items="$items" \
		-v ns="$((after - before))" '{ for (i = 1; i < NF; i += 2) v[$i] = $(i + 1)
		print what "\t" c "\t" v["rate"] "\t" v["rate"] * items "\t" v["p50"] "\t" v["p99"] "\t" v["p999"] "\t" ns / n / 1000 "\t" n - v["good"] }' >"$work/line"
	case $1 in bare*) cp "$work/line" "$work/base" ;; esac
	paste "$work/base" "$work/line" | awk -F '\t' '{ for (i = 10; i < 18; i++) printf "%s\t", $i; printf "%s\t%s\t%s\n", $12 / $3, $8 / $17, $18 }' >>"$work/figures"
	tail -1 "$work/figures" | shows
}
# Lines of figures as people read them.
shows() {
	awk -F '\t' '{ printf "%-30s c=%-3d %7.0f requests/s %7s decisions/s  p50 %7.1f  p99 %7.1f  p99.9 %7.1f  processor %6.1f  to bare %s%s\n", $1, $2, $3,
		$1 ~ /^bare/ ? "-" : sprintf("%.0f", $4), $5, $6, $7, $8, $1 ~ /^bare/ ? "1" : sprintf("%.2f, by processor %.2f", $9, $10),
		($11 > 0) ? "  " $11 " ANSWERS WERE NOT AS EXPECTED" : "" }'
}
# The middle of each column over the rounds, by line.
middles() {
	sort -t "$(printf '\t')" -k 1,2 "$work/figures" | awk -F '\t' '
		function end(  i, j, k, t, a, line) {
			if (!count) return
			line = key
			for (i = 3; i <= 11; i++) {
				for (j = 1; j <= count; j++) a[j] = v[j, i]
				for (j = 2; j <= count; j++) for (k = j; k > 1 && a[k] < a[k - 1]; k--) { t = a[k]; a[k] = a[k - 1]; a[k - 1] = t }
				line = line "\t" a[i == 11 ? count : int((count + 1) / 2)]
			}
			print line
			count = 0
		}
		$1 "\t" $2 != key { end(); key = $1 "\t" $2 }
		{ count++; for (i = 3; i <= 11; i++) v[count, i] = $i + 0 }
		END { end() }' >"$work/middles"
	awk -F '\t' 'NR == FNR { line[$1 "\t" $2] = $0; next } ($1 "\t" $2) in line { print line[$1 "\t" $2]; delete line[$1 "\t" $2] }' \
		"$work/middles" "$work/figures" | shows
}

echo "$(nproc) cores, $(uname -r), $requests requests a run, $rounds rounds; times in microseconds"
for round in $(seq "$rounds"); do
	echo "round $round; the disk alone, a record at a time: $("$tools/disk" "$work/disk" 3000 1400)"
	for c in 1 16 64; do
		n=$((c == 1 ? requests / 4 : requests))
		asks_all "bare, one question" "$bare_one" "$work/one.bare" one "$c" "$n"
		asks_all "rkod, one question" "$quiet_pid" "$quiet" one "$c" "$n"
		asks_all "rkod, one, recorded" "$kept_pid" "$kept" one "$c" "$((n / 3))"
	done
	asks_all "bare, 5000 a second are asked" "$bare_one" "$work/one.bare" one 64 25000 5000
	asks_all "rkod, 5000 a second" "$quiet_pid" "$quiet" one 64 25000 5000
	asks_all "rkod, 5000 a second, recorded" "$kept_pid" "$kept" one 64 25000 5000
	asks_all "bare, sixteen" "$bare_sixteen" "$work/sixteen.bare" sixteen 16 "$((requests / 4))"
	asks_all "rkod, sixteen" "$quiet_pid" "$quiet" sixteen 16 "$((requests / 8))"
	asks_all "rkod, sixteen, recorded" "$kept_pid" "$kept" sixteen 16 "$((requests / 16))"
	asks_all "bare, 313 sixteens a second" "$bare_sixteen" "$work/sixteen.bare" sixteen 64 1565 313
	asks_all "rkod, 313 sixteens, recorded" "$kept_pid" "$kept" sixteen 64 1565 313
done
echo "the middle of $rounds rounds"
middles
for p in $pids; do [ -r "/proc/$p/status" ] && echo "memory of $(tr '\0' ' ' <"/proc/$p/cmdline" | cut -d' ' -f1): $(sed -n 's/^VmRSS:\s*//p' "/proc/$p/status")"; done
