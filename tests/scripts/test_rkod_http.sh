# SPDX-License-Identifier: EUPL-1.2
# HTTP that is wrong, odd or slow: where two programs could see different ends of one request, nothing behind it is
# read; what a caller can grow or stall has a bound.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
talk=${BUILD:-build}/tests/sidecar/talk
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
starts cert --request-seconds=1 --idle-seconds=2 --connections-per-peer=20

body_='{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'
n=${#body_}
post='POST /access/v1/evaluation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
# What a permit looks like, sent behind what is wrong: nothing may answer it.
behind="${post}Content-Length: $n\r\n\r\n$body_"

# says BYTES: $first is the status of the first answer, $permits how many permits came, $said everything
says() {
	said=$(printf "$1" | "$talk" "$socket" | tr -d '\r\0')
	first=$(echo "$said" | sed -n '1s/HTTP\/1.1 \([0-9]*\).*/\1/p')
	permits=$(echo "$said" | grep -o '"decision":true' | wc -l)
}
# wrong WHAT STATUS BYTES: the answer, or "closed" when there is none; nothing behind it is answered
wrong() {
	says "$3$behind"
	is "$1" "$2, 0 permits, closed" "${first:-closed}, $permits permits, $(case $said in *'(open)'*) echo open ;; *) echo closed ;; esac)"
}
# right WHAT BYTES: a permit
right() {
	says "$2"
	is "$1" "200, 1 permits" "$first, $permits permits"
}

right "a plain request" "${post}Connection: close\r\nContent-Length: $n\r\n\r\n$body_"
right "one chunk" "${post}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n$(printf %x "$n")\r\n$body_\r\n0\r\n\r\n"
says "${post}Expect: 100-continue\r\nConnection: close\r\nContent-Length: $n\r\n\r\n$body_"
is "100-continue" "100, 1 permits" "$first, $permits permits"
says "${post}Content-Length: $n\r\n\r\n$body_${post}Connection: close\r\nContent-Length: $n\r\n\r\n$body_"
is "two requests in one write" 2 "$permits"
told=$(printf '%s' "$body_" | sed 's/}$/,"context":{"rko":{"tell":"requester","language":"en"}}}/')
says "${post}X-Request-ID: a1\r\nContent-Length: ${#told}\r\n\r\n$told${post}Content-Length: $n\r\n\r\n${body_}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n${post}X-Request-ID: b2\r\nConnection: close\r\nContent-Length: $n\r\n\r\n$body_"
is "nothing of one request is in the answer to the next" "a1 context; permit; alive; b2 permit" \
	"$(echo "$said" | sed 's/HTTP\/1\.1 200/\n&/g' | awk '/^HTTP/ { out = out (out ? "; " : "") }
		/^X-Request-ID/ { out = out $2 " " } /"context"/ { out = out "context" } /"decision":true}/ { out = out "permit" }
		/alive/ { out = out "alive" } END { print out }')"
long=$(head -c 260 /dev/zero | tr '\0' a)
right "as many headers as are allowed, nearly as long" "${post}$(for i in $(seq 10 69); do printf 'X-%s: %s\\r\\n' "$i" "$long"; done)Connection: close\r\nContent-Length: $n\r\n\r\n$body_"

# The library takes a bare line feed behind a chunk, where others go on reading: what follows chunks is never a request.
says "${post}Transfer-Encoding: chunked\r\n\r\n$(printf %x "$n")\r\n$body_\r\n0\r\n\r\n$behind"
is "nothing is read behind chunks" "200, 1 permits, closed" \
	"$first, $permits permits, $(case $said in *'(open)'*) echo open ;; *) echo closed ;; esac)"

wrong "two lengths" 400 "${post}Content-Length: $n\r\nContent-Length: 5\r\n\r\n$body_"
wrong "the same length twice" 400 "${post}Content-Length: $n\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a list of lengths" 400 "${post}Content-Length: $n, $n\r\n\r\n$body_"
wrong "length and chunks" 400 "${post}Content-Length: $n\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
wrong "a length with a sign" 400 "${post}Content-Length: +$n\r\n\r\n$body_"
wrong "a negative length" 400 "${post}Content-Length: -5\r\n\r\n$body_"
wrong "a length in hexadecimal" 400 "${post}Content-Length: 0x5\r\n\r\n$body_"
wrong "a length of twenty digits" 413 "${post}Content-Length: 99999999999999999999\r\n\r\n$body_"
wrong "no length" 411 "${post}\r\n"
wrong "an encoding that is none" 400 "${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"
wrong "two encodings in one" 400 "${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
wrong "two encodings" 400 "${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
wrong "chunks in HTTP/1.0" 400 "POST /access/v1/evaluation HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
wrong "a chunk size that is none" 400 "${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n"
wrong "a negative chunk" 400 "${post}Transfer-Encoding: chunked\r\n\r\n-5\r\n"
wrong "space before the colon" 400 "${post}Content-Length : $n\r\n\r\n$body_"
wrong "a header without a name" 400 "${post}: x\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a header without a colon" 400 "${post}Foo\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a folded header" 400 "${post}X-A: b\r\n c: d\r\nContent-Length: $n\r\n\r\n$body_"
wrong "an encoding in a fold" 400 "${post}X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a fold before the first header" 400 "POST /access/v1/evaluation HTTP/1.1\r\n Host: x\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a NUL in a value" 400 "${post}X-A: a\0b\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a NUL in a name" 400 "${post}X-\0A: ab\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a carriage return in a value" 400 "${post}X-A: a\rb\r\nContent-Length: $n\r\n\r\n$body_"
wrong "bare line feeds" 400 "POST /access/v1/evaluation HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: $n\n\n$body_"
wrong "no Host" 400 "POST /access/v1/evaluation HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: $n\r\n\r\n$body_"
wrong "two Hosts" 400 "${post}Host: y\r\nContent-Length: $n\r\n\r\n$body_"
wrong "an expectation that is none" 417 "${post}Expect: other\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a control character in X-Request-ID" 400 "${post}X-Request-ID: a\tb\r\nContent-Length: $n\r\n\r\n$body_"
wrong "two X-Request-IDs" 400 "${post}X-Request-ID: a\r\nX-Request-ID: b\r\nContent-Length: $n\r\n\r\n$body_"
wrong "a body where none belongs" 400 "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
wrong "HTTP/0.9" 400 "GET /healthz\r\n\r\n"
wrong "HTTP/1.2" 505 "GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n"
wrong "HTTP/2" 505 "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
wrong "a version that is none" 400 "GET /healthz HTTP/1.1x\r\nHost: x\r\n\r\n"
wrong "a path with an escape" 404 "GET /%%68ealthz HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "a path with dots" 404 "GET /a/../healthz HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "a path with two slashes" 404 "GET //healthz HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "a whole URL for a path" 404 "GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "a query where none belongs" 404 "GET /healthz?a=b HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "CONNECT" 404 "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "TRACE" 405 "TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
wrong "TLS on a plain socket" closed '\026\003\001\002\000\001\000\001\374\003\003\r\n\r\n'
wrong "too many headers" 431 "${post}$(for i in $(seq 70); do printf 'X-%s: y\\r\\n' "$i"; done)Content-Length: $n\r\n\r\n$body_"
wrong "a header that is too large" 431 "${post}X-A: $(head -c 70000 /dev/zero | tr '\0' a)\r\n\r\n"
wrong "a body that is said to be too large" 413 "${post}Content-Length: 70000\r\n\r\n"
says "${post}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n11170\r\n$(head -c 70000 /dev/zero | tr '\0' ' ')\r\n0\r\n\r\n"
is "a body that turns out to be too large" "413 0" "$first $permits"

# JSON
bad() { asks /access/v1/evaluation "$2"; is "$1" "400 $3" "$status $(echo "$body" | sed 's/.*"code":"\([^"]*\)".*/\1/')"; }
deep() { printf '%*s' "$1" '' | tr ' ' "$2"; }
bad "a name twice" '{"subject":{},"subject":{}}' json_duplicate_name
bad "a name twice, once escaped" '{"subject":{},"\u0073ubject":{}}' json_duplicate_name
bad "a name twice, far inside" "${body_%\}},\"x\":{\"a\":[{\"b\":1,\"b\":2}]}}" json_duplicate_name
bad "Latin-1" "$(printf '{"a":"\344"}')" json_utf8
bad "an overlong slash" "$(printf '{"a":"\300\257"}')" json_utf8
bad "a surrogate in UTF-8" "$(printf '{"a":"\355\240\200"}')" json_utf8
bad "a lone surrogate, escaped" '{"a":"\ud800"}' json_syntax
bad "a NUL, escaped" '{"a":"b\u0000c"}' json_nul
bad "a control character" "$(printf '{"a":"\001"}')" json_syntax
bad "a byte order mark" "$(printf '\357\273\277{}')" json_syntax
bad "something behind the end" "$body_ x" json_syntax
bad "two objects" "$body_$body_" json_syntax
bad "a comma too many" '{"a":1,}' json_syntax
bad "a comment" '{"a":1/*x*/}' json_syntax
bad "single quotes" "{'a':1}" json_syntax
bad "a name without quotes" '{a:1}' json_syntax
bad "NaN" '{"a":NaN}' json_syntax
bad "a leading zero" '{"a":01}' json_syntax
bad "a number too large" '{"a":1e999}' json_number
bad "an integer too large" '{"a":100000000000000000000}' json_number
bad "too deep" "{\"a\":$(deep 16 '[')$(deep 16 ']')}" json_depth
bad "a hundred thousand brackets" "$(deep 60000 '[')" json_depth
bad "too many values" "{\"a\":[$(deep 20001 ,)]}" json_values
bad "a string on top" '"a"' json_syntax
asks /access/v1/evaluation "${body_%\}},\"x\":$(deep 15 '[')$(deep 15 ']')}"
is "as deep as allowed" '200 {"decision":true}' "$status $body"
hasnt "no error repeats what the caller said" 'kissa' "$(asks /access/v1/evaluation '{"kissa":kissa}'; echo "$body")"

# Slow
says_slowly() { printf "$1" | "$talk" --slow=200 "$socket" | tr -d '\r'; }
is "headers that trickle in are cut" "" "$(says_slowly "$post" | grep -v '(open)')"
is "a body that trickles in is cut" "" "$(says_slowly "${post}Content-Length: $n\r\n\r\n$body_" | grep decision)"
says "${post}Content-Length: $n\r\n\r\n$body_"
hasnt "a connection that rests is closed" '(open)' "$said"
is "after it was answered" 1 "$permits"
"$talk" --open=40 "$socket" </dev/null >"$work/many" 2>&1
gets /metrics
cut=$(echo "$body" | sed -n 's/^rkod_cut_connections_total //p')
ok "connections beyond a caller's share are cut" test "${cut:-0}" -ge 20
answers "and others are answered" 200 '{"decision":true}' /access/v1/evaluation "$body_"
stops
is "it stops in order" 0 "$code"
starts cert --request-seconds=60
answers "before the crowd" 200 '{"decision":true}' /access/v1/evaluation "$body_"
# All bodies together may take 67.1 MB. One more of the crowd comes for each large one that was still answered.
crowd=
joins() {
	{
		printf 'POST /access/v1/evaluations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n'
		head -c 990000 /dev/zero | tr '\0' ' '
	} | "$talk" "$socket" >/dev/null 2>&1 &
	crowd="$crowd $!"
}
for i in $(seq 67); do joins; done
{ echo "$body_"; head -c 1040000 /dev/zero | tr '\0' ' '; } >"$work/large"
for i in $(seq 150); do
	asks /access/v1/evaluations "@$work/large"
	[ "$status" = 503 ] && break
	joins
	sleep 0.1
done
is "bodies that do not end: what is too much for all together" "503 overloaded" \
	"$status $(echo "$body" | sed 's/.*"code":"\([^"]*\)".*/\1/')"
kill $crowd 2>/dev/null
for i in $(seq 200); do
	asks /access/v1/evaluations "@$work/large"
	[ "$status" = 200 ] && break
	sleep 0.05
done
is "and when they are gone, all is well" '200 {"decision":true}' "$status $body"
stops
hasnt "the log has nothing that a caller said" alice "$(cat "$work/cert.log")"
ends
