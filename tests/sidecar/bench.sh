#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# The sidecar beside a bare server of the same HTTP library that answers a constant, in turn, over a Unix socket with
# connections that stay open; the generator is on the same machine. The real policies and the demo's facts; one question,
# and sixteen in one request; without a record, and with every decision on the disk before its answer.
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
	pids="$pids $!"
	until grep -qs ready "$work/bare.ready"; do sleep 0.05; done
}
bare one "$yes"
bare sixteen "$batch"
clock=2026-07-10T10:00+03:00
starts demo --audit=none --demo-clock=$clock && quiet=$socket
cp "$work/demo.image" "$work/kept.image" && cp -a "$work/demo.facts" "$work/kept.facts"
starts kept --demo-clock=$clock && kept=$socket
# runs WHAT SOCKET BODY PATH CONNECTIONS REQUESTS [RATE]
runs() { printf '%-34s c=%-3s' "$1" "$5"; "$tools/load" --rate="${7:-0}" --connections="$5" --requests="$6" --path="$4" "$2" "$work/$3"; }
echo "$(nproc) cores, $(uname -r), $requests requests a run, $rounds rounds; times in microseconds"
for round in $(seq "$rounds"); do
	echo "round $round"
	for c in 1 16 64; do
		n=$((c == 1 ? requests / 4 : requests))
		runs "bare, one question" "$work/one.bare" one /access/v1/evaluation "$c" "$n"
		runs "rkod, one question" "$quiet" one /access/v1/evaluation "$c" "$n"
		runs "rkod, one question, recorded" "$kept" one /access/v1/evaluation "$c" "$((n / 3))"
	done
	runs "bare, 5000 a second are asked" "$work/one.bare" one /access/v1/evaluation 64 25000 5000
	runs "rkod, 5000 a second" "$quiet" one /access/v1/evaluation 64 25000 5000
	runs "rkod, 5000 a second, recorded" "$kept" one /access/v1/evaluation 64 25000 5000
	runs "bare, sixteen questions" "$work/sixteen.bare" sixteen /access/v1/evaluations 16 "$((requests / 4))"
	runs "rkod, sixteen questions" "$quiet" sixteen /access/v1/evaluations 16 "$((requests / 8))"
	runs "rkod, sixteen, recorded" "$kept" sixteen /access/v1/evaluations 16 "$((requests / 16))"
done
for p in $pids; do [ -r "/proc/$p/status" ] && echo "memory of $(tr '\0' ' ' <"/proc/$p/cmdline" | cut -d' ' -f1): $(sed -n 's/^VmRSS:\s*//p' "/proc/$p/status")"; done
