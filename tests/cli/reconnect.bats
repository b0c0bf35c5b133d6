# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The broker goes away and comes back in the middle of things.  SOAK_LINES is
# the number of lines for the long tests.

load helper/broker
load helper/subscriber

setup() {
	LINES_IN_ALL=${SOAK_LINES:-40000}
	broker_start "$BATS_TEST_TMPDIR/broker" 'persistence true' \
	    'max_queued_messages 0' 'autosave_interval 0'
	mkfifo "$BATS_TEST_TMPDIR/lines"
}

teardown() {
	sub_stop
	[ -z "${PUB_PID-}" ] || kill "$PUB_PID" 2>/dev/null || true
	broker_stop
}

restart() {
	broker_stop
	broker_restart
}

# has_reached N FILE: the last line is that number or a larger one.
has_reached() {
	local last

	last=$(tail -n 1 "$2")
	[ "${last:-0}" -ge "$1" ]
}

# Print to $OUT, behind what is there.
collect() {
	mqsub -p "$PORT" -i collector -c -t r -q 2 --reconnect-delay 50ms \
	    >>"$OUT" 3>&- &
	SUB_PID=$!
}

restart_unseen() {
	sub_stop
	restart
	collect
}

# feed_and RESTART: lines in four parts; in the middle of the first three the
# broker restarts.
feed_and() {
	local part=$((LINES_IN_ALL / 4)) n writer

	exec 5>"$BATS_TEST_TMPDIR/lines"
	for n in 0 1 2; do
		seq $((n * part + 1)) $(((n + 1) * part)) >&5 3>&- &
		writer=$!
		wait_for 60 has_reached $((n * part + part / 8)) "$OUT"
		"$1" 5>&-
		wait "$writer"
	done
	seq $((3 * part + 1)) "$LINES_IN_ALL" >&5
	exec 5>&-
}

# survive QOS RESTART: mqpub -l lives through it.
survive() {
	mqsub -p "$PORT" -i collector -c -t r -q 2 -E
	OUT=$BATS_TEST_TMPDIR/out
	collect
	mqpub -p "$PORT" -i writer -c -t r -q "$1" -l \
	    --reconnect-delay 50ms <"$BATS_TEST_TMPDIR/lines" 3>&- &
	PUB_PID=$!
	feed_and "$2"
	wait_end 60 "$PUB_PID"
	wait_for 60 grep -qx "$LINES_IN_ALL" "$OUT"
}

@test "QoS 1: every line arrives, past a subscriber that lives through it" {
	survive 1 restart
	sort -nu "$OUT" | cmp - <(seq "$LINES_IN_ALL")
}

# The subscriber leaves before each restart: with a backlog, Mosquitto has more
# in flight than it may, and a restart makes new messages of what is beyond
# that, completed or not (its issue 2301).
@test "QoS 2: every line arrives exactly once, in order" {
	survive 2 restart_unseen
	cmp "$OUT" <(seq "$LINES_IN_ALL")
}

@test "mqsub subscribes again after a restart" {
	sub_start -t a -C 2 --reconnect-delay 50ms
	pub -t a -m before
	wait_for 5 has_lines 1 "$OUT"
	restart
	wait_subscribed "$SUB_ID"
	pub -t a -m after
	sub_got 'before\nafter\n'
	grep -q 'connection lost' "$ERR"
	grep -q 'again' "$ERR"
}

@test "mqpub -l keeps what is written while there is no broker" {
	mqsub -p "$PORT" -i later -c -t a -q 1 -E
	sub_start -t a -q 1 --reconnect-delay 50ms
	mqpub -p "$PORT" -t a -q 1 -l --reconnect-delay 50ms \
	    <"$BATS_TEST_TMPDIR/lines" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	PUB_PID=$!
	exec 5>"$BATS_TEST_TMPDIR/lines"
	echo before >&5
	wait_for 5 has_lines 1 "$OUT"
	broker_stop
	wait_for 5 grep -q 'connection lost' "$BATS_TEST_TMPDIR/err"
	echo meanwhile >&5
	broker_restart 5>&-
	echo after >&5
	exec 5>&-
	wait_end 10 "$PUB_PID"
	run mqsub -p "$PORT" -i later -c -t a -q 1 -C 3
	[ "$output" = $'before\nmeanwhile\nafter' ]
}

@test "--no-reconnect ends with the connection" {
	sub_start -t a --no-reconnect
	broker_stop
	status=0
	sub_wait || status=$?
	[ "$status" -eq 7 ]
}

@test "the first connection is not tried twice" {
	broker_stop
	run mqsub -p "$PORT" -t a
	[ "$status" -eq 69 ]
}

# lose_broker OPTION...: in the middle of what mqpub sends; sets status.
lose_broker() {
	sub_start -t a -q 1
	mqpub -p "$PORT" -t a -q 1 --reconnect-delay 20ms "$@" \
	    <&0 2>"$BATS_TEST_TMPDIR/err" 3>&- 4>&- &
	PUB_PID=$!
	wait_for 5 has_lines 1 "$OUT"
	broker_stop
	status=0
	wait_end 20 "$PUB_PID" || status=$?
}

@test "mqpub tries for --reconnect-time, then tells what is missing" {
	lose_broker -m x --repeat 100000 --repeat-delay 20ms \
	    --reconnect-time 300ms
	[ "$status" -eq 7 ]
	grep -q 'not everything has been sent' "$BATS_TEST_TMPDIR/err"
}

@test "--reconnect-time bounds -l too" {
	exec 4<>"$BATS_TEST_TMPDIR/lines"
	echo x >&4
	lose_broker -l --reconnect-time 300ms <&4
	exec 4>&-
	[ "$status" -eq 7 ]
}

@test "mqpub --no-reconnect tells what is missing" {
	lose_broker -m x --repeat 100000 --repeat-delay 20ms --no-reconnect
	[ "$status" -eq 7 ]
	grep -q 'not everything has been sent' "$BATS_TEST_TMPDIR/err"
}

@test "--reconnect-tries bounds the attempts" {
	lose_broker -m x --repeat 100000 --repeat-delay 20ms \
	    --reconnect-tries 2
	[ "$status" -eq 7 ]
	[ "$(grep -c refused "$BATS_TEST_TMPDIR/err")" -eq 1 ]
}

@test "Ctrl-C does not wait for a connection that there is not" {
	local began

	sub_start -t r --reconnect-delay 30s
	broker_stop
	wait_for 5 grep -q 'connection lost' "$ERR"
	kill -INT "$SUB_PID"
	began=${EPOCHREALTIME/./}
	sub_wait
	((${EPOCHREALTIME/./} - began < 800000))
}
