#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Writes docs/coverage.md, or what it should be, from policies/coverage.yaml.
#
#   tools/coverage/coverage.sh > docs/coverage.md
#   tools/coverage/coverage.sh --rules      each name under `rules`, a line each: RULE-ID DECIDES NAME
#   tools/coverage/coverage.sh --cases      each case: RULE-ID DECIDES CASE
#
# Knows that file only: a list of flow maps, each beginning `- {id: R-…` in the first column, of plain words, quoted
# texts and lists of plain words. Anything else is an error with its line.
cd "$(dirname "$0")/../.." || exit 1
exec awk -v mode="${1:---table}" '
function bad(what) {
	printf "policies/coverage.yaml:%d: %s\n", started, what > "/dev/stderr"
	failed = 1
	exit 1
}

# The next value of `rest`: a quoted text, a list, or a word. What is left stays in `rest`.
function value(    at) {
	if (match(rest, /^"[^"\\]*"/) || match(rest, /^\[[^][]*\]/) || match(rest, /^[^][{}",]+/)) {
		at = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
		if (at ~ /^["[]/) at = substr(at, 2, length(at) - 2)
		return at
	}
	bad("a value is expected at: " substr(rest, 1, 40))
}

# One entry, its lines joined.
function take(text,    key, n) {
	if (text !~ /^- \{.*\}[ \t]*$/) bad("an entry of the form `- {id: …}` is expected")
	rest = text
	sub(/^- \{/, "", rest)
	sub(/\}[ \t]*$/, "", rest)
	delete field
	while (rest != "") {
		if (!match(rest, /^[a-z]+: */)) bad("`key: value` is expected at: " substr(rest, 1, 40))
		key = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
		sub(/: *$/, "", key)
		if (key !~ /^(id|key|layer|decides|says|rules|cases|why)$/) bad("`" key "` has no meaning here")
		if (key in field) bad("`" key "` is there twice")
		field[key] = value()
		sub(/^, */, "", rest)
	}
	n = split("id key layer decides says rules cases", needed, " ")
	for (key = 1; key <= n; key++) if (!(needed[key] in field)) bad("`" needed[key] "` is missing")
	if (field["decides"] !~ /^(access|issue_grant|disclose|obligations|facts|none)$/) bad("`" field["decides"] "` is no question")
	if (field["rules"] == "" && !("why" in field)) bad(field["id"] " names no rule and does not say why")
	if (field["id"] in seen) bad(field["id"] " is there twice")
	seen[field["id"]] = 1
	entry()
}

# Words of a list as code, and the lists of --rules and --cases.
function words(list, what,    parts, n, i, out) {
	n = split(list, parts, /, */)
	for (i = 1; i <= n; i++) {
		if (mode == "--" what) print field["id"], field["decides"], parts[i]
		out = out (i > 1 ? ", " : "") (what == "rules" ? "`" parts[i] "`" : parts[i])
	}
	return out
}

function entry(    rules, cases, says) {
	rules = words(field["rules"], "rules")
	cases = words(field["cases"], "cases")
	count++
	decides[field["decides"]]++
	says = field["says"]
	gsub(/\|/, "\\|", says)
	if (rules == "")
		without[++nwithout] = sprintf("| %s | %s | %s | %s | %s |", field["id"], field["layer"], says, field["why"], cases)
	else
		row[++nrows] = sprintf("| %s | %s | %s | %s | %s | %s |", field["id"], field["layer"], field["decides"],
			says ("why" in field ? " (" field["why"] ")" : ""), rules, cases)
}

function table(    i) {
	print "# Coverage: each rule of the law and the counties, and what it has become"
	print ""
	print "You read the law and ask where in the policies it is. This is the list of the " count " rules of the domain (R-001 …), each with the"
	print "named statements that say it and the cases that show it. `LAW` is statute, `KANTA` the national specifications and"
	print "guidance, `EKHVA` and `PIRHA` what the two counties have decided."
	print ""
	print "The page is written by `tools/coverage/coverage.sh` from `policies/coverage.yaml`. Tests check that it is up to date, that every name"
	print "and every case in it exists, and that every statement that decides access, the giving of a right, or disclosure is in it."
	print ""
	print "| Bears on | Rules |"
	print "| --- | ---: |"
	print "| access: may the document be read or written | " decides["access"] " |"
	print "| issue_grant: may the right be given | " decides["issue_grant"] " |"
	print "| disclose: may data of another register be disclosed | " decides["disclose"] " |"
	print "| obligations: what must be done | " decides["obligations"] " |"
	print "| facts: what can be recorded or asked at all | " decides["facts"] " |"
	print "| nothing that a policy decides | " decides["none"] " |"
	print ""
	print "## Rules that have become named statements"
	print ""
	print "Names are those of rules, exceptions, duties, conditions, determinations, judgements, laws, parameters and tables."
	print ""
	print "| Rule | Layer | Bears on | Says | Named | Cases |"
	print "| --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= nrows; i++) print row[i]
	print ""
	print "## Rules that have become none, and why"
	print ""
	print "| Rule | Layer | Says | Why | Cases |"
	print "| --- | --- | --- | --- | --- |"
	for (i = 1; i <= nwithout; i++) print without[i]
}

/^#/ || /^[ \t]*$/ { next }
/^- / {
	if (text != "") take(text)
	text = $0
	started = FNR
	next
}
/^  / && text != "" { sub(/^ +/, " "); text = text $0; next }
{ started = FNR; bad("an entry, or its next line by two spaces, is expected") }
END {
	if (failed) exit 1
	if (text != "") take(text)
	if (mode == "--table") table()
}
' policies/coverage.yaml
