# SPDX-License-Identifier: EUPL-1.2
# The decision sheet: well-formed, the same as the ones that were looked at, readable, and only ever text of what it is given.
#
# The sheets that were looked at are in tests/golden/sheet. After a change that is meant:
#   SHEET_ACCEPT=1 RKO=build/rko sh tests/scripts/test_sheet.sh
. tests/scripts/lib.sh

demo=policies/demo
image=$work/policy.image
ok "the policies compile" "$RKO" compile -o "$image" policies
ok "the facts are loaded" "$RKO" facts load --store="$work/facts" --policy="$image" $demo/facts.yaml
sheet() { "$RKO" decide --policy="$image" --store="$work/facts" --format=html "$@"; }

# What depends on the build or the machine, not on the decision: digests, the trace, versions of the zone table.
plain() {
	sed -e '/<style>/,/<\/style>/d' -e 's/\(class="hex">\)[0-9a-f ]*/\1…/g' -e 's/([0-9]* \(tavua\|byte\|bytes\))/(…)/' \
		-e 's/\(\.rko\):[0-9]*)/\1:…)/g' -e 's/Europe\/Helsinki, [^<]*/Europe\/Helsinki, …/'
}

golden() {
	name=$1.$2${3:+.${3#--for=}}
	sheet --questions="$demo/questions.yaml" --lang="$2" ${3:+"$3"} "$1" >"$work/$name.html"
	ok "$name is well-formed" xmllint --noout --nonet "$work/$name.html"
	plain <"$work/$name.html" >"$work/plain"
	[ -z "$SHEET_ACCEPT" ] || cp "$work/plain" "tests/golden/sheet/$name.html"
	ok "$name is as it was looked at" diff -u "tests/golden/sheet/$name.html" "$work/plain"
}

golden liisa-lukeminen fi
golden liisa-lukeminen sv
golden liisa-lukeminen en
golden matti-oikeuden-antaminen fi
golden martti-kirjaaminen sv
golden martti-kirjaaminen en
golden paivaa-liian-aikaisin fi
golden neljastoista-paiva sv
golden aino-turvakielto en
golden martti-valmistelu fi

# What whoever asks may be told.
for asked in martti-kirjaaminen paivaa-liian-aikaisin liisa-kirjaaminen matti-kirjaaminen vaara-yksikko matti-oikeuden-antaminen; do
	for language in fi sv en; do
		golden $asked $language --for=requester
	done
done

waits=$(sheet --questions="$demo/questions.yaml" --lang=en --for=requester paivaa-liian-aikaisin)
has "who only has to wait is told the day" '<li>it is 24 June 2026 or later</li>' "$waits"
hasnt "and is not told to ask for other days" 'a record changes' "$waits"

# Facts that whoever asks may not know change the reviewer's sheet, and not a byte of theirs.
asked=0
differ=0
as_told() {
	file=$1
	shift
	sheet --questions="$demo/questions.yaml" --lang=fi "$@" liisa-lukeminen liisa-kirjaaminen matti-kirjaaminen martti-kirjaaminen \
		vaara-yksikko aino-turvakielto >"$file"
}
as_told "$work/told" --for=requester
as_told "$work/seen"
while IFS= read -r facts; do
	printf '%s\n' "$facts" >"$work/more.yaml"
	ok "facts: $facts" "$RKO" facts load --store="$work/facts" --policy="$image" "$work/more.yaml"
	as_told "$work/told.now" --for=requester
	as_told "$work/seen.now"
	ok "whoever asks is told the same" cmp "$work/told" "$work/told.now"
	asked=$((asked + 1))
	cmp -s "$work/seen" "$work/seen.now" || differ=$((differ + 1))
	cp "$work/seen.now" "$work/seen"
done <<'END'
client: {martti: {safety_ban: yes, safety_ban_to: open, temporary_id: no}}
client: {matti: {safety_ban: yes, safety_ban_to: open, temporary_id: yes}}
will: [{client: martti, informed: yes, consent_from: none, consent_ends: open, denied_controllers: [ekhva], denied_service_tasks: [], denied_documents: []}]
will: [{client: matti, informed: yes, consent_from: none, consent_ends: open, denied_controllers: [ekhva], denied_service_tasks: [], denied_documents: []}]
END
is "reviewers see such a difference" yes "$([ "$differ" -ge 1 ] && echo yes)"

# Many at once: every question of the demonstration, in one page, with no id twice.
for lang in fi sv en; do
	sheet --questions="$demo/questions.yaml" --lang=$lang >"$work/all.$lang.html"
	ok "all questions in $lang are one well-formed page" xmllint --noout --nonet "$work/all.$lang.html"
	is "no id is there twice in $lang" "" "$(grep -o ' id="[^"]*"' "$work/all.$lang.html" | sort | uniq -d)"
	is "what is referred to is there in $lang" "" "$(
		grep -o 'href="#[^"]*"\|labelledby="[^"]*"' "$work/all.$lang.html" | sed 's/.*="#*//; s/"//' | sort -u >"$work/refs"
		grep -o ' id="[^"]*"' "$work/all.$lang.html" | sed 's/ id="//; s/"//' | sort -u | comm -23 "$work/refs" -)"
	is "the page says its language: $lang" 1 "$(grep -c "<html lang=\"$lang\">" "$work/all.$lang.html")"
	is "there is one main part in $lang" 1 "$(grep -c '<main>' "$work/all.$lang.html")"
	is "as many first headings as articles in $lang" "$(grep -c '<article>' "$work/all.$lang.html")" \
		"$(grep -c '<h1>' "$work/all.$lang.html")"
	is "nothing from elsewhere in $lang" "" "$(grep -io '<script[^>]*\|<link[^>]*\|<img[^>]*\| src=[^>]*\|url(h[^)]*\|@import.*' "$work/all.$lang.html")"
done
is "a section for each heading of the same kind in each language" "$(grep -c '<h[123]' "$work/all.fi.html")" "$(grep -c '<h[123]' "$work/all.en.html")"
is "no heading is skipped" "" "$(grep -o '<h[1-6]' "$work/all.fi.html" | sed 's/<h//' | awk '$1 > last + 1 && NR > 1 { print NR } { last = $1 }')"

# Text is only text.
nasty='</title><script>alert("1")</script>&amp;'\'
cat >"$work/nasty.yaml" <<END
name: nasty
cases:
  - id: nasty
    name: '</title><script>alert("1")</script>&amp;'''
    at: 2026-07-10T10:00+03:00
    request: {access: read, user: '$nasty'', unit: kukkakoti_u1, work_task: priv_implementation, purpose: service,
              identification: professional_card, client: liisa, register: ekhva, system: x_jarjestelma, channel: kanta,
              document: liisa_merkinta}
    expect: {}
END
page=$(sheet --questions="$work/nasty.yaml" --lang=fi 2>"$work/said") || page="$page $(cat "$work/said")"
printf '%s' "$page" >"$work/nasty.html"
ok "a page with a nasty title is well-formed" xmllint --noout --nonet "$work/nasty.html"
hasnt "no tag of a title or a field becomes one of the page" "<script" "$page"
has "the title is shown as it is" '<p class="subject">&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;</p>' "$page"
has "a field is shown as it is" '<dd>&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;</dd>' "$page"

# A request that is none.
exits "a refused request has a sheet too" 3 sheet --lang=fi --at=2026-07-10T10:00+03:00 access read user=kaisa purpose=servise
has "it says that it is refused" 'pyyntöä ei tutkittu' "$out"
has "the field is named as the reader knows it" '<dd>Käyttötarkoitus <code>purpose</code></dd>' "$out"
has "and what comes near" '<dd><code>service</code></dd>' "$out"
printf '%s\n' "$out" >"$work/refused.html"
ok "its sheet is well-formed" xmllint --noout --nonet "$work/refused.html"
exits "what must always hold" 3 sheet --lang=sv --at=2026-07-10T10:00+03:00 access read user=kaisa unit=kukkakoti_u1 \
	work_task=priv_implementation purpose=service identification=professional_card client=aino register=ekhva \
	system=x_jarjestelma channel=kanta document=liisa_merkinta
has "is told in words" 'Klient: aino – borde höra till dessa: Handling › Handlingens klienter: liisa</dd>' "$out"
hasnt "and not as the policy writes it" 'client in document.clients' "$out"
sheet --questions="$demo/questions.yaml" --lang=fi matti-kirjaaminen >"$work/matti.html"
has "the first sentence says what the nearest rule lacks" 'mikään sääntö ei sitä myönnä, eikä lähimmän säännön ehto ”Rekisterinkäyttöoikeus on voimassa ja palvelu käynnissä, alkamassa tai juuri päättynyt” täyty (eikä 2 muuta).</h1>' \
	"$(cat "$work/matti.html")"
exits "an unknown form" 3 "$RKO" decide --policy="$image" --store="$work/facts" --format=htm access read
has "it names those there are" 'takes text, json or html' "$err"

# Contrast, by the formula of WCAG 2.1, of whatever the style sets: text 4.5 to its background, shapes 3 to white.
sed -n '/<style>/,/<\/style>/p' "$work/all.fi.html" >"$work/style"
contrast() {
	awk -v kind="$1" '
		function digit(c) { return index("0123456789abcdef", c) - 1 }
		function part(hex, at,  v) {
			v = (digit(substr(hex, at, 1)) * 16 + digit(substr(hex, at + 1, 1))) / 255
			return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ^ 2.4
		}
		function light(hex) { return 0.2126 * part(hex, 2) + 0.7152 * part(hex, 4) + 0.0722 * part(hex, 6) }
		function ratio(a, b,  x, y) { x = light(a); y = light(b); return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05) }
		function value(name) { return match($0, "(^|[ {;])" name ": #[0-9a-f]+") ? substr($0, RSTART + RLENGTH - 7, 7) : "" }
		kind == "pairs" { if ((value("color") != "") && value("background") == "") print "no background: " $0; next }
		kind == "text" && value("color") != "" { seen++; if (ratio(value("color"), value("background")) < 4.5) print $0 }
		kind == "text" && /^svg (text|\.day)/ { seen++; if (ratio(value("fill"), "#ffffff") < 4.5) print $0 }
		kind == "shape" && /^svg \./ && !/grid/ { f = value("fill") value("stroke"); if (f != "") { seen++; if (ratio(substr(f, 1, 7), "#ffffff") < 3) print $0 } }
		END { if (kind != "pairs" && seen < 6) print "only " seen " seen" }
	' "$work/style"
}
is "what sets a colour of text sets its background" "" "$(contrast pairs)"
is "text has a contrast of 4.5" "" "$(contrast text)"
is "shapes have a contrast of 3" "" "$(contrast shape)"
is "every colour is written #rrggbb" "" "$(grep -n '\(color\|background\|fill\|stroke\): *[^;}]*' "$work/style" |
	grep -o '\(color\|background\|fill\|stroke\): *[^;}]*' | grep -v ': #[0-9a-f]\{6\}$' | grep -v 'fill: none')"

# Each outcome says what it is in a word, not by its colour alone.
for pair in 'granted:liisa-lukeminen' 'forbidden:martti-kirjaaminen' 'not granted:matti-kirjaaminen'; do
	page=$(sheet --questions="$demo/questions.yaml" --lang=en "${pair#*:}")
	has "${pair%%:*} is said in words" "</span> ${pair%%:*}</p>" "$page"
done
ends
