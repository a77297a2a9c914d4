# SPDX-License-Identifier: EUPL-1.2
# Runs what a document shows. Sourced after tests/scripts/lib.sh; document FILE reports each command as a test.
#
#   ```yaml rows.yaml       a block with a name after its language is written to a file of that name
#   ```console              is run, in the order of the document, in one shell
#   $ rko version           a command; a line that ends in \ goes on in the next
#   rko 0.1.0               what it prints, on either output, until the next command or the end of the block
#   …                       stands for anything: alone on a line for any lines, within a line for any text; empty lines
#                           at the end of what is printed do not matter
#
# Everything happens in a folder of the document's own, where `rko` is on PATH and `policies`, `examples`, `docs`
# and `include` are those of the repository. A command that fails must be followed by `echo $?`: the reader wants
# to know that it does.

# console_script DIR: the commands of DIR as one script that keeps what each printed and how it ended.
console_script() {
	printf 'status=0\ncd "%s/here" || exit 1\n' "$1"
	for command in "$1"/step/*.command; do
		[ -f "$command" ] || continue
		printf '(exit $status)\n. "%s" >"%s" 2>&1 </dev/null\nstatus=$?\necho $status >"%s"\n' "$command" \
			"${command%.command}.got" "${command%.command}.status"
	done
}

# Takes a document apart: files, and for each command a file with it, one with what it prints, one with its line.
console_blocks() {
	awk -v dir="$2" '
		function step_name() { return sprintf("%s/step/%03d", dir, steps) }
		/^```/ {
			if (inside) { if (file != "") close(file); inside = 0; file = ""; kind = ""; next }
			inside = 1; kind = substr($1, 4); file = NF > 1 ? dir "/here/" $2 : ""
			if (file != "") {
				place = file
				sub(/[^\/]*$/, "", place)
				system("mkdir -p \"" place "\"")
				printf "" > file
			}
			if (kind == "console") { wanted = ""; more = 0 }
			next
		}
		!inside { next }
		file != "" { print > file; next }
		kind != "console" { next }
		more { print > (step_name() ".command"); more = /\\$/; next }
		/^\$ / {
			steps++
			print FNR > (step_name() ".line"); close(step_name() ".line")
			printf "" > (step_name() ".wanted")
			print substr($0, 3) > (step_name() ".command"); more = /\\$/; next
		}
		steps { print > (step_name() ".wanted") }
	' "$1"
}

document() {
	dir=$work/console/$(basename "$1" .md)
	mkdir -p "$dir/here" "$dir/step"
	for name in policies examples docs include; do ln -s "$PWD/$name" "$dir/here/$name"; done
	console_blocks "$1" "$dir"
	console_script "$dir" >"$dir/script"
	PATH=$(cd "$(dirname "$RKO")" && pwd):$PATH sh "$dir/script" >"$dir/said" 2>&1
	[ -s "$dir/said" ] && fail "$1: its commands run" "$(cat "$dir/said")"
	before=
	for command in "$dir"/step/*.command; do
		[ -f "$command" ] || continue
		step=${command%.command}
		text=$(head -n 1 "$command")
		what="$1:$(cat "$step.line"): $text"
		if [ -n "$before" ] && [ "$text" != 'echo $?' ]; then
			fail "$what" "the command before it ended with $before; show it with: echo \$?"
		elif [ ! -f "$step.status" ]; then
			fail "$what" "it was not run"
		elif awk -v shown="$step.wanted" -f tests/docs/match.awk "$step.got"; then
			pass "$what"
		else
			fail "$what" "the document shows:" "$(cat "$step.wanted")" "it prints:" "$(cat "$step.got")"
		fi
		before=$(cat "$step.status" 2>/dev/null)
		[ "$before" = 0 ] && before=
	done
	[ -z "$before" ] || fail "$1: the last command ended with $before; show it with: echo \$?"
}
