#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# The words that a target's inputs are made of, as a dictionary for libFuzzer: tests/fuzz/lib/dict.sh TARGET
# Taken from where they are defined, so that a new word of the language is tried too.
cd "$(dirname "$0")/../../.." || exit 1

quoted() { sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&"/'; }

case $1 in
policy)
	# "in" gap "force" { GIVE(…) }
	sed -nE 's/^\t("[a-z]+"( gap "[a-z]+")*) \{ GIVE\(.*/\1/p' dsl/syntax/lexer.re | sed 's/" gap "/ /g'
	printf '%s\n' '-- file' 'version "1"' '2026-01-01 ..' '1 day' ' : ' ' = ' ' != ' '[begins, ends]' '"' | quoted
	;;
config)
	sed -nE 's/^\t\{ ("[a-z-]+"), [A-Z]+, AT.*/\1/p' tools/rkod/config.c
	printf '%s\n' ' = ' 'explain' 'reduced' 'unix:/run/rkod' 'https://' '/x' '#' | quoted
	;;
facts | cases)
	printf '%s\n' recorded refreshed remove none open unknown absent like base facts cases request requests expect at day \
		outcome outside ': {' '- {' ']}' '[' '"' '2026-06-15T11:00+03:00' '2026-01-01' yes no | quoted
	;;
authzen)
	sed -nhE 's/.*json_member\([a-z]+, ("[a-z_]+")\).*/\1/p' tools/rkod/*.c | sort -u | quoted
	printf '%s\n' '"liisa"' '"c1"' '"book"' '"desk"' '"lend"' '{"' '":' '\u0000' '\ud800' '1e999' null true '[' '[]' | quoted
	;;
http)
	printf '%s\n' 'POST ' 'GET ' ' HTTP/1.1' ' HTTP/1.0' /access/v1/evaluation /authz/ /healthz 'Content-Length: ' \
		'Transfer-Encoding: chunked' 'Content-Type: application/json' 'Host: ' 'X-Request-ID: ' 'Expect: 100-continue' \
		'Connection: close' 'Connection: keep-alive' 'Connection: Upgrade' | quoted
	printf '%s\n' '"\x0d\x0a"' '"\x0d\x0a\x0d\x0a"' '"\x0a"' '"\x00"' '"0\x0d\x0a\x0d\x0a"'
	;;
note)
	printf '%s\n' 'time 2026-06-15T09:00:00Z' 'PRIVATE+KEY+' 'audit.example/test' | quoted
	printf '%s\n' '"\x0a\x0a\xe2\x80\x94 "'
	;;
esac
