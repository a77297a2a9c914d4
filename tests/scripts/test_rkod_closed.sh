# SPDX-License-Identifier: EUPL-1.2
# Whatever goes wrong is a denial, and says its code: image, facts, audit, clock, key, config and socket, each missing,
# unreadable, empty, damaged, older, full or slow; when it is so at the start, and when it comes to be so while it runs.
# The table is printed at the end: a cell without a test and without a reason why there can be none fails. So does a code
# that docs/sidecar.md does not explain, or that it explains and nobody here met.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
one=/access/v1/evaluation yes='{"decision":true}'
read='{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
never='{"subject":{"type":"user","id":"mallory"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
many="{\"evaluations\":[$read,$read]}"
fault=${BUILD:-build}/tests/sidecar/fault.so
export RKOD_FAULTS="$work/faults" && mkdir "$work/faults"
faulty() { LD_PRELOAD=$fault starts "$@"; }
# faults FOLDER FAULT: a folder with that fault
faults() { mkdir -p "$work/$1" && : >"$work/$1/$2"; }
as=
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
good="$work/cert.image" facts="$work/cert.facts"

# cell THING STATE WHEN: what the next tests are about. WHEN: start or running
cell() { echo "$1 $2 $3" >>"$work/.cells"; }
# no_cell THING STATE WHEN REASON: why there is nothing to test. WHEN: start, running or ever
no_cell() { echo "$1 $2 $3 $4" >>"$work/.reasons"; }
met() { echo "$1" >>"$work/.met"; }
code_of() { echo "$1" | sed -n 's/.*"code":"\([^"]*\)".*/\1/p'; }
# Root reads what nobody may read; without these capabilities it does not.
limited=env
[ "$(id -u)" != 0 ] || limited="setpriv --bounding-set=-dac_override,-dac_read_search"

# start WHAT NEEDLE OPTION…: no start, and what it says
start() {
	what=$1 needle=$2
	shift 2
	timeout 20 $as "$RKOD" "$@" >"$work/.out" 2>"$work/.err"
	found=$?
	is "no start: $what" "3" "$found"
	has "it says: $needle" "$needle" "$(cat "$work/.err")"
}
with_image() { start "$1" "$2" --policy="$3" --facts="$facts" --listen="unix:$work/x.sock" --audit=none; }
with_facts() { start "$1" "$2" --policy="$good" --facts="$3" --listen="unix:$work/x.sock" --audit=none; }
with_audit() { what=$1 needle=$2 folder=$3; shift 3; start "$what" "$needle" --policy="$good" --facts="$facts" --listen="unix:$work/x.sock" --audit="$folder" "$@"; }
# flips FILE OFFSET: the byte there becomes another one
flips() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
# closed WHAT CODE: 503 with that code, for one question and for many
closed() {
	asks $one "$read"
	is "$1" "503 $2" "$status $(code_of "$body")"
	met "$2"
	asks /access/v1/evaluations "$many"
	hasnt "$1: no permit for many either" '"decision":true' "$body"
}
# same WHAT: what was in use goes on
same() { asks $one "$read"; is "$1" "200 $yes" "$status $body"; }
# again WHAT: the same, when the facts have been looked at once more, which is done each second
again() { for _ in $(seq 100); do asks $one "$read"; [ "$status" = 200 ] && break; sleep 0.1; done; same "$1"; }
ready() { gets /readyz; is "$1" "$2" "$status $(echo "$body" | grep -o "\"$3\":\"[^\"]*\"")"; }

# Image, at the start
cell image missing start
with_image "the image is missing" "No such file" "$work/none"
cell image unreadable start
cp "$good" "$work/secret" && chmod 000 "$work/secret"
as=$limited
with_image "the image may not be read" "secret: Permission denied" "$work/secret"
as=
with_image "the image is a folder" "is not a file" "$work"
cell image slow start
mkfifo "$work/fifo" && chmod 600 "$work/fifo"
with_image "the image is a pipe nobody writes to" "is not a file" "$work/fifo"
cell image empty start
: >"$work/empty"
with_image "the image is empty" "is empty" "$work/empty"
cell image damaged start
head -c 1000 "$good" >"$work/short"
with_image "the image is cut off" "short: check" "$work/short"
cp "$good" "$work/flipped" && flips "$work/flipped" 2000
with_image "the image has another byte" "digest" "$work/flipped"
cell image older start
cp "$good" "$work/old" && printf '\001' | dd of="$work/old" bs=1 seek=8 conv=notrunc 2>/dev/null
with_image "the image has an older format" "format" "$work/old"
cell image full start
cp "$good" "$work/huge" && truncate -s 65M "$work/huge"
with_image "the image is larger than an image can be" "is not a file of a policy image's size" "$work/huge"
cell image damaged start
echo 'policy of nothing' >"$work/prose"
with_image "the image is something else" "prose: check 1" "$work/prose"

# Facts, at the start
cell facts missing start
with_facts "the facts are missing" "none" "$work/none"
cell facts unreadable start
cp -a "$facts" "$work/secrets" && chmod 000 "$work/secrets"
as=$limited
with_facts "the facts may not be read" "Permission denied" "$work/secrets"
as=
chmod 700 "$work/secrets"
with_facts "the facts are a file" "Not a directory" "$work/prose"
cell facts empty start
mkdir "$work/void"
with_facts "the facts are an empty folder" "void" "$work/void"
mkdir "$work/nought" && : >"$work/nought/data.mdb"
with_facts "the facts are an empty file" "nought" "$work/nought"
cell facts damaged start
mkdir "$work/zeroes" && head -c 65536 /dev/zero >"$work/zeroes/data.mdb"
with_facts "the facts are zeroes" "zeroes" "$work/zeroes"
cell facts older start
cp -a "$facts" "$work/former"
for at in $(grep -oba format "$facts/data.mdb" | cut -d: -f1); do
	printf '\001' | dd of="$work/former/data.mdb" bs=1 seek=$((at + 6)) conv=notrunc 2>/dev/null
done
with_facts "the facts are kept in an older form" "former" "$work/former"

# The record and its key, at the start
cell audit missing start
with_audit "the record is missing" "none" "$work/none"
with_audit "the record is a file" "prose" "$work/prose"
cell audit empty start
with_audit "the record is an empty folder" "void" "$work/void"
starts cert
asks $one "$read"
is "a good start makes the record beside the facts" "200 $yes" "$status $body"
with_audit "the record is another process's" "another process" "$work/cert.facts.audit"
stops
audit=$work/cert.facts.audit
record() { rm -rf "$work/$1" && cp -a "$audit" "$work/$1"; }
cell audit unreadable start
record secret.audit && chmod 000 "$work/secret.audit"
as=$limited
with_audit "the record may not be read" "secret.audit" "$work/secret.audit"
as=
chmod 700 "$work/secret.audit"
segment=$(cd "$audit" && ls */*.seg | head -n 1)
cell audit damaged start
record damaged && flips "$work/damaged/$segment" 4200
with_audit "the record has another byte" "it is missing or was changed" "$work/damaged"
cell audit older start
record older && printf '\377' | dd of="$work/older/$segment" bs=1 seek=8 conv=notrunc 2>/dev/null
with_audit "the record has another head" "the head of the segment was changed" "$work/older"
cell audit full start
faults full write-fails
as="env LD_PRELOAD=$fault RKOD_FAULTS=$work/full"
"$RKO" audit init "$work/crowded" --origin=crowded >/dev/null
with_audit "no room for the record" "No space left" "$work/crowded" --confine=off
as=
cell key missing start
record keyless && rm "$work/keyless/key"
with_audit "the key is missing" "key" "$work/keyless"
cell key unreadable start
record closed && chmod 000 "$work/closed/key"
as=$limited
with_audit "the key may not be read" "key" "$work/closed"
as=
record open && chmod 644 "$work/open/key"
with_audit "the key can be read by others" "key" "$work/open"
cell key empty start
record blank && : >"$work/blank/key"
with_audit "the key is empty" "key" "$work/blank"
cell key damaged start
record forged && flips "$work/forged/key" 40
with_audit "the key has another byte" "key" "$work/forged"
cell key older start
"$RKO" audit init "$work/before" --origin=before >/dev/null
record replaced && cp "$work/before/key" "$work/replaced/key"
with_audit "the key is the one of an earlier record" "key" "$work/replaced"
cell key full start
record long && head -c 100000 /dev/zero >>"$work/long/key"
with_audit "the key is longer than a key" "key" "$work/long"
cell key slow start
record waiting && rm "$work/waiting/key" && mkfifo "$work/waiting/key" && chmod 600 "$work/waiting/key"
with_audit "the key is a pipe nobody writes to" "key" "$work/waiting"

# Settings
conf() { start "$1" "$2" --config="$work/conf"; }
say() { printf "$@" >"$work/conf" && chmod 600 "$work/conf"; }
basic="policy = $good\nfacts = $facts\nlisten = unix:$work/x.sock\n"
rm -f "$work/conf"
cell config missing start
conf "the settings are missing" "No such file"
cell config empty start
say ''
conf "the settings are empty" "say at least --policy"
cell config older start
say "$basic\nthreds = 4\n"
conf "a setting that is none" "conf:5: there is no setting \`threds\`"
cell config damaged start
say "${basic}threads = many\n"
conf "a number that is none" "conf:4: threads is \`many\`; expected a number from 1 to 64"
say "${basic}threads = 65\n"
conf "a number too large" "conf:4: threads is \`65\`"
say "${basic}threads = 2\nthreads = 4\n"
conf "a setting said twice" "conf:5: threads is set a second time"
say "${basic}tell = everything\n"
exits "an option that is none" 3 "$RKOD" --bogus
has "is called so" 'there is no setting `bogus`' "$err"
exits "an option without a value" 3 "$RKOD" --listen
has "is called so" "--listen has no value" "$err"
exits "a file of settings without a name" 3 "$RKOD" --config
has "is called so" "--config has no value" "$err"
exits "a start that is refused" 3 "$RKOD" --policy="$work/nowhere.image" --facts="$work/nowhere" --listen="unix:$work/nowhere.sock"
ok "leaves no record behind" test ! -e "$work/nowhere.audit"
conf "a word that is none" "expected bare, requester, reasons, explain"
say "policy = cert.image\n"
conf "a path that is not whole" "conf:1: policy is \`cert.image\`; a path in a configuration file begins with /"
say "${basic}just words\n"
conf "a line that is none" "conf:4: found \`just words\`; expected \`name = value\`"
say "${basic}threads =\n"
conf "a setting without a value" "conf:4: threads has no value"
say "$basic\000\n"
conf "a NUL in the settings" "holds a NUL byte"
say "$basic" && chmod 622 "$work/conf"
conf "settings that others may write" "can be written by others"
cell config unreadable start
say "$basic" && chmod 000 "$work/conf"
as=$limited
conf "settings that may not be read" "Permission denied"
as=
chmod 600 "$work/conf"
cell config full start
say "$basic" && yes '# and so on' | head -c 70000 >>"$work/conf"
conf "too many settings" "has more than 65536 bytes"
say "$basic$(for i in 1 2 3 4; do printf 'listen = unix:%s/%s\\n' "$work" $i; done)"
conf "too many listeners" "conf:7: more than 4 of listen"
cell config slow start
start "settings that are a pipe nobody writes to" "is not a file" --config="$work/fifo"
cell config unreadable start
mkdir "$work/confdir"
start "settings that are a folder" "is not a file" --config="$work/confdir"
start "an option that is none" "there is no setting \`polcy\`" --polcy=x
start "a word that is no option" "expected --NAME=VALUE" policy
start "a public URL that is none" "expected https://" --policy="$good" --facts="$facts" --listen="unix:$work/x" --public-url=http://x
cell socket missing start
start "a socket in a folder that is not there" "No such file" --policy="$good" --facts="$facts" --listen="unix:$work/no/x"
cell socket full start
start "a socket with a path too long" "1 to 107 bytes" --policy="$good" --facts="$facts" --listen="unix:$work/$(head -c 200 /dev/zero | tr '\0' x)"
cell socket empty start
start "a socket without a path" "1 to 107 bytes" --policy="$good" --facts="$facts" --listen=unix:
cell socket unreadable start
mkdir "$work/shut" && chmod 500 "$work/shut"
as=$limited
start "a socket in a folder that may not be written" "Permission denied" --policy="$good" --facts="$facts" --listen="unix:$work/shut/x"
as=
cell socket damaged start
start "a socket that is a file" "is no socket" --policy="$good" --facts="$facts" --listen="unix:$work/prose"
start "a listener that is none" "expected unix:PATH" --policy="$good" --facts="$facts" --listen=carrier-pigeon
say "# a comment\n\n$basic  audit-seconds=3  \n"
"$RKOD" --config="$work/conf" --log=warning >"$work/conf.log" 2>&1 &
pid=$!
pids="$pids $pid" socket=$work/x.sock
for _ in $(seq 100); do [ -S "$socket" ] && gets /healthz && [ "$status" = 200 ] && break; sleep 0.05; done
asks $one "$read"
is "good settings start it" "200 $yes" "$status $body"
stops

# While it runs: the image. A reload takes no bad one.
cp "$good" "$work/kept.image"
faulty cert
put() { cp "$1" "$good.new" && mv "$good.new" "$good"; }
before=$(gets /readyz; echo "$body")
failures=0
# reload_fails WHAT: the old one goes on, and it is counted
reload_fails() {
	failures=$((failures + 1))
	kill -HUP "$pid"
	for _ in $(seq 200); do gets /metrics; echo "$body" | grep -q "^rkod_failed_reloads_total $failures" && break; sleep 0.05; done
	has "$1: the reload fails" "rkod_failed_reloads_total $failures" "$body"
	same "$1: the old one goes on"
}
cell image damaged running
put "$work/flipped" && reload_fails "a damaged image"
cell image missing running
rm "$good" && reload_fails "no image"
cell image unreadable running
mkdir "$good" && reload_fails "a folder instead of the image"
rmdir "$good"
cell image empty running
put "$work/empty" && reload_fails "an empty image"
cell image older running
put "$work/old" && reload_fails "an older image"
cell image full running
put "$work/huge" && reload_fails "an image that is too large"
is "nothing else has changed" "$before" "$(gets /readyz; echo "$body")"
cell image slow running
put "$work/kept.image"
: >"$work/faults/read-slow"
kill -HUP "$pid"
for i in 1 2 3; do same "while an image is read slowly, answer $i"; done
hasnt "it is still read" '"event":"reloaded"' "$(cat "$work/cert.log")"
rm "$work/faults/read-slow"
waits "$work/cert.log" '"event":"reloaded"'
same "a good one is taken up"

# While it runs: facts
cell facts unreadable running
: >"$work/faults/facts-fail"
closed "facts that cannot be read" facts_unreadable
rm "$work/faults/facts-fail"
again "and can again"
cell facts full running
: >"$work/faults/facts-full"
closed "too many readers of the facts" facts_busy
rm "$work/faults/facts-full"
again "and room again"
cell facts damaged running
cp "$facts/data.mdb" "$work/data"
rows=$(LC_ALL=C grep -obUaP '\xff\xff\xff\xfe' "$work/data" | cut -d: -f1)	# the first generation, inverted: where a key ends
mend() {
	dd if="$work/data" of="$facts/data.mdb" conv=notrunc 2>/dev/null
	for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.05; done
}
for byte in "0 the checksum" "8 the layout" "12 a field"; do
	found=0
	for row in $rows; do
		at=$((row + 4 + ${byte%% *}))
		value=$(od -An -tu1 -j "$at" -N 1 "$work/data")
		printf "\\$(printf %o $((value ^ 4)))" | dd of="$facts/data.mdb" bs=1 seek="$at" conv=notrunc 2>/dev/null
		asks $one "$read"
		case "$status $(code_of "$body")" in
		"503 facts_damaged") found=$((found + 1)) ;;
		"200 ") [ "$body" = "$yes" ] || found=-9 ;;	# a row that this question has no use for
		*) found=-9 ;;
		esac
		asks $one "$never"
		hasnt "${byte#* } of a row is another: no permit that was none" '"decision":true' "$body"
		mend
	done
	ok "${byte#* } of a row is another: $found of $(echo $rows | wc -w) rows are missed" test "$found" -gt 0
	for row in $rows; do flips "$facts/data.mdb" $((row + 4 + ${byte%% *})); done
	closed "${byte#* } of every row is another" facts_damaged
	asks /access/v1/search/resource '{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record"}}'
	is "${byte#* }: a search" "503 facts_damaged" "$status $(code_of "$body")"
	mend
	same "${byte#* }: as it was before"
done
cell facts slow running
stops
faulty cert --request-seconds=1 --audit-seconds=1
: >"$work/faults/facts-slow"
asks $one "$read"
is "facts that come slowly: the connection is cut, without an answer" "000 " "$status $body"
rm "$work/faults/facts-slow"
same "and when they come again, so do answers"
failures=0
cell facts missing running
mv "$facts" "$work/away" && reload_fails "the facts are gone"
cell facts empty running
cp -a "$work/void" "$facts" && reload_fails "the facts are an empty folder"
rmdir "$facts" && mv "$work/away" "$facts"
stops
cell facts older running
starts cert --facts-max-age=60
closed "facts older than allowed" facts_stale
ready "readyz says so" '503 "facts":"facts_stale"' facts
stops

# While it runs: the record
faulty cert --audit-seconds=1
asks $one "$read"
is "before the disk fails" "200 $yes" "$status $body"
cell audit slow running
: >"$work/faults/sync-slow"
asks $one "$read"
is "a disk that is slow: 503, in time" "503 audit_slow" "$status $(code_of "$body")"
asks /access/v1/evaluations "$many"
is "and for many" "503 audit_slow" "$status $(code_of "$body")"
ready "readyz says so" '503 "audit":"audit_slow"' audit
gets /metrics
ok "and the metrics" test "$(echo "$body" | sed -n 's/^rkod_audit_late_total //p')" -ge 1
met audit_slow
rm "$work/faults/sync-slow"
for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.1; done
asks $one "$read"
is "and when it is fast again, so is the answer" "200 $yes" "$status $body"
cell audit unreadable running
: >"$work/faults/sync-fails"
closed "a disk that fails" audit_unavailable
rm "$work/faults/sync-fails"
closed "it is not tried again by itself" audit_unavailable
ready "readyz says so" '503 "audit":"audit_failed"' audit
gets /metrics
has "and the metrics" "rkod_audit_good 0" "$body"
# reopened STATUS: what comes of opening it again
reopened() { hangs_up "\"event\":\"record_reopened\",\"status\":\"$1\""; }
cell key missing running
mv "$audit/key" "$work/key"
reopened audit_key
closed "nor without its key" audit_unavailable
cell key older running
cp "$work/before/key" "$audit/key"
reopened audit_key
closed "nor with the key of an earlier record" audit_unavailable
mv "$work/key" "$audit/key"
reopened ok
asks $one "$read"
is "the operator opens it again" "200 $yes" "$status $body"
cell audit full running
: >"$work/faults/write-fails"
closed "a full disk" audit_unavailable
rm "$work/faults/write-fails"
kill -HUP "$pid"
for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.05; done
asks $one "$read"
is "with room again" "200 $yes" "$status $body"
cp -a "$audit" "$work/copied.audit"
restore() { rm -rf "$audit"/* && cp -a "$work/copied.audit/." "$audit"; }
cell audit empty running
rm -r "$audit"/*
closed "a record that was removed" audit_unavailable
reopened audit_missing
closed "nor can it be opened when there is none" audit_unavailable
cell audit damaged running
restore
flips "$audit/$segment" 4200
reopened audit_damaged
closed "nor with another byte in it" audit_unavailable
restore
reopened ok
same "but when it is back"
cell audit missing running
rm -r "$audit"
closed "a record that was removed with its folder" audit_unavailable
hangs_up '"event":"record_reopened"'
closed "which cannot be opened again" audit_unavailable
stops
cp -a "$work/copied.audit" "$audit"

# While it runs: the clock
faulty cert --clock-step=60
asks $one "$read"
is "a good clock" "200 $yes" "$status $body"
cell clock older running
truncate -s 3600 "$work/faults/clock-back"
closed "a clock set back by an hour" clock_regressed
ready "readyz says so" '503 "clock":"clock_regressed"' clock
kill -HUP "$pid"
waits "$work/cert.log" '"event":"reloaded"'
closed "which no operator can confirm" clock_regressed
rm "$work/faults/clock-back"
asks $one "$read"
is "until it has caught up" "200 $yes" "$status $body"
cell clock slow running
truncate -s 3600 "$work/faults/boot-ahead"
closed "a clock that stood still for an hour" clock_step
rm "$work/faults/boot-ahead"
same "and then did not"
cell clock damaged running
truncate -s 3600 "$work/faults/clock-ahead"
closed "a clock set forward by an hour" clock_step
kill -HUP "$pid"
for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.05; done
asks $one "$read"
is "which an operator can confirm" "200 $yes" "$status $body"
rm "$work/faults/clock-ahead"
closed "and then it was set back" clock_regressed
stops
cell clock older start
truncate -s 3600 "$work/faults/clock-back"
faulty cert
closed "a clock before the newest record" clock_regressed
rm "$work/faults/clock-back"
stops
truncate -s 31536000 "$work/faults/clock-back"
faulty cert --confine=off
closed "a clock before the newest facts" clock_regressed
rm "$work/faults/clock-back"
stops

cell clock empty start
truncate -s "$(date +%s)" "$work/faults/clock-back"
faulty cert
closed "a clock at the beginning of time" clock_regressed
rm "$work/faults/clock-back"
stops
cell clock full start
truncate -s 253402300800 "$work/faults/clock-ahead"
faulty cert --audit=none
asks $one "$read"
is "a clock in a year that no date can say: nothing is granted" '200 {"decision":false}' "$status $body"
rm "$work/faults/clock-ahead"
stops

# While it runs: the socket
starts cert --connections=4 --request-seconds=1 --threads=1 --audit=none
cell socket slow running
printf 'POST %s HTTP/1.1\r\nHost: localhost\r\n' $one | "${BUILD:-build}/tests/sidecar/talk" --slow=200 "$socket" >"$work/slowly"
hasnt "a caller who is slow" decision "$(cat "$work/slowly")"
cell socket full running
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
	"${BUILD:-build}/tests/sidecar/talk" --open=8 "$socket" >"$work/crowd" 2>&1
has "behind more callers than there is room for: answered when they have been cut" '{"alive":true}' "$(cat "$work/crowd")"
gets /metrics
ok "which is counted" test "$(echo "$body" | sed -n 's/^rkod_cut_connections_total //p')" -ge 4
for _ in $(seq 100); do asks $one "$read"; [ "$status" = 200 ] && break; sleep 0.1; done
same "and room again"
cell socket missing running
mv "$socket" "$work/hidden.sock"
asks $one "$read"
is "a socket that was removed: no answer" "000 " "$status $body"
cell socket damaged running
: >"$socket"
asks $one "$read"
is "a file instead of it: no answer" "000 " "$status $body"
mv "$work/hidden.sock" "$socket"
cell socket unreadable running
chmod 000 "$socket"
status=$($limited curl -s -o /dev/null -w '%{http_code}' --unix-socket "$socket" http://localhost/healthz)
is "a socket that the caller may not open: no answer" 000 "$status"
chmod 660 "$socket"
same "and may again"
kill -9 "$pid" && wait "$pid" 2>/dev/null
cell socket older start
asks $one "$read"
is "a socket that a dead process left: no answer" "000 " "$status $body"
starts cert --audit=none
same "and is taken over"
stops

# Facts whose file goes away under a running process: it may die, but it permits nothing
cp -a "$facts" "$work/gone.facts" && cp "$good" "$work/gone.image"
starts gone --audit=none
truncate -s 0 "$work/gone.facts/data.mdb"
asks $one "$read"
is "facts cut to nothing while it runs" "no permit" "$(case $body in *true*) echo permit ;; *) echo no permit ;; esac)"
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null

# What cannot be, or cannot be known
no_cell image older running "an image of an earlier version that is whole is a policy like another: its digest is in every answer and record"
no_cell facts full start "places for readers are taken when somebody asks, not at the start"
no_cell facts slow start "a start waits; nothing is answered meanwhile"
no_cell facts older start "see facts_stale while running: the age is looked at with each question"
no_cell audit slow start "a start waits; nothing is answered meanwhile"
no_cell audit older running "a record put back from a copy is whole: \`rko audit verify\` with a checkpoint kept elsewhere finds it (test_audit.sh)"
no_cell clock missing ever "the call that reads the clock cannot fail"
no_cell clock unreadable ever "the same"
no_cell clock empty running "it is a clock set back"
no_cell clock damaged start "there is nothing to compare a clock that runs ahead with, but facts and record that are younger tomorrow"
no_cell clock full running "it is a clock set forward"
no_cell clock slow start "it is a clock that was set back"
no_cell key unreadable running "it is read when the record is opened: see missing"
no_cell key empty running "the same"
no_cell key damaged running "the same"
no_cell key full running "the same"
no_cell key slow running "the same"
for state in missing unreadable empty damaged older full slow; do no_cell config $state running "it is read at the start only"; done
no_cell socket empty running "a socket has no contents"
no_cell socket older running "there is no other than the one that was opened"
no_cell socket slow start "opening one does not wait"

# Confinement
starts cert
has "Landlock, seccomp and no new privileges" '"confined":"' "$(gets /readyz; echo "$body")"
is "no new privileges" 1 "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$pid/status")"
is "seccomp filters" 2 "$(sed -n 's/^Seccomp:\t//p' "/proc/$pid/status")"
is "no core dumps" "0 0" "$(awk '/core file/ {print $5, $6}' "/proc/$pid/limits")"
stops

# The table, and the codes
part() {
	if grep -q "^$1 $2 $3\$" "$work/.cells"; then echo tested
	elif grep -qE "^$1 $2 ($3|ever) " "$work/.reasons"; then echo reason
	fi
}
for thing in image facts audit clock key config socket; do
	for state in missing unreadable empty damaged older full slow; do
		found="$(part $thing $state start) $(part $thing $state running)"
		case $found in
		"tested tested" | "tested reason" | "reason tested" | "reason reason") pass "$thing $state: start and running: $found" ;;
		*) fail "$thing $state: neither a test nor a reason" "start and running: $found" ;;
		esac
	done
done
sed 's/^/# why there is nothing to test: /' "$work/.reasons"
documented=$(sed -n '/^### What the codes mean/,/^Errors say/p' docs/sidecar.md | sed -n 's/^| 503 \([^|]*\)|.*/\1/p' | grep -o '`[a-z_]*`' | tr -d '`' | sort -u)
# Those are brought about elsewhere: by test_rkod_http.sh, by the limits of the engine, by no memory.
elsewhere='overloaded policy_unavailable no_memory facts_candidates facts_inconsistent facts_missing facts_schema'
is "the codes that were met, and those of the documentation" "$documented" \
	"$({ cat "$work/.met"; echo $elsewhere | tr ' ' '\n'; } | sort -u)"
ends
