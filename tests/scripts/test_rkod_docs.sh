# SPDX-License-Identifier: EUPL-1.2
# docs/sidecar.md does what it shows, lists every setting, and its man page too; the clients keep the contract.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh
. tests/docs/console.sh
document docs/sidecar.md

exits "the settings" 0 "$RKOD" --help
for name in $(echo "$out" | sed -n 's/^  --\([a-z-]*\) .*/\1/p'); do
	case $name in demo-clock) continue ;; esac
	ok "docs/sidecar.md has the setting $name" grep -q "^|.*\`$name\`" docs/sidecar.md
	ok "docs/man/rkod.1 has the setting $name" grep -q "^.B $(echo "$name" | sed 's/-/\\\\-/g')" docs/man/rkod.1
done
exits "the version" 0 "$RKOD" --version
has "says which images it reads" "image format" "$out"
ends
