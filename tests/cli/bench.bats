#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# mqbench: every mode against a broker, what it counts and how it ends.

bats_require_minimum_version 1.5.0

setup_file() {
	load helper/broker
	broker_start "$BATS_FILE_TMPDIR/broker" 'max_queued_messages 0'
}

teardown_file() {
	load helper/broker
	broker_stop
}

setup() {
	load helper/broker
	load helper/subscriber
	JSON=$BATS_TEST_TMPDIR/report.json
}

teardown() {
	sub_stop
	[ -z "${BENCH_PID-}" ] || kill -KILL "$BENCH_PID" || true
	[ -z "${OWN_BROKER-}" ] || broker_kill
}

# A broker of this test alone; it may be killed.
own_broker() {
	OWN_BROKER=1
	broker_start "$BATS_TEST_TMPDIR/broker" "$@"
}

bench() {
	mqbench "$1" -p "$PORT" --json "$JSON" "${@:2}"
}

# The same in the background.
bench_start() {
	mqbench "$1" -p "$PORT" --json "$JSON" "${@:2}" \
	    >"$JSON.out" 2>"$JSON.err" 3>&- &
	BENCH_PID=$!
}

# bench_flows COUNT OPTION...: so many messages have come through the broker.
bench_flows() {
	sub_start -t 'mqbench/#' -C "$1"
	bench_start "${@:2}"
	sub_wait
}

# bench_ends STATUS: within ten seconds.
bench_ends() {
	local status=0

	wait_end 10 "$BENCH_PID" || status=$?
	BENCH_PID=
	[ "$status" -eq "$1" ] || {
		echo "status is $status, not $1" >&2
		cat "$JSON.err" >&2
		return 1
	}
}

# has FILTER: the report satisfies it; shown when it does not.
has() {
	jq -e "$1" "$JSON" >/dev/null || {
		echo "not so: $1" >&2
		cat "$JSON" >&2
		return 1
	}
}

has_counts() {
	has ".result | .sent == $1 and .received == $2 and .lost == 0 and
	    .duplicated == 0 and .reordered == 0"
}

@test "pub sends as many messages as asked for, at every QoS" {
	for qos in 0 1 2; do
		bench pub -c 3 -n 1000 -q $qos
		has '.result.sent == 1000 and .result.lost == 0'
		has ".result.answered == (if $qos == 0 then 0 else 1000 end)"
		has ".latency_ns.corrected.count ==
		    (if $qos == 0 then 0 else 1000 end)"
	done
}

@test "QoS 0 without a rate has a send rate, and no latency" {
	run -0 --separate-stderr mqbench pub -p "$PORT" -n 1000
	[[ $output == *'no latency, because nothing'* ]]
	[[ $output =~ 'send rate'\ +[0-9] ]]
	[[ $output != *corrected* ]]
}

@test "more threads than clients are not used, and it is said" {
	run -0 --separate-stderr mqbench pub -p "$PORT" -n 10 --threads 50
	[[ $output == *'1 client on 1 thread (no more threads than'* ]]
}

@test "a size above the limit is refused in units that can be read" {
	run -64 mqbench pub -p "$PORT" -s 300M
	[[ $output == *'300M is not between 0 and 255MiB'* ]]
}

@test "pubsub gets back every message it sends, at every QoS" {
	for qos in 0 1 2; do
		bench pubsub -c 4 -n 2000 -q $qos
		has_counts 2000 2000
		has '.latency_ns | .corrected.count == 2000 and
		    .uncorrected.count == 2000'
	done
}

@test "every version of the protocol works" {
	for version in 31:3.1 311:3.1.1 5:5.0; do
		bench pubsub -V ${version%:*} -c 2 -n 200 -q 1
		has_counts 200 200
		has ".config.version == \"${version#*:}\""
	done
}

@test "a topic without client number is everybody's" {
	bench pubsub -c 3 -n 300 -q 1 -t 'all/%r'
	has '.result.expected == 900'
	has_counts 300 900
}

@test "clients are dealt to threads" {
	bench pubsub -c 7 --threads 3 -n 1000 -q 1
	has_counts 1000 1000
	has '.result.connected == 7 and .config.threads == 3'
}

@test "a client's number is in its topic and its id" {
	bench pubsub -c 2 -n 2 -i 'me-%i' -t 'mine/%c/%%'
	broker_saw '^me-0 0 mine/0/%$'
	broker_saw '^me-1 0 mine/1/%$'
}

# What comes back ends with the last message, so it may be slower by what the
# slowest took, which on a busy machine is the broker's doing, but by no more.
@test "the wanted rate is held within 2 %" {
	bench pubsub -c 10 -r 1000 -d 2
	has_counts 2000 2000
	has '.result.send_rate | . > 980 and . < 1020'
	has '(2 + .latency_ns.corrected.max / 1e9) as $longest |
	    .result.receive_rate | . > 0.98 * 2000 / $longest and . < 1020'
	has '.config.loop == "open"'
}

@test "the warm-up is sent and checked, but not measured" {
	bench pubsub -r 1000 --warmup 400ms -d 300ms
	has_counts 700 700
	has '.latency_ns.corrected.count == 300'
}

@test "percentiles rise from minimum to maximum" {
	bench pub -q 1 -r 1000 -d 500ms
	has '[.latency_ns.corrected | .min, .p50, .p90, .p95, .p99, .max] |
	    . == sort and .[0] > 0'
	has '.latency_ns.corrected | has("p99") and (has("p99.9") | not)'
	has '.latency_ns | .corrected.p50 >= .uncorrected.p50'
}

@test "payloads too small for the mark are counted all the same" {
	for size in 0 8 16 31; do
		bench pubsub -s $size -n 100 -q 1
		has_counts 100 100
		has ".latency_ns.corrected.count ==
		    (if $size < 16 then 0 else 100 end)"
	done
}

@test "sub times the messages of another mqbench" {
	bench_start sub -c 2 -t 'other/#' -i 'listener-%c' -n 800 -q 1
	wait_subscribed listener-0
	wait_subscribed listener-1
	mqbench pub -p "$PORT" -t 'other/%c' -c 2 -n 400 -r 1000 -q 1
	bench_ends 0
	has '.result | .received == 800 and .lost == 0 and .untimed == 0'
	has '.latency_ns.corrected.count == 800'
}

@test "sub counts messages without mark" {
	bench_start sub -t foreign -i listener-x -n 50 -q 1
	wait_subscribed listener-x
	seq 50 | mqpub -p "$PORT" -t foreign -q 1 -l
	bench_ends 0
	has '.result | .received == 50 and .foreign == 50'
	has '.latency_ns.corrected.count == 0'
}

@test "conn connects every client and holds the connections" {
	bench conn -c 50 -d 500ms
	has '.result | .connected == 50 and .failed == 0 and .seconds >= 0.5'
	has '.latency_ns.corrected.count == 50'
}

@test "conn connects at the rate asked for" {
	bench conn -c 100 -r 100 -d 1
	has '.result.connect_rate | . > 95 and . < 105'
}

@test "messages that the broker throws away are lost" {
	own_broker 'message_size_limit 50'
	bench pubsub -V 311 -q 0 -n 100 -c 2 --drain 200ms
	has '.result | .sent == 100 and .received == 0 and .lost == 100'
	run -80 bench pubsub -V 311 -q 1 -n 100 -c 2 --drain 200ms
	has '.result | .sent == 100 and .answered == 100 and .lost == 100'
}

@test "a broker that dies leaves messages unanswered" {
	own_broker
	bench_flows 50 pubsub -q 1 -r 500 -d 2 --drain 100ms
	broker_kill
	bench_ends 80
	has '.result | .lost > 0 and .lost_connections == 1 and .unsent > 0'
	has '.result | .received > 0 and .received + .lost == .sent'
	has '.failures | length > 0'
}

@test "a broker that falls silent is waited for as --drain says" {
	own_broker
	bench_flows 1 pub -q 1 -n 3 -r 1 --drain 300ms
	kill -STOP "$(broker_pid)"
	bench_ends 80
	has '.result | .sent == 3 and .lost > 0 and .seconds < 10'
}

@test "messages that the broker refuses are told with its code" {
	printf 'topic read #\n' >"$BATS_TEST_TMPDIR/acl"
	own_broker "acl_file $BATS_TEST_TMPDIR/acl"
	run -65 --separate-stderr bench pub -q 1 -n 3
	[[ $stderr == *'publishing refused: Not authorized (0x87) (3 times)' ]]
	has '.result.refused == 3'
}

@test "a run that is over before its warm-up says so" {
	run -0 --separate-stderr mqbench pub -p "$PORT" -n 3 -r 20 --warmup 1s
	[[ $stderr == *'nothing was measured'*'--warmup'* ]]
	run -0 --separate-stderr mqbench pub -p "$PORT" -n 3 -r 20 \
	    --warmup 20ms
	[ -z "$stderr" ]
}

@test "no broker is told once, with the status for it" {
	run -69 mqbench pub -p 1 -c 100 -n 1
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *'127.0.0.1'* || $output == *'::1'* ]]
}

@test "clients that find no broker any more have failed" {
	own_broker
	bench_start conn -c 400 -r 400 -d 1200ms -i 'conn-%c'
	wait_for 10 broker_saw 'as conn-50 '
	broker_kill
	bench_ends 69
	has '.result | .connected > 50 and .connected + .failed == 400'
	has '.failures[] | select(.text | contains("refused")) | .count > 100'
	[ "$(grep -c refused "$JSON.err")" -eq 1 ]
}

@test "more clients than files are refused before they are made" {
	run -1 bash -c 'ulimit -n 60 && mqbench conn -c 100'
	[[ $output == *'--clients: 100 clients need'*'may have 60'* ]]
}

@test "an interrupted run reports what there is" {
	bench_flows 100 pubsub -r 500 -d 60
	kill -INT "$BENCH_PID"
	bench_ends 79
	has '.interrupted and .result.sent > 50 and .result.lost == 0 and
	    .result.received == .result.sent'
}

@test "a run without an end ends well when interrupted" {
	bench_start pubsub -i 'open-%c'
	wait_subscribed open-0
	kill -INT "$BENCH_PID"
	bench_ends 0
	has '.interrupted and .result.lost == 0'
}

@test "the text has the counts and both latencies" {
	run -0 mqbench pubsub -p "$PORT" -n 10 -q 1 -r 1000
	[[ $output == *'mqbench pubsub to '*', MQTT 5.0'* ]]
	[[ $output =~ sent\ +10$'\n' ]]
	[[ $output =~ lost\ +0$'\n' ]]
	[[ $output =~ corrected\ +uncorrected ]]
	[[ $output != *p95* ]]
	[[ $output =~ p90\ +[0-9.]+(us|ms)\ +[0-9.]+(us|ms) ]]
}

@test "JSON on standard output stands alone" {
	mqbench pub -p "$PORT" -n 10 --json - | jq -e '.result.sent == 10'
}

@test "a report that cannot be written is an error, before the run" {
	run -74 timeout 5 mqbench pub -p "$PORT" -r 1 -d 60 \
	    --json /nonexistent/file
	[[ $output == *'/nonexistent/file: No such file'* ]]
}

@test "a report that does not fit is an error" {
	run -74 mqbench pub -p "$PORT" -n 1 --json /dev/full
	[[ $output == *'/dev/full: No space'* ]]
}

@test "progress is shown on a terminal only" {
	run -0 --separate-stderr mqbench pub -p "$PORT" -r 10 -d 600ms
	[ -z "$stderr" ]
	bench="mqbench pub -p $PORT -r 10 -d 600ms"
	run -0 script -qec "$bench" /dev/null
	[[ $output == *'1 of 1 connected, '*' sent'* ]]
	run -0 script -qec "$bench --quiet" /dev/null
	[[ $output != *'1 of 1 connected'* ]]
}

# usage TEXT WORD...: status 64 and a message that has the text.
usage() {
	run -64 mqbench "${@:2}"
	[[ $output == *"$1"* ]]
}

@test "wrong options are told" {
	usage 'what to do is missing'
	usage "'push' is not one of" push
	usage "one word too many" pub sub
	usage 'not a valid topic' pub -t 'a/+'
	usage 'is no placeholder' pub -t 'a/%z'
	usage 'is no placeholder' pub -i '%'
	usage '--rate' sub -r 10
	usage '--count' conn -n 10
	usage 'nothing would ever be due' pub -r 0
	usage '--qos' pub -q 3
	usage '--clients' pub -c 0
}
