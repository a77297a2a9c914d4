# SPDX-License-Identifier: EUPL-1.2
# What make install puts where, whether programs can be built against it and run, and whether make uninstall leaves
# anything. Also which symbols the libraries show.
. tests/scripts/lib.sh
: "${BUILD:=build}"

# Neither the variables of a make that runs the tests nor its jobs.
plain_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make -s "$@"; }
tree=$work/tree
ok "make install" plain_make install BUILD="$BUILD" PREFIX="$tree"
[ -x "$tree/bin/rko" ] || { ends; exit 1; }
export PKG_CONFIG_PATH="$tree/lib/pkgconfig"
version=$("$tree/bin/rko" version | sed -n 's/^rko //p')

# Files -------------------------------------------------------------------------------------------

for file in bin/rko bin/rkod lib/librko.a lib/librkoc.a lib/librko.so.$version lib/librkoc.so.$version lib/pkgconfig/rko.pc \
	lib/pkgconfig/rkoc.pc share/man/man1/rko.1 share/man/man1/rkod.1 lib/systemd/system/rkod.service lib/systemd/system/rkod.socket share/bash-completion/completions/rko; do
	ok "there is $file" test -f "$tree/$file"
done
for header in include/rko/*; do
	ok "$header is the one of the sources" cmp "$header" "$tree/$header"
done
for lib in librko librkoc; do
	soname=$(objdump -p "$tree/lib/$lib.so" | awk '$1 == "SONAME" { print $2 }')
	is "$lib.so: its soname" "$lib.so.0" "$soname"
	is "$lib.so leads to the file by way of the soname" "$lib.so.0 $lib.so.$version" \
		"$(readlink "$tree/lib/$lib.so") $(readlink "$tree/lib/$lib.so.0")"
done
is "rko.pc: the version" "$version" "$(pkg-config --modversion rko)"
is "rkoc.pc: the version" "$version" "$(pkg-config --modversion rkoc)"
is "rko.pc: what a program needs" "-I$tree/include -L$tree/lib -lrko" "$(pkg-config --cflags --libs rko | sed 's/ *$//')"
is "rkoc.pc: what a program needs" "-I$tree/include -L$tree/lib -lrkoc" "$(pkg-config --cflags --libs rkoc | sed 's/ *$//')"

# Symbols -----------------------------------------------------------------------------------------

# What headers declare: names before a parenthesis, without comments and types of functions.
declared() {
	for header; do cc -fpreprocessed -dD -E -P "$header" 2>/dev/null; done | grep -v '^typedef' |
		grep -oE '\brko_[a-z0-9_]+\(' | tr -d '(' | LC_ALL=C sort -u
}
exported() { nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort -u; }

runtime=$(ls include/rko/*.h | grep -v /compile.h)
is "librko.so shows what engine/librko.symbols lists" "$(cat engine/librko.symbols)" "$(exported "$tree/lib/librko.so")"
is "that is what the headers of the run time declare" "$(cat engine/librko.symbols)" "$(declared $runtime)"
is "dsl/librkoc.symbols is what compile.h declares" "$(cat dsl/librkoc.symbols)" "$(declared include/rko/compile.h)"
is "librkoc.so shows both" "$(LC_ALL=C sort -u engine/librko.symbols dsl/librkoc.symbols)" \
	"$(exported "$tree/lib/librkoc.so")"

# Programs ----------------------------------------------------------------------------------------

# A library with sanitizers needs a program with them.
compiler=cc sanitized=
if nm -D "$tree/lib/librko.so" | grep -q __asan_; then
	compiler=clang sanitized="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
fi
# program NAME shared|static PACKAGE
program() {
	if [ "$2" = static ]; then
		libs="-Wl,-Bstatic $(pkg-config --static --libs "$3") -Wl,-Bdynamic"
	else
		libs="$(pkg-config --libs "$3") -Wl,-rpath,$tree/lib"
	fi
	ok "examples/embed/$1.c compiles and links, $2" "$compiler" -std=gnu11 -Wall -Wextra -Werror $sanitized \
		$(pkg-config --cflags "$3") "examples/embed/$1.c" -o "$work/$1-$2" $libs -pthread
}
for name in decide threads load trace; do
	program $name shared rko
	program $name static rko
done
program compile shared rkoc
program compile static rkoc
for source in examples/embed/*.c; do
	ok "$source was compiled" test -x "$work/$(basename "$source" .c)-static"
done
has "shared: the program needs librko.so.0" librko.so.0 "$(objdump -p "$work/decide-shared")"
hasnt "static: it does not" librko.so "$(objdump -p "$work/decide-static")"
for header in include/rko/*.h; do
	printf '#include <rko/%s>\nint main() { return 0; }\n' "$(basename "$header")" >"$work/header.cc"
	ok "$header can be included from C++, alone" "$compiler" -x c++ -Wall -Wextra -Werror -fsyntax-only \
		$(pkg-config --cflags rko) "$work/header.cc"
done

# The real policies and the facts of the demo.
PATH=$tree/bin:$PATH
ok "the installed tool compiles the policies" rko compile -o "$work/policy.image" policies
ok "and loads facts" rko facts load -q -s "$work/facts" -p "$work/policy.image" policies/demo/facts.yaml
at=2026-07-10T10:00+03:00
asks="access read user=kaisa unit=kukkakoti_u1 work_task=priv_implementation purpose=service
	identification=professional_card client=liisa register=ekhva system=x_jarjestelma channel=kanta
	document=liisa_merkinta"

for kind in shared static; do
	exits "decide, $kind: Liisa's entry may be read" 0 "$work/decide-$kind" "$work/policy.image" "$work/facts" $at $asks
	has "decide, $kind: by which rule, until when" "granted by producer-reads (The producer's employee" "$out"
	has "decide, $kind: on which generation" "until 2026-08-31 while the facts are those of generation 1" "$out"
	exits "decide, $kind: a worker of another unit" 1 "$work/decide-$kind" "$work/policy.image" "$work/facts" $at $asks \
		user=pekka
	has "decide, $kind: a field said twice is refused" "refused: user" "$out"
	exits "decide, $kind: no such store" 5 "$work/decide-$kind" "$work/policy.image" "$work/nothing" $at $asks
	has "decide, $kind: says which status" facts_missing "$err"
	exits "threads, $kind: four threads, a policy replaced" 0 "$work/threads-$kind" "$work/policy.image" "$work/facts" \
		$at $asks
	is "threads, $kind: every answer" "4 threads, 4000 granted, 0 failed, each thread took 2 policies" "$out"
	exits "compile, $kind" 0 "$work/compile-$kind" policies
	has "compile, $kind: the questions" "access: " "$out"
	printf 'policy x version "1"\nchapter nothing\n' >"$work/wrong.rko"
	exits "compile, $kind: a policy with errors" 4 "$work/compile-$kind" "$work/wrong.rko"
	has "compile, $kind: the message" "error[RKO0" "$err"
done
row="client liisa2 safety_ban=no safety_ban_to=open temporary_id"
exits "load: a row" 0 "$work/load-shared" "$work/policy.image" "$work/facts" $row=no
is "load: a generation of its own" "generation 2: 1 stored, 0 known already" "$out"
exits "load: the same again" 0 "$work/load-static" "$work/policy.image" "$work/facts" $row=no
is "load: nothing new" "generation 2: 0 stored, 1 known already" "$out"
exits "load: a code that is none" 3 "$work/load-static" "$work/policy.image" "$work/facts" $row=maybe
has "load: the fault" 'RKO1204: `maybe` is no code of yesno' "$err"
exits "trace: kept" 0 "$work/trace-shared" keep "$work/trace.bin" "$work/policy.image" "$work/facts" $at $asks
has "trace: its size" "granted, a trace of $(wc -c <"$work/trace.bin") bytes" "$out"
exits "trace: read by its description alone" 0 "$work/trace-static" show "$work/trace.bin" "$work/policy.image"
has "trace: what was said" "said user = kaisa" "$out"
has "trace: when" "instant 2026-07-10T10:00:00+03:00, generation 2" "$out"
digest=$(rko dump --after=image policies | sed -n 's/^digest *\(........\).*/\1/p')
has "trace: by which policy" "policy $digest…" "$out"
said=$(echo "$out" | sed 1,2d | wc -l)
has "trace: as many entries as its head says" " $said entries" "$out"
exits "trace: a row that came later changes nothing" 0 "$work/load-shared" "$work/policy.image" "$work/facts" client \
	liisa safety_ban=yes safety_ban_to=open temporary_id=no
exits "trace: explained later" 0 "$work/trace-static" explain "$work/trace.bin" "$work/policy.image" "$work/facts" $asks
has "trace: it comes out as it did" "it comes out as it did:   ✔ GRANTED" "$out"
ok "another policy" rko compile -o "$work/other.image" examples/documents
exits "trace: not by another policy" 3 "$work/trace-static" explain "$work/trace.bin" "$work/other.image" "$work/facts" \
	documents view user=kaisa
head -c 200 "$work/trace.bin" >"$work/torn.bin"
exits "trace: a torn one is told" 3 "$work/trace-static" show "$work/torn.bin" "$work/policy.image"

# Packages and uninstalling -------------------------------------------------------------------------

ok "make install for a package" plain_make install BUILD="$BUILD" PREFIX=/usr DESTDIR="$work/package"
is "the files say the prefix, not where the package is made" "prefix=/usr" \
	"$(head -n 1 "$work/package/usr/lib/pkgconfig/rko.pc")"
is "the same files" "$(cd "$tree" && find . | LC_ALL=C sort)" "$(cd "$work/package/usr" && find . | LC_ALL=C sort)"
ok "make uninstall" plain_make uninstall BUILD="$BUILD" PREFIX="$tree"
is "it leaves no file" "" "$(find "$tree" ! -type d)"
ok "and not the folder of the headers" test ! -e "$tree/include/rko"
ok "make uninstall of a package" plain_make uninstall BUILD="$BUILD" PREFIX=/usr DESTDIR="$work/package"
is "it leaves no file either" "" "$(find "$work/package" ! -type d)"
ends
