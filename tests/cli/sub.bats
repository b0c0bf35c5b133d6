# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Every option of mqsub that says what is received, and when it ends.

load helper/broker
load helper/relay
load helper/subscriber

setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker" 'max_queued_messages 0'
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
	[ ! -e "$BATS_TEST_TMPDIR/small" ] || broker_stop
	[ ! -e "$BATS_FILE_TMPDIR/relays" ] || relay_stop
}

@test "-t may be given several times, with wildcards" {
	sub_start -t a/+ -t b/# -t c -C 4 -v
	pub -t a/1 -m 1
	pub -t a/1/2 -m no
	pub -t b/1/2 -m 2
	pub -t c -m 3
	pub -t b -m 4
	sub_got 'a/1 1\nb/1/2 2\nc 3\nb 4\n'
}

@test "-T leaves topics out, and they don't count" {
	sub_start -t 'a/#' -T a/x/+ -T a/y -C 2 -v -q 1
	pub -t a/x/1 -q 1 -m no
	pub -t a/y -q 1 -m no
	pub -t a/x -q 1 -m yes
	pub -t a/z -q 1 -m yes
	sub_got 'a/x yes\na/z yes\n'
}

@test "-v prints the topic, and (null) for an empty payload" {
	sub_start -t a/b -C 2 -v
	pub -t a/b -m text
	pub -t a/b -n
	sub_got 'a/b text\na/b (null)\n'
}

@test "an empty payload prints nothing" {
	sub_start -t a -C 2
	pub -t a -n
	pub -t a -m x
	sub_got 'x\n'
}

@test "-N prints no newlines" {
	sub_start -t a -C 2 -N
	pub -t a -m one
	pub -t a -m two
	sub_got 'onetwo'
}

@test "-q is the quality asked for" {
	for qos in 0 1 2; do
		sub_start -t a -q "$qos" -C 1 -F '%q'
		pub -t a -q 2 -m x
		sub_got "$qos\n"
	done
}

@test "-C prints exactly that many" {
	sub_start -t a -q 1 -C 5
	seq 1000 | pub -t a -q 1 -l
	sub_got '1\n2\n3\n4\n5\n'
}

@test "-C leaves the rest to the next time, in a kept session" {
	for qos in 1 2; do
		mqsub -p "$PORT" -i "keep$qos" -c -t "keep$qos" -q "$qos" -E
		seq 10 | pub -t "keep$qos" -q "$qos" -l
		run mqsub -p "$PORT" -i "keep$qos" -c -t "keep$qos" \
		    -q "$qos" -C 4
		[ "$output" = "$(seq 4)" ]
		run mqsub -p "$PORT" -i "keep$qos" -c -t "keep$qos" \
		    -q "$qos" -C 6
		[ "$output" = "$(seq 5 10)" ]
	done
}

@test "-W ends with status 27 and keeps what has come" {
	sub_start -t a -W 0.5
	pub -t a -m x
	status=0
	sub_wait || status=$?
	[ "$status" -eq 27 ]
	[ "$(cat "$OUT")" = x ]
}

@test "-W ends an attempt to connect, too" {
	run mqsub -h 192.0.2.1 -t a -W 0.2
	[ "$status" -ne 0 ]
}

@test "-E ends once subscribed, and the session collects" {
	mqsub -p "$PORT" -i collect -c -t col/lect -q 1 -E
	pub -t col/lect -q 1 -m waited
	run mqsub -p "$PORT" -i collect -c -t col/lect -q 1 -C 1
	[ "$output" = waited ]
}

@test "-U ends a subscription of a kept session, without -t" {
	mqsub -p "$PORT" -i leaver -c -t gone -t kept -q 1 -E
	mqsub -p "$PORT" -i leaver -c -U gone -E
	pub -t gone -q 1 -m no
	pub -t kept -q 1 -m yes
	run mqsub -p "$PORT" -i leaver -c -t kept -q 1 -C 1 -v
	[ "$output" = 'kept yes' ]
}

@test "-R skips retained messages" {
	pub -t ret -r -m old
	for version in 5 311; do
		sub_start -V "$version" -t ret -R -C 1
		pub -t ret -m new
		sub_got 'new\n'
	done
	pub -t ret -r -n
}

@test "--retained-only prints those and ends with the first other" {
	pub -t only/1 -r -m one
	pub -t only/2 -r -m two
	sub_start -t only/+ --retained-only -v
	wait_for 5 has_lines 2 "$OUT"
	pub -t only/1 -m live
	sub_wait
	[ "$(sort "$OUT")" = $'only/1 one\nonly/2 two' ]
	pub -t only/1 -r -n
	pub -t only/2 -r -n
}

@test "--retain-handling never asks for none" {
	pub -t handled -r -m old
	sub_start -t handled --retain-handling never -C 1
	pub -t handled -m new
	sub_got 'new\n'
	pub -t handled -r -n
}

@test "--retain-as-published shows the flag" {
	sub_start -t flag --retain-as-published -C 1 -F '%r'
	pub -t flag -r -m x
	sub_got '1\n'
	pub -t flag -r -n
}

@test "-D subscribe sets a subscription identifier" {
	sub_start -t a -C 1 -D subscribe subscription-identifier 77 -F '%S'
	pub -t a -m x
	sub_got '77\n'
}

@test "-d tells packets on stderr, not on stdout" {
	sub_start -t a -C 1 -d
	pub -t a -m x
	sub_got 'x\n'
	grep -q CONNACK "$ERR"
	grep -q PUBLISH "$ERR"
}

@test "all protocol versions subscribe" {
	for version in 5 311 31; do
		sub_start -V "$version" -t a -q 2 -C 1
		pub -t a -q 2 -m "$version"
		sub_got "$version\n"
	done
}

@test "stdout that is closed ends it at once, though nothing comes" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	mqsub -p "$PORT" -i closed -t a >"$BATS_TEST_TMPDIR/pipe" 3>&- &
	pid=$!
	exec 4<"$BATS_TEST_TMPDIR/pipe"
	wait_subscribed closed
	exec 4<&-
	wait_end 2 "$pid"
}

@test "mqsub | head -1 ends and leaves the unread unacknowledged" {
	mqsub -p "$PORT" -i head -c -t head -q 1 -E
	seq 100000 | pub -t head -q 1 -l
	run bash -c "mqsub -p $PORT -i head -c -t head -q 1 | head -1"
	[ "$output" = 1 ]
	run mqsub -p "$PORT" -i head -c -t head -q 1 -C 1
	[ "$status" -eq 0 ]
	[ "$output" -gt 1 ]
}

@test "no standard output at all is an error" {
	run bash -c "mqsub -p $PORT -t a >&-"
	[ "$status" -eq 74 ]
}

@test "a full disk is an error" {
	sub_start -t a -C 1
	mqsub -p "$PORT" -i full -t a >/dev/full 2>"$BATS_TEST_TMPDIR/err" \
	    3>&- &
	pid=$!
	wait_subscribed full
	pub -t a -m x
	status=0
	wait_end 5 "$pid" || status=$?
	[ "$status" -eq 74 ]
	grep -q 'standard output: ' "$BATS_TEST_TMPDIR/err"
}

@test "QoS 2 messages are completed before it leaves" {
	sub_start -t a -q 2 -C 3 -d
	seq 3 | pub -t a -q 2 -l
	sub_got '1\n2\n3\n'
	[ "$(grep -c PUBCOMP "$ERR")" -eq 3 ]
	[[ $(tail -n 1 "$ERR") != *PUBCOMP* ]]
}

# start_with_will NAME VERSION: a second mqsub, in PID.
start_with_will() {
	mqsub -p "$PORT" -i "$1" -V "$2" -t a -q 1 --will-topic "will/$1" \
	    --will-payload gone >"$BATS_TEST_TMPDIR/$1" 3>&- &
	PID=$!
	wait_subscribed "$1"
}

@test "Ctrl-C writes what has come and ends well, without a will" {
	local version

	sub_start -t 'will/#' -C 3
	for version in 5 311 31; do
		start_with_will "int$version" "$version"
		pub -t a -q 1 -m x
		wait_for 5 has_lines 1 "$BATS_TEST_TMPDIR/int$version"
		kill -INT "$PID"
		wait_end 5 "$PID"
		[ "$(cat "$BATS_TEST_TMPDIR/int$version")" = x ]
		pub -t will/none -m "not by $version"
	done
	sub_got 'not by 5\nnot by 311\nnot by 31\n'
}

@test "kill -9 leaves the will to the broker" {
	local version

	sub_start -t 'will/#' -C 3 -v
	for version in 5 311 31; do
		start_with_will "kill$version" "$version"
		kill -KILL "$PID"
		wait "$PID" || true
		wait_for 5 grep -q "kill$version" "$OUT"
	done
	sub_got 'will/kill5 gone\nwill/kill311 gone\nwill/kill31 gone\n'
}

# has_pinged N: that often.
has_pinged() {
	[ "$(grep -c PINGREQ "$ERR")" -ge "$1" ]
}

@test "a reader that pauses for long does not cost the connection" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	ERR=$BATS_TEST_TMPDIR/err
	mqsub -p "$PORT" -i pause -k 2 -t pause -C 200000 -d \
	    >"$BATS_TEST_TMPDIR/pipe" 2>"$ERR" 3>&- &
	pid=$!
	exec 4<"$BATS_TEST_TMPDIR/pipe"
	wait_subscribed pause
	seq 200000 | pub -t pause -l
	wait_for 20 has_pinged 3
	seq 200000 | cmp - <(cat <&4)
	exec 4<&-
	wait_end 5 "$pid"
	[ "$(grep -c CONNACK "$ERR")" -eq 1 ]
}

# The reader takes a first line, sleeps on it, and reads the rest later.
@test "a slow reader slows the broker, not the memory" {
	[ "${V-}" != asan ] || skip 'sanitizers need a lot of address space'
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	(
		ulimit -v 60000
		exec mqsub -p "$PORT" -i slow -t slow -q 1 -C 200000
	) >"$BATS_TEST_TMPDIR/pipe" 3>&- &
	pid=$!
	exec 4<"$BATS_TEST_TMPDIR/pipe"
	wait_subscribed slow
	seq 200000 | pub -t slow -q 1 -l
	seq 200000 | cmp - <(cat <&4)
	exec 4<&-
	wait_end 5 "$pid"
}

@test "a subscription larger than the broker takes names the limit" {
	local long

	broker_start "$BATS_TEST_TMPDIR/small" 'max_packet_size 100'
	printf -v long %0100d 0
	run mqsub -p "$PORT" -V 5 -t "$long"
	[ "$status" -eq 77 ]
	[[ $output == *'larger than the broker takes: 100 bytes'* ]]
}

@test "a broker that answers with nonsense is given up" {
	relay_start SPOILT spoil
	for option in -d -E; do
		run timeout 20 mqsub -p "$SPOILT" -t a "$option" \
		    --reconnect-delay 10ms
		[ "$status" -eq 76 ]
		[ "$(grep -c 'connection lost' <<<"$output")" -eq 3 ]
	done
}
