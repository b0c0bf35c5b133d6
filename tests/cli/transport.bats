# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What carries the bytes, if not plain TCP.

load helper/broker
load helper/relay

setup_file() {
	export SOCKET=$BATS_FILE_TMPDIR/s
	broker_start "$BATS_FILE_TMPDIR/broker" "listener 0 $SOCKET" \
	    "max_queued_messages 0"
	relay_start WS ws
	relay_start GUARDED ws secret
}

teardown_file() {
	relay_stop
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

@test "--ws: MQTT over WebSocket" {
	carries --ws -p "$WS"
	carries -L "ws://127.0.0.1:$WS"
}

@test "--ws: mqbench too" {
	run mqbench pubsub --ws -p "$WS" -n 500 -c 2 -s 300 -q 1
	[ "$status" -eq 0 ]
}

@test "--ws: large messages and many of them, both ways" {
	local in=$BATS_TEST_TMPDIR/in out=$BATS_TEST_TMPDIR/out

	head -c 700000 /dev/urandom >"$in"
	mqpub --ws -p "$WS" -t big -r -q 2 -f "$in"
	mqsub --ws -p "$WS" -t big -C 1 -N -W 20 >"$out"
	cmp "$in" "$out"
	seq 20000 >"$in"
	mqsub --ws -p "$WS" -i lines -t lines -q 1 -C 20000 -W 30 >"$out" &
	wait_subscribed lines
	mqpub --ws -p "$WS" -t lines -q 1 -l <"$in"
	wait $!
	cmp "$in" "$out"
}

@test "--ws-header: a token opens the door" {
	carries --ws -p "$GUARDED" --ws-header 'Authorization: Bearer secret' \
	    --ws-header 'X-Other: 1'
	run mqpub --ws -p "$GUARDED" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"WebSocket handshake with 127.0.0.1:$GUARDED: \
HTTP/1.1 401 Unauthorized: show me your token,"* ]]
	[[ $output == *--ws-header* ]]
}

@test "--ws-path: a wrong one is refused with what the server says" {
	run mqpub --ws -p "$WS" --ws-path /else -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"HTTP/1.1 404 Not Found: no such path"* ]]
}

@test "--ws: an MQTT port is told from a web server" {
	run mqpub --ws -p "$PORT" -t a -m x
	[ "$status" -ne 0 ]
	[[ $output == *"127.0.0.1:$PORT"* ]]
}
