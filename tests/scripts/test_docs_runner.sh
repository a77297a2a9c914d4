# SPDX-License-Identifier: EUPL-1.2
# tests/docs/console.sh finds what is wrong in a document; and links between the documents lead somewhere.
. tests/scripts/lib.sh
. tests/docs/console.sh

# runs: a document from standard input; $out is what was said of it.
runs() {
	cat >"$work/sample.md"
	out=$(tests=0; document "$work/sample.md" 2>&1)
	rm -rf "$work/console"
}
# One of the document's tests: good or bad.
good() { has "$1" "ok 1 - " "$out"; hasnt "$1, and nothing else" "not ok" "$out"; }
bad() { has "$1" "not ok" "$out"; }

runs <<'END'
```text a/b.txt
one
two
```
```console
$ cat a/b.txt
one
two
$ cat a/b.txt \
    a/b.txt | wc -l
4
$ place=here; cd a
$ echo "$place $PWD"
here …/a
$ cd ..; cat a/b.txt; printf '\n\n'
…
two
$ false
$ echo $?
1
```
END
good "what a document shows"
is "a test for each command" 7 "$(echo "$out" | grep -c '^ok ')"

runs <<'END'
```console
$ printf 'one\ntwo\nthree\n'
one
three
```
END
bad "a line that the document does not have"
runs <<'END'
```console
$ printf 'one\n'
one
two
```
END
bad "a line that is not printed"
runs <<'END'
```console
$ printf 'one two\n'
one … three
```
END
bad "another end of a line"
runs <<'END'
```console
$ printf 'one\ntwo\n'
…
three
```
END
bad "another last line"
runs <<'END'
```console
$ false
$ echo done
done
```
END
bad "a command that fails, and the document does not say so"
runs <<'END'
```console
$ false
```
END
bad "a last command that fails"
runs <<'END'
```console
$ true
$ echo $?
1
```
END
bad "another exit status"
runs <<'END'
```console
$ echo "open
```
END
bad "a command that is no command"

for page in docs/facts.md docs/cases.md docs/trace.md docs/cli.md docs/limits.md docs/embedding.md docs/coverage.md \
	docs/diagnostics.md docs/testing.md; do
	for link in $(grep -oE '\]\([^)#:]+' "$page" | cut -c 3- | grep -v '^http'); do
		ok "$page: $link is there" test -e "docs/$link"
	done
done
ends
