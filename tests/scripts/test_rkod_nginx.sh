# SPDX-License-Identifier: EUPL-1.2
# nginx in front of an application: who is not permitted never reaches it. The configuration is examples/nginx/nginx.conf.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
if ! command -v nginx >/dev/null; then
	pass "nginx is not here # SKIP"
	ends
	exit 0
fi
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
routes() { starts cert --route='GET /records/{id} read user record' --route='PUT /records/{id} write user record' \
	--route='DELETE /records/{id} delete user record' "$@"; }
routes
port=$((20000 + $$ % 20000)) other=$((20001 + $$ % 20000))
sed "s|@WORK@|$work|g; s|@PORT2@|$other|g; s|@PORT@|$port|g" examples/nginx/nginx.conf >"$work/nginx.conf"
chmod 755 "$work"
nginx -p "$work" -c "$work/nginx.conf" -g 'user root;' >"$work/nginx.out" 2>&1 &
nginx=$!
pids="$pids $nginx"
for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.05; done

# via PORT METHOD PATH [CURL-OPTION]…: status and body
via() {
	at=$1 method=$2 path=$3
	shift 3
	curl -s -D "$work/.head" -w '%{http_code}' --path-as-is -X "$method" "$@" "http://127.0.0.1:$at$path" | tr '\n' ' '
}
is "alice reads" "the record 200" "$(via $port GET /records/record-1)"
has "the answer names the decision" "X-Decision: " "$(cat "$work/.head")"
has "and the outcome" "X-Outcome: granted" "$(cat "$work/.head")"
is "alice writes" "the record 200" "$(via $port PUT /records/record-1 -d x)"
has "bob does not write" " 403" "$(via $other PUT /records/record-1 -d x)"
has "the refusal names its decision" "X-Decision: " "$(cat "$work/.head")"
has "and what it came to" "X-Outcome: not_granted" "$(cat "$work/.head")"
is "bob reads" "the record 200" "$(via $other GET /records/record-1)"
has "alice does not write what is archived" " 403" "$(via $port PUT /records/record-2 -d x)"
has "a method without a route" " 403" "$(via $port POST /records/record-1 -d x)"
has "a path without a route" " 403" "$(via $port GET /records/record-1/pages)"
has "a path with an escape" " 403" "$(via $port GET /records/record%2D1)"
has "a path with two slashes" " 403" "$(via $port GET /records//record-1)"
has "an id that is not there" " 403" "$(via $port GET /records/record-3)"
is "a query changes nothing" "the record 200" "$(via $port GET '/records/record-1?id=record-2')"
has "a caller cannot say who asks" " 403" "$(via $other PUT /records/record-1 -d x -H 'X-Rko-Subject: alice')"
has "nor which method it is" " 403" "$(via $other PUT /records/record-1 -d x -H 'X-Original-Method: GET')"
has "nor a field" " 403" "$(via $port DELETE /records/record-1 -H 'X-Rko-Field-Soft: yes')"
stops "$pid"
has "without rkod nobody passes" " 502" "$(via $port GET /records/record-1 | sed 's/ 500$/ 502/')"

# The proxy says fields; Envoy replays the method and puts a prefix before the path.
routes
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -X DELETE -H 'X-Rko-Field-Soft: yes'
is "a field in a header" '200 {"decision":true}' "$status $body"
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -X DELETE -H 'X-Rko-Field-Soft: no'
is "another value of it" '403 {"decision":false}' "$status $body"
has "the outcome in a header" "X-Rko-Outcome: not_granted" "$head"
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -X DELETE -H 'X-Rko-Field-Soft: yes' -H 'X-Rko-Field-Soft: yes'
is "a field said twice" '403 {"decision":false}' "$status $body"
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -H 'X-Rko-Subject: bob'
is "two subjects are none" 403 "$status"
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -H 'X-Original-Method: GET' -H 'X-Original-Method: GET' -X PUT
has "two methods are none" '403 {"error":{"code":"said_twice"' "$status $body"
gets /authz/records/record-1
is "nobody is nobody" 403 "$status"
gets /authz/records/record-1 -H 'X-Rko-Subject: alice'
is "a plain GET" '200 {"decision":true}' "$status $body"
has "with the decision's id" "X-Rko-Decision: " "$head"
has "and the rule, which holds for whoever is known" "X-Rko-Rule: everybody-reads" "$head"
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -X PUT
has "another grant" "X-Rko-Outcome: granted" "$head"
hasnt "whose rule hangs on what the policy does not show" "X-Rko-Rule" "$head"

# What Envoy's ext_authz sends, byte for byte as its documentation has it: method and path of the guarded request behind
# the prefix, its host and authorization, no body, names in small letters, and what its own client adds.
# envoy METHOD PATH [HEADER]…: the status line and the decision
envoy() {
	method=$1 path=$2
	shift 2
	{
		printf '%s /authz%s HTTP/1.1\r\nhost: records.example:8443\r\ncontent-length: 0\r\n' "$method" "$path"
		for header; do printf '%s\r\n' "$header"; done
		printf 'authorization: Bearer abc.def\r\nx-envoy-internal: true\r\nx-forwarded-for: 10.0.0.1\r\nx-envoy-expected-rq-timeout-ms: 3000\r\n\r\n'
	} >"$work/envoy"
	printf 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n' >>"$work/envoy"	# the connection goes on
	"${BUILD:-build}/tests/sidecar/talk" "$socket" <"$work/envoy" | tr -d '\r' >"$work/.envoy"
	echo "$(sed -n '1s/HTTP.1.1 \([0-9]*\).*/\1/p' "$work/.envoy") $(grep -o '{"decision":[a-z]*}' "$work/.envoy")"
}
is "Envoy asks for alice" '200 {"decision":true}' "$(envoy GET /records/record-1 'x-rko-subject: alice')"
has "its answer names the decision" "X-Rko-Decision: " "$(cat "$work/.envoy")"
has "and the connection goes on" '{"alive":true}' "$(cat "$work/.envoy")"
is "Envoy asks with a query" '200 {"decision":true}' "$(envoy GET '/records/record-1?page=2&of=3' 'x-rko-subject: alice')"
is "for a PUT, without its body" '200 {"decision":true}' "$(envoy PUT /records/record-1 'x-rko-subject: alice')"
is "for bob" '403 {"decision":false}' "$(envoy PUT /records/record-1 'x-rko-subject: bob')"
is "for two names in one certificate" '403 {"decision":false}' "$(envoy GET /records/record-1 'x-rko-subject: alice,bob')"
is "for a caller without a certificate" 403 "$(envoy GET /records/record-1 | cut -d' ' -f1)"
is "or as Envoy writes what is not there" '403 {"decision":false}' "$(envoy GET /records/record-1 'x-rko-subject: -')"
is "for HEAD, which has no route" 403 "$(envoy HEAD /records/record-1 'x-rko-subject: alice' | cut -d' ' -f1)"
is "for a path that Envoy has not made plain" 403 "$(envoy GET /records/../records/record-1 'x-rko-subject: alice' | cut -d' ' -f1)"
config=$(cat examples/envoy/envoy.yaml)
has "its configuration removes what a caller says" 'remove: x-rko-subject' "${config%%key: x-rko-subject*}"
has "lets nothing through when rkod fails" "failure_mode_allow: false" "$config"
has "and puts the prefix that rkod knows" "path_prefix: /authz" "$config"
stops
kill "$nginx" 2>/dev/null

# How much the headers tell, the operator says.
routes --tell-most=reasons
gets /authz/records/record-1 -H 'X-Rko-Subject: alice' -X PUT
has "the rule, where the operator allows it" "X-Rko-Rule: writers-write" "$head"
gets /authz/records/record-3 -H 'X-Rko-Subject: alice'
has "and that there is no such record" "X-Rko-Outcome: refused" "$head"
stops
routes --tell-most=bare
gets /authz/records/record-1 -H 'X-Rko-Subject: alice'
is "or nothing but yes and no" '200 {"decision":true}' "$status $body"
hasnt "no outcome" "X-Rko-Outcome" "$head"
hasnt "and no rule" "X-Rko-Rule" "$head"
has "but the decision's id" "X-Rko-Decision: " "$head"
stops
exits "a route that is none" 3 "$RKOD" --policy="$work/cert.image" --facts="$work/cert.facts" --listen="unix:$work/x" \
	--route='GET records read'
has "is told with what was expected" 'expected METHOD /PATH/{field} ACTION SUBJECT-TYPE RESOURCE-TYPE' "$err"
ends
