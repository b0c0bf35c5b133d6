# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What carries the bytes, if not plain TCP.

load helper/broker

setup_file() {
	export SOCKET=$BATS_FILE_TMPDIR/s
	broker_start "$BATS_FILE_TMPDIR/broker" "listener 0 $SOCKET"
}

teardown_file() {
	broker_stop
}

# carries OPTION...: a retained message goes to the broker and comes back.
carries() {
	local text=$BATS_TEST_NUMBER-$RANDOM

	mqpub "$@" -t "carries/$text" -q 1 -r -m "$text" || return
	[ "$(mqsub "$@" -t "carries/$text" -C 1 -W 10)" = "$text" ]
}

@test "--unix: a socket in the file system" {
	carries --unix "$SOCKET"
	carries -L "unix://$SOCKET"
}

@test "--unix: mqbench too" {
	run mqbench pub --unix "$SOCKET" -n 100 -c 2 -t bench/x
	[ "$status" -eq 0 ]
}

@test "--unix: what is not there is named" {
	run mqpub --unix "$BATS_TEST_TMPDIR/none" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"connect to $BATS_TEST_TMPDIR/none: No such file"* ]]
	run mqpub --unix "/$(printf '%0200d' 1)" -t a -m x
	[ "$status" -ne 0 ]
	[[ $output == *"longer than the 107 bytes"* ]]
}
