# SPDX-License-Identifier: EUPL-1.2
# For the scripts that test documents. Sourced after tests/scripts/lib.sh; $tree is a copy of what pages speak of.
case $RKO in /*) ;; *) RKO=$PWD/$RKO ;; esac
tools=$PWD/tests/docs
tree=$work/tree
mkdir -p "$tree/docs" "$work/bin"
ln -s "$RKO" "$work/bin/rko"

# take DOCUMENT [whole]: its blocks are then under $page
take() {
	page=$work/$(basename "$1" .md)
	awk -v out="$page" -v whole="${2:+1}" -f tests/docs/extract.awk "$1"
}
# same WHAT SHOWN-FILE PRINTED-FILE
same() {
	if awk -v shown="$2" -f "$tools/match.awk" "$3"; then
		pass "$1"
	else
		fail "$1" "the document and what is printed differ:" "$(diff "$2" "$3")"
	fi
}
# run_step FILE.console: each line after `$ ` in $tree, and what it prints
run_step() {
	command= status=0
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'$ '*)
			next=${line#'$ '}	# before fail(), which has a `line` too
			finish_command "$1"
			command=$next
			: >"$work/shown"
			;;
		*) printf '%s\n' "$line" >>"$work/shown" ;;
		esac
	done <"$1"
	finish_command "$1"
}
finish_command() {
	[ -n "$command" ] || return
	(cd "$tree" && PATH=$work/bin:$PATH && (exit "$status"); eval "$command") >"$work/printed" 2>&1 </dev/null
	status=$?
	same "$(basename "$1"): $command" "$work/shown" "$work/printed"
}
# change_step FILE.diff: the change it shows, in $tree
change_step() {
	file=$(sed -n 's/^+++ //p' "$1" | head -n 1)
	if said=$(awk -v block="$1" -f "$tools/change.awk" "$tree/$file" 2>&1 >"$work/changed"); then
		pass "$(basename "$1"): changes $file"
		cp "$work/changed" "$tree/$file"
	else
		fail "$(basename "$1"): changes $file" "$said"
	fi
}
# steps: those of the page, in order
steps() {
	for step in "$page"/steps/*; do
		case $step in
		*.console) run_step "$step" ;;
		*.diff) change_step "$step" ;;
		*.file)
			path=$tree/$(cat "${step%.file}.path")
			mkdir -p "$(dirname "$path")"
			cp "$step" "$path"
			;;
		esac
	done
}
