# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A private Mosquitto on a free loopback port.  With bats, in setup_file or
# setup:
#
#	load helper/broker
#	broker_start "$BATS_FILE_TMPDIR/broker" [CONFIGURATION LINE]...
#	mqpub -p "$PORT" ...
#
# and broker_stop in the matching teardown.  broker_stop saves what is to
# persist, broker_restart takes it up again on the same port.  PORT+1 to PORT+9
# in a configuration line are further ports.

# shellcheck source=tests/cli/helper/wait.bash
source "${BASH_SOURCE[0]%/*}/wait.bash"

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../../.." && pwd)
PATH=$ROOT/build/${V:-release}:$PATH:/usr/sbin
export ROOT PATH

# Below the range that the system takes for outgoing connections.
broker_pick_port() {
	PORT=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
}

broker_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$PORT")
}

# In a file, so that a test can restart what its setup_file started.
broker_pid() {
	cat "$BROKER_DIR/pid" 2>/dev/null
}

# The log says so only once the port is its own.
broker_is_up() {
	grep -q ' running$' "$BROKER_DIR/log" && broker_answers
}

broker_has_settled() {
	broker_is_up || has_ended "$(broker_pid)"
}

broker_write_config() {
	cat <<-END
	listener $PORT 127.0.0.1
	allow_anonymous true
	log_dest stderr
	log_timestamp false
	log_type error
	log_type warning
	log_type notice
	log_type information
	log_type subscribe
	log_type unsubscribe
	persistence_location $BROKER_DIR/
	END
	# Started by root it would become a user who may not write there.
	if [ "$(id -u)" -eq 0 ]; then
		echo 'user root'
	fi
	broker_fill_ports "$@"
}

broker_fill_ports() {
	local line n

	for line; do
		for n in {1..9}; do
			line=${line//PORT+$n/$((PORT + n))}
		done
		echo "$line"
	done
}

# Becomes the broker.
broker_program() {
	exec mosquitto -c "$BROKER_DIR/conf"
}

# Each start begins a new log; the last one stays beside it.
broker_launch() {
	mv -f "$BROKER_DIR/log" "$BROKER_DIR/log.old" 2>/dev/null
	broker_program >"$BROKER_DIR/log" 2>&1 </dev/null 3>&- &
	echo $! >"$BROKER_DIR/pid"
	wait_for "${BROKER_PATIENCE-10}" broker_has_settled && broker_is_up &&
	    return
	broker_kill
	return 1
}

broker_start() {
	local try

	BROKER_DIR=$1
	shift
	mkdir -p "$BROKER_DIR"
	export BROKER_DIR PORT
	for try in 1 2 3 4 5 6 7 8; do
		broker_pick_port
		broker_write_config "$@" >"$BROKER_DIR/conf"
		broker_launch && return
	done
	echo "no broker after $try attempts" >&2
	broker_log >&2
	return 1
}

broker_restart() {
	broker_launch || { broker_log >&2; return 1; }
}

broker_end() {
	local pid

	pid=$(broker_pid) || return 0
	rm "$BROKER_DIR/pid"
	kill "-$1" "$pid" 2>/dev/null || return 0
	wait_for "${BROKER_PATIENCE-10}" has_ended "$pid"
}

broker_stop() {
	broker_end TERM
}

# Without a chance to say or save anything.
broker_kill() {
	broker_end KILL
}

broker_log() {
	echo "--- broker:"
	tail -n 40 "$BROKER_DIR/log"
}

# broker_saw REGEX: in the log since the last start.
broker_saw() {
	grep -qE -e "$1" "$BROKER_DIR/log"
}

# wait_subscribed ID [TOPIC]: the broker has that client's subscription.
wait_subscribed() {
	wait_for 10 broker_saw "^$1 [0-2] ${2-}"
}
