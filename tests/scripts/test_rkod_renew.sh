# SPDX-License-Identifier: EUPL-1.2
# A new certificate, key and client CA without a restart: open connections go on, new ones get the new certificate,
# and what is damaged or does not fit is refused while the old one goes on.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
one=/access/v1/evaluation yes='{"decision":true}'
read='{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
port=$((20000 + ($$ + 3000) % 20000))
authority ca
authority other
signed first first.example ca
signed second second.example ca
signed third third.example ca
signed journal journal ca
signed brief journal ca
signed diary journal other
printf '[ca]\ndefault_ca=old\n[old]\ndatabase=%s/.db\nserial=%s/.serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n' \
	"$work" "$work" "$work" >"$work/.conf"
: >"$work/.db" && echo 01 >"$work/.serial"
pki ca -batch -config "$work/.conf" -cert "$work/ca.pem" -keyfile "$work/ca.key" -in "$work/.csr" -out "$work/past.pem" \
	-startdate 20200101000000Z -enddate 20200102000000Z -notext
cp "$work/diary.key" "$work/past.key"

# use CERTIFICATE KEY [CA]: what the settings name is replaced, each by a rename
live=$work/live
mkdir "$live"
put() { cp "$1" "$live/.next" && chmod 600 "$live/.next" && mv "$live/.next" "$live/$2"; }
use() { put "$work/$1" server.pem && put "$work/$2" server.key && put "$work/${3:-ca.pem}" clients.pem; }
# shown: whose certificate a new connection is shown
shown() { openssl s_client -connect 127.0.0.1:$port </dev/null 2>/dev/null | openssl x509 -noout -subject | sed 's/.*CN = //'; }
# secure CALLER: the status of a question over a connection of its own
secure() {
	curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca.pem" --cert "$work/$1.pem" --key "$work/$1.key" \
		-H 'Content-Type: application/json' -d "$read" "https://localhost:$port$one"
}
metric() { gets /metrics; echo "$body" | sed -n "s/^rkod_$1 //p"; }
state() { gets /readyz; echo "$status $(echo "$body" | grep -o '"tls":"[^"]*"')"; }
reload() { hangs_up "\"event\":\"$1\""; }
tls="--listen=tls:127.0.0.1:$port --tls-certificate=$live/server.pem --tls-key=$live/server.key --tls-client-ca=$live/clients.pem"

# One connection that stays open: `line` asks on it, and waits for the answer.
keep() {
	mkfifo "$work/to.$1"
	openssl s_client -quiet -connect 127.0.0.1:$port -cert "$work/$1.pem" -key "$work/$1.key" <"$work/to.$1" \
		>"$work/from.$1" 2>/dev/null &
	kept=$!
	pids="$pids $kept"
	exec 8>"$work/to.$1"
}
heads() { grep -ao 'HTTP/1.1 [0-9]* [A-Za-z]*' "$work/from.$1"; }
line() {
	before=$(heads "$1" | wc -l)
	printf 'POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
		$one ${#read} "$read" >&8
	for _ in $(seq 200); do
		[ "$(heads "$1" | wc -l)" -gt "$before" ] && break
		sleep 0.05
	done
	heads "$1" | tail -n +$((before + 1))
}

# The certificate
use first.pem first.key
starts cert $tls
is "the first certificate" first.example "$(shown)"
is "readyz" '200 "tls":"good"' "$(state)"
is "the metric has its end" "$(date -u -d "$(openssl x509 -in "$work/first.pem" -noout -enddate | sed 's/.*=//')" +%s)" \
	"$(metric tls_certificate_expires_seconds)"
keep journal
is "a connection that stays open" "HTTP/1.1 200 OK" "$(line journal)"
use second.pem second.key
reload certificate_taken
is "a new connection gets the second certificate" second.example "$(shown)"
is "and an answer" 200 "$(secure journal)"
is "the open connection goes on" "HTTP/1.1 200 OK" "$(line journal)"
ok "and is the same" kill -0 "$kept"

# What is refused
number=0
# stays WHAT NEEDLE: after a reload the old one goes on; what the log says of it
stays() {
	number=$((number + 1))
	reload certificate_refused
	is "$1: the old one goes on" "second.example 200" "$(shown) $(secure journal)"
	is "$1: readyz, metrics" "200 \"tls\":\"tls_old\" 0 $number" \
		"$(state) $(metric tls_good) $(metric failed_certificates_total)"
	has "$1: the log" "$2" "$(grep certificate_refused "$work/cert.log" | tail -n 1)"
}
use second.pem first.key
stays "a key of another certificate" "expected PEM files that belong together"
use second.pem second.key && head -c 300 "$work/second.pem" >"$live/server.pem"
stays "a certificate cut off" "server.pem"
use second.pem second.key && : >"$live/server.key"
stays "an empty key" "server.key: is empty"
use second.pem second.key && rm "$live/server.key"
stays "no key" "server.key: No such file"
use second.pem second.key && chmod 644 "$live/server.key"
stays "a key that others may read" "a key that others may read"
use past.pem past.key
stays "a certificate that has expired" "the certificate has expired"
use second.pem second.key && echo none >"$live/clients.pem"
stays "a client CA that is none" "clients.pem: holds no certificate"
use second.pem second.key && head -c 2000000 /dev/zero >"$live/clients.pem"
stays "a client CA that is too large" "clients.pem: is too large"
is "the open connection went on all the time" "HTTP/1.1 200 OK" "$(line journal)"
use third.pem third.key
reload certificate_taken
is "a good one is taken" 'third.example 200 "tls":"good" 1' "$(shown) $(state) $(metric tls_good)"

# The client CA
use third.pem third.key other.pem
is "before: a caller of another CA" none "$(case $(secure diary) in 200) echo permit ;; *) echo none ;; esac)"
reload certificate_taken
is "a caller of the new CA" 200 "$(secure diary)"
is "a caller of the old one" none "$(case $(secure journal) in 200) echo permit ;; *) echo none ;; esac)"
is "also on a connection that was open before" "HTTP/1.1 401 Unauthorized" "$(line journal)"
exec 8>&-

# Many reloads while somebody asks on connections that stay open
use first.pem first.key
reload certificate_taken
for i in $(seq 400); do
	printf 'url = "https://localhost:%s%s"\noutput = /dev/null\n' $port $one
done >"$work/many"
curl -s --cacert "$work/ca.pem" --cert "$work/journal.pem" --key "$work/journal.key" -H 'Content-Type: application/json' \
	-d "$read" -w '%{http_code} %{num_connects}\n' --rate 200/s -K "$work/many" >"$work/asked" 2>/dev/null &
asking=$!
rounds=0
while kill -0 "$asking" 2>/dev/null; do
	use second.pem second.key && reload certificate_taken
	use first.pem first.key && reload certificate_taken
	rounds=$((rounds + 2))
done
ok "reloads while somebody asked: $rounds" test "$rounds" -ge 4
is "400 answers on one connection" "1 200 1, 399 200 0" \
	"$(sort "$work/asked" | uniq -c | sort -n | sed 's/^ *//' | paste -sd, | sed 's/,/, /')"
stops
is "it ends in order" 0 "$code"

# Links that are moved to another folder, as tools that renew certificates do
mkdir -p "$work/pki/live" "$work/pki/archive"
for n in first second; do
	cp "$work/$n.pem" "$work/$n.key" "$work/pki/archive"
	chmod 600 "$work/pki/archive/$n.key"
done
link() { ln -sfn "../archive/$1.pem" "$work/pki/live/server.pem" && ln -sfn "../archive/$1.key" "$work/pki/live/server.key"; }
link first
starts cert --listen=tls:127.0.0.1:$port --tls-certificate="$work/pki/live/server.pem" --tls-key="$work/pki/live/server.key"
is "through links" first.example "$(shown)"
link second
reload certificate_taken
is "that lead elsewhere" second.example "$(shown)"
stops

# Time goes on
export RKOD_FAULTS="$work/faults" && mkdir "$work/faults"
signed lasting lasting.example ca -days 10
use lasting.pem lasting.key
LD_PRELOAD="${BUILD:-build}/tests/sidecar/fault.so" starts cert $tls --confine=off --clock-step=86400 --idle-seconds=3600
keep brief
is "a caller whose certificate is valid" "HTTP/1.1 200 OK" "$(line brief)"
truncate -s $((3 * 86400)) "$work/faults/clock-ahead"
reload certificate_taken
is "has it no more on an open connection, when it has run out" "HTTP/1.1 401 Unauthorized" "$(line brief)"
exec 8>&-
truncate -s $((12 * 86400)) "$work/faults/clock-ahead"
is "the server's own has run out: not ready" '503 "tls":"tls_expired" 0' "$(state) $(metric tls_good)"
stops
exits "no start with one that has run out" 3 env LD_PRELOAD="${BUILD:-build}/tests/sidecar/fault.so" "$RKOD" \
	--policy="$work/cert.image" --facts="$work/cert.facts" $tls --confine=off
has "which it says" "server.pem: the certificate has expired" "$err"
ends
