# SPDX-License-Identifier: EUPL-1.2
# Whether a text is what a document shows: line by line; a line `…` stands for any lines, also for none.
#
#   awk -v shown=FILE -f tests/docs/match.awk PRINTED
BEGIN { while ((getline line < shown) > 0) want[++nwant] = line }
{ have[NR] = $0 }
function fits(i, j) {
	while (i <= nwant && want[i] !~ /^ *…$/) {
		if (j > NR || want[i] != have[j])
			return 0
		i++
		j++
	}
	if (i > nwant)
		return j > NR
	for (; j <= NR + 1; j++)
		if (fits(i + 1, j))
			return 1
	return 0
}
END { exit !fits(1, 1) }
