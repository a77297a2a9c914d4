# SPDX-License-Identifier: EUPL-1.2
# The clients of examples/clients: yes for a permit, and no for everything else. Those whose tools are here are run.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
port=$((20000 + ($$ + 3000) % 20000))
ground demo policies policies/demo/facts.yaml
starts demo --demo-clock=2026-07-10T10:00+03:00 --listen=tcp:127.0.0.1:$port
clients=examples/clients
# tries NAME PLACE NOBODY COMMAND…: asks with PLACE, USER and DOCUMENT; NOBODY is a place where nobody answers
tries() {
	name=$1 place=$2 nobody=$3
	shift 3
	is "$name: a permit is yes" "yes 0" "$("$@" "$place" kaisa liisa_merkinta; echo $?)"
	is "$name: a denial is no" "no 1" "$("$@" "$place" pekka liisa_merkinta; echo $?)"
	is "$name: nobody answers: no" "no 1" "$("$@" "$nobody" kaisa liisa_merkinta; echo $?)"
}
is() { if [ "$2" = "$(echo "$3" | tr '\n' ' ' | sed 's/ $//')" ]; then pass "$1"; else fail "$1" "expected: $2" "found: $3"; fi; }
! command -v python3 >/dev/null || tries Python "$socket" "$work/none" python3 $clients/ask.py
! command -v node >/dev/null || tries Node "$socket" "$work/none" node $clients/ask.mjs
! command -v java >/dev/null || tries Java "http://127.0.0.1:$port" "http://127.0.0.1:1" java $clients/Ask.java
if pkg-config --exists libcurl jansson; then
	ok "C: it compiles" cc -Wall -Wextra -Werror $clients/ask.c $(pkg-config --cflags --libs libcurl jansson) -o "$work/ask"
	tries C "$socket" "$work/none" "$work/ask"
fi
stops
# Answers that no client may take for a yes, from a server that says them whatever is asked.
for answer in '{"decision":false}' '{"decision":"true"}' '{"decision":1}' '{"Decision":true}' '{"evaluations":[{"decision":true}]}' 'true' '' '{"decision":tru'; do
	rm -f "$work/lies.sock" "$work/ready"
	"${BUILD:-build}/tests/sidecar/bare" "$work/lies.sock" 1 "$answer" >"$work/ready" &
	lies=$!
	pids="$pids $lies"
	until grep -q ready "$work/ready"; do sleep 0.05; done
	! command -v python3 >/dev/null || is "Python: $answer is no" "no" "$(python3 $clients/ask.py "$work/lies.sock" kaisa x)"
	! command -v node >/dev/null || is "Node: $answer is no" "no" "$(node $clients/ask.mjs "$work/lies.sock" kaisa x)"
	[ ! -x "$work/ask" ] || is "C: $answer is no" "no" "$("$work/ask" "$work/lies.sock" kaisa x)"
	kill "$lies"
	wait "$lies" 2>/dev/null
done
ends
