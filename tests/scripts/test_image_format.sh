# SPDX-License-Identifier: EUPL-1.2
# A change of the layout of images is a new IMAGE_FORMAT: an engine must not read an image of another layout as its own.
# tests/golden/image-formats.txt has a line for each format there was: its number, and a digest of what format.h and
# sections.def declared then, without comments and white space.
. tests/scripts/lib.sh
formats=tests/golden/image-formats.txt

# declared FILE…: their text without comments, and with no space but one between words
declared() {
	cat "$@" | tr '\n\t' '  ' | sed 's,\*/,\n,g' | sed 's,/\*.*,,' | tr -d '\n' |
		sed 's/  */ /g; s/\([^A-Za-z0-9_]\) /\1/g; s/ \([^A-Za-z0-9_]\)/\1/g' | sed 's/IMAGE_FORMAT=[0-9]*/IMAGE_FORMAT/'
}

format=$(sed -nE 's/^enum \{ IMAGE_FORMAT = ([0-9]+),.*/\1/p' engine/image/format.h)
ok "format.h says which format it is" test "$format" -ge 1
digest=$(declared engine/image/format.h engine/image/sections.def | sha256sum | cut -c1-32)
kept=$(sed -n "s/^$format //p" $formats)

if [ "$kept" = "$digest" ]; then
	pass "images of format $format have the layout that they always had"
elif [ -z "$kept" ]; then
	fail "images of format $format have the layout that they always had" "$formats has no line for format $format." \
		"Once the layout is settled, add: $format $digest"
else
	fail "images of format $format have the layout that they always had" \
		"engine/image/format.h or sections.def declares something else than when format $format was made." \
		"Raise IMAGE_FORMAT in format.h, and add a line to $formats: $((format + 1)) $digest" \
		"(Where only names have changed, and nothing has moved, replace the digest: $format $digest)"
fi
is "the newest format is the one in use" "$format" "$(tail -n 1 $formats | cut -d' ' -f1)"
is "no format is there twice" "" "$(cut -d' ' -f1 $formats | sort | uniq -d)"

# What counts: a field more, fields that change places, another value of an enumeration; not a comment.
sed 's/uint32_t count;/uint32_t number; uint32_t count;/' engine/image/format.h >"$work/more.h"
sed 's/^\tuint32_t first;$/\tint32_t first;/' engine/image/format.h >"$work/sign.h"
sed 's,^struct image_range {,/* Of anything. */\n\nstruct  image_range {	/* so */,' engine/image/format.h >"$work/comment.h"
is "a field more is another layout" no "$([ "$(declared "$work/more.h")" = "$(declared engine/image/format.h)" ] || echo no)"
is "another type is another layout" no "$([ "$(declared "$work/sign.h")" = "$(declared engine/image/format.h)" ] || echo no)"
is "a comment is no part of the layout" "$(declared engine/image/format.h)" "$(declared "$work/comment.h")"
ends
