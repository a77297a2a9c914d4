# SPDX-License-Identifier: EUPL-1.2
# AuthZEN Authorization API 1.0: the certification scenario (basic, batch, search, discovery), and what the text of the
# standard asks beside it.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
leaks=1
starts cert --public-url=https://pdp.example.com --confine=off

one=/access/v1/evaluation many=/access/v1/evaluations
yes='{"decision":true}' no='{"decision":false}'
alice='"subject":{"type":"user","id":"alice"}' bob='"subject":{"type":"user","id":"bob"}'
admin='"subject":{"type":"user","id":"bob","properties":{"role":"admin"}}'
read='"action":{"name":"read"}' write='"action":{"name":"write"}'
r1='"resource":{"type":"record","id":"record-1"}'
r2='"resource":{"type":"record","id":"record-2","properties":{"status":"archived"}}'

# Basic core
answers "alice reads record-1" 200 "$yes" $one "{$alice,$read,$r1}"
answers "alice writes record-1" 200 "$yes" $one "{$alice,$write,$r1}"
answers "bob reads record-1" 200 "$yes" $one "{$bob,$read,$r1}"
answers "bob does not write record-1" 200 "$no" $one "{$bob,$write,$r1}"
answers "a context changes nothing" 200 "$yes" $one \
	"{$alice,$read,$r1,\"context\":{\"time\":\"2025-06-27T18:03-07:00\",\"ip\":\"192.168.1.1\"}}"
answers "properties that the policy does not know are ignored" 200 "$yes" $one \
	'{"subject":{"type":"user","id":"alice","properties":{"department":"Sales","role":"manager"}},
	  "action":{"name":"read","properties":{"method":"GET"}},
	  "resource":{"type":"record","id":"record-1","properties":{"status":"active","owner":"bob"}}}'
answers "members that are not known are ignored" 200 "$yes" $one "{$alice,$read,$r1,\"foo\":\"bar\",\"f\":{\"n\":true}}"
answers "members may come in any order" 200 "$yes" $one "{$r1,$read,$alice}"
answers "a member that is null is none" 200 "$yes" $one "{$alice,$read,$r1,\"context\":null}"

# Basic properties
answers "alice does not write what is archived" 200 "$no" $one "{$alice,$write,$r2}"
answers "an admin writes what is archived" 200 "$yes" $one "{$admin,$write,$r2}"
answers "alice deletes softly" 200 "$yes" $one "{$alice,\"action\":{\"name\":\"delete\",\"properties\":{\"soft\":true}},$r1}"
answers "alice does not delete for good" 200 "$no" $one \
	"{$alice,\"action\":{\"name\":\"delete\",\"properties\":{\"soft\":false}},$r1}"
answers "what is found is found: a caller's property overrides no fact" 200 "$no" $one \
	"{\"subject\":{\"type\":\"user\",\"id\":\"alice\",\"properties\":{\"role\":\"admin\"}},$write,$r2}"

# Errors
bad() { asks $one "$2"; is "$1" "400 $3 $4" "$status $(echo "$body" | sed 's/.*"code":"\([^"]*\)".*/\1/') $(echo "$body" | sed -n 's/.*"at":"\([^"]*\)".*/\1/p')"; }
bad "no subject" "{$read,$r1}" missing_member /subject
bad "no action" "{$alice,$r1}" missing_member /action
bad "no resource" "{$alice,$read}" missing_member /resource
bad "no subject.type" "{\"subject\":{\"id\":\"alice\"},$read,$r1}" missing_member /subject/type
bad "no subject.id" "{\"subject\":{\"type\":\"user\"},$read,$r1}" missing_member /subject/id
bad "no action.name" "{$alice,\"action\":{},$r1}" missing_member /action/name
bad "no resource.type" "{$alice,$read,\"resource\":{\"id\":\"record-1\"}}" missing_member /resource/type
bad "no resource.id" "{$alice,$read,\"resource\":{\"type\":\"record\"}}" missing_member /resource/id
bad "a null subject is missing" "{\"subject\":null,$read,$r1}" missing_member /subject
bad "a subject that is a string" "{\"subject\":\"alice\",$read,$r1}" wrong_type /subject
bad "an action name that is a number" "{$alice,\"action\":{\"name\":123},$r1}" wrong_type /action/name
bad "an id that is a number" "{\"subject\":{\"type\":\"user\",\"id\":7},$read,$r1}" wrong_type /subject/id
bad "properties that are a list" "{\"subject\":{\"type\":\"user\",\"id\":\"alice\",\"properties\":[]},$read,$r1}" \
	wrong_type /subject/properties
bad "a context that is a list" "{$alice,$read,$r1,\"context\":[]}" wrong_type /context
bad "no JSON" '{"subject"' json_syntax "byte 10"
bad "an empty body" '' empty_body "byte 0"
bad "a list" '[]' not_an_object "byte 0"
type=text/plain
asks $one "{$alice,$read,$r1}"
is "another content type" 400 "$status"
type='application/json; charset=utf-8'
asks $one "{$alice,$read,$r1}"
type=
is "a content type with its character set" "200 $yes" "$status $body"
gets $one
is "GET where POST belongs" 405 "$status"
has "which says what is allowed" "Allow: POST" "$head"
answers "an unknown action is denied" 200 "$no" $one "{$alice,\"action\":{\"name\":\"fly\"},$r1}"
answers "an unknown type is denied" 200 "$no" $one "{$alice,$read,\"resource\":{\"type\":\"car\",\"id\":\"record-1\"}}"
answers "an unknown id is denied, and no more is told" 200 "$no" $one "{$alice,$read,\"resource\":{\"type\":\"record\",\"id\":\"no\"}}"
answers "a value that is none is denied" 200 "$no" $one \
	"{$alice,\"action\":{\"name\":\"delete\",\"properties\":{\"soft\":3}},$r1}"
answers "a value that is missing is denied" 200 "$no" $one "{$alice,\"action\":{\"name\":\"delete\"},$r1}"

# Request ids
asks $one "{$alice,$read,$r1}" -H 'X-Request-ID: bfe9eb29-ab87'
has "X-Request-ID comes back" "X-Request-ID: bfe9eb29-ab87" "$head"
asks $one "{$alice}" -H 'X-Request-ID: x1'
has "with an error too" "X-Request-ID: x1" "$head"
asks $one "{$alice,$read,$r1}"
is "no X-Request-ID is no fault" "200 $yes" "$status $body"

# Batch
answers "a batch with defaults" 200 '{"evaluations":[{"decision":true},{"decision":false}]}' $many \
	"{$alice,$write,\"evaluations\":[{$r1},{$r2}]}"
answers "order of answers" 200 '{"evaluations":[{"decision":true},{"decision":false}]}' $many \
	"{$bob,$r1,\"evaluations\":[{$read},{$write}]}"
answers "subjects of their own" 200 '{"evaluations":[{"decision":false},{"decision":true}]}' $many \
	"{$write,$r2,\"evaluations\":[{$alice},{$admin}]}"
answers "no defaults" 200 '{"evaluations":[{"decision":true},{"decision":false}]}' $many \
	"{\"evaluations\":[{$alice,$read,$r1},{$bob,$write,$r1}]}"
answers "a type from the defaults" 200 '{"evaluations":[{"decision":true},{"decision":false}]}' $many \
	"{$alice,$write,\"resource\":{\"type\":\"record\"},\"evaluations\":[{\"resource\":{\"id\":\"record-1\"}},{$r2}]}"
answers "an item replaces a default as a whole" 200 '{"evaluations":[{"decision":true},{"decision":false}]}' $many \
	"{$alice,$r1,\"action\":{\"name\":\"delete\",\"properties\":{\"soft\":true}},\"evaluations\":[{},{\"action\":{\"name\":\"delete\"}}]}"
answers "contexts of their own" 200 '{"evaluations":[{"decision":true},{"decision":true}]}' $many \
	"{$alice,$read,\"context\":{\"a\":1},\"evaluations\":[{$r1},{$r2,\"context\":{\"b\":2}}]}"
asks $many "{$alice,$read,\"evaluations\":[{$r1},{}]}"
has "an item without a resource is denied" '[{"decision":true},{"decision":false,"context":{"error":{"status":400,"code":"missing_member","at":"/resource"' "$body"
is "and the batch goes on" 200 "$status"
answers "no evaluations: a single answer" 200 "$yes" $many "{$alice,$read,$r1}"
answers "empty evaluations: a single answer" 200 "$yes" $many "{$alice,$read,$r1,\"evaluations\":[]}"
asks $many "{$alice,$read,\"evaluations\":{}}"
is "evaluations that are no list" 400 "$status"
asks $many "{$alice,$read,\"evaluations\":[7]}"
has "an item that is no object" '{"evaluations":[{"decision":false' "$status $body"
semantic() { echo "\"options\":{\"evaluations_semantic\":\"$1\"}"; }
answers "execute_all" 200 '{"evaluations":[{"decision":true},{"decision":false},{"decision":true}]}' $many \
	"{$alice,$(semantic execute_all),$r1,\"evaluations\":[{$read},{$bob,$write},{$write}]}"
answers "deny_on_first_deny" 200 '{"evaluations":[{"decision":true},{"decision":false}]}' $many \
	"{$alice,$(semantic deny_on_first_deny),$r1,\"evaluations\":[{$read},{$bob,$write},{$write}]}"
answers "permit_on_first_permit" 200 '{"evaluations":[{"decision":false},{"decision":true}]}' $many \
	"{$alice,$(semantic permit_on_first_permit),$r1,\"evaluations\":[{$bob,$write},{$write},{$read}]}"
asks $many "{$alice,$(semantic deny_on_first_deny),$r1,\"evaluations\":[{\"action\":{}},{$read}]}"
has "a fault is a deny for deny_on_first_deny" '"stopped":"deny_on_first_deny"}}]}' "$body"
asks $many "{$alice,$(semantic best_effort),$r1,\"evaluations\":[{$read}]}"
is "a semantic that is none" "400" "$status"
items=$(printf "{$read}%.0s" $(seq 257) | sed 's/}{/},{/g')
asks $many "{$alice,$r1,\"evaluations\":[$items]}"
has "one item too many" '400 {"error":{"code":"too_many"' "$status $body"
items=$(printf "{$read}%.0s" $(seq 256) | sed 's/}{/},{/g')
asks $many "{$alice,$r1,\"evaluations\":[$items]}"
is "as many as are allowed" "200 256" "$status $(echo "$body" | grep -o '"decision":true' | wc -l)"

# Search
search=/access/v1/search
answers "who may read record-1" 200 '{"results":[{"type":"user","id":"alice"},{"type":"user","id":"bob"}]}' \
	$search/subject "{\"subject\":{\"type\":\"user\"},$read,$r1}"
answers "who may write what is archived" 200 '{"results":[{"type":"user","id":"bob"}]}' \
	$search/subject "{\"subject\":{\"type\":\"user\"},$write,$r2,\"context\":{\"a\":1}}"
answers "the id of what is searched is ignored" 200 '{"results":[{"type":"user","id":"bob"}]}' \
	$search/subject "{\"subject\":{\"type\":\"user\",\"id\":\"alice\"},$write,$r2}"
answers "what alice may read" 200 '{"results":[{"type":"record","id":"record-1"},{"type":"record","id":"record-2"}]}' \
	$search/resource "{$alice,$read,\"resource\":{\"type\":\"record\"}}"
answers "what an admin may write" 200 '{"results":[{"type":"record","id":"record-2"}]}' \
	$search/resource "{$admin,$write,\"resource\":{\"type\":\"record\"}}"
answers "what alice may do to record-1" 200 '{"results":[{"name":"read"},{"name":"write"}]}' $search/action "{$alice,$r1}"
answers "what an admin may do to record-2" 200 '{"results":[{"name":"read"},{"name":"write"}]}' $search/action "{$admin,$r2}"
answers "a type that is not known: nobody" 200 '{"results":[]}' $search/subject "{\"subject\":{\"type\":\"robot\"},$read,$r1}"
answers "an action that is not known: nothing" 200 '{"results":[]}' \
	$search/resource "{$alice,\"action\":{\"name\":\"fly\"},\"resource\":{\"type\":\"record\"}}"
asks $search/subject "{\"subject\":{},$read,$r1}"
is "a search without a type" 400 "$status"
asks $search/subject "{\"subject\":{\"type\":\"user\"},$read}"
is "a search without a resource" 400 "$status"

# Pages
page() { asks $search/resource "{$alice,$read,\"resource\":{\"type\":\"record\"},\"page\":{$1}}"; token=$(echo "$body" | sed -n 's/.*"next_token":"\([^"]*\)".*/\1/p'); }
page '"limit":1'
has "the first page" '{"results":[{"type":"record","id":"record-1"}],"page":{"next_token":"' "$body"
first=$token
ok "its token is sealed" test "${#first}" -gt 60
hasnt "its token does not say where the page ended" "record" "$(echo "$first" | tr -- -_ +/ | sed 's/$/==/' | base64 -d 2>/dev/null | tr -d '\0')"
page '"limit":1'
ok "another time it is another" test "$first" != "$token"
page "\"token\":\"$first\",\"limit\":1"
is "the last page ends" '200 {"results":[{"type":"record","id":"record-2"}],"page":{"next_token":""}}' "$status $body"
page "\"token\":\"$first\""
is "a token without its limit" '{"results":[{"type":"record","id":"record-2"}],"page":{"next_token":""}}' "$body"
for made_up in 1.1.00 x "$(head -c 300 /dev/zero | tr '\0' A)" "$(head -c 60 /dev/zero | tr '\0' A)"; do
	page "\"token\":\"$made_up\",\"limit\":1"
	is "a token that was made up, of ${#made_up} bytes" 400 "$status"
done
page "\"token\":\"\",\"limit\":1"
is "an empty token is the first page" "200 1" "$status $(echo "$body" | grep -c record-1)"
page "\"token\":\"$(echo "$first" | sed 's/^\(.\{50\}\)A/\1B/; t; s/^\(.\{50\}\)./\1A/')\""
is "a token that was changed" 400 "$status"
page "\"token\":\"${first}A\""
is "a token that was made longer" 400 "$status"
page "\"token\":\"$(echo "$first" | sed 's/.$//')\""
is "a token that was cut" 400 "$status"
asks $search/resource "{$bob,$read,\"resource\":{\"type\":\"record\"},\"page\":{\"token\":\"$first\"}}"
is "a token of another search" 400 "$status"
page '"limit":0'
is "a limit of nothing" 400 "$status"

# Discovery
gets /.well-known/authzen-configuration
is "metadata" 200 "$status"
is "metadata names the service and what it serves" '{"policy_decision_point":"https://pdp.example.com","access_evaluation_endpoint":"https://pdp.example.com/access/v1/evaluation","access_evaluations_endpoint":"https://pdp.example.com/access/v1/evaluations","search_subject_endpoint":"https://pdp.example.com/access/v1/search/subject","search_resource_endpoint":"https://pdp.example.com/access/v1/search/resource","search_action_endpoint":"https://pdp.example.com/access/v1/search/action"}' "$body"
has "metadata is JSON" "Content-Type: application/json" "$head"

# What an answer tells when it is asked
wish() { asks $one "{$alice,$write,$r1,\"context\":{\"rko\":{$1}}}"; }
wish '"tell":"requester","language":"en"'
has "the outcome" '{"decision":true,"context":{"outcome":"granted","id":"' "$body"
has "no reason that hangs on what the policy does not show" '"reasons":[]' "$body"
requester=$(echo "$body" | sed 's/"id":"[0-9a-f-]*"//g; s/"at":"[^"]*"//g')
for tell in reasons explain; do
	wish "\"tell\":\"$tell\",\"language\":\"en\""
	is "whoever asks for $tell is told what is allowed" "$requester" "$(echo "$body" | sed 's/"id":"[0-9a-f-]*"//g; s/"at":"[^"]*"//g')"
done
wish '"tell":"everything"'
is "a wish that is none" 400 "$status"
stops
is "it stops in order" 0 "$code"

starts cert --confine=off --tell-most=reasons
wish '"tell":"reasons","language":"en"'
has "where the operator allows it, the reason" '"reasons":[{"code":"writers-write","verb":"grant","says":""}]' "$body"
has "policy and facts" '"generation":1,"instant":"20' "$body"
wish '"tell":"explain"'
hasnt "and no more" '"explanation"' "$body"
has "than the operator allows" '"code":"writers-write"' "$body"
answers "asked nothing, it tells nothing" 200 "$yes" $one "{$alice,$write,$r1}"
asks $one "{$alice,$read,$r1,\"context\":{\"rko\":{\"tell\":\"reasons\",\"language\":\"en\"}}}"
has "a reason has its words" '"code":"everybody-reads","verb":"grant","says":"Everybody who is known reads"' "$body"
asks $one "{$bob,$write,$r1,\"context\":{\"rko\":{\"tell\":\"reasons\"}}}"
has "a denial has its outcome" '{"decision":false,"context":{"outcome":"not_granted"' "$body"
stops
is "it stops in order again" 0 "$code"
exits "a tell that is more than is allowed" 3 "$RKOD" --policy="$work/none.image" --facts="$work/cert.facts" --listen="unix:$work/x" --tell=reasons
has "is refused with what to do" 'tell is `reasons`, more than tell-most (`requester`) allows; set tell-most' "$err"

starts cert --confine=off --tell-most=explain --tell=reasons --language=en --keep-seconds=30
asks $one "{$alice,$read,$r1,\"context\":{\"rko\":{\"tell\":\"explain\"}}}"
has "an explanation, where the operator allows it" '"explanation":{' "$body"
exits "that it was told is on record" 0 "$RKO" audit search --where=user=alice "$work/cert.facts.audit"
has "beside the decision" " explained " "$out"
has "how long a permit may be kept" '"keep_seconds":30' "$body"
asks $one "{$bob,$write,$r1}"
has "a denial is not kept" '"keep_seconds":0' "$body"
asks $one "{$bob,\"action\":{\"name\":\"fly\"},$r1}"
stops
exits "decisions as FHIR" 0 "$RKO" audit export --format=fhir "$work/cert.facts.audit"
hasnt "which has no empty strings" '""' "$out"
is "it stops in order, and nothing has leaked" 0 "$code"
ends
