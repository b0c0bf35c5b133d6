#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The main job, shown: a private broker, one message from a publisher to a
# subscriber, a hundred thousand lines through a pipe, and a short benchmark.

set -u
cd "$(dirname "$0")/.." || exit 1

# shellcheck source=tests/cli/helper/broker.bash
source tests/cli/helper/broker.bash

lines=${DEMO_LINES:-100000}
seconds=${DEMO_SECONDS:-5}
tmp=$(mktemp -d) || exit 1
subscriber=

# shellcheck disable=SC2317 # called by trap
finish() {
	local status=$?

	trap - EXIT
	[ -z "$subscriber" ] || kill "$subscriber" 2>/dev/null
	broker_stop
	rm -rf "$tmp"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
	echo "demo: $*" >&2
	broker_log >&2
	exit 1
}

show() {
	printf '\n$ %s\n' "$*"
}

# subscribe ID OUTPUT OPTION...: in the background, until the broker knows.
subscribe() {
	local id=$1 output=$2

	shift 2
	mqsub -p "$PORT" -i "$id" "$@" >"$output" &
	subscriber=$!
	wait_subscribed "$id" || fail "mqsub did not subscribe"
}

subscriber_ends() {
	wait_end "$1" "$subscriber" || fail "mqsub ended with status $?"
	subscriber=
}

broker_start "$tmp/broker" 'max_queued_messages 0' \
    'max_inflight_messages 0' || exit 1
echo "A private broker is listening on 127.0.0.1:$PORT."

show "mqsub -p $PORT -t 'home/+/temperature' -v -C 1 &"
subscribe demo-one "$tmp/one" -t 'home/+/temperature' -v -C 1
show "mqpub -p $PORT -t home/kitchen/temperature -m 21.5"
mqpub -p "$PORT" -t home/kitchen/temperature -m 21.5 ||
    fail "mqpub ended with status $?"
subscriber_ends 10
cat "$tmp/one"
[ "$(cat "$tmp/one")" = 'home/kitchen/temperature 21.5' ] ||
    fail "that is not what was sent"

show "mqsub -p $PORT -t log -q 1 -C $lines >received &"
subscribe demo-many "$tmp/received" -t log -q 1 -C "$lines"
show "seq $lines | mqpub -p $PORT -t log -q 1 -l"
started=$(date +%s%N)
seq "$lines" | mqpub -p "$PORT" -t log -q 1 -l ||
    fail "mqpub ended with status $?"
subscriber_ends 60
took_ms=$((($(date +%s%N) - started) / 1000000))
show 'seq '"$lines"' | cmp - received'
seq "$lines" | cmp - "$tmp/received" || fail "the lines differ"
echo "$(lines_in "$tmp/received") of $lines lines arrived, in order," \
    "in $took_ms ms, through the broker."

show "mqbench pubsub -p $PORT -c 10 -r 2000 -d ${seconds}s -q 1"
mqbench pubsub -p "$PORT" -c 10 -r 2000 -d "${seconds}s" -q 1 ||
    fail "mqbench ended with status $?"

printf '\nAll of it worked.  Next: make check, or man ./man/mqpub.1\n'
