# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# Every option of mqpub that says what is published, and how.

load helper/broker
load helper/subscriber

# Without a limit on its queues, or a slow subscriber makes the broker drop
# messages, with sanitizers for example.
setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker" 'max_queued_messages 0'
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
	[ ! -e "$BATS_TEST_TMPDIR/small" ] || broker_stop
	[ -z "${PUB_PID-}" ] || kill -KILL "$PUB_PID" 2>/dev/null || true
}

@test "-m sends its text" {
	sub_start -t a -C 1
	pub -t a -m 'hello world'
	sub_got 'hello world\n'
}

@test "-m with an empty text sends an empty message" {
	sub_start -t a -C 1 -F '<%p>%l'
	pub -t a -m ''
	sub_got '<>0\n'
}

@test "-n sends an empty message" {
	sub_start -t a -C 1 -F '<%p>%l'
	pub -t a -n
	sub_got '<>0\n'
}

@test "-f sends a file, byte for byte" {
	head -c 100000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 1 -N
	pub -t a -f "$BATS_TEST_TMPDIR/data"
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/data"
}

@test "-f streams a file larger than its memory" {
	head -c 5000003 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	for qos in 0 1 2; do
		sub_start -t a -C 1 -N -q 2
		pub -t a -q "$qos" -f "$BATS_TEST_TMPDIR/data"
		sub_wait
		cmp "$OUT" "$BATS_TEST_TMPDIR/data"
	done
}

@test "-f takes pipes, FIFOs and /dev/stdin" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	echo -n fifo >"$BATS_TEST_TMPDIR/fifo" 3>&- &
	sub_start -t a -C 3 -v
	pub -t a -f "$BATS_TEST_TMPDIR/fifo"
	pub -t a -f <(echo -n substitution)
	echo -n stdin | pub -t a -f /dev/stdin
	sub_got 'a fifo\na substitution\na stdin\n'
}

@test "-f spools a pipe of many megabytes" {
	head -c 3000001 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 1 -N -q 1
	cat "$BATS_TEST_TMPDIR/data" | pub -t a -q 1 -f /dev/stdin
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/data"
}

@test "-f with an empty file sends an empty message" {
	sub_start -t a -C 1 -F '%l'
	pub -t a -f /dev/null
	sub_got '0\n'
}

@test "-s sends all of standard input as one message" {
	sub_start -t a -C 1 -N
	printf 'one\ntwo\0three\n\n' | pub -t a -s
	sub_got 'one\ntwo\0three\n\n'
}

@test "-q 2 asks for a session of an hour, and gives it up" {
	run mqpub -p "$PORT" -t a -q 2 -m x -d
	[ "$status" -eq 0 ]
	[[ $output =~ ' CONNECT '[^$'\n']*'session-expiry-interval=3600' ]]
	[[ $output =~ ' DISCONNECT '[^$'\n']*'session-expiry-interval=0' ]]
	run mqpub -p "$PORT" -t a -q 2 -m x -d -x 60
	[[ $output =~ ' CONNECT '[^$'\n']*'session-expiry-interval=60' ]]
	[[ ! $output =~ DISCONNECT[^$'\n']*session-expiry ]]
}

# A pipe holds less than what is written here, so it is being read.
@test "a signal ends the reading of -s and -f" {
	local from pipe=$BATS_TEST_TMPDIR/pipe status

	mkfifo "$pipe"
	exec 5<>"$pipe"
	for from in -s "-f$pipe"; do
		mqpub -p "$PORT" -t a "$from" <"$pipe" 3>&- 5>&- &
		PUB_PID=$!
		head -c 200000 /dev/zero >&5
		kill -INT "$PUB_PID"
		status=0
		wait_end 10 "$PUB_PID" || status=$?
		[ "$status" -eq 79 ]
		PUB_PID=
	done
}

@test "-s takes the rest of a file that has been read from" {
	seq 1000000 >"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 1 -N
	{ read -r _; pub -t a -s; } <"$BATS_TEST_TMPDIR/data"
	sub_wait
	seq 2 1000000 | cmp - "$OUT"
}

@test "-l sends one message per line" {
	sub_start -t a -C 3 -v
	printf 'one\ntwo\nthree\n' | pub -t a -l
	sub_got 'a one\na two\na three\n'
}

@test "-l keeps NUL, CR, empty lines and a last line without newline" {
	sub_start -t a -C 5 -F '<%p>'
	printf 'a\0b\r\n\n\0\n \nlast' | pub -t a -l
	sub_got '<a\0b\r>\n<>\n<\0>\n< >\n<last>\n'
}

@test "-l keeps a line of a megabyte" {
	head -c 1048576 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/data"
	echo >>"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 1
	pub -t a -l <"$BATS_TEST_TMPDIR/data"
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/data"
}

@test "-l publishes a line as soon as it has been written" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	sub_start -t a
	mqpub -p "$PORT" -t a -l <"$BATS_TEST_TMPDIR/fifo" 3>&- &
	exec 4>"$BATS_TEST_TMPDIR/fifo"
	for n in 1 2 3; do
		echo "line $n" >&4
		wait_for 5 has_lines "$n" "$OUT"
	done
	exec 4>&-
	wait_end 5 $!
}

@test "-l with no input connects, disconnects and is content" {
	pub -t a -l </dev/null
}

@test "-l delivers 20,000 lines in order at each QoS" {
	seq 20000 >"$BATS_TEST_TMPDIR/lines"
	for qos in 1 2; do
		sub_start -t a -q 2 -C 20000
		pub -t a -q "$qos" -l <"$BATS_TEST_TMPDIR/lines"
		sub_wait
		cmp "$OUT" "$BATS_TEST_TMPDIR/lines"
	done
}

@test "-q sets the quality of service" {
	sub_start -t a -C 3 -q 2 -F '%q %p'
	for qos in 0 1 2; do
		pub -t a -q "$qos" -m x
	done
	sub_got '0 x\n1 x\n2 x\n'
}

@test "-r retains, and an empty retained message clears" {
	pub -t keep -r -m stay
	sub_start -t keep -C 1 -F '%r %p'
	sub_got '1 stay\n'
	pub -t keep -r -n
	run mqsub -p "$PORT" -t keep -C 1 -W 200ms
	[ "$status" -eq 27 ]
}

@test "--repeat sends the message several times" {
	for qos in 0 1 2; do
		sub_start -t a -C 3 -q 2
		pub -t a -q "$qos" --repeat 3 -m again
		sub_got 'again\nagain\nagain\n'
	done
}

@test "--repeat with -f sends the file several times" {
	head -c 2000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 2 -N -q 1
	pub -t a -q 1 --repeat 2 -f "$BATS_TEST_TMPDIR/data"
	sub_wait
	cat "$BATS_TEST_TMPDIR/data" "$BATS_TEST_TMPDIR/data" | cmp - "$OUT"
}

@test "--repeat-delay waits in between" {
	local start end

	start=$(date +%s%N)
	pub -t a -q 1 --repeat 4 --repeat-delay 0.1 -m x
	end=$(date +%s%N)
	[ $((end - start)) -ge 300000000 ]
}

@test "-D publish sets properties" {
	sub_start -t a -C 1 -F '%C|%R|%D|%P|%F|%E'
	pub -t a -m x -D publish content-type text/plain \
	    -D publish response-topic re/ply \
	    -D publish correlation-data 42 \
	    -D publish user-property key value \
	    -D publish user-property key 'other value' \
	    -D publish payload-format-indicator 1 \
	    -D publish message-expiry-interval 60
	sub_got 'text/plain|re/ply|42|key:value key:other value|1|60\n'
}

@test "-L takes host, port and topic from a URL" {
	sub_start -t a/b -C 1 -v
	mqpub -L "mqtt://127.0.0.1:$PORT/a/b" -m x
	sub_got 'a/b x\n'
}

@test "all protocol versions publish" {
	sub_start -t a -C 3 -v
	for version in 5 311 31; do
		pub -V "$version" -t a -q 1 -m "$version"
	done
	sub_got 'a 5\na 311\na 31\n'
}

@test "a topic alias above the broker's limit is left out with a word" {
	sub_start -t a -C 2
	run pub -t a -m one -D publish topic-alias 11
	[ "$status" -eq 0 ]
	[ "$output" = \
	    'mqpub: topic-alias left out: the broker takes 10 at most' ]
	run pub -t a -m two -D publish topic-alias 10
	[ -z "$output" ]
	sub_got 'one\ntwo\n'
}

@test "-f with an empty name names the option" {
	run mqpub -t a -f ''
	[ "$status" -eq 64 ]
	[[ $output == 'mqpub: --file: the name is empty'* ]]
}

@test "no will is published when mqpub ends" {
	sub_start -t a -t will -C 2 -v
	pub -t a -m first --will-topic will --will-payload gone
	pub -t a -m second
	sub_got 'a first\na second\n'
}

@test "no will is published when DISCONNECT would be too large" {
	local long

	broker_start "$BATS_TEST_TMPDIR/small" 'max_packet_size 100'
	sub_start -t a -t will -C 2 -v
	printf -v long %0100d 0
	run pub -t a -m first --will-topic will --will-payload gone \
	    -D disconnect reason-string "$long"
	pub -t a -m second
	sub_got 'a first\na second\n'
	[ "$status" -eq 0 ]
	[[ $output == *'--property disconnect: left out: '*'100 bytes'* ]]
}

@test "a large message needs little memory" {
	[ "${V-}" != asan ] || skip 'sanitizers need a lot of address space'
	head -c 60000000 /dev/zero >"$BATS_TEST_TMPDIR/data"
	(
		ulimit -v 60000
		pub -t unheard -f "$BATS_TEST_TMPDIR/data"
	)
}

@test "a closed stdin is an error, a closed stderr no way into the connection" {
	run timeout 10 bash -c "mqpub -p $PORT -t a -l <&-"
	[ "$status" -eq 66 ]
	[[ $output == *'standard input'* ]]
	sub_start -t a -C 1
	bash -c "mqpub -p $PORT -t a -m unharmed -q 1 -d 2>&-"
	sub_got 'unharmed\n'
}
