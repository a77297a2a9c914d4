#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Writes the zone table of engine/base/zone.c to standard output, from the system's zone data (Debian's
# tzdata), for the years that dates may have. The version of the data is kept: each trace names it.
set -eu
zone=${1:-Europe/Helsinki}
info=${ZONEINFO:-/usr/share/zoneinfo}
version=$(sed -n '1s/^# version //p' "$info/tzdata.zi")
[ -n "$version" ] || { echo "zone.sh: $info/tzdata.zi does not say its version" >&2; exit 1; }
zdump -v -c 1899,2201 "$zone" | awk -v zone="$zone" -v version="$version" '
function days(y, m, d,    era, yoe, doy) {
	if (m <= 2) y--
	era = int(y / 400); yoe = y - era * 400
	doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
	return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}
BEGIN {
	split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
	for (i in names) month[names[i]] = i + 0	# a number: what is compared as text puts 10 before 2
	printf "#define ZONE_NAME \"%s\"\n#define ZONE_VERSION \"%s\"\n", zone, version
	print "static const struct zone_step zone_steps[] = {"
}
$7 == "UT" && $NF ~ /^gmtoff=/ {
	offset = substr($NF, 8)
	if (!started) {
		printf "\t{ INT64_MIN, %d },\n", offset
	} else if (offset != last) {
		split($5, clock, ":")
		at = days($6, month[$3], $4) * 86400 + clock[1] * 3600 + clock[2] * 60 + clock[3]
		printf "\t{ %.0f, %d },\n", at, offset
	}
	started = 1
	last = offset
}
END {
	print "};"
	if (!started) exit 1
}'
