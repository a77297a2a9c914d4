# SPDX-License-Identifier: EUPL-1.2
# Completion of rko for bash. Installed as share/bash-completion/completions/rko; or source it.

# Files that end in one of the endings, and folders.
_rko_files() {
	local word=$1 ending path
	shift
	compopt -o filenames 2>/dev/null
	while IFS= read -r path; do
		if [[ -d $path ]]; then
			COMPREPLY+=("$path")
			continue
		fi
		for ending; do
			[[ $path == *"$ending" ]] && COMPREPLY+=("$path")
		done
	done < <(compgen -f -- "$word")
}

_rko_words() {
	local word=$1
	shift
	mapfile -t COMPREPLY < <(compgen -W "$*" -- "$word")
	# An option that takes a value goes on after its `=`.
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
	return 0
}

_rko_values() {
	local command=$1 option=$2 word=$3

	case $option in
	--format)
		case $command in
		test) _rko_words "$word" text json html junit tap ;;
		audit) _rko_words "$word" text json fhir ;;
		decide) _rko_words "$word" text json html ;;
		*) _rko_words "$word" text json ;;
		esac ;;
	--for) _rko_words "$word" reviewer requester ;;
	--lang) _rko_words "$word" fi sv en ;;
	--after) _rko_words "$word" tokens ast check rules diagram image ;;
	--policy | -p) _rko_files "$word" .image .rko ;;
	--store | -s) mapfile -t COMPREPLY < <(compgen -d -- "$word"); compopt -o filenames 2>/dev/null ;;
	--output | -o) _rko_files "$word" .image ;;
	--questions) _rko_files "$word" .yaml ;;
	--against) _rko_files "$word" .image ;;
	--outcome) _rko_words "$word" granted not_granted forbidden undecided refused ;;
	--key | --checkpoint | --old) mapfile -t COMPREPLY < <(compgen -f -- "$word"); compopt -o filenames 2>/dev/null ;;
	--trace) mapfile -t COMPREPLY < <(compgen -f -- "$word"); compopt -o filenames 2>/dev/null ;;
	--audit) mapfile -t COMPREPLY < <(compgen -d -- "$word"); compopt -o filenames 2>/dev/null ;;
	*) return 1 ;;
	esac
	return 0
}

_rko_options() {
	case $1 in
	check) echo --format= --notes --all --report --help ;;
	compile) echo --output= --format= --report --help ;;
	dump) echo --after= --help ;;
	decide) echo --policy= --store= --at= --on= --as-of= --questions= --for= --format= --lang= --why --long --trace= --audit= --brief --help ;;
	explain-decision) echo --policy= --store= --format= --lang= --short --audit= --help ;;
	when) echo --policy= --store= --at= --from= --to= --as-of= --format= --lang= --help ;;
	who-can | what-can) echo --policy= --store= --at= --as-of= --among= --where= --all --limit= --token= --format= --lang= --help ;;
	facts) echo --policy= --store= --as-of= --recorded= --sources --quiet --help ;;
	test) echo --policy= --filter= --format= --lang= --verbose --coverage --help ;;
	fmt) echo --check --help ;;
	audit) echo --origin= --key= --audit= --public-key= --checkpoint= --old= --where= --question= --action= --outcome= --rule= \
		--caller= --since= --until= --as= --format= --whole --store= --against= --as-corrected --before= --lang= --quiet --help ;;
	*) echo --help ;;
	esac
}

# The n-th word after the command that is no option and no option's value.
_rko_argument() {
	local want=$1 seen=0 i
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		= ) ((i++)) ;;
		-p | -s | -o | -f) ((i++)) ;;
		-*) ;;
		*) ((++seen == want)) && { echo "${COMP_WORDS[i]}"; return; } ;;
		esac
	done
}

_rko() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_rko_words "$word" check compile dump decide explain-decision when who-can what-can facts test fmt explain audit version help --help --version
		return
	fi
	# bash makes words of `--format=json` at the `=`: option, `=`, value.
	if [[ $word == = ]]; then
		_rko_values "$command" "$before" "" && return
	elif [[ $before == = ]] && ((COMP_CWORD >= 3)); then
		_rko_values "$command" "${COMP_WORDS[COMP_CWORD - 2]}" "$word" && return
	elif [[ $before == -[pso] ]]; then
		_rko_values "$command" "$before" "$word" && return
	fi
	if [[ $word == -* ]]; then
		_rko_words "$word" "$(_rko_options "$command")"
		return
	fi
	case $command in
	check | compile | dump | fmt) _rko_files "$word" .rko ;;
	test) _rko_files "$word" .yaml .rko ;;
	explain-decision) mapfile -t COMPREPLY < <(compgen -f -- "$word"); compopt -o filenames 2>/dev/null ;;
	explain) _rko_words "$word" "$(rko explain 2>/dev/null | cut -d ' ' -f 1)" ;;
	help) _rko_words "$word" check compile dump decide explain-decision when who-can what-can facts test fmt explain audit version ;;
	audit)
		case $(_rko_argument 1) in
		"") _rko_words "$word" init verify checkpoint show search export prove check-proof replay expire ;;
		*) mapfile -t COMPREPLY < <(compgen -f -- "$word"); compopt -o filenames 2>/dev/null ;;
		esac ;;
	facts)
		case $(_rko_argument 1) in
		"") _rko_words "$word" load dump get history info ;;
		load) _rko_files "$word" .yaml ;;
		esac ;;
	esac
}

complete -F _rko rko
