# SPDX-License-Identifier: EUPL-1.2
# Whether a text is what a document shows: line by line; a line `…` stands for any lines, also for none, and … inside a
# line for any characters.
#
#   awk -v shown=FILE -f tests/docs/match.awk PRINTED
BEGIN { while ((getline line < shown) > 0) want[++nwant] = line }
{ have[NR] = $0 }
function alike(shown, printed,    at, head, tail) {
	at = index(shown, "…")
	if (!at)
		return shown == printed
	head = substr(shown, 1, at - 1)
	tail = substr(shown, at + length("…"))
	return length(printed) >= length(head) + length(tail) && index(printed, head) == 1 &&
		substr(printed, length(printed) - length(tail) + 1) == tail
}
function fits(i, j) {
	while (i <= nwant && want[i] !~ /^ *…$/) {
		if (j > NR || !alike(want[i], have[j]))
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
