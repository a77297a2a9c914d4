# SPDX-License-Identifier: EUPL-1.2
# docs/diagnostics.md, "In an editor": the lines for Vim make its list of messages.
. tests/scripts/lib.sh
if ! command -v vim >/dev/null; then
	echo "ok 1 - vim is not installed # SKIP"
	echo 1..1
	exit
fi
case $RKO in /*) ;; *) RKO=$PWD/$RKO ;; esac
mkdir -p "$work/bin" "$work/policies"
ln -s "$RKO" "$work/bin/rko"
sed -n '/^```vim$/,/^```$/p' docs/diagnostics.md | grep -v '^```' >"$work/rko.vim"
ok "the page has lines for Vim" test -s "$work/rko.vim"
cat >"$work/policies/a.rko" <<'RKO'
vocabulary a  version "1"

codes source_kind  handbook
codes role         reader, editor

record user  closed
  key     id : id
  field   role : role
  field   boss : ref user or none

request a
  asks     en "May this user do this?"
  actions  view
  found    user : user

source HB  handbook "Handbook"  in force 2026-01-01 ..
  passage "1"  en "Readers read."

policy a  version "1"

chapter a

rule reads
  grant view
  when user.role = reader
  cite HB "1"

rule silent-one
  prohibit view
  when user.boss.role = editor
  cite HB "1"
RKO
# messages: those that Vim lists after :make
messages() {
	(cd "$work" && PATH=$work/bin:$PATH && vim -u NONE -N -es -S rko.vim -c 'edit policies/a.rko' -c 'silent make!' \
		-c 'redir! > list' -c 'silent clist' -c 'redir END' -c 'qa!' </dev/null >/dev/null 2>&1)
	sed 's/^ *//; /^$/d' "$work/list"
}
found=$(messages)
has "a message with a situation: where it stands" "policies/a.rko:28 col 6 error 712:" "$found"
has "a message with a situation: what it says" "does not say what happens when something is not there" "$found"
is "one message is one line of the list" 1 "$(echo "$found" | wc -l)"
sed -i 's/= reader/= raeder/; s/"1"$/"2"/' "$work/policies/a.rko"
found=$(messages)
has "a misspelt code" "policies/a.rko:25 col 20 error 417: \`raeder\` is not a code of role" "$found"
has "a passage that is not there" "error 502: HB has no passage" "$found"
ends
