# SPDX-License-Identifier: EUPL-1.2
# The benchmark, small: that it measures what it says. What the floors do must find what the engine found, and a decision
# must allocate nothing, take no lock and not call the kernel; without its trace it comes to the same. A list comes to what its
# documents come to, and what is explained is explained whole. Nothing here is timed.
. tests/scripts/lib.sh

# What a program of the benchmark says of itself.
says() {
	"$@" >"$work/out" 2>"$work/err"
	status=$?
	while read -r line; do
		case $line in
		"ok "*) pass "${line#*- }" ;;
		"not ok "*) fail "${line#*- }" ;;
		esac
	done <"$work/out"
	is "${1##*/} ends well" "0 " "$status $(cat "$work/err")"
}

says "$BUILD/bench/bench" --self-check --rows=20000 --dir="$work/bench" --tool="$RKO" --recorder="$BUILD/bench/record" \
	--engine="$BUILD/bench/lane" --untraced="$BUILD/bench/lane-untraced" policies
ok "it cleans up" test ! -e "$work/bench"
says "$BUILD/bench/filter" --self-check policies policies/demo/facts.yaml
says "$BUILD/bench/explain" --self-check policies
ends
