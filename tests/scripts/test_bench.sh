# SPDX-License-Identifier: EUPL-1.2
# The benchmark, small: that it measures what it says. What the floors do must find what the engine found, and a decision
# must allocate nothing, take no lock and not call the kernel. Nothing here is timed.
. tests/scripts/lib.sh

"$BUILD/bench/bench" --self-check --rows=20000 --dir="$work/bench" --tool="$RKO" --recorder="$BUILD/bench/record" \
	--engine="$BUILD/bench/lane" --untraced="$BUILD/bench/lane-untraced" \
	policies >"$work/out" 2>"$work/err"
status=$?
while read -r line; do
	case $line in
	"ok "*) pass "${line#*- }" ;;
	"not ok "*) fail "${line#*- }" ;;
	esac
done <"$work/out"
is "it ends well" "0 " "$status $(cat "$work/err")"
ok "it cleans up" test ! -e "$work/bench"
ends
