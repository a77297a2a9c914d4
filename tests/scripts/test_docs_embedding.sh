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
# The page without the commands of clients whose language is not on this machine.
absent=
for tool in python3 node java; do
	command -v $tool >/dev/null || absent="$absent $tool"
done
pkg-config --exists libcurl jansson || absent="$absent ./ask"
awk -v absent="$absent" '
	BEGIN { count = split(absent, tools, " "); for (i = 1; i <= count; i++) gone[tools[i]] = 1 }
	/^\$ / { out = $2 in gone || ("./ask" in gone && /examples\/clients\/ask\.c/) || (out && /echo \$\?/) }
	/^```/ { out = 0 }
	!out { print }' docs/embedding.md >"$work/embedding.md"
document "$work/embedding.md"
document docs/trace.md
ends
