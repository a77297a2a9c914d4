# SPDX-License-Identifier: EUPL-1.2
# Every command that the documents show does what they show.
. tests/scripts/lib.sh
. tests/docs/console.sh

for file in docs/facts.md docs/cases.md docs/cli.md docs/limits.md docs/diagnostics.md docs/audit.md docs/asking-in-reverse.md docs/explanations.md \
		docs/reading-decisions.md docs/lukeminen.md; do
	document "$file"
done
ends
