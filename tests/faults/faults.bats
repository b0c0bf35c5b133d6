# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# The tools over a bad line, see tests/relay/link.c; run.sh gives them a network
# of their own.  FAULTS_CUT_S says how long the line stays cut.

load ../cli/helper/broker
load ../cli/helper/subscriber

BROKER=10.9.0.2
NOBODY=10.9.0.3

setup_file() {
	[ -z "${FAULTS_SKIP-}" ] || return 0
	export LINE=$BATS_FILE_TMPDIR/line
	mkfifo "$LINE"
	"$ROOT/build/${V:-release}/tests/relay/link" "$LINE" 3>&- &
	echo $! >"$LINE.pid"
	line 0 0
	broker_start "$BATS_FILE_TMPDIR/broker" 'max_queued_messages 0' \
	    'max_inflight_messages 0' 'listener PORT+1 10.9.0.1'
}

teardown_file() {
	[ -z "${FAULTS_SKIP-}" ] || return 0
	broker_stop
	kill "$(cat "$LINE.pid")"
}

setup() {
	[ -z "${FAULTS_SKIP-}" ] || skip "$FAULTS_SKIP"
	WIRE=$((PORT + 1))
	STARTED=$(now_ms)
}

teardown() {
	[ -z "${FAULTS_SKIP-}" ] || return 0
	line 0 0
	sub_stop
	[ -z "${PUB_PID-}" ] || kill -KILL "$PUB_PID" 2>/dev/null || true
}

# line DELAY_MS LOSS_PERCENT
line() {
	timeout 10 bash -c 'echo "$1" "$2" >"$LINE"' line "$@"
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# took_ms FROM TO: since the test has begun.  A busy machine adds to all times,
# so TO is only less than what another reason would take.
took_ms() {
	local ms=$(($(now_ms) - STARTED))

	echo "took $ms ms, not $1 to $2"
	((ms >= $1 && ms <= $2))
}

# What TCP has sent again in this network so far.
resent() {
	awk '/^Tcp:/ { n = $13 } END { print n }' /proc/net/snmp
}

# over_the_line QOS DELAY_MS LOSS_PERCENT: 10,000 lines there and back again.
over_the_line() {
	PORT=$WIRE sub_start -h "$BROKER" -t lines -q "$1" -C 10000
	line "$2" "$3"
	seq 10000 | mqpub -h "$BROKER" -p "$WIRE" -t lines -q "$1" -l
	wait_end 120 "$SUB_PID"
	cmp "$OUT" <(seq 10000)
}

@test "200 ms of delay: 10,000 lines at QoS 1 arrive in order" {
	over_the_line 1 200 0
}

@test "200 ms of delay: 10,000 lines at QoS 2 arrive in order" {
	over_the_line 2 200 0
}

# lossy_line QOS
lossy_line() {
	local before

	before=$(resent)
	over_the_line "$1" 5 20
	[ $(($(resent) - before)) -ge 20 ]
}

@test "20 % of packets lost: 10,000 lines at QoS 1 arrive in order" {
	lossy_line 1
}

@test "20 % of packets lost: 10,000 lines at QoS 2 arrive in order" {
	lossy_line 2
}

# cut_in_mid_stream QOS: half of the lines, then the line is cut, then the rest,
# and only then it is whole again.
cut_in_mid_stream() {
	local pipe=$BATS_TEST_TMPDIR/pipe said=$BATS_TEST_TMPDIR/said
	local quick=(-k 2 --connect-timeout 3s --reconnect-delay 100ms
	    --reconnect-max-delay 1s)

	mkfifo "$pipe"
	PORT=$WIRE sub_start -h "$BROKER" -c -t cut -q "$1" "${quick[@]}"
	mqpub -h "$BROKER" -p "$WIRE" -i "cutter-$1" -c -t cut -q "$1" -l \
	    "${quick[@]}" <"$pipe" 2>"$said" 3>&- &
	PUB_PID=$!
	exec 5>"$pipe"
	seq 5000 >&5
	wait_for 10 has_lines 100 "$OUT"
	line 0 100
	seq 5001 10000 >&5 3>&- &
	sleep "${FAULTS_CUT_S:-5}"
	line 0 0
	exec 5>&-
	wait_end 60 "$PUB_PID"
	PUB_PID=
	wait_for 60 grep -qx 10000 "$OUT"
	grep -q 'connection lost' "$said"
	grep -q 'connection lost' "$ERR"
}

@test "a line that is cut for a while: QoS 1 loses nothing" {
	cut_in_mid_stream 1
	cmp <(sort -nu "$OUT") <(seq 10000)
}

@test "a line that is cut for a while: QoS 2 loses and doubles nothing" {
	cut_in_mid_stream 2
	cmp "$OUT" <(seq 10000)
}

@test "an address that swallows SYNs: the next one is tried after 5 s" {
	local hosts=$BATS_TEST_TMPDIR/hosts

	printf '%s swallows.test\n' "$NOBODY" "$BROKER" >"$hosts"
	mount --bind "$hosts" /etc/hosts
	STARTED=$(now_ms)
	mqpub -h swallows.test -p "$WIRE" -t a -q 1 -m x
	took_ms 5000 9000
	umount /etc/hosts
}

@test "nothing but an address that swallows SYNs: --connect-timeout is kept" {
	run mqpub -h "$NOBODY" -p "$WIRE" -t a -m x --connect-timeout 1s
	took_ms 1000 3000
	[ "$status" -eq 75 ]
	[[ $output == *"$NOBODY:$WIRE"* ]]
}

# lost_in_time FILE: -k 2 is noticed after 3 s at most, and not before 2.
lost_in_time() {
	STARTED=$(now_ms)
	line 0 100
	wait_for 6 grep -q 'connection lost' "$1"
	took_ms 2000 3900
}

@test "keep-alive: a subscriber notices a dead line in time" {
	PORT=$WIRE sub_start -h "$BROKER" -t a -k 2
	lost_in_time "$ERR"
}

@test "keep-alive: so does who writes all the time" {
	local said=$BATS_TEST_TMPDIR/said

	PORT=$WIRE sub_start -h "$BROKER" -t a
	mqpub -h "$BROKER" -p "$WIRE" -t a -m x -k 2 --repeat 1000000 \
	    --repeat-delay 50ms 2>"$said" 3>&- &
	PUB_PID=$!
	wait_for 5 has_lines 1 "$OUT"
	lost_in_time "$said"
}
