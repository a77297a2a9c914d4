# SPDX-License-Identifier: EUPL-1.2
# The pages on the language: their examples compile, their mistakes are told as shown, their grammar is the grammar,
# their commands print what is shown. docs/language.md, "How this page is tested", says how blocks are marked.
. tests/scripts/lib.sh
. tests/docs/console.sh
. tests/docs/lib.sh

# docs/language.md -----------------------------------------------------------------------------------------
take docs/language.md

for file in $(cd "$page/files" && find . -type f | sort); do
	if diff "docs/examples/$file" "$page/files/$file" >"$work/diff"; then
		pass "docs/examples/${file#./} is what the page shows"
	else
		fail "docs/examples/${file#./} is what the page shows" "$(cat "$work/diff")"
	fi
done
for file in $(cd docs/examples && find . -name '*.rko' | sort); do
	ok "docs/examples/${file#./} stands in the page" test -f "$page/files/$file"
done
for folder in docs/examples/*/; do
	exits "$folder: no errors" 0 "$RKO" check "$folder"
	hasnt "$folder: no warnings" "warning[" "$out$err"
	exits "$folder: laid out as rko fmt does" 0 "$RKO" fmt --check "$folder"
	exits "$folder: its cases" 0 "$RKO" test "$folder"
done

# Mistakes: each block stands at the end of a copy of its file, and the rest of its folder is with it.
count=0
for block in "$page"/wrong/*.rko; do
	name=${block%.rko}
	path=$(cat "$name.path")
	what="mistake $(basename "$name"): $(head -n 1 "$block")"
	rm -rf "$work/wrong"
	cp -r "docs/examples/$(dirname "$path")" "$work/wrong"
	{ echo; cat "$block"; } >>"$work/wrong/$(basename "$path")"
	"$RKO" check "$work/wrong" >"$work/out" 2>&1
	is "$what: is refused" 4 $?
	awk -f tests/docs/short.awk "$work/out" >"$work/printed"
	same "$what: the message" "$name.expected" "$work/printed"
	count=$((count + 1))
done
ok "the page shows mistakes" test "$count" -gt 20

document docs/language.md

# The grammar: the rules of the page, wherever they stand, are those of grammar.y; and the last section has all.
awk -f tests/docs/grammar.awk dsl/syntax/grammar.y | sort >"$work/grammar"
ok "grammar.y is read" test "$(wc -l <"$work/grammar")" -gt 60
sort -u "$page/grammar" >"$work/page-grammar"
is "the grammar of the page is the grammar" "" "$(diff "$work/page-grammar" "$work/grammar")"
sed -n '/^## The grammar/,$p' docs/language.md >"$work/last.md"
awk -v out="$work/last" -f tests/docs/extract.awk "$work/last.md"
is "the whole of it stands in one place" "" "$(sort "$work/last/grammar" | diff - "$work/grammar")"

# The words that are no names.
sed -n 's/^\t"\([a-z]*\)" { GIVE(TOK_[A-Z]*); }$/\1/p' dsl/syntax/lexer.re | grep -v '^grant$' | sort >"$work/words"
sed -n '/^### Words that are no names/,/^##/p' docs/language.md | sed -n '/^```/,/^```/p' | grep -v '^```' |
	tr -s ' ' '\n' | sort >"$work/page-words"
is "the words that are no names" "" "$(diff "$work/page-words" "$work/words")"

# Every code that an author can meet stands in the page, and every one there exists.
sed -n 's/^DIAG(\([0-9]*\),.*/\1/p' engine/base/diag_codes.def | awk '$1 < 1200 || $1 >= 1300 { printf "RKO%04d\n", $1 }' |
	sort -u >"$work/codes"
grep -o 'RKO[0-9][0-9][0-9][0-9]' docs/language.md | sort -u >"$work/page-codes"
is "the codes in the page" "" "$(diff "$work/page-codes" "$work/codes")"

# docs/writing-policies.md ---------------------------------------------------------------------------------
take docs/writing-policies.md whole
mkdir -p "$tree"
cp -r policies "$tree/"
steps

# docs/semantics.md: its statements are numbered without gaps, and those that are cited exist ------------------
grep -o '^\*\*S[0-9]*\.[0-9]*\*\*' docs/semantics.md | tr -d 'S*' >"$work/numbers"
ok "docs/semantics.md has numbered statements" test "$(wc -l <"$work/numbers")" -gt 60
is "they are numbered without gaps" "" "$(awk -F. '
	$1 == section && $2 == last + 1 || $1 == section + 1 && $2 == 1 { section = $1; last = $2; next }
	{ print "after S" section "." last " comes S" $0; section = $1; last = $2 }' "$work/numbers")"
sed 's/^/S/' "$work/numbers" | sort -u >"$work/defined"
is "what the pages cite exists" "" "$(grep -oh 'S[0-9][0-9]*\.[0-9][0-9]*' docs/semantics.md docs/language.md \
	docs/writing-policies.md | sort -u | grep -vxFf "$work/defined")"

# Links: to files that are there, to headings that are there.
for page in docs/language.md docs/semantics.md docs/writing-policies.md; do
	for link in $(grep -o '](\([^)#]*\))' "$page" | sed 's/^](//; s/)$//' | sort -u); do
		ok "$page: $link is there" test -e "docs/$link"
	done
	sed -n 's/^##* //p' "$page" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-' >"$work/headings"
	for anchor in $(grep -o '](#[^)]*)' "$page" | sed 's/^](#//; s/)$//' | sort -u); do
		ok "$page: #$anchor is there" grep -qx -e "$anchor" "$work/headings"
	done
done
ends
