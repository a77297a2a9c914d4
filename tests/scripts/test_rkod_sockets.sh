# SPDX-License-Identifier: EUPL-1.2
# Who may connect and ask: users on Unix sockets, hosts and certificates over TCP; sockets that systemd opened.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
one=/access/v1/evaluation yes='{"decision":true}'
read='{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
port=$((20000 + ($$ + 7000) % 20000))
# refused WHAT NEEDLE OPTION…: no start, and what it says
refused() {
	what=$1 needle=$2
	shift 2
	exits "$what" 3 "$RKOD" --policy="$work/cert.image" --facts="$work/cert.facts" "$@"
	has "$what: said how" "$needle" "$err"
}

# Unix sockets
starts cert
answers "the own user may ask" 200 "$yes" $one "$read"
is "the socket is closed to others" 660 "$(stat -c %a "$socket")"
refused "a socket in use" "another process answers on this socket" --listen="unix:$socket"
kill -9 "$pid"
wait "$pid" 2>/dev/null
starts cert
answers "a socket that a dead process left is taken over" 200 "$yes" $one "$read"
stops
ok "the socket is gone after a stop" test ! -e "$socket"
echo text >"$work/text"
refused "a file that is no socket" "is there, and is no socket" --listen="unix:$work/text"
is "is left as it was" text "$(cat "$work/text")"
starts cert --allow-uid=4294967294 --socket-mode=600
asks $one "$read"
has "a user who is not listed" '403 {"error":{"code":"caller_not_allowed"' "$status $body"
gets /healthz
is "but may ask whether it lives" 200 "$status"
is "another mode" 600 "$(stat -c %a "$socket")"
has "a refused caller is logged" '"event":"caller_refused","kind":"uid","uid":' "$(cat "$work/cert.log")"
stops

refused "a user that is none" "expected a number, or the name of a user" --listen="unix:$work/x.sock" --allow-uid=nobody-here
starts cert --allow-uid="$(id -un)"
answers "a user by name" 200 "$yes" $one "$read"
stops

# TCP
refused "TCP beyond this machine without TLS" "without TLS only the loopback address" --listen=tcp:0.0.0.0:$port
refused "an address that is none" "expected ADDRESS:PORT" --listen=tcp:nowhere
refused "TLS without a certificate" "tls needs the settings" --listen=tls:127.0.0.1:$port
starts cert --listen=tcp:127.0.0.1:$port --host=pdp.local
tcp() { curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "$read" "$@"; }
is "over the loopback address" 200 "$(tcp "http://127.0.0.1:$port$one")"
is "by the name localhost" 200 "$(tcp "http://localhost:$port$one")"
is "by a name that is listed" 200 "$(tcp -H 'Host: pdp.local' "http://127.0.0.1:$port$one")"
is "by another name: a page in a browser" 421 "$(tcp -H 'Host: attacker.example' "http://127.0.0.1:$port$one")"
is "and on the Unix socket beside it" "200 $yes" "$(asks $one "$read"; echo "$status $body")"
stops

# TLS: a CA of our own, a server, a caller it signed and one it did not.
authority ca
authority other
signed server localhost ca
signed journal journal ca
signed stranger stranger ca
signed forged journal other
tls="--tls-certificate=$work/server.pem --tls-key=$work/server.key"
secure() { curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca.pem" -H 'Content-Type: application/json' -d "$read" "$@" "https://localhost:$port$one"; }
starts cert --listen=tls:127.0.0.1:$port $tls --tls-client-ca="$work/ca.pem" --allow-client=journal \
	--tell=requester
is "a caller with a certificate" 200 "$(secure --cert "$work/journal.pem" --key "$work/journal.key")"
is "no certificate" 401 "$(secure)"
is "a certificate of somebody who is not listed" 401 "$(secure --cert "$work/stranger.pem" --key "$work/stranger.key")"
no_permit() { case $1 in 200) echo permit ;; *) echo none ;; esac; }
is "a certificate of another CA" none "$(no_permit "$(secure --cert "$work/forged.pem" --key "$work/forged.key")")"
is "TLS 1.1 is not spoken" 000 "$(secure --tls-max 1.1 --ciphers 'DEFAULT@SECLEVEL=0' --cert "$work/journal.pem" --key "$work/journal.key")"
is "TLS 1.2 is" 200 "$(secure --tls-max 1.2 --cert "$work/journal.pem" --key "$work/journal.key")"
is "plain HTTP on it is not" 000 "$(tcp "http://127.0.0.1:$port$one")"
stops
chmod 644 "$work/server.key"
refused "a key that others may read" "a key that others may read" --listen=tls:127.0.0.1:$port $tls
refused "a key of another certificate" "PEM files that belong together" --listen=tls:127.0.0.1:$port \
	--tls-certificate="$work/server.pem" --tls-key="$work/journal.key" --audit=none

# systemd
socket=$work/active.sock
"${BUILD:-build}/tests/sidecar/activate" "$socket" "$work/notify" "$RKOD" --policy="$work/cert.image" \
	--facts="$work/cert.facts" --listen=systemd >"$work/told" 2>"$work/active.log" &
pid=$!
pids="$pids $pid"
waits "$work/told" READY=1
answers "a socket that systemd opened" 200 "$yes" $one "$read"
kill -HUP "$pid"
waits "$work/told" RELOADING=1
for i in $(seq 200); do [ "$(grep -c READY=1 "$work/told")" = 2 ] && break; sleep 0.05; done
kill -TERM "$pid"
wait "$pid"
is "what it tells systemd" "STATUS=starting READY=1 RELOADING=1 READY=1 STOPPING=1 exit 0" \
	"$(tr '\n' ' ' <"$work/told" | sed 's/ $//; s/MONOTONIC_USEC=[0-9]* //')"
refused "no socket from systemd" "systemd has handed over no socket" --listen=systemd
ends
