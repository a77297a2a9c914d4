# SPDX-License-Identifier: EUPL-1.2
# Whether a text is what a document shows: line by line; a line `…` stands for any lines, also for none, and … inside a
# line for any characters.
#
#   awk -v shown=FILE -f tests/docs/match.awk PRINTED
BEGIN { last = 0; while ((getline line < shown) > 0) want[++nwant] = line }
{ have[NR] = $0; if ($0 != "") last = NR }	# empty lines at the end do not count
function alike(shown, printed,    n, parts, i, at) {
	n = split(shown, parts, "…")
	if (n <= 1)
		return shown == printed
	if (substr(printed, 1, length(parts[1])) != parts[1])
		return 0
	printed = substr(printed, length(parts[1]) + 1)
	for (i = 2; i < n; i++) {
		at = index(printed, parts[i])
		if (parts[i] == "")
			continue
		if (!at)
			return 0
		printed = substr(printed, at + length(parts[i]))
	}
	return length(printed) >= length(parts[n]) && substr(printed, length(printed) - length(parts[n]) + 1) == parts[n]
}
function fits(i, j) {
	while (i <= nwant && want[i] !~ /^ *…$/) {
		if (j > last || !alike(want[i], have[j]))
			return 0
		i++
		j++
	}
	if (i > nwant)
		return j > last
	for (; j <= last + 1; j++)
		if (fits(i + 1, j))
			return 1
	return 0
}
END { exit !fits(1, 1) }
