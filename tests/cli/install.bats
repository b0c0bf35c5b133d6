# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# make install below DESTDIR, a program built against what is there, and make
# uninstall.

load helper/broker

setup_file() {
	make -s -C "$ROOT" install V=release PREFIX=/opt/mqkit \
	    DESTDIR="$BATS_FILE_TMPDIR" 3>&-
}

setup() {
	STAGE=$BATS_FILE_TMPDIR
	AT=$STAGE/opt/mqkit
	export PKG_CONFIG_PATH=$AT/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$STAGE
	cd "$BATS_TEST_TMPDIR" || return
	cat >user.c <<-'END'
	#include <mqk.h>
	#include <stdio.h>

	int
	main(void)
	{
		return (puts(mqk_strerror(MQK_ETIMEOUT)) < 0);
	}
	END
}

compile() {
	# shellcheck disable=SC2046 # a list of words
	cc -std=c11 -Wall -Werror user.c -o user "$@"
}

flags() {
	pkg-config --cflags --libs "$@" libmqk
}

@test "programs, pages and completions are in their places" {
	for tool in mqpub mqsub mqbench; do
		[ -x "$AT/bin/$tool" ]
		[ -s "$AT/share/man/man1/$tool.1" ]
		[ -s "$AT/share/bash-completion/completions/$tool" ]
		[ -s "$AT/share/zsh/site-functions/_$tool" ]
		[ -s "$AT/share/fish/vendor_completions.d/$tool.fish" ]
	done
	[ ! -e "$AT/bin/mqgen" ]
}

@test "an installed tool needs no library of ours and none it does not use" {
	run ldd "$AT/bin/mqpub"
	[ "$status" -eq 0 ]
	[[ $output != *libmqk* && $output != *libev* && $output != *cjson* ]]
	"$AT/bin/mqsub" --version
}

@test "a program links the shared library by pkg-config" {
	# shellcheck disable=SC2046 # a list of words
	compile $(flags)
	LD_LIBRARY_PATH=$AT/lib run ./user
	[ "$output" = 'timed out' ]
	LD_LIBRARY_PATH=$AT/lib ldd user | grep -q "$AT/lib/libmqk.so.0 "
}

@test "a program links the static library" {
	# shellcheck disable=SC2046 # a list of words
	compile $(flags --static | sed "s|-lmqk|$AT/lib/libmqk.a|")
	run ./user
	[ "$output" = 'timed out' ]
	! ldd user | grep -q libmqk
}

@test "names inside the static library clash with none of the user's" {
	cat >>user.c <<-'END'

	int session_new(void);
	int buf_append(void);
	int session_new(void) { return (0); }
	int buf_append(void) { return (0); }
	END
	# shellcheck disable=SC2046 # a list of words
	compile $(flags --static | sed "s|-lmqk|$AT/lib/libmqk.a|")
	./user
}

@test "uninstall takes everything away again" {
	make -s -C "$ROOT" uninstall V=release PREFIX=/opt/mqkit \
	    DESTDIR="$STAGE" 3>&-
	run find "$AT" ! -type d
	[ -z "$output" ]
}
