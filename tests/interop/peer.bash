# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# The broker that $BROKER names, private on free loopback ports.  BROKER.bash
# tells how to run it, and what it does otherwise than the specification:
#
#	LOGIN		options that it wants of every client
#	SPEAKS		versions that it has, the best one last
#	REFUSES		what its refusal of another version is called
#	MAX_QOS		the best it grants
#	QOS2_PUBLISH	what stops a client that publishes beyond that
#	KEPT		a filter by which it finds what was retained for kept/a
#	BREAKS		promises (SIDE-QOS) that it does not keep for a client
#			whose connection is lost

load ../cli/helper/broker
load ../cli/helper/certs
load ../cli/helper/relay
load ../cli/helper/subscriber

declare -A REFUSES
KEPT=kept/+ BREAKS=()
load "$BROKER"

# Erlang takes its time.
broker_is_up() {
	broker_answers && PORT=$TLS_PORT broker_answers &&
	    PORT=$WS_PORT broker_answers
}

broker_pick_port() {
	PORT=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
	export TLS_PORT=$((PORT + 1)) WS_PORT=$((PORT + 2))
}

peer_start() {
	export CERTS=$BATS_FILE_TMPDIR/certs
	certs_make "$CERTS"
	BROKER_PATIENCE=60 broker_start "$BATS_FILE_TMPDIR/broker"
}

peer_stop() {
	local pid

	BROKER_PATIENCE=60 broker_stop
	[ -e "$BROKER_DIR/companions" ] || return 0
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BROKER_DIR/companions"
}

# subscribe OPTION...: in the background, with what sub_start leaves.
subscribe() {
	sub_start "${LOGIN[@]}" -d "$@"
}

# Its own packet log says so, as every broker's log is another.
wait_subscribed() {
	wait_for 10 grep -q 'received SUBACK' "$ERR"
}

publish() {
	mqpub -p "$PORT" "${LOGIN[@]}" "$@"
}

receive() {
	mqsub -p "$PORT" "${LOGIN[@]}" -W 30 "$@"
}

# What the broker makes of that QoS.
granted() {
	echo $(($1 < MAX_QOS ? $1 : MAX_QOS))
}
