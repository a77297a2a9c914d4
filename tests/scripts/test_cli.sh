# SPDX-License-Identifier: EUPL-1.2
# The tool as a whole: help, what is misspelt, versions, colours, output that cannot be written.
. tests/scripts/lib.sh

exits "no command" 3 "$RKO"
has "no command: the usage" "usage: rko COMMAND" "$err"
is "no command: nothing on standard output" "" "$out"
for asks in --help -h help; do
	exits "rko $asks" 0 "$RKO" $asks
	has "rko $asks: the exit codes" "exit status: 0 granted" "$out"
	is "rko $asks: nothing on standard error" "" "$err"
done
for command in check compile dump decide facts test fmt explain version; do
	exits "$command --help" 0 "$RKO" $command --help
	has "$command --help: usage" "usage: rko $command" "$out"
	has "$command --help: examples" "examples:
  rko $command" "$out"
	is "$command --help: the same as rko help $command" "$out" "$("$RKO" help $command)"
	exits "$command: an option it has not" 3 "$RKO" $command --no-such-thing
	has "$command: names the option" "there is no option \`--no-such-thing\`" "$err"
	has "$command: says where help is" "Try \`rko $command --help\`." "$err"
	exits "$command: a letter it has not" 3 "$RKO" $command -Z
	has "$command: names the letter" "there is no option \`-Z\`" "$err"
	hasnt "$command: not in getopt's words" "unrecognized" "$err"
	widest=$("$RKO" $command --help | awk '{ if (length($0) > most) most = length($0) } END { print most }')
	ok "$command --help: no line is wider than 125" test "$widest" -le 125
done

exits "a misspelt command" 3 "$RKO" chek policies
is "a misspelt command: the nearest" "rko: there is no command \`chek\`; the nearest is \`check\`
Try \`rko --help\`." "$err"
exits "a command that is near to nothing" 3 "$RKO" frobnicate
hasnt "a command that is near to nothing: no guess" "nearest" "$err"
exits "help about a misspelt command" 3 "$RKO" help decid
has "help about a misspelt command: the nearest" "the nearest is \`decide\`" "$err"
exits "a misspelt option" 3 "$RKO" decide --questoins=x
has "a misspelt option: the nearest" "there is no option \`--questoins\`; the nearest is \`--questions\`" "$err"
exits "an option without its value" 3 "$RKO" decide --store
has "an option without its value: which" "\`--store\` needs a value" "$err"
exits "a letter without its value" 3 "$RKO" decide -p
has "a letter without its value: which" "\`--policy\` needs a value" "$err"
exits "a value for an option that takes none" 3 "$RKO" fmt --check=yes x
has "a value for an option that takes none: which" "\`--check\` takes no value" "$err"

# Options that several commands have are read alike in each; none that is one too many is left out in silence.
many=$(yes policies/national | head -n 65 | sed 's/^/--policy=/')
for command in decide when who-can what-can explain-decision facts test; do
	# shellcheck disable=SC2086
	exits "$command: 65 policies" 3 "$RKO" $command $many x
	is "$command: 65 policies: how many at most" "rko $command: more than 64 policies" "$(echo "$err" | head -n 1)"
done
for command in decide when who-can what-can explain-decision test check compile audit; do
	exits "$command --format: another" 3 "$RKO" $command --format=xml
	has "$command --format: another: what there is" "rko $command: --format takes text" "$err"
	has "$command --format: another: which" "json" "$err"
	has "$command --format: another: what was said" ", not \`xml\`" "$err"
done
for command in decide when who-can what-can facts; do
	exits "$command --as-of: none" 3 "$RKO" $command --as-of=0
	has "$command --as-of: none: what it takes" "--as-of takes the number of a generation, not \`0\`" "$err"
done
for command in decide when who-can what-can; do
	exits "$command --at: a day" 3 "$RKO" $command --at=2026-07-10
	has "$command --at: a day: what it takes" "--at takes an instant such as" "$err"
done
exits "test: 65 paths without --policy" 3 "$RKO" test $(yes policies/national | head -n 65)
has "test: 65 paths without --policy: how many at most" "more than 64 policies" "$err"

exits "version" 0 "$RKO" version
has "version: the image format" "image format " "$out"
has "version: the zone table" "(Europe/Helsinki)" "$out"
is "--version says the same" "$out" "$("$RKO" --version)"
exits "version takes nothing" 3 "$RKO" version please

# Output that cannot be written is told, and ends with 5.
if [ -w /dev/full ]; then
	"$RKO" explain >/dev/full 2>"$work/err"
	is "a full disk" 5 $?
	has "a full disk is told" "could not be written" "$(cat "$work/err")"
fi
# A reader that goes away ends the tool as any other program: without a word.
lines=$({ "$RKO" dump --after=tokens policies 2>"$work/err"; } | head -n 2 | wc -l)
is "a reader that goes away" 2 "$((lines))"
is "a reader that goes away: nothing said" "" "$(cat "$work/err")"

# Colours, only for those who can see them.
escape=$(printf '\033')
printf 'vocabulary x version "1"\ncodes a b, b\n' >"$work/bad.rko"
"$RKO" check "$work/bad.rko" 2>"$work/err"
hasnt "no colours in a file" "$escape" "$(cat "$work/err")"
if command -v script >/dev/null; then
	terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null | tr -d '\r'; }
	has "colours on a terminal" "${escape}[" "$(terminal "$RKO check $work/bad.rko")"
	hasnt "no colours with NO_COLOR" "${escape}[" "$(NO_COLOR=1 terminal "$RKO check $work/bad.rko")"
	hasnt "no colours on a dumb terminal" "${escape}[" "$(terminal "TERM=dumb $RKO check $work/bad.rko")"
	is "colours change no word" "$(cat "$work/err")" \
		"$(terminal "$RKO check $work/bad.rko" | sed "s/$escape\[[0-9;]*m//g")"
else
	pass "colours on a terminal # SKIP there is no script(1)"
fi
ends
