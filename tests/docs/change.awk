# SPDX-License-Identifier: EUPL-1.2
# Makes the changes of a `diff` block: lines with ` ` and `-` must stand in the file together and once, and become those
# with ` ` and `+`. A line `@@` begins another place. Usage: awk -v block=FILE -f change.awk OLD > NEW
BEGIN {
	while ((getline line < block) > 0) {
		first = substr(line, 1, 1)
		rest = substr(line, 2)
		if (line ~ /^(---|\+\+\+) /)
			continue
		if (line ~ /^@@/ || !nplaces) {
			nplaces++
			if (line ~ /^@@/)
				continue
		}
		if (first != "+")
			old[nplaces, ++nold[nplaces]] = rest
		if (first != "-")
			new[nplaces, ++nnew[nplaces]] = rest
	}
}
{ text[NR] = $0 }
END {
	for (place = 1; place <= nplaces; place++) {
		found = 0
		for (at = 1; at + nold[place] - 1 <= NR; at++) {
			for (i = 1; i <= nold[place] && text[at + i - 1] == old[place, i]; i++)
				;
			if (i > nold[place]) {
				found++
				where[place] = at
			}
		}
		if (found != 1) {
			print "change.awk: place " place " of the block is in the file " found + 0 " times" > "/dev/stderr"
			exit 1
		}
		begins[where[place]] = place
	}
	for (at = 1; at <= NR; at++) {
		if (at in begins) {
			place = begins[at]
			for (i = 1; i <= nnew[place]; i++)
				print new[place, i]
			at += nold[place] - 1
		} else {
			print text[at]
		}
	}
}
