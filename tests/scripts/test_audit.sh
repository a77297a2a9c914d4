# SPDX-License-Identifier: EUPL-1.2
# The record from the command line: made, filled by decisions, checked, searched, proved, made again.
. tests/scripts/lib.sh

log=$work/audit
rko() { "$RKO" "$@"; }

# Small: the commands, on the example that has no law in it ------------------------------------------
cat >"$work/facts.yaml" <<'FACTS'
recorded: 2026-03-01T09:00+02:00
refreshed: 2026-03-02T00:00+02:00
user:
  liisa: {staff: yes}
  pekka: {staff: no}
folder:
  palkat: {owner: liisa, label: internal, site: headquarters}
member:
  - {folder: palkat, user: pekka, role: reader, begins: 2026-01-01, ends: open}
document:
  taulukko: {folder: palkat, author: liisa, state: published}
FACTS
ok "the policy compiles" rko compile -o "$work/policy.image" examples/documents
ok "the facts load" rko facts load -q -s "$work/facts" -p "$work/policy.image" "$work/facts.yaml"
ask() {
	rko decide -s "$work/facts" -p "$work/policy.image" --at=2026-03-02T10:00+02:00 --brief --audit="$log" documents "$@"
}

exits "a log is made" 0 rko audit init --origin=audit.example/test "$log"
key=$out
has "and its public key printed" "audit.example/test+" "$key"
is "its secret key is its owner's alone" 600 "$(stat -c %a "$log/key")"
exits "not twice" 3 rko audit init --origin=audit.example/test "$log"
has "and why is said" "empty folder" "$err"
exits "not by a name with a blank" 3 rko audit init "--origin=a b" "$work/other"
exits "a decision is recorded" 0 ask view user=liisa document=taulukko network=office managed=yes
exits "a denial too" 1 ask edit user=pekka document=taulukko network=office managed=yes
exits "a refusal too" 3 ask view user=nobody document=taulukko network=office managed=yes
exits "one with a mistake in it" 3 ask view user=liisa document=taulukko netwrok=office managed=yes
exits "one that says no action there is" 3 ask look user=liisa document=taulukko network=office managed=yes
exits "a member may view" 0 ask view user=pekka document=taulukko network=vpn managed=no

exits "the log is good" 0 rko audit verify "$log"
has "and has six decisions" "6 decisions" "$out"
has "that nobody outside holds a checkpoint is said" "from outside" "$out"
exits "its newest checkpoint" 0 rko audit checkpoint "$log"
cp "$work/.out" "$work/checkpoint"
exits "the log continues it" 0 rko audit verify --checkpoint="$work/checkpoint" --public-key="$key" "$log"
exits "another key is another log" 1 rko audit verify \
	--public-key=PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW "$log"
exits "a checkpoint that was changed is none" 3 rko audit verify --checkpoint="$log/log" "$log"

# What is in it
exits "search by a field" 0 rko audit search --where=user=liisa "$log"
is "finds who said so" 3 "$(echo "$out" | wc -l)"
exits "search by two fields and an outcome" 0 rko audit search --where=user=pekka --where=network=vpn --outcome=granted "$log"
has "finds one" "granted documents view user=pekka" "$out"
is "and no other" 1 "$(echo "$out" | wc -l)"
exits "search by an action" 0 rko audit search --action=edit "$log"
has "finds it" "not_granted documents edit" "$out"
exits "search by a time to come finds nothing" 0 rko audit search --since=2190-01-01T00:00+02:00 "$log"
is "nothing" "" "$out"
exits "search by an outcome that is none" 3 rko audit search --outcome=maybe "$log"
exits "show a record" 0 rko audit show "$log" "$(rko audit search --where=user=nobody "$log" | cut -d ' ' -f 1)"
has "says what came out" "not_found" "$out"
id=$(rko audit search --format=json --rule=owner "$log" | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' | head -n 1)
exits "show a record by the decision's id" 0 rko audit show "$log" "$id"
has "says which rule" "owner" "$out"
exits "show why" 0 rko audit show --store="$work/facts" --lang=en "$log" "$id"
has "the rule and its source" "HB" "$out"
exits "show why, and record that it was told" 0 rko audit show --store="$work/facts" --audit="$log" --lang=sv "$log" "$id"
exits "it is found with the decisions" 0 rko audit search --rule=owner --caller="rko audit show uid:$(id -u)" "$log"
has "as an explanation, and to whom" "explained documents" "$out"
has "by its caller" "(to rko audit show uid:$(id -u))" "$out"
exits "show it" 0 rko audit show "$log" "${out%% *}"
has "of which decision" "of decision      $id" "$out"
has "in which language" "language         sv" "$out"
has "which records of the facts it took" "consulted        document " "$out"
exits "as JSON too" 0 rko audit search --format=json --caller="rko audit show uid:$(id -u)" "$log"
exits "and as FHIR: that records were read" 0 rko audit search --format=fhir --caller="rko audit show uid:$(id -u)" \
	--as=user=user --as=data=document "$log"
is "which, and of which decision" "R Patient Record $id document taulukko" "$(python3 -c '
import json, sys
event = json.load(sys.stdin)
detail = {d["type"]: d["valueString"] for e in event["entity"] for d in e.get("detail", [])}
read = [(e["description"], e["what"]["identifier"]["value"]) for e in event["entity"] if "description" in e]
print(event["action"], event["type"]["display"], detail["of"], *[r for r in read if r[0] == "document"][0])' <"$work/.out")"
exits "as JSON again" 0 rko audit search --format=json --caller="rko audit show uid:$(id -u)" "$log"
has "all of it" "\"of\":\"$id\"" "$out"
exits "the log counts it" 0 rko audit verify "$log"
has "apart" ", 1 explanations, " "$out"
exits "without a record nothing is told" 3 rko audit show --store="$work/facts" --audit="$work/nowhere" "$log" "$id"
hasnt "nothing" "GRANTED" "$out"
exits "show one that is not there" 1 rko audit show "$log" 4711
hasnt "what a mistaken caller wrote is not recorded" netwrok "$(cat "$log"/2*/*.seg | tr -d '\0')"
exits "export is JSON, a line each" 0 rko audit export "$log"
cp "$work/.out" "$work/lines"
is "all of them are JSON" "$(wc -l <"$work/lines")" "$(python3 -c '
import json, sys
print(sum(isinstance(json.loads(line), dict) for line in sys.stdin))' <"$work/lines")"
exits "export as FHIR" 0 rko audit export --format=fhir --as=user=user --as=data=document --where=network=vpn "$log"
is "says who is the user, and that it was granted" "pekka 0 taulukko" "$(python3 -c '
import json, sys
event = json.load(sys.stdin)
user = [a for a in event["agent"] if a["requestor"]]
data = [e for e in event["entity"] if e.get("role", {}).get("code") == "3"]
print(user[0]["who"]["identifier"]["value"], event["outcome"], data[0]["what"]["identifier"]["value"])' <"$work/.out")"
exits "a role that is none" 3 rko audit export --format=fhir --as=boss=user "$log"

# Proofs
exits "a proof is made" 0 rko audit prove --checkpoint="$work/checkpoint" "$log" 1
cp "$work/.out" "$work/proof"
exits "and holds without the log" 0 rko audit check-proof --public-key="$key" "$work/proof"
has "and says what was proved" '"rule": "owner"' "$out"
sed 's/"record": 1/"record": 2/' "$work/proof" >"$work/wrong"
exits "a proof of another place does not hold" 1 rko audit check-proof --public-key="$key" "$work/wrong"
exits "ask once more" 0 ask view user=liisa document=taulukko network=office managed=yes
exits "a proof that the log only grew" 0 rko audit prove --old="$work/checkpoint" "$log"
cp "$work/.out" "$work/grew"
exits "holds" 0 rko audit check-proof --public-key="$key" "$work/grew"
exits "no proof of a record that the checkpoint does not cover" 3 rko audit prove --checkpoint="$work/checkpoint" "$log" 30

# The tree is RFC 6962's, as another program counts it
is "another program comes to the same root" "$(rko audit verify "$log" | sed -n 's/.*root //p')" "$(
	rko audit export --whole "$log" | python3 -c '
import base64, hashlib, json, sys
leaves = [hashlib.sha256(b"\0" + base64.b64decode(json.loads(l)["leaf"])).digest() for l in sys.stdin]
def root(d):
    if len(d) == 1: return d[0]
    k = 1
    while 2 * k < len(d): k *= 2
    return hashlib.sha256(b"\1" + root(d[:k]) + root(d[k:])).digest()
print(base64.b64encode(root(leaves)).decode())')"

# Made again
exits "every decision comes out as it did" 0 rko audit replay -s "$work/facts" "$log"
has "byte for byte" "7 decisions, 7 the same byte for byte, 0 defects" "$out"
cat >"$work/later.yaml" <<'FACTS'
recorded: 2026-04-01T09:00+03:00
user:
  nobody: {staff: yes}
member:
  - {folder: palkat, user: pekka, role: editor, begins: 2026-01-01, ends: open}
FACTS
ok "facts change" rko facts load -q -s "$work/facts" -p "$work/policy.image" "$work/later.yaml"
exits "the past does not" 0 rko audit replay -s "$work/facts" "$log"
has "also where an id was not known then" "7 the same byte for byte (in 1 of them" "$out"
exits "show why, as it was" 0 rko audit show --store="$work/facts" --lang=en "$log" \
	"$(rko audit search --action=edit "$log" | cut -d ' ' -f 1)"
has "says what was decided then" "NOT GRANTED" "$out"
hasnt "and that it is the same" "defect" "$out"
exits "as corrected it does" 1 rko audit replay -s "$work/facts" --as-corrected "$log"
has "a row that said something else is a correction" "not_granted -> granted (editors); because: a correction" "$out"
has "a row that was not there is a late fact" "because: a late fact" "$out"
sed 's/  grant view, edit, publish, delete/  grant view/' examples/documents/documents.rko >"$work/new.rko"
ok "the law changes" rko compile -o "$work/new.image" "$work/new.rko"
exits "by another law" 0 rko audit replay -s "$work/facts" --against="$work/new.image" "$log"
has "nothing would differ that was asked" "0 would come out otherwise" "$out"
sed 's/  grant view, edit, publish, delete/  grant publish/' examples/documents/documents.rko >"$work/new.rko"
ok "the law changes more" rko compile -o "$work/new.image" "$work/new.rko"
exits "by a law that says less" 1 rko audit replay -s "$work/facts" --against="$work/new.image" --format=json "$log"
has "the difference is the law's" '"because":"law"' "$out"
exits "law and facts at once" 1 rko audit replay -s "$work/facts" --against="$work/new.image" --as-corrected "$log"
has "each has its reason" "because: law" "$out"
has "each has its reason" "because: a correction" "$out"
mv "$log/images" "$log/gone"
exits "without its image a decision cannot be made again" 1 rko audit replay -s "$work/facts" "$log"
exits "and the log is not whole" 1 rko audit verify "$log"
has "which says the first record that lacks it" "record 1: the image" "$out"
mv "$log/gone" "$log/images"

# Damage
segment=$(ls "$log"/2*/*.seg)
cp "$segment" "$work/segment"
at=$(grep -obUa pekka "$segment" | head -n 1 | cut -d : -f 1)
printf 'liisa' | dd of="$segment" bs=1 seek="$at" conv=notrunc 2>/dev/null
exits "a changed byte is found" 1 rko audit verify "$log"
has "and the record named" "BAD: record 4: its bytes are not those that were written" "$out"
exits "nobody writes on" 5 ask view user=liisa document=taulukko network=office managed=yes
has "and why is said" "rko audit verify" "$err"
hasnt "and nothing is granted" granted "$out"
cp "$work/segment" "$segment"
size=$(wc -c <"$segment")
head -c 6000 "$work/segment" >"$segment"
truncate -s "$size" "$segment"
exits "what was cut off is found" 1 rko audit verify --checkpoint="$work/checkpoint" "$log"
cp "$work/segment" "$segment"
exits "and all is well again" 0 rko audit verify --checkpoint="$work/checkpoint" "$log"
exits "no month is old enough to go" 3 rko audit expire --before=2026-01 "$log"
exits "a month is written so" 3 rko audit expire --before=July "$log"
exits "and no number is negative" 3 rko audit expire --before=-202-07 "$log"
has "it is said how it is written" "--before=2026-07" "$err"

# Logs from anywhere: nothing in them is waited for, or taken into memory whatever its size
cp -r "$log" "$work/pipes" && rm "$work/pipes/checkpoint" && mkfifo "$work/pipes/checkpoint"
exits "a pipe in place of the checkpoint" 1 timeout 20 "$RKO" audit verify "$work/pipes"
limited=env
[ "$(id -u)" != 0 ] || limited="setpriv --bounding-set=-dac_override,-dac_read_search"
rm -r "$work/pipes" && cp -r "$log" "$work/pipes" && chmod 000 "$work/pipes/checkpoint"
exits "a checkpoint that may not be read is no damage" 5 $limited "$RKO" audit verify "$work/pipes"
rm -rf "$work/pipes" && cp -r "$log" "$work/pipes" && rm "$work/pipes/lock" && mkfifo "$work/pipes/lock"
exits "a pipe in place of the lock" 0 timeout 20 "$RKO" audit verify "$work/pipes"
for one in "$work/pipes"/20*/*.seg; do rm "$one" && mkfifo "$one"; done
exits "a pipe in place of a segment" 5 timeout 20 "$RKO" audit verify "$work/pipes"
rm -r "$work/pipes" && cp -r "$log" "$work/long"
for one in "$work/long"/20*/*.seg; do truncate -s 2G "$one"; done
exits "a segment longer than any" 5 "$RKO" audit verify "$work/long"
has "it is said" "too large" "$err"
exits "which nobody writes on either" 5 "$RKO" audit expire --before=2026-01 "$work/long"
rm -r "$work/long"
mkdir "$work/faults" && : >"$work/faults/folder-fails"
exits "a folder that cannot be read is no folder without records" 5 env LD_PRELOAD="${BUILD:-build}/tests/sidecar/fault.so" \
	RKOD_FAULTS="$work/faults" "$RKO" audit verify "$log"
hasnt "nobody is told that records are gone" "gone" "$out$err"
chmod 644 "$log/key"
exits "a key that others can read signs nothing" 3 ask view user=liisa document=taulukko network=office managed=yes
chmod 600 "$log/key"

# Mistakes of those who type
exits "no log" 3 rko audit verify "$work"
exits "no such word" 3 rko audit verfy "$log"
has "the near one is named" "verify" "$err"

# Large: the policies of the nation, every question of the demo ---------------------------------------
ok "the policies compile" rko compile -o "$work/policies.image" policies
ok "their facts load" rko facts load -q -s "$work/demo" -p "$work/policies.image" policies/demo/facts.yaml
ok "another log" rko audit init --origin=audit.example/demo "$work/second"
ok "the questions are asked" rko decide -s "$work/demo" -p "$work/policies.image" --brief --audit="$work/second" \
	--questions=policies/demo/questions.yaml
exits "and come out the same" 0 rko audit replay -s "$work/demo" "$work/second"
has "all of them" " 0 defects" "$out"

# Faults: few of each here; the programs take how many ----------------------------------------------
crash=${BUILD:-build}/tests/faults/audit/crash
tamper=${BUILD:-build}/tests/faults/audit/tamper
ok "every tampering is found" "$tamper" 500
for way in random step power error lying; do
	ok "nothing acknowledged is lost: $way" "$crash" "$way" 40
done
ends
