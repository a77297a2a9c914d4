# SPDX-License-Identifier: EUPL-1.2
# rkod at its edges: it stops while answers are on their way, nobody reads its log, its files lie behind links, and callers
# show what is not theirs to show.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
one=/access/v1/evaluation yes='{"decision":true}'
read='{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
export RKOD_FAULTS="$work/faults" && mkdir "$work/faults"
faulty() { LD_PRELOAD=${BUILD:-build}/tests/sidecar/fault.so starts "$@"; }
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml

# The time for answers under way is over while one is still being decided: its record comes too late to be waited for.
faulty cert --confine=off --drain-seconds=0
: >"$RKOD_FAULTS/facts-slow"
curl -s -o "$work/late" -w '%{http_code}' --unix-socket "$socket" -H 'Content-Type: application/json' -d "$read" \
	"http://localhost$one" >"$work/late.status" &
late=$!
sleep 1
stops
rm "$RKOD_FAULTS/facts-slow"
wait $late
is "it ends in order" 0 "$code"
has "and says so" '"event":"stopped","record":"ok"' "$(cat "$work/cert.log")"
hasnt "the answer that came too late is no permit" "$yes" "$(cat "$work/late" 2>/dev/null)"

# Nobody reads the log: nothing waits for it, and what was lost is counted.
mkfifo "$work/pipe"
exec 9<>"$work/pipe"
head -c 65536 /dev/zero >&9
"$RKOD" --policy="$work/cert.image" --facts="$work/cert.facts" --listen="unix:$work/mute.sock" 2>&9 &
pid=$! socket=$work/mute.sock
pids="$pids $pid"
for _ in $(seq 20); do gets /readyz -m 1; [ "$status" != 000 ] && break; sleep 0.05; kill -0 $pid || break; done
asks $one "$read" -m 5
is "a log that nobody reads holds up nobody" "200 $yes" "$status $body"
gets /metrics -m 5
has "its lines are counted" "rkod_lost_log_lines_total" "$body"
hasnt "there were some" "rkod_lost_log_lines_total 0" "$body"
timeout 20 sh -c "kill -TERM $pid; while kill -0 $pid 2>/dev/null; do sleep 0.1; done"
is "and it can be stopped" 0 $?
exec 9>&-

# The policy behind a link into another folder, as releases are often laid out. What was kept in the record is not kept anew.
mkdir "$work/release" "$work/current"
cp "$work/cert.image" "$work/release/policy.image"
ln -s "$work/release/policy.image" "$work/current/policy.image"
starts cert --policy="$work/current/policy.image"
kept=$(ls -i "$work"/cert.facts.audit/images/*.image)
hangs_up '"event":"reloaded"'
hasnt "a policy behind a link is read again" "reload_failed" "$(cat "$work/cert.log")"
is "and its copy in the record is left as it is" "$kept" "$(ls -i "$work"/cert.facts.audit/images/*.image)"

# Fields of a gateway that are no text: they are not left out as if nobody had said them.
stops
starts cert --route='DELETE /records/{id} delete user record'
field() { gets /authz/records/record-1 -X DELETE -H 'X-Rko-Subject: alice' "$@"; }
bad=$(printf 'X-Rko-Field-Soft: \377')
field -H 'X-Rko-Field-Soft: yes'
is "a field" 200 "$status"
field -H "$bad" -H 'X-Rko-Field-Soft: yes'
is "said twice, the first time in no UTF-8" 403 "$status"
field -H "$bad"
is "said in no UTF-8 alone" 403 "$status"
field -H 'X-Rko-Field-Id: record-2' -H 'X-Rko-Field-Soft: yes'
is "and one that is not the policy's changes nothing" 200 "$status"
gets "/authz/records/record-1?$(head -c 1100 /dev/zero | tr '\0' a)" -X DELETE -H 'X-Rko-Subject: alice'
has "a query that is too long is called so" '414 {"error":{"code":"path_too_long"' "$status $body"
asks $one "${read%\}},\"context\":{\"n\":18446744073709551616}}"
has "so is a number" '400 {"error":{"code":"json_number","at":"byte ' "$status $body"
stops

# The tables of the JSON library are not laid out by the time of day: the library itself asks nothing of the system.
: >"$RKOD_FAULTS/no-urandom"
faulty cert --confine=off
asks $one "$read"
is "its seed is there before anybody asks" "200 $yes" "$status $body"
rm "$RKOD_FAULTS/no-urandom"
stops

exits "the greatest number is no user: it stands for one who is not known" 3 "$RKOD" --policy="$work/cert.image" \
	--facts="$work/cert.facts" --listen="unix:$work/x.sock" --allow-uid=4294967295
has "which is said" "allow-uid is \`4294967295\`" "$err"

# More connections than one caller may have: what is asked over them is not decided, however fast it comes.
starts cert --connections-per-peer=1 --request-seconds=60
mkfifo "$work/first"
curl -s -o "$work/first.out" --unix-socket "$socket" -H 'Content-Type: application/json' -T - -X POST "http://localhost$one" \
	<"$work/first" &
pids="$pids $!"
exec 9>"$work/first"
sleep 1		# its body has no end
permits=0
for _ in $(seq 20); do asks $one "$read" -m 5; [ "$body" = "$yes" ] && permits=$((permits + 1)); done
is "a connection too many is given no permit" 0 $permits
exec 9>&-
stops

# Certificates of callers
port=$((20000 + $$ % 20000))
authority ca && signed server rkod ca && signed plain journal ca
# purposed FILE NAME USE: a certificate for that use
purposed() {
	signed "$1" "$2" ca
	printf 'extendedKeyUsage=%s\n' "$3" >"$work/.use"
	pki x509 -req -in "$work/.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -out "$work/$1.pem" \
		-extfile "$work/.use" -days 2
}
purposed client journal clientAuth && purposed other journal serverAuth
starts cert --listen=tls:127.0.0.1:$port --tls-certificate="$work/server.pem" --tls-key="$work/server.key" --tls-client-ca="$work/ca.pem"
secure() {
	curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca.pem" --cert "$work/$1.pem" --key "$work/$1.key" \
		-H 'Content-Type: application/json' -d "$read" "https://localhost:$port$one"
}
is "a certificate for any use" 200 "$(secure plain)"
is "one for clients" 200 "$(secure client)"
is "one for servers is no caller's, although the CA signed it" 401 "$(secure other)"
stops
ends
