# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# --store: what was accepted survives the program.  STORE_ROUNDS is how often
# it is killed.

load helper/broker
load helper/subscriber

bats_require_minimum_version 1.5.0

setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker" 'max_queued_messages 0'
}

teardown_file() {
	broker_stop
}

setup() {
	FILE=$BATS_TEST_TMPDIR/s
}

teardown() {
	sub_stop
	[ -z "${PUB_PID-}" ] || pub_kill
}

pub_kill() {
	kill -9 "$PUB_PID" 2>/dev/null || true
	wait "$PUB_PID" 2>/dev/null || true
}

# publish OPTION...: lines into the store, and from there to the broker.
publish() {
	mqpub -p "$PORT" -l --store "$FILE" --reconnect-delay 20ms "$@"
}

# The same in the background, where it is PUB_PID.
publish_start() {
	(exec mqpub -p "$PORT" -l --store "$FILE" --reconnect-delay 20ms "$@") \
	    <&0 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	PUB_PID=$!
}

@test "store: what is kept without a broker is sent by the next run" {
	sub_start -t away -q 2 -C 500
	seq 500 >"$BATS_TEST_TMPDIR/lines"
	publish_start -p 1 -t away -q 2 <"$BATS_TEST_TMPDIR/lines"
	wait_for 10 grep -q refused "$BATS_TEST_TMPDIR/err"
	kill "$PUB_PID"
	wait_end 10 "$PUB_PID" || [ $? -eq 69 ]
	grep -q "500 messages are kept in $FILE" "$BATS_TEST_TMPDIR/err"
	publish -t other -q 1 </dev/null
	sub_got "$(seq 500)\n"
	run --separate-stderr publish -t other -q 1 </dev/null
	[ "$status" -eq 0 ] && [ -z "$stderr" ]
}

@test "store: single messages and files" {
	printf 'a file' >"$BATS_TEST_TMPDIR/file"
	sub_start -t one -q 2 -C 3 -F '%p'
	pub -t one -q 1 --store "$FILE" -m text
	pub -t one -q 2 --store "$FILE" -f "$BATS_TEST_TMPDIR/file"
	pub -t one -q 2 --store "$FILE" -n
	sub_got 'text\na file\n\n'
}

@test "store: one process at a time" {
	mkfifo "$BATS_TEST_TMPDIR/lines"
	exec 5<>"$BATS_TEST_TMPDIR/lines"
	publish_start -t x -q 1 <&5
	wait_for 10 test -s "$FILE-wal"
	run --separate-stderr publish -t x -q 1 </dev/null
	[ "$status" -eq 73 ]
	[ "$stderr" = "mqpub: --store: $FILE: in use by another process" ]
}

@test "store: what is not a store stays as it is" {
	echo 'my letters' >"$FILE"
	run --separate-stderr publish -t x -q 1 </dev/null
	[ "$status" -eq 73 ]
	[[ $stderr == *"not a store of messages"* ]]
	[ "$(cat "$FILE")" = 'my letters' ]
}

@test "store: options that do not go with it" {
	run publish -t x -q 0 </dev/null
	[ "$status" -eq 64 ]
	run publish -t x -q 1 -I me- </dev/null
	[ "$status" -eq 64 ]
	pub -t x -q 1 -m x -i me --store "$FILE"
	run --separate-stderr pub -t x -q 1 -m x -i other --store "$FILE"
	[ "$status" -eq 73 ]
	[[ $stderr == *"the store belongs to the client id 'me'" ]]
}

@test "store: mqsub finds its session again without an id" {
	run mqsub -p "$PORT" -t found -q 2 --store "$FILE" -E
	[ "$status" -eq 0 ]
	for n in 1 2 3; do
		pub -t found -q 2 -m "$n"
	done
	run mqsub -p "$PORT" -t found -q 2 --store "$FILE" -C 3 -W 20
	[ "$status" -eq 0 ]
	[ "$output" = $'1\n2\n3' ]
}

# The lines of that round that came: in order, none twice, none left out.
check_round() {
	awk -v round="$1" '
	    $1 == round && $2 != ++n { print; bad = 1 }
	    END { exit bad }' "$OUT"
}

# Some are killed before they have read anything, some when all is done.
kill_at_random() {
	seq -f "$1 %.0f $FILLER" 6000 >"$BATS_TEST_TMPDIR/lines"
	publish_start -t killed -q 2 <"$BATS_TEST_TMPDIR/lines"
	sleep "0.$(printf %03d $((RANDOM % 120)))"
	pub_kill
}

@test "store: killed at random, nothing is lost and nothing doubled" {
	local round rounds=${STORE_ROUNDS:-8}

	# Long enough that the lines are accepted in several blocks.
	FILLER=$(printf '%0100d' 0)
	sub_start -t killed -q 2 -c
	for ((round = 1; round <= rounds; round++)); do
		kill_at_random "$round"
	done
	publish -t killed -q 2 </dev/null
	pub -t killed -q 2 -m end
	wait_for 30 grep -q '^end' "$OUT"
	for ((round = 1; round <= rounds; round++)); do
		check_round "$round"
	done
	has_lines 1000 "$OUT"
}
