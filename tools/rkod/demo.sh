#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Shows the sidecar at work: the policies and facts of the demo, real curl and real nginx asking, the record afterwards.
# `make demo-sidecar` runs it; it needs nothing but what `make deps` installs, and leaves nothing running.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build} lang=${DEMO_LANG:-fi}
work=$(mktemp -d) || exit 1
rkod= nginx=
cleanup() {
	for p in $nginx $rkod; do kill "$p" 2>/dev/null; done
	wait
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
fail() { echo "demo: $1" >&2; cat "$work"/*.log >&2 2>/dev/null; exit 1; }
until_ready() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done; fail "$1 did not come up"; }

echo "1. One policy image, and synthetic facts"
"$build/rko" compile -o "$work/policy.image" policies >/dev/null || fail "the policies do not compile"
"$build/rko" facts load --store="$work/facts" --policy="$work/policy.image" policies/demo/facts.yaml || fail "the facts do not load"

echo
echo "2. rkod starts, as if it were 10 July 2026, and shuts itself in"
echo "   rkod --policy=policy.image --facts=facts --listen=unix:rkod.sock --tell=requester"
starts() {
	"$build/rkod" --policy="$work/policy.image" --facts="$work/facts" --listen="unix:$work/rkod.sock" --language="$lang" \
		--demo-clock=2026-07-10T10:00+03:00 \
		--route='GET /asiakirjat/{document} read user document' "$@" 2>"$work/rkod.log" &
	rkod=$!
	until_ready curl -sf --unix-socket "$work/rkod.sock" http://localhost/readyz
}
stops() {
	kill "$rkod"
	wait "$rkod" || fail "rkod did not end in order"
	rkod=
}
starts --tell=requester
curl -s --unix-socket "$work/rkod.sock" http://localhost/readyz | sed 's/^/   /; s/$/\n/'

put() { curl -s --unix-socket "$work/rkod.sock" -H 'Content-Type: application/json' --data-binary "$2" "http://localhost$1" >"$work/answer"; }
# ask TITLE BODY: the answer in the words that its user may be shown
ask() {
	echo "   $1"
	put $one "$2"
	sed 's/^{"decision":\([a-z]*\).*/     decision \1/; s/$/\n/' "$work/answer" | grep .
	printf '%b' "$(sed 's/.*,"text":"\(\([^"\\]\|\\.\)*\)".*/\1/; s/\\"/"/g' "$work/answer")" | sed 's/^/   /'
}
# ask_more TITLE BODY: what the client system is told beside the decision
ask_more() {
	echo "   $1"
	put $one "$2"
	sed 's/.*"decision":\([a-z]*\).*"outcome":"\([a-z_]*\)".*/     decision \1, \2/; s/^{.*$/     &/; s/$/\n/' "$work/answer" | grep .
	grep -o '"code":"[^"]*","verb":"[^"]*","says":"[^"]*"' "$work/answer" | sed 's/"code":"\([^"]*\)","verb":"\([^"]*\)","says":"\([^"]*\)"/     \1 (\2): \3/'
	grep -o '"properties":{"says":"[^"]*"' "$work/answer" | sed 's/"properties":{"says":"\(.*\)"$/     • \1/'
}
kaisa='"subject":{"type":"user","id":"kaisa","properties":{"unit":"kukkakoti_u1","work_task":"priv_implementation","identification":"professional_card","system":"x_jarjestelma"}}'
context='"context":{"register":"ekhva","purpose":"service","channel":"kanta"}'
writes() { # CLIENT SERVICE
	echo "{$kaisa,\"action\":{\"name\":\"write\"},$context,\"resource\":{\"type\":\"document\",\"id\":\"uusi_$1\",\"properties\":{\"client\":\"$1\",
	\"original\":\"uusi\",\"controller\":\"ekhva\",\"register\":\"social\",\"type\":\"tapaaminen\",\"state\":\"final\",\"matter\":\"asia_$1\",
	\"clients\":[\"$1\"],\"service_task\":\"iakkaat\",\"service\":\"$2\",\"episode\":\"palvelu_$1\",\"author_unit\":\"kukkakoti_u1\",
	\"event\":\"2026-07-10\",\"created\":\"2026-07-10\",\"phase\":\"two\",\"hidden_in_mykanta\":false}}}"
}
reads() { echo "{$1,\"action\":{\"name\":\"read\"},$context,\"resource\":{\"type\":\"document\",\"id\":\"liisa_merkinta\",\"properties\":{\"client\":\"liisa\"}}}"; }
one=/access/v1/evaluation
echo
echo "3. curl asks, over AuthZEN; an answer says what its user may know"
ask "Liisa is a new client: Kaisa reads an entry" "$(reads "$kaisa")"
ask "Liisa: Kaisa stores today's entry" "$(writes liisa yhteisollinen_asuminen)"
ask "Matti has a voucher: Kaisa stores an entry" "$(writes matti asumisen_tuki)"
ask "Martti's matter number has not come: Kaisa stores an entry" "$(writes martti yhteisollinen_asuminen)"
ask "Matti: may the county give the right?" '{"subject":{"type":"unit","id":"ekhva_ohjaus","properties":{"organiser":"ekhva"}},
	"action":{"name":"issue"},"resource":{"type":"episode","id":"palvelu_matti","properties":{"unit":"kukkakoti_u1","matter":"asia_matti"}},
	"context":{"grant_begins":"2026-06-24","grant_ends":"open"}}'
ask "Pekka of another company reads Liisa's entry" "$(reads "$(echo "$kaisa" | sed 's/kaisa/pekka/; s/kukkakoti_u1/pensaskoti_u2/')")"

if command -v nginx >/dev/null; then
	echo
	echo "4. nginx asks before it lets a request through (auth_request)"
	port=$((20000 + $$ % 20000))
	mkdir -p "$work/temp"
	cat >"$work/nginx.conf" <<-END
		daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log warn;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path $work/temp; proxy_temp_path $work/temp; fastcgi_temp_path $work/temp; uwsgi_temp_path $work/temp; scgi_temp_path $work/temp;
			server { listen unix:$work/application.sock; location / { return 200 "     the document\n"; } }
			# Who asks comes from the sign-in, which the demo leaves out: a parameter stands for it.
			map \$request_uri \$who { ~as=(?<name>[a-z]+)\$ \$name; }
			map \$who \$unit { kaisa kukkakoti_u1; pekka pensaskoti_u2; }
			server {
				listen 127.0.0.1:$port;
				location / { auth_request /rkod; auth_request_set \$outcome \$upstream_http_x_rko_outcome;
					add_header X-Outcome \$outcome always; proxy_pass http://unix:$work/application.sock; }
				location = /rkod {
					internal; proxy_pass http://unix:$work/rkod.sock:/authz\$request_uri; proxy_pass_request_headers off; proxy_pass_request_body off;
					proxy_set_header Content-Length ""; proxy_set_header Host localhost; proxy_set_header X-Original-Method \$request_method;
					proxy_set_header X-Rko-Subject \$who; proxy_set_header X-Rko-Field-Unit \$unit;
					proxy_set_header X-Rko-Field-Work-Task priv_implementation; proxy_set_header X-Rko-Field-Identification professional_card;
					proxy_set_header X-Rko-Field-System x_jarjestelma; proxy_set_header X-Rko-Field-Client liisa;
					proxy_set_header X-Rko-Field-Register ekhva; proxy_set_header X-Rko-Field-Purpose service; proxy_set_header X-Rko-Field-Channel kanta;
				}
			}
		}
	END
	nginx -p "$work" -c "$work/nginx.conf" -g "user $(id -un);" 2>>"$work/nginx.log" &
	nginx=$!
	until_ready curl -s "http://127.0.0.1:$port/"
	for who in kaisa pekka nobody; do
		printf '   GET /asiakirjat/liisa_merkinta as %s: ' "$who"
		curl -s -D "$work/head" -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/asiakirjat/liisa_merkinta?as=$who"
		tr -d '\r' <"$work/head" | sed -n 's/^X-Outcome: \(.*\)/ (\1)/p' | tr -d '\n'
		echo
	done
	kill "$nginx"
	wait "$nginx" 2>/dev/null
	nginx=
fi

echo
echo "5. Where the operator lets the client system know more than its users: rkod … --tell-most=reasons --tell=reasons"
stops
starts --tell-most=reasons --tell=reasons
ask_more "Liisa is a new client: Kaisa reads an entry" "$(reads "$kaisa")"
ask_more "Martti's matter number has not come: Kaisa stores an entry" "$(writes martti yhteisollinen_asuminen)"

echo
echo "6. It stops, and the record is checked"
stops
grep -o '"event":"stopped".*' "$work/rkod.log" | sed 's/^/   /; s/}$//'
"$build/rko" audit verify "$work/facts.audit" >"$work/verified" 2>&1
verified=$?
sed 's/^/   /' "$work/verified"
[ "$verified" -eq 0 ] || fail "the record does not verify"
