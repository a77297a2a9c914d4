# SPDX-License-Identifier: EUPL-1.2
# make            the tool, the libraries, the sidecar's ground
# make demo       the main job on real policies and synthetic facts
# make demo-sidecar  the same through the sidecar: curl and nginx ask, the record is checked
# make check      every test, under gcc and under clang with the sanitizers
# make test       the same for the build at hand only
# make fuzz       fuzzes each reader of foreign bytes for FUZZ_SECONDS (30); FUZZ='image trace' only these
# make bench      the benchmarks; figures, never a test; make bench-sidecar for the sidecar
# make soak-sidecar  ten minutes of everything, and whether memory is flat; make tsan-sidecar: 1 000 reloads under load
# make deps       installs what is missing, Debian packages by name
#
# Outputs go to build/. BUILD=… chooses another place, CC=clang another compiler, SAN=1 the sanitizers.

BUILD   ?= build
CC      ?= cc
PREFIX  ?= /usr/local
PYTHON  ?= python3
OPT     ?= -O2

PACKAGES := gcc libc6-dev clang libclang-rt-14-dev make pkg-config re2c bison libyaml-dev liblmdb-dev libcmocka-dev \
            libsodium-dev nettle-dev libjansson-dev libmicrohttpd-dev libgnutls28-dev libseccomp-dev libutf8proc-dev \
            libxxhash-dev tzdata curl nginx-light openssl libcurl4-gnutls-dev libxml2-utils

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith \
        -Wcast-qual -Wwrite-strings -Wundef
BASEFLAGS := -std=gnu11 -D_GNU_SOURCE -g $(OPT) $(WARN) -fno-strict-aliasing -fPIC \
             -fno-semantic-interposition -D_FORTIFY_SOURCE=2 -fstack-protector-strong
ifeq ($(SAN),1)
BASEFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -U_FORTIFY_SOURCE -fno-omit-frame-pointer
LDSAN := -fsanitize=address,undefined
endif
ifeq ($(FUZZING),1)
BASEFLAGS += -fsanitize=fuzzer-no-link
endif
# V=1 shows the commands.
ifeq ($(V),1)
Q :=
SAY = @:
else
Q := @
SAY = @echo
endif

ALLFLAGS = $(CPPFLAGS) $(CFLAGS) $(BASEFLAGS) -Iinclude -I. -I$(BUILD)/gen

# Files -------------------------------------------------------------------------------------------

ENGINE_SRC := $(sort $(wildcard engine/*/*.c))
DSL_SRC    := $(sort $(wildcard dsl/*.c dsl/*/*.c))
TOOL_SRC   := $(sort $(wildcard tools/rko/*.c tools/common/*.c))
RKOD_SRC   := $(sort $(wildcard tools/rkod/*.c))
GEN_SRC    := $(BUILD)/gen/grammar.c $(BUILD)/gen/lexer.c
TEST_SRC   := $(sort $(wildcard tests/unit/test_*.c tests/limits/test_*.c))
FAULT_SRC  := $(sort $(wildcard tests/faults/*/*.c))

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ENGINE_OBJ := $(call obj,$(ENGINE_SRC))
DSL_OBJ    := $(call obj,$(DSL_SRC)) $(BUILD)/obj/gen/grammar.o $(BUILD)/obj/gen/lexer.o
TOOL_OBJ   := $(call obj,$(TOOL_SRC))
RKOD_OBJ   := $(call obj,$(RKOD_SRC))
COMMON_OBJ := $(call obj,$(sort $(wildcard tools/common/*.c tests/common/*.c)))
TESTS      := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SRC) $(FAULT_SRC)) $(BUILD)/tests/corpus

RUNLIBS  := -llmdb -lsodium -lnettle
COMPLIBS := -lutf8proc
TOOLLIBS := -lyaml -ljansson
RKODLIBS := -ljansson -lmicrohttpd -lgnutls -lseccomp

.PHONY: all deps demo demo-sidecar bench-sidecar soak-sidecar tsan-sidecar check test tests fuzz fuzzers bench clean install uninstall
.SECONDARY:
all: $(BUILD)/rko $(BUILD)/rkod $(BUILD)/librko.a $(BUILD)/librko.so $(BUILD)/librkoc.a $(BUILD)/librkoc.so $(BUILD)/rko.pc

# Generated ---------------------------------------------------------------------------------------

$(BUILD)/gen/grammar.c $(BUILD)/gen/grammar.h &: dsl/syntax/grammar.y
	@mkdir -p $(@D)
	$(SAY) '  bison  $<'
	$(Q)bison -Wall -Werror --header=$(BUILD)/gen/grammar.h -o $(BUILD)/gen/grammar.c $<

$(BUILD)/gen/lexer.c: dsl/syntax/lexer.re
	@mkdir -p $(@D)
	$(SAY) '  re2c   $<'
	$(Q)re2c --tags -W -Werror -o $@ $<

$(BUILD)/gen/zone_table.h: tools/gen/zone.sh
	@mkdir -p $(@D)
	$(SAY) '  zone   $@'
	$(Q)tools/gen/zone.sh > $@.tmp && mv $@.tmp $@

GENERATED := $(BUILD)/gen/grammar.h $(BUILD)/gen/zone_table.h

# Objects and libraries ---------------------------------------------------------------------------

$(BUILD)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) '  cc     $<'
	$(Q)$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) '  cc     $<'
	$(Q)$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/librko.a: $(ENGINE_OBJ)
	$(SAY) '  ar     $@'
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/librkoc.a: $(DSL_OBJ)
	$(SAY) '  ar     $@'
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/librko.so: $(ENGINE_OBJ) engine/librko.map
	$(SAY) '  link   $@'
	$(Q)$(CC) -shared $(LDFLAGS) $(LDSAN) -Wl,-soname,librko.so.0 -Wl,--version-script=engine/librko.map \
		-Wl,-z,relro,-z,now -o $@ $(ENGINE_OBJ) $(RUNLIBS)
$(BUILD)/librkoc.so: $(DSL_OBJ) $(ENGINE_OBJ) dsl/librkoc.map
	$(SAY) '  link   $@'
	$(Q)$(CC) -shared $(LDFLAGS) $(LDSAN) -Wl,-soname,librkoc.so.0 -Wl,--version-script=dsl/librkoc.map \
		-Wl,-z,relro,-z,now -o $@ $(DSL_OBJ) $(ENGINE_OBJ) $(RUNLIBS) $(COMPLIBS)
$(BUILD)/rko: $(TOOL_OBJ) $(BUILD)/librkoc.a $(BUILD)/librko.a
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -o $@ $^ $(COMPLIBS) $(TOOLLIBS) $(RUNLIBS)
$(BUILD)/rkod: $(RKOD_OBJ) $(BUILD)/librko.a
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -Wl,-z,relro,-z,now -o $@ $^ $(RKODLIBS) $(RUNLIBS) -lpthread
$(BUILD)/rko.pc: tools/rko.pc.in include/rko/status.h
	@mkdir -p $(@D)
	sed 's|@PREFIX@|$(PREFIX)|' $< > $@

# The main job --------------------------------------------------------------------------------------

# DEMO_LANG=en or sv answers in another language.
DEMO_LANG ?= fi
DEMO := $(BUILD)/demo
demo: deps
	@$(MAKE) --no-print-directory -s $(BUILD)/rko
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@echo "1. The policies of the nation, Ekhva and Pirha become one image"
	@$(BUILD)/rko compile -o $(DEMO)/policy.image policies
	@$(BUILD)/rko dump --after=image policies | sed -n 2,5p
	@echo
	@echo "2. The facts: synthetic people, from YAML into LMDB"
	@$(BUILD)/rko facts load --store=$(DEMO)/facts --policy=$(DEMO)/policy.image policies/demo/facts.yaml
	@echo
	@echo "3. What a unit in Lappeenranta asks on 10 July 2026"
	@echo
	@$(BUILD)/rko decide --policy=$(DEMO)/policy.image --store=$(DEMO)/facts --lang=$(DEMO_LANG) \
		--questions=policies/demo/questions.yaml
	@echo "Ask yourself: $(BUILD)/rko decide --help; the questions are in policies/demo/questions.yaml."

demo-sidecar: deps
	@$(MAKE) --no-print-directory -s $(BUILD)/rko $(BUILD)/rkod
	@BUILD=$(BUILD) DEMO_LANG=$(DEMO_LANG) tools/rkod/demo.sh

# Tests -------------------------------------------------------------------------------------------

$(BUILD)/libcommon.a: $(COMMON_OBJ)
	$(SAY) '  ar     $@'
	$(Q)rm -f $@ && ar rcs $@ $^
TESTLIBS = $(BUILD)/libcommon.a $(BUILD)/librkoc.a $(BUILD)/librko.a
$(BUILD)/tests/corpus: $(BUILD)/obj/tests/corpus/run.o $(TESTLIBS)
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -o $@ $^ $(COMPLIBS) $(TOOLLIBS) $(RUNLIBS)
$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(TESTLIBS)
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -o $@ $^ -lcmocka $(COMPLIBS) $(TOOLLIBS) $(RUNLIBS)

# Benchmarks --------------------------------------------------------------------------------------

BENCH_COMMON := tests/bench/world.c tests/bench/tape.c
BENCH_OBJ    := $(call obj,$(BENCH_COMMON) tests/bench/bench.c tests/bench/lanes.c tests/bench/floor.c)
LANE_OBJ     := $(call obj,$(BENCH_COMMON) tests/bench/lane.c tests/bench/lanes.c tests/bench/floor.c)
# The engine as it is, but that it writes no trace.
UNTRACED_OBJ := $(patsubst %.c,$(BUILD)/obj/untraced/%.o,$(wildcard engine/decide/*.c))
RECORD_OBJ   := $(call obj,$(BENCH_COMMON) tests/bench/record.c)
BENCHES      := $(BUILD)/bench/bench $(BUILD)/bench/record $(BUILD)/bench/lane $(BUILD)/bench/lane-untraced \
                $(BUILD)/bench/explain $(BUILD)/bench/filter
# Rows that are stored; a smaller number for a quick look.
BENCH_ROWS   ?= 1650000

$(BUILD)/bench/bench: $(BENCH_OBJ) $(TESTLIBS)
$(BUILD)/bench/record: $(RECORD_OBJ) $(BUILD)/librko.a
$(BUILD)/bench/lane: $(LANE_OBJ) $(BUILD)/librko.a
$(BUILD)/bench/lane-untraced: $(LANE_OBJ) $(UNTRACED_OBJ) $(BUILD)/librko.a
$(BUILD)/obj/untraced/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) '  cc     $<, untraced'
	$(Q)$(CC) -Itests/bench/untraced $(ALLFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/bench/explain $(BUILD)/bench/filter: $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(TESTLIBS)
$(BENCHES):
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -o $@ $^ -lcmocka $(COMPLIBS) $(TOOLLIBS) $(RUNLIBS)

bench: $(BENCHES) $(BUILD)/rko
	@$(BUILD)/bench/bench --tool=$(BUILD)/rko --recorder=$(BUILD)/bench/record \
		--engine=$(BUILD)/bench/lane --untraced=$(BUILD)/bench/lane-untraced --rows=$(BENCH_ROWS) policies
	@echo
	@$(BUILD)/bench/filter policies policies/demo/facts.yaml
	@echo
	@$(BUILD)/bench/explain policies

# What the tests and the benchmark of the sidecar send and compare with.
SIDECAR_TOOLS := $(patsubst tests/sidecar/%.c,$(BUILD)/tests/sidecar/%,$(wildcard tests/sidecar/*.c))
$(BUILD)/tests/sidecar/%: $(BUILD)/obj/tests/sidecar/%.o
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -o $@ $^ -lmicrohttpd -lseccomp -lpthread

$(BUILD)/tests/sidecar/cell: $(BUILD)/obj/tools/rkod/shut.o $(BUILD)/obj/tools/rkod/log.o
$(BUILD)/tests/sidecar/fault.so: tests/sidecar/preload/fault.c
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -g $(WARN) -fPIC -shared -o $@ $< -ldl

bench-sidecar: $(SIDECAR_TOOLS) $(BUILD)/rko $(BUILD)/rkod
	@BUILD=$(BUILD) RKO=$(BUILD)/rko tests/sidecar/bench.sh

# Whether the sidecar's memory stays as it is under a mix of everything; SOAK seconds.
soak-sidecar: $(SIDECAR_TOOLS) $(BUILD)/rko $(BUILD)/rkod
	@BUILD=$(BUILD) RKO=$(BUILD)/rko tests/sidecar/soak.sh

# A thousand reloads under load with the thread sanitizer; RELOADS says how many. `make check` does a few without it.
TSAN    := $(BUILD)/tsan
RELOADS ?= 1000
tsan-sidecar:
	@$(MAKE) --no-print-directory -s CC=clang OPT=-O1 CFLAGS=-fsanitize=thread LDFLAGS=-fsanitize=thread BUILD=$(TSAN) \
		$(TSAN)/rko $(TSAN)/rkod $(TSAN)/tests/sidecar/load
	@RELOADS=$(RELOADS) BUILD=$(TSAN) RKO=$(TSAN)/rko sh tests/scripts/test_rkod_reload.sh

# Fuzzing -----------------------------------------------------------------------------------------
# Each target is made twice: with libFuzzer for `make fuzz`, and in every build to run its kept corpus (tests/run).

FUZZ_SECONDS ?= 30
FUZZ_NAMES   := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c)))
FUZZ         ?= $(FUZZ_NAMES)
FUZZ_LIB     := $(BUILD)/obj/tests/fuzz/lib/fuzz.o
FUZZ_REPLAYS := $(addprefix $(BUILD)/tests/fuzz/,$(FUZZ_NAMES))
FUZZERS      := $(addprefix $(BUILD)/fuzzers/,$(FUZZ))
FUZZLIBS     := -lcmocka $(COMPLIBS) -lyaml $(RKODLIBS) $(RUNLIBS) -lpthread

$(BUILD)/librkod.a: $(filter-out %/rkod/main.o,$(RKOD_OBJ))
	$(SAY) '  ar     $@'
	$(Q)rm -f $@ && ar rcs $@ $^
$(FUZZ_REPLAYS): $(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_LIB) $(BUILD)/obj/tests/fuzz/lib/replay.o \
		$(BUILD)/librkod.a $(TESTLIBS)
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -o $@ $^ $(FUZZLIBS)
$(FUZZERS): $(BUILD)/fuzzers/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_LIB) $(BUILD)/librkod.a $(TESTLIBS)
	@mkdir -p $(@D)
	$(SAY) '  link   $@'
	$(Q)$(CC) $(LDFLAGS) $(LDSAN) -fsanitize=fuzzer -o $@ $^ $(FUZZLIBS)
fuzzers: $(FUZZERS) $(FUZZ_REPLAYS)
fuzz: deps
	@$(MAKE) --no-print-directory -s fuzzers CC=clang SAN=1 FUZZING=1 OPT=-O1 BUILD=$(BUILD)/fuzz
	@BUILD=$(BUILD)/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZ)

tests: all $(TESTS) $(FUZZ_REPLAYS) $(BENCHES) $(SIDECAR_TOOLS) $(BUILD)/tests/sidecar/fault.so
test: tests
	@BUILD=$(BUILD) tests/run
# Two builds: gcc as it is shipped, clang with the address and undefined-behaviour sanitizers.
check: deps
	@$(MAKE) --no-print-directory -s tests CC=gcc BUILD=$(BUILD)
	@$(MAKE) --no-print-directory -s tests CC=clang SAN=1 OPT=-O1 BUILD=$(BUILD)/clang
	@BUILDS="$(BUILD) $(BUILD)/clang" tests/run

deps:
	@missing=; for p in $(PACKAGES); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | \
		grep -q 'install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		echo "installing$$missing"; \
		$$sudo apt-get update -q && $$sudo apt-get install -y -q --no-install-recommends $$missing; \
	fi

# Installing --------------------------------------------------------------------------------------
# make install PREFIX=/usr/local, and DESTDIR=… for a package: the files then go below DESTDIR, and say PREFIX.

VERSION := $(shell awk '/define RKO_VERSION_(MAJOR|MINOR|PATCH)/ { v = v d $$3; d = "." } END { print v }' include/rko/status.h)
DEST     = $(DESTDIR)$(PREFIX)
HEADERS := $(wildcard include/rko/*)

install: all
	install -d $(DEST)/bin $(DEST)/lib/pkgconfig $(DEST)/include/rko $(DEST)/share/man/man1 \
		$(DEST)/share/bash-completion/completions $(DEST)/lib/systemd/system
	install -m 755 $(BUILD)/rko $(BUILD)/rkod $(DEST)/bin
	install -m 644 $(BUILD)/librko.a $(BUILD)/librkoc.a $(DEST)/lib
	for lib in librko librkoc; do \
		install -m 755 $(BUILD)/$$lib.so $(DEST)/lib/$$lib.so.$(VERSION) && \
		ln -sfn $$lib.so.$(VERSION) $(DEST)/lib/$$lib.so.0 && ln -sfn $$lib.so.0 $(DEST)/lib/$$lib.so || exit 1; \
	done
	install -m 644 $(HEADERS) $(DEST)/include/rko
	for pc in rko rkoc; do \
		sed 's|@PREFIX@|$(PREFIX)|' tools/$$pc.pc.in > $(DEST)/lib/pkgconfig/$$pc.pc || exit 1; \
	done
	install -m 644 docs/man/rko.1 docs/man/rkod.1 $(DEST)/share/man/man1
	sed 's|/usr/local|$(PREFIX)|' tools/rkod/rkod.service > $(DEST)/lib/systemd/system/rkod.service
	install -m 644 tools/rkod/rkod.socket $(DEST)/lib/systemd/system
	install -m 644 tools/completion/rko.bash $(DEST)/share/bash-completion/completions/rko

uninstall:
	rm -f $(DEST)/bin/rko $(DEST)/bin/rkod $(DEST)/share/man/man1/rko.1 $(DEST)/share/man/man1/rkod.1 \
		$(DEST)/share/bash-completion/completions/rko $(DEST)/lib/systemd/system/rkod.service \
		$(DEST)/lib/systemd/system/rkod.socket
	for lib in librko librkoc; do \
		rm -f $(DEST)/lib/$$lib.a $(DEST)/lib/$$lib.so $(DEST)/lib/$$lib.so.0 $(DEST)/lib/$$lib.so.$(VERSION); \
	done
	rm -f $(DEST)/lib/pkgconfig/rko.pc $(DEST)/lib/pkgconfig/rkoc.pc $(HEADERS:include/%=$(DEST)/include/%)
	[ ! -d $(DEST)/include/rko ] || rmdir $(DEST)/include/rko

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
