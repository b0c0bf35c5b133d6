# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What fails says why, and with which status.

load helper/broker
load helper/subscriber

# Only open/# may be published and subscribed to.
setup_file() {
	local plugin=(/usr/lib*/mosquitto_dynamic_security.so
	    /usr/lib*/*/mosquitto_dynamic_security.so)

	cat >"$BATS_FILE_TMPDIR/rules" <<-END
	{
		"defaultACLAccess": {
			"publishClientSend": false,
			"publishClientReceive": true,
			"subscribe": false,
			"unsubscribe": true
		},
		"anonymousGroup": "all",
		"groups": [ {
			"groupname": "all",
			"roles": [ { "rolename": "open" } ]
		} ],
		"roles": [ {
			"rolename": "open",
			"acls": [ {
				"acltype": "publishClientSend",
				"topic": "open/#",
				"allow": true
			}, {
				"acltype": "subscribePattern",
				"topic": "open/#",
				"allow": true
			}, {
				"acltype": "unsubscribePattern",
				"topic": "kept/#",
				"allow": false
			} ]
		} ],
		"clients": []
	}
	END
	broker_start "$BATS_FILE_TMPDIR/broker" \
	    "plugin $(existing "${plugin[@]}")" \
	    "plugin_opt_config_file $BATS_FILE_TMPDIR/rules"
}

existing() {
	for file; do
		[ ! -e "$file" ] || echo "$file"
	done
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
	kill -CONT "$(broker_pid)"
}

@test "a refused publish is told, counted, and fails" {
	for qos in 1 2; do
		run pub -t closed -q "$qos" -m x
		[ "$status" -eq 65 ]
		[[ $output == *"Not authorized"* ]]
		run pub -t closed -q "$qos" -l <<<$'1\n2\n3'
		[ "$status" -eq 65 ]
		[[ $output == *"message 1: "*"Not authorized"* ]]
		[[ $output == *"3 of 3 messages were refused"* ]]
	done
}

@test "--help that can't be written fails" {
	for tool in mqpub mqsub mqbench; do
		for option in '--help all' --version; do
			run bash -c "$tool $option >/dev/full"
			[ "$status" -eq 74 ]
			[[ $output == "$tool: standard output: "* ]]
		done
	done
}

@test "--quiet says nothing, the status stays" {
	run pub -t closed -q 1 --quiet -m x
	[ "$status" -eq 65 ]
	[ -z "$output" ]
}

@test "refused subscriptions name filter and reason" {
	run mqsub -p "$PORT" -V 5 -t closed/a -t closed/b -W 5
	[ "$status" -eq 77 ]
	[[ $output == *"closed/a: Not authorized"* ]]
	[[ $output == *"closed/b: Not authorized"* ]]
}

@test "one refused subscription of two is told, the other works" {
	sub_start -t closed/a -t open/a -C 1
	pub -t open/a -m x
	status=0
	sub_wait || status=$?
	[ "$status" -eq 77 ]
	[ "$(cat "$OUT")" = x ]
	grep -q 'closed/a: Not authorized' "$ERR"
	run mqsub -p "$PORT" -t closed/a -t open/a -W 300ms
	[ "$status" -eq 27 ]
	run mqsub -p "$PORT" -t closed/a -t open/a -E
	[ "$status" -eq 77 ]
}

@test "a refused unsubscription is told, and fails" {
	run mqsub -p "$PORT" -t open/a -U kept/a -E
	[ "$status" -eq 77 ]
	[[ $output == *"unsubscribe from kept/a: Not authorized"* ]]
	mqsub -p "$PORT" -t open/a -U open/b -E
}

@test "a port where nobody listens" {
	for tool in 'mqpub -t a -m x' 'mqsub -t a'; do
		# shellcheck disable=SC2086
		run $tool -p 1
		[ "$status" -eq 69 ]
		[[ $output == *":1"*"refused"*"--port"* ]]
	done
}

@test "a name that does not exist" {
	run mqpub -h no-such-host.invalid -t a -m x
	[ "$status" -eq 68 ]
	[[ $output == *"no-such-host.invalid"* ]]
}

@test "-l on a dead port reads nothing and fails" {
	run mqpub -p 1 -t a -l <<<line
	[ "$status" -eq 69 ]
}

@test "a file that is not there, a directory, an empty -s" {
	run pub -t open -f /nonexistent
	[ "$status" -eq 66 ]
	[[ $output == *"/nonexistent: No such file"* ]]
	run pub -t open -f /
	[ "$status" -eq 66 ]
	run pub -t open -s </dev/null
	[ "$status" -eq 66 ]
	[[ $output == *"empty"* ]]
}

@test "a file too large for MQTT" {
	truncate -s 268435456 "$BATS_TEST_TMPDIR/sparse"
	run pub -t open -f "$BATS_TEST_TMPDIR/sparse"
	[ "$status" -eq 66 ]
	[[ $output == *"268435455"* ]]
}

@test "usage errors of mqpub" {
	for args in '-m x' '-t a' '-t a -m x -n' '-t a -l -s' '-t +/a -m x' \
	    '-t a -m x -q 3' '-t a -m x -q x' '-t a -m x --repeat 0' \
	    '-t a -m' '-t a -m x --no-such-option' '-t a -m x word'; do
		# shellcheck disable=SC2086
		run pub $args
		[ "$status" -eq 64 ] || { echo "$args: $status"; return 1; }
		[[ $output == mqpub:* ]]
	done
}

@test "usage errors of mqsub" {
	for args in '' '-t a/#/b' '-t a -R --retained-only' '-t a -q 3' \
	    '-t a -C 0' '-t a -W x' '-t a -T +a' '-U a#' '-t a word'; do
		# shellcheck disable=SC2086
		run mqsub -p "$PORT" $args
		[ "$status" -eq 64 ] || { echo "$args: $status"; return 1; }
		[[ $output == mqsub:* ]]
	done
}

@test "--help and --version are no failures" {
	for tool in mqpub mqsub; do
		run "$tool" --help
		[ "$status" -eq 0 ]
		[[ $output == *--topic* ]]
		run "$tool" --version
		[ "$status" -eq 0 ]
		[[ $output == "$tool "* ]]
	done
}

@test "SIGTERM stops mqpub -l, and what was read has been delivered" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	sub_start -t open/x -q 1 -C 1
	mqpub -p "$PORT" -t open/x -q 1 -l <"$BATS_TEST_TMPDIR/fifo" 3>&- &
	pid=$!
	exec 4>"$BATS_TEST_TMPDIR/fifo"
	echo line >&4
	sub_got 'line\n'
	kill -TERM "$pid"
	status=0
	wait_end 5 "$pid" || status=$?
	exec 4>&-
	[ "$status" -eq 79 ]
}

# lines_start OPTION...: mqpub -l in the background, fed by descriptor 4.
lines_start() {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	ERR=$BATS_TEST_TMPDIR/err
	mqpub -p "$PORT" -t open/x -l "$@" <"$BATS_TEST_TMPDIR/fifo" \
	    2>"$ERR" 3>&- &
	PID=$!
	exec 4>"$BATS_TEST_TMPDIR/fifo"
}

# ends_with STATUS
ends_with() {
	status=0
	wait_end 5 "$PID" || status=$?
	exec 4>&-
	[ "$status" -eq "$1" ]
}

@test "Ctrl-C in the middle of lines waits for those in flight" {
	for qos in 1 2; do
		rm -f "$BATS_TEST_TMPDIR/fifo"
		sub_start -t open/x -q "$qos"
		lines_start -q "$qos"
		yes >&4 3>&- 2>/dev/null &
		yes_pid=$!
		wait_for 5 has_lines 1000 "$OUT"
		kill -INT "$PID"
		ends_with 79
		kill "$yes_pid" 2>/dev/null || true
		[ ! -s "$ERR" ]
		sub_stop
	done
}

has_published() {
	[ "$(grep -c PUBLISH "$ERR")" -ge "$1" ]
}

@test "Ctrl-C does not wait for a broker that is silent" {
	lines_start -q 1 -d
	echo 1 >&4
	wait_for 5 grep -q PUBACK "$ERR"
	kill -STOP "$(broker_pid)"
	echo 2 >&4
	wait_for 5 has_published 2
	kill -INT "$PID"
	local began=${EPOCHREALTIME/./}
	ends_with 79
	((${EPOCHREALTIME/./} - began < 1700000))
	grep -q DISCONNECT "$ERR"
	grep -q '1 of 2 messages are not known to have arrived' "$ERR"
}

@test "the second signal ends it at once" {
	sub_start -t open/x -d
	kill -STOP "$(broker_pid)"
	kill -INT "$SUB_PID"
	wait_for 5 grep -q DISCONNECT "$ERR"
	kill -INT "$SUB_PID"
	status=0
	wait_end 5 "$SUB_PID" || status=$?
	[ "$status" -eq 79 ]
}

@test "mqpub: no will after Ctrl-C, the will after kill -9" {
	local version

	sub_start -t open/will/# -C 2 -v
	for version in 5 311; do
		rm -f "$BATS_TEST_TMPDIR/fifo"
		lines_start -V "$version" -q 1 -d \
		    --will-topic open/will/int --will-payload x
		wait_for 5 grep -q CONNACK "$ERR"
		kill -INT "$PID"
		ends_with 79
		rm -f "$BATS_TEST_TMPDIR/fifo"
		lines_start -V "$version" -q 1 -d \
		    --will-topic "open/will/kill$version" --will-payload x
		wait_for 5 grep -q CONNACK "$ERR"
		kill -KILL "$PID"
		ends_with 137
	done
	sub_got 'open/will/kill5 x\nopen/will/kill311 x\n'
}
