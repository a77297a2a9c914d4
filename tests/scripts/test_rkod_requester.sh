# SPDX-License-Identifier: EUPL-1.2
# I15. `tell: requester`: two states of the facts that differ only in a child-protection case give the same answers, byte for
# byte but for the decision's id and the instant.
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
# What a user could be shown of an answer, without what is another each time.
told() {
	asks "$1" "$2"
	printf '%s %s\n%s\n' "$status" "$(printf '%s\n' "$head" | grep -iv '^date:\|^x-request-id:')" "$body" |
		sed -e 's/"id":"[0-9a-f-]*"/"id":""/g' -e 's/"at":"[^"]*"/"at":""/g'
}

batch() {
	printf '{%s,"action":{"name":"read"},%s,"evaluations":[' "$subject" "$(context requester fi)"
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
	told /access/v1/evaluations "$(batch)" >>"$1"
}
search() {
	told /access/v1/search/resource "{$subject,\"action\":{\"name\":\"read\"},\"resource\":{\"type\":\"document\",\"properties\":{\"client\":\"liisa\"}},$(context requester en)}"
}

for state in plain secret; do
	starts $state --demo-clock=2026-07-10T10:00+03:00 --tell-most=reasons
	for tell in bare requester reasons; do
		all "$work/$state.$tell" $tell
	done
	search >"$work/$state.search"
	stops
done
for tell in bare requester search; do
	ok "$tell: the same answers" diff "$work/plain.$tell" "$work/secret.$tell"
done
if cmp -s "$work/plain.reasons" "$work/secret.reasons"; then
	fail "reasons: the facts do differ"
else
	pass "reasons: the facts do differ"
fi
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
# Nothing is kept back where the question itself is wrong.
asks /access/v1/evaluation "$(ask read liisa_merkinta requester en | sed 's/"purpose":"service",//')"
has "what is missing" '"outcome":"refused"' "$body"
has "is said" '"refused":{"code":"missing","what":"purpose"}' "$body"
stops
ends
