# SPDX-License-Identifier: EUPL-1.2
# Whatever goes wrong is a denial, and says its code: image, facts, record, key, clock, settings and socket, each
# missing, unreadable, empty, damaged, older, full or slow.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
one=/access/v1/evaluation yes='{"decision":true}'
read='{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
many="{\"evaluations\":[$read,$read]}"
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
good="$work/cert.image" facts="$work/cert.facts"

# start WHAT NEEDLE OPTION…: no start, and what it says
start() {
	what=$1 needle=$2
	shift 2
	timeout 20 "$RKOD" "$@" >"$work/.out" 2>"$work/.err"
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
	is "$1" "503 $2" "$status $(echo "$body" | sed 's/.*"code":"\([^"]*\)".*/\1/')"
	asks /access/v1/evaluations "$many"
	hasnt "$1: no permit for many either" '"decision":true' "$body"
}
ready() { gets /readyz; is "$1" "$2" "$status $(echo "$body" | grep -o "\"$3\":\"[^\"]*\"")"; }

# Image, at the start
with_image "the image is missing" "No such file" "$work/none"
with_image "the image is a folder" "is not a file" "$work"
mkfifo "$work/fifo"
with_image "the image is a pipe nobody writes to" "is not a file" "$work/fifo"
: >"$work/empty"
with_image "the image is empty" "is empty" "$work/empty"
head -c 1000 "$good" >"$work/short"
with_image "the image is cut off" "short: check" "$work/short"
cp "$good" "$work/flipped" && flips "$work/flipped" 2000
with_image "the image has another byte" "digest" "$work/flipped"
cp "$good" "$work/old" && printf '\001' | dd of="$work/old" bs=1 seek=8 conv=notrunc 2>/dev/null
with_image "the image has an older format" "format" "$work/old"
echo 'policy of nothing' >"$work/prose"
with_image "the image is something else" "prose: check 1" "$work/prose"

# Facts, at the start
with_facts "the facts are missing" "none" "$work/none"
with_facts "the facts are a file" "Not a directory" "$work/prose"
mkdir "$work/void"
with_facts "the facts are an empty folder" "void" "$work/void"
mkdir "$work/zeroes" && head -c 65536 /dev/zero >"$work/zeroes/data.mdb"
with_facts "the facts are zeroes" "zeroes" "$work/zeroes"

# The record and its key, at the start
with_audit "the record is missing" "none" "$work/none"
with_audit "the record is a file" "prose" "$work/prose"
with_audit "the record is an empty folder" "void" "$work/void"
starts cert
asks $one "$read"
is "a good start makes the record beside the facts" "200 $yes" "$status $body"
with_audit "the record is another process's" "another process" "$work/cert.facts.audit"
stops
audit=$work/cert.facts.audit
record() { rm -rf "$work/$1" && cp -a "$audit" "$work/$1"; }
record damaged && flips "$work/damaged/$(cd "$audit" && ls */*.seg | head -n 1)" 4200
with_audit "the record has another byte" "it is missing or was changed" "$work/damaged"
record keyless && rm "$work/keyless/key"
with_audit "the key is missing" "key" "$work/keyless"
record open && chmod 644 "$work/open/key"
with_audit "the key can be read by others" "key" "$work/open"
record forged && flips "$work/forged/key" 40
with_audit "the key is another one" "key" "$work/forged"

# Settings
conf() { start "$1" "$2" --config="$work/conf"; }
say() { printf "$@" >"$work/conf" && chmod 600 "$work/conf"; }
basic="policy = $good\nfacts = $facts\nlisten = unix:$work/x.sock\n"
rm -f "$work/conf"
conf "the settings are missing" "No such file"
say ''
conf "the settings are empty" "say at least --policy"
say "$basic\nthreds = 4\n"
conf "a setting that is none" "conf:5: there is no setting \`threds\`"
say "${basic}threads = many\n"
conf "a number that is none" "conf:4: threads is \`many\`; expected a number from 1 to 64"
say "${basic}threads = 65\n"
conf "a number too large" "conf:4: threads is \`65\`"
say "${basic}threads = 2\nthreads = 4\n"
conf "a setting said twice" "conf:5: threads is set a second time"
say "${basic}tell = everything\n"
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
mkdir "$work/confdir"
start "settings that are a folder" "is not a file" --config="$work/confdir"
start "an option that is none" "there is no setting \`polcy\`" --polcy=x
start "a word that is no option" "expected --NAME=VALUE" policy
start "a public URL that is none" "expected https://" --policy="$good" --facts="$facts" --listen="unix:$work/x" --public-url=http://x
start "a socket in a folder that is not there" "No such file" --policy="$good" --facts="$facts" --listen="unix:$work/no/x"
start "a socket with a path too long" "1 to 107 bytes" --policy="$good" --facts="$facts" --listen="unix:$work/$(head -c 200 /dev/zero | tr '\0' x)"
start "a listener that is none" "expected unix:PATH" --policy="$good" --facts="$facts" --listen=carrier-pigeon
say "# a comment\n\n$basic  audit-seconds=3  \n"
"$RKOD" --config="$work/conf" --log=warning >"$work/conf.log" 2>&1 &
pid=$!
pids="$pids $pid" socket=$work/x.sock
for _ in $(seq 100); do [ -S "$socket" ] && gets /healthz && [ "$status" = 200 ] && break; sleep 0.05; done
asks $one "$read"
is "good settings start it" "200 $yes" "$status $body"
stops

# While it runs: image and facts
starts cert
cp "$good" "$work/kept.image"
reload() { kill -HUP "$pid"; waits "$work/cert.log" "$1"; }
before=$(gets /readyz; echo "$body")
cp "$work/flipped" "$good.new" && mv "$good.new" "$good"
reload reload_failed
asks $one "$read"
is "a damaged image at a reload: the old one goes on" "200 $yes" "$status $body"
rm "$good"
kill -HUP "$pid"
for _ in $(seq 100); do gets /metrics; echo "$body" | grep -q '^rkod_failed_reloads_total 2' && break; sleep 0.05; done
has "a missing one too, and both are counted" "rkod_failed_reloads_total 2" "$body"
is "nothing else has changed" "$before" "$(gets /readyz; echo "$body")"
cp "$work/kept.image" "$good"
reload '"event":"reloaded"'
asks $one "$read"
is "a good one is taken up" "200 $yes" "$status $body"
stops
starts cert --facts-max-age=60
closed "facts older than allowed" facts_stale
ready "readyz says so" '503 "facts":"facts_stale"' facts
stops

# While it runs: the record
export RKOD_FAULTS="$work/faults" && mkdir "$work/faults"
faulty() { LD_PRELOAD="${BUILD:-build}/tests/sidecar/fault.so" starts "$@"; }
faulty cert --audit-seconds=1
asks $one "$read"
is "before the disk fails" "200 $yes" "$status $body"
: >"$work/faults/sync-slow"
asks $one "$read"
is "a disk that is slow: 503, in time" "503 audit_slow" "$status $(echo "$body" | sed 's/.*"code":"\([^"]*\)".*/\1/')"
rm "$work/faults/sync-slow"
for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.1; done
asks $one "$read"
is "and when it is fast again, so is the answer" "200 $yes" "$status $body"
: >"$work/faults/sync-fails"
closed "a disk that fails" audit_unavailable
rm "$work/faults/sync-fails"
closed "it is not tried again by itself" audit_unavailable
ready "readyz says so" '503 "audit":"audit_failed"' audit
gets /metrics
has "and the metrics" "rkod_audit_good 0" "$body"
kill -HUP "$pid"
waits "$work/cert.log" '"event":"record_reopened","status":"ok"'
asks $one "$read"
is "the operator opens it again" "200 $yes" "$status $body"
: >"$work/faults/write-fails"
closed "a full disk" audit_unavailable
rm "$work/faults/write-fails"
kill -HUP "$pid"
for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.05; done
asks $one "$read"
is "with room again" "200 $yes" "$status $body"
stops
is "it ends in order" 0 "$code"

# While it runs: the clock
faulty cert --clock-step=60
asks $one "$read"
is "a good clock" "200 $yes" "$status $body"
truncate -s 3600 "$work/faults/clock-back"
closed "a clock set back by an hour" clock_regressed
ready "readyz says so" '503 "clock":"clock_regressed"' clock
kill -HUP "$pid"
waits "$work/cert.log" '"event":"reloaded"'
closed "which no operator can confirm" clock_regressed
rm "$work/faults/clock-back"
asks $one "$read"
is "until it has caught up" "200 $yes" "$status $body"
truncate -s 3600 "$work/faults/clock-ahead"
closed "a clock set forward by an hour" clock_step
kill -HUP "$pid"
for _ in $(seq 100); do gets /readyz; [ "$status" = 200 ] && break; sleep 0.05; done
asks $one "$read"
is "which an operator can confirm" "200 $yes" "$status $body"
rm "$work/faults/clock-ahead"
closed "and then it was set back" clock_regressed
stops
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

# Facts whose file goes away under a running process: it may die, but it permits nothing
cp -a "$facts" "$work/gone.facts" && cp "$good" "$work/gone.image"
starts gone --audit=none
truncate -s 0 "$work/gone.facts/data.mdb"
asks $one "$read"
is "facts cut to nothing while it runs" "no permit" "$(case $body in *true*) echo permit ;; *) echo no permit ;; esac)"
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null

# Confinement
starts cert
has "Landlock, seccomp and no new privileges" '"confined":"' "$(gets /readyz; echo "$body")"
is "no new privileges" 1 "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$pid/status")"
is "seccomp filters" 2 "$(sed -n 's/^Seccomp:\t//p' "/proc/$pid/status")"
is "no core dumps" "0 0" "$(awk '/core file/ {print $5, $6}' "/proc/$pid/limits")"
stops
ends
