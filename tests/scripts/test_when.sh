# SPDX-License-Identifier: EUPL-1.2
# when, who-can, what-can: what they print and how they end, on the demonstration's facts; and that whoever asks
# `decide` for a single day, person or document is told the same.
. tests/scripts/lib.sh

ok "the image" "$RKO" compile -o "$work/image" policies
ok "the facts" "$RKO" facts load -q -s "$work/facts" -p "$work/image" policies/demo/facts.yaml
by="-p $work/image -s $work/facts --at=2026-07-10T10:00+03:00"
duty="unit=kukkakoti_u1 work_task=priv_implementation purpose=service identification=professional_card register=ekhva
      system=x_jarjestelma channel=kanta"
liisa="$duty client=liisa"
search="access search user=kaisa $duty client=aino"

# When ----------------------------------------------------------------------------------------------

exits "a search that is granted for a while" 0 "$RKO" when $by --lang=en $search
has "the day it begins to be granted" "17 June 2026 – 14 August 2026  ✔ GRANTED
      decides: The producer's employee may search for the client's data during the service
        (producer-searches)" "$out"
has "the last day, by the date behind it" "because the last day is 14 August 2026: Register access right › Right ends [ekhva · aino ·
        kukkakoti_u1 · Services for older people · Communal housing · oikeus_aino]" "$out"
has "a condition without a name, in words" "holds no longer: The day asked about: 16 June 2026 – required: at the latest 16 June 2026" "$out"
hasnt "never as the policy writes it" "search_opens" "$out"
has "the condition that ends" "holds no longer: The register access right is in force" "$out"
has "the year around the day" "10 January 2026 – " "$out"
has "to its end" " – 9 January 2027" "$out"
has "the day is marked" "▲ the day that is asked about" "$out"
is "no colours where there is no terminal" "" "$(printf %s "$out" | tr -d -c '\033')"
for lang in fi sv en; do
	case $lang in
	fi) granted=MYÖNNETTY because=koska ;;
	sv) granted=BEVILJAT because=eftersom ;;
	en) granted=GRANTED because=because ;;
	esac
	exits "in $lang" 0 "$RKO" when $by --lang=$lang $search
	has "$lang: granted" "$granted" "$out"
	has "$lang: because" "      $because " "$out"
	lines="$lines $(printf '%s\n' "$out" | wc -l)"
done
is "as many lines in every language" 1 "$(echo $lines | tr ' ' '\n' | sort -u | wc -l)"

exits "all of it as JSON" 0 "$RKO" when $by --format=json $search
printf '%s' "$out" >"$work/json"
json() { python3 -c "import json, sys; d = json.load(open('$work/json')); print($1)"; }
is "JSON: the days follow one another" True "$(json "all(__import__('datetime').date.fromisoformat(a['to']) \
	+ __import__('datetime').timedelta(1) == __import__('datetime').date.fromisoformat(b['from']) \
	for a, b in zip(d['intervals'], d['intervals'][1:]))")"
is "JSON: every interval but the first says why it begins" True "$(json "all(i['because'] for i in d['intervals'][1:])")"
is "JSON: the cause" "date grant.ends 2026-08-14 True 0" "$(json "' '.join(str(d['intervals'][-1]['because'][0][k]) \
	for k in ('kind', 'name', 'date', 'ends', 'days'))")"

# At the edges of every interval `decide` says the same.
json "'\n'.join(d['intervals'][i][k] + ' ' + d['intervals'][i]['outcome'] for i in range(len(d['intervals'])) for k in ('from', 'to'))" >"$work/edges"
is "there are edges" yes "$([ "$(wc -l <"$work/edges")" -ge 8 ] && echo yes)"
while read -r day outcome; do
	is "decide on $day" "$outcome" "$("$RKO" decide $by --brief --on="$day" $search)"
done <"$work/edges"

exits "never granted" 1 "$RKO" when $by access search user=pekka $duty client=aino
exits "a single day" 0 "$RKO" when $by --from=2026-08-14 --to=2026-08-14 $search
is "one interval" 1 "$(printf '%s\n' "$out" | grep -c ' – ')"
exits "the day after" 1 "$RKO" when $by --from=2026-08-15 --to=2026-08-15 $search
exits "a year from a day on" 1 "$RKO" when $by --lang=en --from=2027-01-01 $search
has "its last day" "1 January 2027 – 31 December 2027" "$out"
exits "a year to a day" 0 "$RKO" when $by --lang=en --to=2026-12-31 $search
has "its first day" "  1 January 2026 – " "$out"
exits "across both changes of the clock" 0 "$RKO" when $by --format=json --from=2026-03-28 --to=2026-10-26 $search
exits "duties" 0 "$RKO" when $by obligations list episode=palvelu_liisa
has "from the day the service begins" "1.7.2026 – 9.1.2027  tehtävät:
      • Palveluntuottaja: Kirjaa palvelussa syntyvät asiakastiedot järjestäjän lukuun
        (record-the-service)" "$out"
has "the parts of a window" "24.6.2026, 7 päivää ennen päivää 1.7.2026: Palvelu" "$out"
exits "duties that are due" 0 "$RKO" when $by --from=2026-01-01 --to=2026-12-31 obligations list episode=palvelu_aino
has "by when is said" "(end-entry), viimeistään
        31.7.2026" "$out"
exits "as was known at a generation" 3 "$RKO" when $by --as-of=9 $search

exits "no policy" 3 "$RKO" when -s "$work/facts" $search
exits "no words" 3 "$RKO" when $by
exits "no such question" 3 "$RKO" when $by acess search
has "the nearest question" "access" "$err"
exits "a refused request" 3 "$RKO" when $by access search user=kaisa
has "what is missing" "purpose" "$err"
exits "somebody unknown" 3 "$RKO" when $by access search user=kaisa $duty client=kukaan
exits "the wrong way round" 3 "$RKO" when $by --from=2026-02-01 --to=2026-01-01 $search
has "says so" "--to is before --from" "$err"
exits "no day" 3 "$RKO" when $by --from=2026-02-30 $search
exits "a field left open" 3 "$RKO" when $by $search purpose=?
exits "an option that is none" 3 "$RKO" when $by --frm=2026-01-01 $search
has "the nearest option" "--from" "$err"

# Who, what -----------------------------------------------------------------------------------------

exits "who can read" 0 "$RKO" who-can $by access read $liisa document=liisa_merkinta
is "only those" kaisa "$out"
has "among whom" "usage_right.user" "$err"
has "that there may be others" "Muita voi olla" "$err"
exits "everyone, with the outcome" 0 "$RKO" who-can $by --all --lang=en access read $liisa document=liisa_merkinta
is "each once" "✔ kaisa  GRANTED
✘ outi  NOT GRANTED
✘ pekka  NOT GRANTED" "$out"
exits "among those of another unit" 1 "$RKO" who-can $by --where=unit=pensaskoti_u2 access read $liisa document=liisa_merkinta
is "nobody" "" "$out"
exits "among whom it is said" 0 "$RKO" who-can $by --among=user_entry.user access read $liisa document=liisa_merkinta
is "the same" kaisa "$out"

exits "what she can read" 0 "$RKO" what-can $by access read user=kaisa $liisa
is "the documents" "liisa_merkinta
liisa_paatos" "$out"
hasnt "all documents are stored, so there are no others" "Muita" "$err"
documents=$("$RKO" facts dump -s "$work/facts" -p "$work/image" document 2>/dev/null | sed -n 's/^  \([a-z_]*\):.*/\1/p')
is "there are documents of others too" yes "$([ "$(echo "$documents" | wc -l)" -ge 4 ] && echo yes)"
for document in $documents; do
	said=$("$RKO" decide $by --brief access read user=kaisa $liisa document="$document")
	is "decide says the same of $document" "$([ "$said" = granted ] && echo listed)" \
		"$(printf '%s\n' "$out" | grep -qx "$document" && echo listed)"
done
exits "of one case" 0 "$RKO" what-can $by --where=matter=asia_liisa --where=type=arki access read user=kaisa $liisa document=?
is "of one kind" liisa_merkinta "$out"
exits "for which purposes" 0 "$RKO" what-can $by access read user=kaisa unit=kukkakoti_u1 work_task=priv_implementation \
	identification=professional_card client=liisa register=ekhva system=x_jarjestelma channel=kanta \
	document=liisa_merkinta purpose=?
for purpose in service arranging administration correction; do
	said=$("$RKO" decide $by --brief access read user=kaisa unit=kukkakoti_u1 work_task=priv_implementation \
		identification=professional_card client=liisa register=ekhva system=x_jarjestelma channel=kanta \
		document=liisa_merkinta purpose=$purpose)
	is "decide says the same of $purpose" "$([ "$said" = granted ] && echo listed)" \
		"$(printf '%s\n' "$out" | grep -qx "$purpose" && echo listed)"
done
exits "what is to be done in a unit" 0 "$RKO" what-can $by --where=unit=kukkakoti_u1 obligations list episode=?
has "with the duties" "palvelu_liisa  Kirjaa palvelussa syntyvät asiakastiedot järjestäjän lukuun · Tallenna asiakirjat" "$out"
has "the field by what it is called" "Palvelu: löytyi 4, tarkasteltu 4 (episode.id)" "$err"

# Pages: all of them together are the whole.
whole=$("$RKO" what-can $by access read user=kaisa $liisa 2>/dev/null)
pages= token=
for page in 1 2 3 4 5 6 7 8; do
	"$RKO" what-can $by --limit=1 ${token:+--token="$token"} access read user=kaisa $liisa >"$work/page" 2>"$work/said"
	pages="$pages$(cat "$work/page")
"
	token=$(sed -n 's/.*--token=//p' "$work/said")
	[ -n "$token" ] || break
done
is "pages" "$whole" "$(printf '%s' "$pages" | sed '/^$/d')"
exits "as JSON" 0 "$RKO" what-can $by --format=json --limit=4 access read user=kaisa $liisa
printf '%s' "$out" >"$work/json"
is "JSON: field, kind, decided" "document document 4" "$(json "d['field'], d['among']['kind'], d['decided']" | tr -d "(),'")"
is "JSON: there is more" True "$(json "'next' in d")"

exits "no such field" 3 "$RKO" what-can $by access read user=kaisa $liisa dokument=?
exits "two open fields" 3 "$RKO" what-can $by access read user=? $liisa document=?
exits "a set" 3 "$RKO" what-can $by obligations list episode=? --where=nothing=1
has "no such field of the rows" "no field \`nothing\`" "$err"
exits "nobody stores these" 3 "$RKO" what-can $by issue_grant issue grant_begins=?
has "what to do" "say among which" "$err"
exits "a token of something else" 3 "$RKO" what-can $by --token=x access read user=kaisa $liisa
exits "a bound" 3 "$RKO" what-can $by --limit=10001 access read user=kaisa $liisa
exits "at the bound" 0 "$RKO" what-can $by --limit=10000 access read user=kaisa $liisa
exits "a request that is wrong for everything" 3 "$RKO" what-can $by access read user=kaisa unit=kukkakoti_u1
has "why" "purpose" "$err"
exits "somebody whom the facts do not know" 3 "$RKO" what-can $by access read user=kaisa client=kukaan $duty
ends
