# SPDX-License-Identifier: EUPL-1.2
# For tests of rkod: policies and facts in $work, servers on Unix sockets there. Sourced after tests/scripts/lib.sh.
: "${RKOD:=${BUILD:-build}/rkod}"
pids=
# A process that has shut itself in cannot be searched for leaks; where a test wants that, it starts one that has not:
# leaks=1 starts … --confine=off
export ASAN_OPTIONS="detect_leaks=0"
trap 'for p in $pids; do kill -9 "$p" 2>/dev/null; done; rm -rf "$work"' EXIT

# ground NAME POLICY FACTS…: NAME.image and NAME.facts in $work
ground() {
	name=$1 policy=$2
	shift 2
	"$RKO" compile -o "$work/$name.image" "$policy" >/dev/null 2>"$work/.compile" || { cat "$work/.compile" >&2; exit 1; }
	"$RKO" facts load -q --store="$work/$name.facts" --policy="$work/$name.image" "$@" >&2
}
# starts NAME [OPTION]…: a server with NAME's ground on $work/NAME.sock; $pid is its process
starts() {
	name=$1
	shift
	rm -f "$work/$name.log"	# what an earlier process said is not waited for
	ASAN_OPTIONS="detect_leaks=${leaks:-0}" "$RKOD" --policy="$work/$name.image" --facts="$work/$name.facts" --listen="unix:$work/$name.sock" "$@" \
		>"$work/$name.log" 2>&1 &
	pid=$!
	pids="$pids $pid"
	socket=$work/$name.sock
	waits "$work/$name.log" '"event":"started"'
}
# waits FILE TEXT: until the file has it, or ten seconds are over
waits() {
	for _ in $(seq 200); do
		grep -q "$2" "$1" 2>/dev/null && return 0
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	grep -q "$2" "$1" 2>/dev/null || { echo "# never said $2:" >&2; cat "$1" >&2; return 1; }
}
# hangs_up TEXT: SIGHUP, until the last server's log has one more line with the text
hangs_up() {
	before=$(grep -c "$1" "$work/$name.log")
	kill -HUP "$pid"
	for _ in $(seq 200); do
		[ "$(grep -c "$1" "$work/$name.log")" -gt "$before" ] && return 0
		sleep 0.05
	done
	echo "# never said again $1:" >&2
	cat "$work/$name.log" >&2
}
# stops: ends the last server; its exit code is in $code
stops() {
	kill -TERM "${1:-$pid}"
	wait "${1:-$pid}"
	code=$?
}
# asks PATH BODY [CURL-OPTION]…: with $type instead of application/json where it is set; the answer's body in $body and its status in $status
asks() {
	path=$1 data=$2
	shift 2
	: >"$work/.body" >"$work/.head"
	status=$(curl -s -o "$work/.body" -D "$work/.head" -w '%{http_code}' --unix-socket "$socket" \
		-H "Content-Type: ${type:-application/json}" --data-binary "$data" "$@" "http://localhost$path")
	body=$(cat "$work/.body") head=$(tr -d '\r' <"$work/.head")
}
# gets PATH [CURL-OPTION]…
gets() {
	path=$1
	shift
	: >"$work/.body" >"$work/.head"
	status=$(curl -s -o "$work/.body" -D "$work/.head" -w '%{http_code}' --unix-socket "$socket" "$@" "http://localhost$path")
	body=$(cat "$work/.body") head=$(tr -d '\r' <"$work/.head")
}
# answers WHAT STATUS BODY PATH DATA [CURL-OPTION]…
answers() {
	what=$1 expected_status=$2 expected=$3
	shift 3
	asks "$@"
	is "$what" "$expected_status $expected" "$status $body"
}
# Certificates. authority NAME: a CA, NAME.pem and NAME.key in $work. signed FILE NAME CA [OPTION]…: a certificate for
# localhost, FILE.pem and FILE.key; two days long unless the options (of `openssl x509`) say otherwise
pki() { openssl "$@" >/dev/null 2>&1; }
curve="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
authority() { pki req -x509 $curve -keyout "$work/$1.key" -out "$work/$1.pem" -subj "/CN=$1" -days 20; }
signed() {
	file=$1 name=$2 ca=$3
	shift 3
	echo 'subjectAltName=IP:127.0.0.1,DNS:localhost' >"$work/.ext"
	pki req $curve -keyout "$work/$file.key" -out "$work/.csr" -subj "/CN=$name"
	pki x509 -req -in "$work/.csr" -CA "$work/$ca.pem" -CAkey "$work/$ca.key" -CAcreateserial -out "$work/$file.pem" \
		-extfile "$work/.ext" -days 2 "$@"
}
