# SPDX-License-Identifier: EUPL-1.2
# I15. As rkod is started, two states of the facts that differ only in a child-protection case give the same answers to callers
# and gateways, whatever they ask to be told: byte for byte, headers too, but for the decision's id and the time. Where the
# operator allows more, they need not.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh

ground plain policies policies/demo/facts.yaml
ground secret policies policies/demo/facts.yaml
cat >"$work/case.yaml" <<'END'
matter:
  asia_ls: {controller: ekhva, service_task: lastensuojelu, name: other_matter, joint: yes, hidden_in_mykanta: yes}
matter_client:
  - {matter: asia_ls, client: liisa, joined: 2026-06-10, left: open}
relationship:
  - {controller: ekhva, client: liisa, unit: ekhva_ohjaus, service_task: lastensuojelu, begins: 2026-06-10, ends: open, as_implementer: no}
document:
  ls_paatos:
    {original: ls_paatos, controller: ekhva, register: social, type: paatos_lastensuojelu, state: final, matter: asia_ls, clients: [liisa, matti],
     service_task: lastensuojelu, service: none, episode: none, author_unit: ekhva_ohjaus,
     event: 2026-06-22, created: 2026-06-22, phase: two, hidden_in_mykanta: yes}
END
ok "the case is loaded" "$RKO" facts load -q --store="$work/secret.facts" --policy="$work/secret.image" "$work/case.yaml"

subject='"subject":{"type":"user","id":"kaisa","properties":{"unit":"kukkakoti_u1","work_task":"priv_implementation","identification":"professional_card","system":"x_jarjestelma"}}'
context() { printf '"context":{"register":"ekhva","purpose":"service","channel":"kanta","rko":{"tell":"%s","language":"%s"}}' "$1" "$2"; }
# ask ACTION RESOURCE-ID TELL LANGUAGE: the body of an evaluation
ask() {
	printf '{%s,"action":{"name":"%s"},"resource":{"type":"document","id":"%s","properties":{"client":"liisa"}},%s}' \
		"$subject" "$1" "$2" "$(context "$3" "$4")"
}
# The last answer, without what is another each time.
answer() {
	printf '%s %s\n%s\n' "$status" "$(printf '%s\n' "$head" | grep -v '^Date:')" "$body" |
		sed -e 's/"id":"[0-9a-f-]*"/"id":""/g' -e 's/"at":"[^"]*"/"at":""/g' -e 's/^\(X-Rko-Decision:\) [0-9a-f-]*$/\1/'
}
told() {
	asks "$1" "$2"
	answer
}
# guarded METHOD RESOURCE-ID [CURL-OPTION]…: what a gateway hears of one question
guarded() {
	method=$1 id=$2
	shift 2
	gets "/authz/documents/$id" -X "$method" -H 'X-Rko-Subject: kaisa' -H 'X-Rko-Field-Unit: kukkakoti_u1' -H 'X-Rko-Field-Work-Task: priv_implementation' \
		-H 'X-Rko-Field-System: x_jarjestelma' -H 'X-Rko-Field-Client: liisa' -H 'X-Rko-Field-Register: ekhva' -H 'X-Rko-Field-Channel: kanta' "$@"
	answer
}
known='X-Rko-Field-Identification: professional_card' serving='X-Rko-Field-Purpose: service'
gateway() {
	for question in "GET ls_paatos" "GET liisa_merkinta" "GET liisa_paatos" "PATCH ls_paatos" "DELETE nobodys"; do
		guarded ${question% *} ${question#* } -H "$known" -H "$serving"
	done
	guarded GET ls_paatos -H "$known"
	guarded GET ls_paatos -H 'X-Rko-Field-Identification: none_given' -H "$serving"
}
routes="--route=GET /documents/{document} read user document
--route=PATCH /documents/{document} correct user document
--route=DELETE /documents/{document} nullify user document"
# tells STATE [OPTION]…: a server on that state of the facts
tells() {
	state=$1
	shift
	old=$IFS IFS='
'
	set -- $routes "$@"
	IFS=$old
	starts $state --demo-clock=2026-07-10T10:00+03:00 "$@"
}

# batch TELL: three in one request
batch() {
	printf '{%s,"action":{"name":"read"},%s,"evaluations":[' "$subject" "$(context "$1" fi)"
	for id in liisa_merkinta ls_paatos liisa_paatos; do
		printf '%s{"resource":{"type":"document","id":"%s","properties":{"client":"liisa"}}}' "${comma:-}" "$id"
		comma=,
	done
	printf ']}'
	comma=
}

# all FILE TELL: every question in every language
all() {
	for language in fi sv en; do
		for question in "read ls_paatos" "read liisa_merkinta" "read liisa_paatos" "correct ls_paatos" "nullify nobodys"; do
			told /access/v1/evaluation "$(ask ${question% *} ${question#* } "$2" $language)"
		done
	done >"$1"
	told /access/v1/evaluations "$(batch "$2")" >>"$1"
}
search() {
	told /access/v1/search/resource "{$subject,\"action\":{\"name\":\"read\"},\"resource\":{\"type\":\"document\",\"properties\":{\"client\":\"liisa\"}},$(context requester en)}"
}

tellings="bare requester reasons explain"
for state in plain secret; do
	tells $state
	for tell in $tellings; do
		all "$work/$state.$tell" $tell
	done
	search >"$work/$state.search"
	gateway >"$work/$state.gateway"
	stops
	tells $state --tell-most=reasons
	all "$work/$state.more" reasons
	gateway >"$work/$state.gateway.more"
	stops
	tells $state --tell-most=bare
	all "$work/$state.least" requester
	gateway >"$work/$state.gateway.least"
	stops
done
for what in $tellings search gateway least gateway.least; do
	ok "$what: the same answers" cmp "$work/plain.$what" "$work/secret.$what"
done
for tell in reasons explain; do
	ok "whoever asks for $tell is told what is allowed" cmp "$work/secret.requester" "$work/secret.$tell"
done
ok "and where nothing is allowed, nothing" cmp "$work/secret.bare" "$work/secret.least"
for what in more gateway.more; do
	if cmp -s "$work/plain.$what" "$work/secret.$what"; then fail "$what: the facts do differ"; else pass "$what: the facts do differ"; fi
done

# headers FILE: outcome and rule of each answer to a gateway
headers() { sed -n 's/^\([0-9]*\) HTTP.*/\1/p; s/^X-Rko-Outcome: /  /p; s/^X-Rko-Rule: /  /p' "$work/$1" | tr -d '\n' | sed 's/[0-9]\{3\}/\n&/g' | tail -n +2; }
is "a gateway hears what whoever asks may know" "403  not_granted
200  granted
200  granted
403  not_granted
403  not_granted
403  refused
403  not_granted  not-identified" "$(headers secret.gateway)"
is "under bare, yes or no" "403 200 200 403 403 403 403" "$(headers secret.gateway.least | tr '\n' ' ' | sed 's/ $//')"
has "with --tell-most=reasons, that there is no such document" "403  refused" "$(headers plain.gateway.more | head -n 1)"
has "and which rule decided" "200  granted  " "$(headers secret.gateway.more)"

answers=$(cat "$work/secret.requester")
has "a denial is told" '"decision":false,"context":{"outcome":"not_granted"' "$answers"
has "so is a grant" '"decision":true,"context":{"outcome":"granted"' "$answers"
has "with the duty that goes with it" '"reasons":[],"obligations":[{"id":"log-the-use"' "$answers"
has "and its text" '"text":"  ✔ GRANTED  Read the document' "$answers"
has "the explanation is the requester's" '"for":"requester"' "$answers"
for word in stands_until keep_seconds generation refused not_found; do
	hasnt "no $word" "\"$word\"" "$answers"
done

# A permit that hides something says so all the same: whoever shows the data must obey it.
starts plain --demo-clock=2026-07-10T10:00+03:00
asks /access/v1/evaluation "$(ask read aino_asiakkuus requester fi | sed 's/"client":"liisa"/"client":"aino"/')"
has "what is to be hidden" '"hide":["home_municipality","temporary_municipality","address","email"]' "$body"
asks /access/v1/evaluation "$(ask read aino_asiakkuus explain fi | sed 's/"client":"liisa"/"client":"aino"/')"
has "whatever was asked for" '"hide":["home_municipality","temporary_municipality","address","email"]' "$body"
# Nothing is kept back where the question itself is wrong.
asks /access/v1/evaluation "$(ask read liisa_merkinta requester en | sed 's/"purpose":"service",//')"
has "what is missing" '"outcome":"refused"' "$body"
has "is said" '"refused":{"code":"missing","what":"purpose"}' "$body"
stops
ends
