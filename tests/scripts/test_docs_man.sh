# SPDX-License-Identifier: EUPL-1.2
# The man page and the completion say every command and every option that the tool has.
. tests/scripts/lib.sh

page=docs/man/rko.1
# The page without the marks of its macros.
plain=$(sed 's/\\-/-/g; s/\\f[A-Z]//g; s/\\c//g; s/["]//g' "$page")
commands=$("$RKO" --help | sed -n 's/^  \([a-z-]*\)  *[A-Z].*/\1/p')
is "the tool has commands" yes "$([ "$(echo "$commands" | wc -l)" -ge 9 ] && echo yes)"

# offers WORD…: what bash offers for the last of the words.
offers() {
	(cd "$work/here" && PATH=$(cd "$OLDPWD/$(dirname "$RKO")" && pwd):$PATH bash -c '
		. "$0"
		# At `=` bash makes words, and so does this.
		COMP_WORDS=()
		for word; do
			while [[ $word == -*=* ]]; do COMP_WORDS+=("${word%%=*}" "="); word=${word#*=}; done
			COMP_WORDS+=("$word")
		done
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		COMPREPLY=()
		_rko
		echo "${COMPREPLY[*]}"' "$OLDPWD/tools/completion/rko.bash" rko "$@" 2>&1)
}
mkdir "$work/here" "$work/here/policies" "$work/here/facts"
touch "$work/here/a.rko" "$work/here/b.yaml" "$work/here/c.image" "$work/here/d.txt" "$work/here/with space.rko"
cd . # sets OLDPWD

offered=" $(offers "") "
for command in $commands; do
	has "the man page has the command $command" ".B $command" "$plain"
	has "the completion offers $command" " $command " "$offered"
	options=$(offers "$command" "--")
	for option in $("$RKO" "$command" --help | grep -oE '^  (-[a-z], )?--[a-z-]+' | grep -oE '\-\-[a-z-]+'); do
		has "the man page has $command $option" "$option" "$plain"
		has "the completion of $command offers $option" "$option" "$options"
	done
done
for code in 0 1 2 3 4 5; do
	has "the man page has the exit status $code" "
.B $code
" "$plain"
done
is "the version of the page" "rko $("$RKO" version | sed -n 's/^rko //p')" "$(sed -n 's/^\.TH.*"\(rko [0-9.]*\)".*/\1/p' "$page")"

is "the beginning of a command" "check" "$(offers ch)"
is "options that begin so" "--all" "$(offers check --a)"
is "policy files and folders" "a.rko facts policies with space.rko" "$(offers check "" | tr ' ' '\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//; s/space.rko with/with space.rko/')"
is "cases are .yaml" "b.yaml" "$(offers test b)"
is "what facts can do" "load dump get history info" "$(offers facts "")"
is "after load, files of facts" "b.yaml" "$(offers facts load b)"
is "load after the options" "load" "$(offers facts -s facts --policy=c.image lo)"
is "values of --format" "text json html junit tap" "$(offers test --format=)"
is "values of --format that begin so" "json" "$(offers check --format=j)"
is "values of --lang" "sv" "$(offers decide --lang=s)"
is "values of --after" "rules" "$(offers dump --after=r)"
is "an image for --policy" "c.image" "$(offers decide --policy=c)"
is "an image for -o" "c.image" "$(offers compile -o c)"
is "a folder for --store" "facts" "$(offers decide -s f)"
is "questions" "b.yaml" "$(offers decide --questions=b)"
is "codes" "RKO0417" "$(offers explain RKO0417)"
is "no other files" "" "$(offers check d)"

if command -v groff >/dev/null; then
	is "groff has nothing to say about the page" "" "$(groff -man -Tutf8 -ww -z "$page" 2>&1)"
fi
if command -v mandoc >/dev/null; then
	is "mandoc has nothing to say about the page" "" "$(mandoc -T lint -W warning "$page" 2>&1)"
fi
ends
