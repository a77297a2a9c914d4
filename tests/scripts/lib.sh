# SPDX-License-Identifier: EUPL-1.2
# For the test scripts: what they say of each thing they try, as TAP. Sourced, not run.
#
#   . tests/scripts/lib.sh
#   is "exit code of a denied request" 1 "$code"
#   ok "the file is there" test -f "$work/image"
#   ends
#
# $work is a folder of the script's own, gone when it ends.
tests=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: "${RKO:=build/rko}"

pass() { tests=$((tests + 1)); printf 'ok %d - %s\n' "$tests" "$1"; }
fail() { tests=$((tests + 1)); printf 'not ok %d - %s\n' "$tests" "$1"; shift; for line; do printf '%s\n' "$line" | sed 's/^/# /'; done; }
# is WHAT EXPECTED FOUND
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: $2" "found:    $3"; fi; }
# has WHAT NEEDLE TEXT
has() { case $3 in *"$2"*) pass "$1" ;; *) fail "$1" "not there: $2" "in:" "$3" ;; esac; }
# hasnt WHAT NEEDLE TEXT
hasnt() { case $3 in *"$2"*) fail "$1" "there: $2" "in:" "$3" ;; *) pass "$1" ;; esac; }
# ok WHAT COMMAND…
ok() { what=$1; shift; if said=$("$@" 2>&1); then pass "$what"; else fail "$what" "$*: exit $?" "$said"; fi; }
# exits WHAT CODE COMMAND…: what it printed is then in $out and $err
exits() {
	what=$1 code=$2
	shift 2
	"$@" >"$work/.out" 2>"$work/.err"
	found=$?
	out=$(cat "$work/.out") err=$(cat "$work/.err")
	if [ "$found" -eq "$code" ]; then pass "$what"; else fail "$what" "$*" "expected exit $code, found $found" "$out" "$err"; fi
}
ends() { echo "1..$tests"; }
