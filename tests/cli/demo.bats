# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# make demo, with fewer lines.

load helper/broker

demo() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL DEMO_LINES=2000 DEMO_SECONDS=1 \
	    make -C "$ROOT" demo
}

@test "the demonstration works and says what happened" {
	run demo
	[ "$status" -eq 0 ]
	[[ $output == *'home/kitchen/temperature 21.5'* ]]
	[[ $output == *'2000 of 2000 lines arrived, in order'* ]]
	[[ $output == *'All of it worked.'* ]]
}

@test "the demonstration fails when a step does" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexit 3\n' >"$BATS_TEST_TMPDIR/bin/seq"
	chmod +x "$BATS_TEST_TMPDIR/bin/seq"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	run demo
	[ "$status" -ne 0 ]
	[[ $output != *'All of it worked.'* ]]
}
