# SPDX-License-Identifier: MIT
#
# The only makefile.  "make help" lists the targets; everything is built in
# build/VARIANT/, VARIANT being V=release (default), asan, tsan, cov or fuzz.

VERSION   := $(shell sed -n 's/.*MQKIT_VERSION "\(.*\)"/\1/p' \
	       cmd/common/version.h)
SOVERSION := 0
V         ?= release
B         := build/$V
WITH_TLS  ?= 1
WITH_WS   ?= 1
WITH_STORE ?= 1
FEATURES  := -DWITH_TLS=$(WITH_TLS) -DWITH_WS=$(WITH_WS) \
	     -DWITH_STORE=$(WITH_STORE)

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCDIR  ?= $(PREFIX)/include
MANDIR  ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d

# ---- flags: the user's CC CFLAGS CPPFLAGS LDFLAGS LIBS are only added to ----

OBJCOPY    ?= objcopy
PKG_CONFIG ?= pkg-config

release.cflags := -O2 -g -fstack-protector-strong
release.cpp    := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
asan.cflags    := -O1 -g -fno-omit-frame-pointer
asan.san       := -fsanitize=address,undefined -fno-sanitize-recover=all
tsan.cflags    := -O1 -g -fno-omit-frame-pointer
tsan.san       := -fsanitize=thread
cov.cflags     := -O0 -g
cov.san        := --coverage
fuzz.cflags    := $(asan.cflags)
fuzz.san       := $(asan.san) -fsanitize=fuzzer-no-link

CFLAGS ?= $($V.cflags)
SAN    := $($V.san)
STD    := -std=c11 -D_POSIX_C_SOURCE=200809L -pthread $($V.cpp)
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2 -Wundef
ifdef CI
WARN   += -Werror
endif
COMPILE = $(CC) $(STD) $(INC) $(CPPFLAGS) $(WARN) $(CFLAGS) $(SAN)
LINK    = $(CC) -pthread $(CFLAGS) $(SAN) $(LDFLAGS) -Wl,--as-needed

# Where the C library has no res_query() of its own.
LIBS   += -lresolv

# One short line for each command; VERBOSE=1 shows them whole.
Q    := $(if $(VERBOSE),,@)
echo  = @$(if $(VERBOSE),:,echo) '  $1	$(@:$B/%=%)'

# pkg-config runs when a library is first needed: after "make deps".
module = $(eval $1 := $$(shell $(PKG_CONFIG) $2))$($1)
cjson  = $(call module,cjson,--libs libcjson)
cmocka = $(call module,cmocka,--libs cmocka)
openssl = $(call module,openssl,--libs openssl)

# ---- sources: by folder; a file with a main is a program --------------------

# What a build leaves out: tls_none.c and digest_none.c stand for all that
# WITH_TLS=0 does, ws_none.c for WITH_WS=0, sqlite_none.c for WITH_STORE=0.
without.tls1 := $(addprefix lib/transport/,digest_none tls_none)
without.tls0 := $(addprefix lib/transport/,digest openssl tls tls_bio \
	       tls_context tls_explain tls_key tls_report tls_session) \
	     $(addprefix tests/unit/,test_tls test_tls_options \
	       test_tls_threads tlspeer test_scram test_auth)
without.ws1 := lib/transport/ws_none
without.ws0 := lib/transport/ws lib/transport/ws_lib \
	       tests/unit/test_ws tests/fuzz/fuzz_ws tests/relay/relay
without.os := $(if $(filter Linux,$(shell uname)),,tests/relay/link \
	       tests/bench/idle)
without.store1 := lib/store/sqlite_none
without.store0 := lib/store/sqlite lib/store/sqlite_lib tests/unit/test_sqlite \
	       tests/fuzz/fuzz_sqlite
WITHOUT   := $(without.tls$(WITH_TLS)) $(without.ws$(WITH_WS)) \
	     $(without.store$(WITH_STORE)) $(without.os)

objs  = $(patsubst %.c,$B/obj/%.o,$(filter-out $(WITHOUT:%=%.c), \
	  $(wildcard $(addsuffix /*.c,$1))))
mains := $(filter-out $(WITHOUT:%=%.c),$(shell \
	   grep -Elsw '^(main|LLVMFuzzerTestOneInput)' cmd/*/*.c tests/*/*.c))
MAINS := $(patsubst %.c,$B/obj/%.o,$(mains))

LIB.o    := $(call objs,$(addprefix lib/,base codec session transport store \
	      client))
COMMON.o := $(call objs,cmd/common)
TOOLS.o  := $(filter-out $(MAINS),$(call objs,cmd/mqpub cmd/mqsub cmd/mqbench))
HELPERS.o := $(filter-out $(MAINS),$(call objs,tests/unit tests/oom \
	       tests/wire tests/bench tests/fuzz))

TOOLS := $(filter mqpub mqsub mqbench,$(notdir $(mains:.c=)))
MQGEN := $(filter $B/mqgen,$(patsubst %.c,$B/%,$(notdir $(mains))))
PROGS := $(TOOLS:%=$B/%)
TESTS := $(patsubst %.c,$B/%,$(filter tests/unit/% tests/wire/% \
	   tests/oom/%,$(mains)))
BENCH := $(patsubst %.c,$B/%,$(filter tests/bench/%,$(mains)))
FUZZ  := $(patsubst %.c,$B/%,$(filter tests/fuzz/fuzz_%,$(mains)))
RELAY := $(patsubst %.c,$B/%,$(filter tests/relay/%,$(mains)))
PLUGIN := $(if $(filter 1,$(WITH_TLS)),$B/tests/plugin/scram.so)
A     := $B/lib/libmqk.a
SO    := $B/lib/libmqk.so.$(VERSION)

# On as many jobs as there are processors, unless make was told how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell \
	 getconf _NPROCESSORS_ONLN))
SUB  = +@$(MAKE) --no-print-directory $(JOBS)

all: lib $(PROGS)
lib: $A $(SO)
# What has threads is tried with ThreadSanitizer as well.
thread-programs: $(filter $(addprefix $B/tests/unit/,test_threads \
		 test_client_thread test_tls_threads test_like_%),$(TESTS))

test-programs: all $(MQGEN) $(TESTS) $(RELAY) $(PLUGIN) \
	       $(if $(filter asan,$V),$(FUZZ))

.DELETE_ON_ERROR:
.PHONY: all lib docs demo deps check check-unit check-oom check-wire \
	check-cli check-docs check-lint check-install check-fuzz check-faults \
	fuzz metrics coverage bench soak faults interop install uninstall dist \
	clean help test-programs thread-programs bench-programs \
	fuzz-programs FORCE

# ---- compiling: the include path is the layering ---------------------------

$B/obj/lib/%.o:   INC := -Ilib/include -Ilib -Wconversion -fPIC \
			 -fvisibility=hidden $(FEATURES)
$B/obj/cmd/%.o:   INC := -Ilib/include -Icmd
$B/obj/tests/%.o: INC := -Ilib/include -Ilib -Icmd -Itests

$B/obj/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(call echo,CC)
	$Q$(COMPILE) -MMD -MP -c -o $@ $<

# Changes only when the flags do.
$B/flags: INC := $(FEATURES)
$B/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(COMPILE) $(LINK))' >$@.now
	@cmp -s $@.now $@ && rm $@.now || mv $@.now $@

-include $(shell find $B/obj -name '*.d' 2>/dev/null)

# ---- libraries -------------------------------------------------------------

# One object whose internal names are local, so none can clash with a user's.
$A: $(LIB.o)
	@mkdir -p $(@D)
	$(call echo,AR)
	$Q$(LD) -r -o $B/lib/mqk.o $^
	$Q$(OBJCOPY) --localize-hidden $B/lib/mqk.o
	$Qrm -f $@ && $(AR) rcs $@ $B/lib/mqk.o

$(SO): $(LIB.o) lib/libmqk.map
	@mkdir -p $(@D)
	$(call echo,LINK)
	$Q$(LINK) -shared -Wl,-soname,libmqk.so.$(SOVERSION) \
	    -Wl,--version-script=lib/libmqk.map \
	    $(if $(SAN),,-Wl,--no-undefined) -o $@ $(LIB.o) $(LIBS)
	@ln -sf $(@F) $B/lib/libmqk.so.$(SOVERSION)
	@ln -sf $(@F) $B/lib/libmqk.so

# Archives of plain objects: the linker takes what a program uses.
$B/obj/common.a:  $(COMMON.o)
$B/obj/tools.a:   $(TOOLS.o)
$B/obj/lib.a:     $(LIB.o)
$B/obj/helpers.a: $(HELPERS.o)
$B/obj/%.a:
	@mkdir -p $(@D)
	$(call echo,AR)
	$Qrm -f $@ && $(AR) qcs $@ $^

# ---- programs --------------------------------------------------------------

# The tools hold the static library: they start without searching for a shared
# one (half of the life of a process that sends one message), and an installed
# tool needs no ldconfig.
$B/mqbench: private LIBS += -lev -lm $(cjson)

define tool
$B/$1: $(call objs,cmd/$1) $B/obj/common.a $A
	$$(call echo,LINK)
	$Q$$(LINK) -o $$@ $$^ $$(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$t)))

$(MQGEN): $(call objs,cmd/mqgen) $B/obj/tools.a $B/obj/common.a $A
	$(call echo,LINK)
	$Q$(LINK) -o $@ $^ -lev -lm $(cjson) $(LIBS)

# Tests use the plain objects, because the library hides what they look at.
# Without libFuzzer the targets replay files.
ifeq ($V,fuzz)
$(FUZZ): private LIBS += -fsanitize=fuzzer
else
$(FUZZ): $B/obj/tests/fuzz/replay.o
endif
$(TESTS): private LIBS += $(cmocka)
$(addprefix $B/tests/unit/,test_tls test_tls_options test_tls_threads): \
	    private LIBS += $(openssl)

# Their client gets pipes in memory; see tests/unit/memclient.h.
MEMORY := $(addprefix $B/tests/,unit/test_violations unit/test_requests \
	    unit/test_errors oom/test_oom)
$(MEMORY): private LIBS += -Wl,--wrap=transport_new

# Its allocations fail on demand; see tests/oom/failing.h.
$B/tests/oom/test_oom: private LIBS += -Wl,--wrap=malloc,--wrap=calloc \
	    -Wl,--wrap=realloc,--wrap=free

$(TESTS) $(RELAY) $(BENCH) $(FUZZ): $B/%: $B/obj/%.o $B/obj/helpers.a \
	    $B/obj/tools.a $B/obj/common.a $B/obj/lib.a
	@mkdir -p $(@D)
	$(call echo,LINK)
	$Q$(LINK) -o $@ $^ -lev -lm $(cjson) $(LIBS)

# Loaded by Mosquitto, which knows no sanitizer.
$(PLUGIN): tests/plugin/scram.c $B/flags
	@mkdir -p $(@D)
	$(call echo,LINK)
	$Q$(CC) $(STD) $(WARN) $(CFLAGS) -shared -fPIC -o $@ $< \
	    $(LDFLAGS) $(openssl)

# ---- checking --------------------------------------------------------------

deps:
	@sh tests/deps.sh

check check-unit check-oom check-wire check-cli check-faults check-docs \
    check-lint check-install check-fuzz: deps
	$(SUB) V=release test-programs
	$(SUB) V=asan test-programs
	$(SUB) V=tsan thread-programs
	@sh tests/check.sh $(patsubst check-%,%,$(filter-out check,$@))

demo: deps
	$(SUB) V=release all
	@bash tests/demo.sh

bench:
	@sh tests/deps.sh bench
	$(SUB) V=release all bench-programs
	@bash tests/bench/compare.sh
	@[ ! -x $B/tests/bench/idle ] || $B/tests/bench/idle 10000 1024
bench-programs: $(BENCH)

soak: deps
	$(SUB) V=release all
	@SOAK_LINES=1000000 bats tests/cli/reconnect.bats
	@STORE_ROUNDS=200 bats tests/cli/store.bats

faults: deps
	$(SUB) V=release test-programs
	@FAULTS_CUT_S=60 sh tests/faults/run.sh

interop:
	@sh tests/deps.sh interop
	$(SUB) V=release test-programs
	@sh tests/interop/run.sh $(BROKERS)

FUZZ_SECONDS ?= 60
fuzz:
	@sh tests/deps.sh fuzz
	$(SUB) V=fuzz CC=clang fuzz-programs
	@sh tests/fuzz/run.sh $(FUZZ_SECONDS)
fuzz-programs: $(FUZZ)

coverage: deps
	$(SUB) V=cov test-programs
	@sh tests/coverage.sh

metrics:
	@sh tests/lint/metrics.sh

docs: $(MQGEN)
	@V=$V sh tests/lint/docs.sh update

# ---- installing ------------------------------------------------------------

D   := $(DESTDIR)
MAN := $(wildcard man/*.[1-9])
HDR := $(wildcard lib/include/*.h)

install: all
	install -d $D$(BINDIR) $D$(LIBDIR)/pkgconfig $D$(INCDIR)
	install -m 755 $(PROGS) $D$(BINDIR)
	install -m 644 $A $D$(LIBDIR)
	install -m 755 $(SO) $D$(LIBDIR)
	ln -sf $(notdir $(SO)) $D$(LIBDIR)/libmqk.so.$(SOVERSION)
	ln -sf $(notdir $(SO)) $D$(LIBDIR)/libmqk.so
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' \
	    -e 's|@INCDIR@|$(INCDIR)|; s|@VERSION@|$(VERSION)|' \
	    lib/libmqk.pc.in >$D$(LIBDIR)/pkgconfig/libmqk.pc
	install -m 644 $(HDR) $D$(INCDIR)
	for page in $(MAN); do \
	    install -D -m 644 $$page $D$(MANDIR)/man$${page##*.}/$${page#*/} \
	    || exit 1; done
	cd completions && for tool in $(TOOLS); do \
	    install -D -m 644 $$tool.bash $D$(BASHDIR)/$$tool && \
	    install -D -m 644 _$$tool $D$(ZSHDIR)/_$$tool && \
	    install -D -m 644 $$tool.fish $D$(FISHDIR)/$$tool.fish \
	    || exit 1; done

uninstall:
	cd $D$(BINDIR) && rm -f $(TOOLS)
	cd $D$(LIBDIR) && rm -f libmqk.a libmqk.so* pkgconfig/libmqk.pc
	cd $D$(INCDIR) && rm -f $(notdir $(HDR))
	for page in $(MAN); do \
	    rm -f $D$(MANDIR)/man$${page##*.}/$${page#*/}; done
	for tool in $(TOOLS); do rm -f $D$(BASHDIR)/$$tool \
	    $D$(ZSHDIR)/_$$tool $D$(FISHDIR)/$$tool.fish; done

dist:
	@mkdir -p build
	git archive --prefix=mqkit-$(VERSION)/ HEAD | \
	    gzip -9n >build/mqkit-$(VERSION).tar.gz

clean:
	rm -rf build

help:
	@echo 'make [V=release|asan|tsan|cov] [TARGET]'
	@sed -n 's/^#> //p' Makefile

#> all        the tools and the library (default)
#> deps       install what is missing to build and test (Debian: apt-get)
#> demo       build, then publish and subscribe through a private broker
#> check      every test; check-unit -oom -wire -cli -faults -docs -lint
#>            -install -fuzz: a part
#> soak       1,000,000 lines while the broker is killed three times, and
#>            mqpub --store killed 200 times
#> faults     a line that loses, delays and breaks for a minute
#> interop    the tools with other brokers: BROKERS=aedes ejabberd rabbitmq
#> bench      CPU and memory per message beside an ideal client and mosquitto;
#>            time and memory of 10,000 clients in one loop
#> fuzz       libFuzzer, FUZZ_SECONDS=60 for each target
#> coverage   lines covered by the tests, with the gate
#> metrics    sizes of functions and files
#> docs       write man pages' option lists and completions from the tables
#> install    to PREFIX=/usr/local, below DESTDIR; uninstall takes it away
#> dist       build/mqkit-VERSION.tar.gz from the last commit
#> clean      remove build/
