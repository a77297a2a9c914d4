# SPDX-License-Identifier: EUPL-1.2
# The rules of dsl/syntax/grammar.y as docs/language.md prints them: one rule a line, `name = … .`
#
#   awk -f tests/docs/grammar.awk dsl/syntax/grammar.y
#
# Actions, references and error recovery are left out. Recursion to the left becomes { … }, an empty alternative
# [ … ]; what is only a list, an option or another name is written where it is used, so that few rules are left.
# A list that is used in more than three places keeps its name.

{ text = text $0 "\n" }

# Everything between { and }, comments, [names] and directives go; '{' and "…" are tokens.
function tokens(part,    n, at, c, depth, word, end) {
	n = 0
	for (at = 1; at <= length(part); at++) {
		c = substr(part, at, 1)
		if (substr(part, at, 2) == "/*") {
			end = index(substr(part, at), "*/")
			at += end
		} else if (c == "'" && substr(part, at + 2, 1) == "'") {
			if (!depth)
				list[++n] = "\"" substr(part, at + 1, 1) "\""
			at += 2
		} else if (c == "\"") {
			end = index(substr(part, at + 1), "\"")
			if (!depth)
				list[++n] = substr(part, at, end + 1)
			at += end
		} else if (c == "{") {
			depth++
		} else if (c == "}") {
			depth--
		} else if (depth) {
			continue
		} else if (c == "[") {
			at += index(substr(part, at), "]") - 1
		} else if (c == ":" || c == "|" || c == ";") {
			list[++n] = c
		} else if (c ~ /[A-Za-z_%]/) {
			match(substr(part, at), /^[A-Za-z_%]+/)
			word = substr(part, at, RLENGTH)
			at += RLENGTH - 1
			if (word == "%type")	# a declaration between rules: to the end of its line
				at += index(substr(part, at), "\n") - 1
			else
				list[++n] = word
		}
	}
	return n
}

function spell(word) {
	if (word == "NAME") return "name"
	if (word == "STRING") return "text"
	if (word == "INT") return "number"
	if (word == "DATE") return "date"
	if (word == "GRANT") return "\"grant\""
	return word
}

# The alternatives of a rule as one expression.
function body(rule,    i, alt, base, nbase, loop, nloop, empty, result) {
	nbase = nloop = empty = 0
	base = loop = ""
	for (i = 1; i <= count[rule]; i++) {
		alt = alts[rule, i]
		if (alt == "%empty") {
			empty = 1
		} else if (alt ~ /(^| )error( |$)/) {
			continue
		} else if (index(alt " ", rule " ") == 1) {
			alt = substr(alt, length(rule) + 2)
			loop = loop (nloop++ ? " | " : "") alt
		} else {
			base = base (nbase++ ? " | " : "") alt
		}
	}
	choice[rule] = nbase > 1 && !empty && !nloop
	if (nloop)
		result = (empty ? "" : nbase > 1 ? "( " base " ) " : base " ") "{ " loop " }"
	else if (!nbase)
		result = ""
	else if (empty)
		result = "[ " base " ]"
	else
		result = base
	list_of[rule] = nloop > 0
	if (!nloop && !empty && nbase == 1 && base in list_of)	# another name of a list
		list_of[rule] = list_of[base]
	if (list_of[rule])
		written[rule] = uses[rule] <= 3
	else
		written[rule] = (empty && (nbase == 1 || uses[rule] == 1)) || (!choice[rule] && base !~ / /)
	return result
}

# Puts what is written where it is used in its place.
function expand(expr,    words, n, i, out) {
	n = split(expr, words, " ")
	out = ""
	for (i = 1; i <= n; i++) {
		if (words[i] in said && written[words[i]])
			words[i] = expand(said[words[i]])
		if (words[i] != "")
			out = out (out == "" ? "" : " ") words[i]
	}
	return out
}

END {
	from = index(text, "\n%%\n")
	rest = substr(text, from + 4)
	rest = substr(rest, 1, index(rest, "\n%%\n"))
	n = tokens(rest)
	for (i = 1; i <= n; i++) {
		if (list[i + 1] == ":") {
			rule = list[i]
			order[++nrules] = rule
			count[rule] = 1
			i++
		} else if (list[i] == "|") {
			count[rule]++
		} else if (list[i] != ";") {
			if (list[i] != rule)
				uses[list[i]]++
			alts[rule, count[rule]] = alts[rule, count[rule]] \
				(alts[rule, count[rule]] == "" ? "" : " ") spell(list[i])
		}
	}
	for (i = nrules; i >= 1; i--)	# the last first: names come before what they name
		said[order[i]] = body(order[i])
	written[order[1]] = 0		# the whole
	for (i = 1; i <= nrules; i++)
		if (!written[order[i]])
			print order[i] " = " expand(said[order[i]]) " ."
}
