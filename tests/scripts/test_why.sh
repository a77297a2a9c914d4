# SPDX-License-Identifier: EUPL-1.2
# rko decide --why and rko explain-decision, from the command line.
. tests/scripts/lib.sh

image=$work/policy.image store=$work/facts
ok "the policies compile" "$RKO" compile policies -o "$image"
ok "the facts load" "$RKO" facts load -q -p "$image" -s "$store" policies/demo/facts.yaml
ask="access read user=kaisa unit=kukkakoti_u1 work_task=priv_implementation purpose=service
	identification=professional_card client=liisa register=ekhva system=x_jarjestelma channel=kanta"
at=--at=2026-07-10T10:00+03:00

# Width, languages ------------------------------------------------------------------------------------

for lang in fi sv en; do
	exits "decide --why in $lang" 0 "$RKO" decide -p "$image" -s "$store" $at --lang=$lang --why $ask document=liisa_merkinta
	has "$lang: the deciding rule" "(producer-reads)" "$out"
	has "$lang: when a record became known, and from which file" "facts.yaml" "$out"
	is "$lang: no line is wider than 100 columns" yes "$([ "$(echo "$out" | wc -L)" -le 100 ] && echo yes)"
done
has "a value seen" "The user's unit › Organisation › Sector: Private" "$out"
has "a window with its days" "24 June 2026 (Register access right › Right begins) – with no end" "$out"
has "what the area sets" "the first day of the right decides = 7 days" "$(echo "$out" | tr -s ' \n' ' ')"

# Why not ---------------------------------------------------------------------------------------------

exits "a denial" 1 "$RKO" decide -p "$image" -s "$store" $at --on=2026-06-23 --lang=en --why $ask document=liisa_paatos
has "the nearest rule, and how much of it fails" "(producer-reads) (failing: 1)" "$out"
has "what is needed" "should be at the earliest 24 June 2026" "$out"

# In short --------------------------------------------------------------------------------------------

one_line() { echo "$out" | tr -s ' \n' ' '; }
exits "a denial in short" 1 "$RKO" decide -p "$image" -s "$store" $at --on=2026-06-23 --lang=fi $ask document=liisa_paatos
has "the day that is missed, and the one needed" "✘ Kysytty päivä: 23.6.2026 – pitäisi olla aikaisintaan 24.6.2026 (Rekisterinkäyttöoikeus › Oikeus alkaa)" "$(one_line)"
hasnt "nothing that holds" "✔" "$out"
exits "whoever asks" 1 "$RKO" decide -p "$image" -s "$store" $at --on=2026-06-23 --lang=fi --for=requester $ask document=liisa_paatos
hasnt "is not told which test failed" "Kysytty päivä" "$out"
exits "a record that is not there: as the file expects" 0 "$RKO" decide -p "$image" -s "$store" --lang=fi --questions=policies/demo/questions.yaml matti-kirjaaminen
has "should be there" "✘ Rekisterinkäyttöoikeus: ei ole – pitäisi löytyä" "$(one_line)"
hasnt "and nothing is said of its fields" "Oikeuden palvelutehtävä: ei ole" "$out"

# A trace ---------------------------------------------------------------------------------------------

"$RKO" decide -p "$image" -s "$store" $at --why --trace="$work/a.trace" $ask document=liisa_merkinta >"$work/then"
exits "a trace is explained" 0 "$RKO" explain-decision -p "$image" -s "$store" "$work/a.trace"
is "in the same words" "$(cat "$work/then")" "$out"
cat >"$work/later.yaml" <<YAML
recorded: 2026-07-12T08:00+03:00
refreshed: 2026-07-12T08:00+03:00
rko_grant:
  - {controller: ekhva, client: liisa, unit: kukkakoti_u1, service_task: iakkaat, service: yhteisollinen_asuminen, id: oikeus_liisa,
     episode: palvelu_liisa, state: nullified, issued: 2026-06-22, begins: 2026-06-24, ends: open, told: none}
client:
  liisa: {safety_ban: yes, safety_ban_to: open, temporary_id: yes}
YAML
ok "the right is nullified later" "$RKO" facts load -q -p "$image" -s "$store" "$work/later.yaml"
exits "now it is denied" 1 "$RKO" decide -p "$image" -s "$store" --at=2026-07-12T10:00+03:00 --brief $ask document=liisa_merkinta
exits "the old decision is explained again" 0 "$RKO" explain-decision -p "$image" -s "$store" "$work/a.trace"
is "still in the same words" "$(cat "$work/then")" "$out"
exits "as JSON" 0 "$RKO" explain-decision -p "$image" -s "$store" --format=json "$work/a.trace"
has "it came out the same" '"reproduced": true' "$out"
hasnt "the later record is not in it" '"generation": 2' "$out"
exits "without the ladder" 0 "$RKO" explain-decision -p "$image" -s "$store" --short --lang=sv "$work/a.trace"
hasnt "no conditions" "✔ Användningens art" "$out"

# What is wrong ---------------------------------------------------------------------------------------

exits "no trace at all" 3 "$RKO" explain-decision -p "$image" -s "$store" "$image"
has "it says so" "this is no trace of a decision" "$err"
head -c 300 "$work/a.trace" >"$work/cut.trace"
exits "half a trace" 3 "$RKO" explain-decision -p "$image" -s "$store" "$work/cut.trace"
has "it says that it is damaged" "damaged" "$err"
ok "another policy compiles" "$RKO" compile examples/documents -o "$work/other.image"
exits "a trace of another policy" 3 "$RKO" explain-decision -p "$work/other.image" -s "$work/none" "$work/a.trace"
exits "no file" 3 "$RKO" explain-decision -p "$image" -s "$store" "$work/none.trace"
has "which file" "none.trace" "$err"
exits "two files" 3 "$RKO" explain-decision -p "$image" -s "$store" "$work/a.trace" "$work/a.trace"
exits "a trace of many decisions" 3 "$RKO" decide -p "$image" -s "$store" --questions=policies/demo/questions.yaml --trace="$work/b"
exits "a trace that cannot be written" 5 "$RKO" decide -p "$image" -s "$store" $at --trace="$work/no/b" $ask document=liisa_merkinta
ends
