# SPDX-License-Identifier: EUPL-1.2
# The programs that docs/embedding.md and docs/trace.md show, against an installed tree: what they print is compared.
. tests/scripts/lib.sh
. tests/docs/console.sh
: "${BUILD:=build}"

ok "an installed tree" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s install BUILD="$BUILD" PREFIX="$work/tree"
export PKG_CONFIG_PATH="$work/tree/lib/pkgconfig" LD_LIBRARY_PATH="$work/tree/lib"
# `cc` of the documents; with a library that has sanitizers, one that has them too.
mkdir "$work/bin"
if nm -D "$work/tree/lib/librko.so" | grep -q __asan_; then
	printf '#!/bin/sh\nexec clang -fsanitize=address,undefined "$@"\n' >"$work/bin/cc"
else
	printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v cc)" >"$work/bin/cc"
fi
chmod +x "$work/bin/cc"
PATH=$work/bin:$PATH
for file in docs/embedding.md docs/trace.md; do
	document "$file"
done
ends
