# SPDX-License-Identifier: EUPL-1.2
# Takes the fenced blocks out of a document and writes them as files into the folder `out`.
#
#   awk -v out=FOLDER -f tests/docs/extract.awk docs/language.md
#
#   ```rko PATH          FOLDER/files/PATH: the blocks of one path, an empty line between them (also `yaml PATH`)
#   ```rko PATH wrong    FOLDER/wrong/N.rko, the path in N.path; what stands in the next `text` block in N.expected
#   ```console, ```diff  FOLDER/steps/N.console, N.diff, numbered in the order of the page
#   ```ebnf              FOLDER/grammar, one rule a line
#
# With -v whole=1 a block of a path is a file as it then is: FOLDER/steps/N.file, its path in N.path.
BEGIN { system("mkdir -p '" out "/files' '" out "/wrong' '" out "/steps'"); steps = wrongs = 0 }

function place(name) { return sprintf("%s/%03d", name, name == out "/wrong" ? wrongs : steps) }

!inside && /^```[a-z]/ {
	inside = 1
	kind = substr($1, 4)
	path = $2
	if (whole && path != "") {
		steps++
		to = place(out "/steps") ".file"
		printf "" > to
		print path > (place(out "/steps") ".path")
	} else if ((kind == "rko" || kind == "yaml") && path != "" && $3 != "wrong") {
		to = out "/files/" path
		folder = to
		sub("/[^/]*$", "", folder)
		system("mkdir -p '" folder "'")
		if (seen[path]++)
			print "" >> to
		else
			printf "" > to
	} else if (kind == "rko" && $3 == "wrong") {
		wrongs++
		to = place(out "/wrong") ".rko"
		printf "" > to
		print path > (place(out "/wrong") ".path")
		printf "" > (place(out "/wrong") ".expected")
		pending = 1
	} else if (kind == "text" && pending) {
		to = place(out "/wrong") ".expected"
		pending = 0
	} else if (kind == "console" || kind == "diff") {
		steps++
		to = place(out "/steps") "." kind
		printf "" > to
	} else if (kind == "ebnf") {
		to = ""
	} else {
		to = "-"
	}
	next
}
inside && /^```$/ {
	inside = 0
	if (kind != "ebnf" && to != "-")
		close(to)
	next
}
inside && kind == "ebnf" {
	for (i = 1; i <= NF; i++)
		rule = rule (rule == "" ? "" : " ") $i
	if ($NF == "." && $(NF - 1) != "|") {
		print rule > (out "/grammar")
		rule = ""
	}
	next
}
inside && to != "-" { print >> to }
