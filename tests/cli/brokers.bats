# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Several brokers to fall back on.

load helper/broker
load helper/certs

setup_file() {
	export CERTS=$BATS_FILE_TMPDIR/certs
	export SOCKET=$BATS_FILE_TMPDIR/s
	certs_make "$CERTS"
	mosquitto_passwd -b -c "$BATS_FILE_TMPDIR/passwords" ada secret
	mosquitto_passwd -b "$BATS_FILE_TMPDIR/passwords" bob secret
	broker_start "$BATS_FILE_TMPDIR/broker" 'allow_anonymous false' \
	    "password_file $BATS_FILE_TMPDIR/passwords" \
	    "listener PORT+1 127.0.0.1" "certfile $CERTS/server.pem" \
	    "keyfile $CERTS/server.key" "listener 0 $SOCKET"
	export DEAD=$((PORT + 2))
}

teardown_file() {
	broker_stop
}

@test "-L twice: the second is tried when the first is away" {
	run mqpub -L "mqtt://127.0.0.1:$DEAD" \
	    -L "mqtt://ada:secret@127.0.0.1:$PORT/topic" -m x -i second
	[ "$status" -eq 0 ]
	[[ $output == *"127.0.0.1:$DEAD: Connection refused"* ]]
	broker_saw " as second .*u'ada'"
}

@test "-L twice: the first is enough" {
	run mqpub -L "mqtt://ada:secret@127.0.0.1:$PORT/a" \
	    -L "mqtt://127.0.0.1:$DEAD" -m x -i first
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	broker_saw " as first .*u'ada'"
}

@test "-L: each with its own scheme and credentials" {
	mqpub -L "mqtt://127.0.0.1:$DEAD" \
	    -L "mqtts://bob:secret@localhost:$((PORT + 1))" \
	    --cafile "$CERTS/ca.pem" -u ada -P wrong -t a -m x -i tls
	broker_saw " as tls .*u'bob'"
	mqpub -L "mqtts://127.0.0.1:$DEAD" -L "unix://$SOCKET" \
	    --cafile "$CERTS/ca.pem" -u ada -P secret -t a -m x -i socket
	broker_saw " as socket .*u'ada'"
}

@test "-L: the next is tried when one refuses us" {
	run mqpub -L "mqtt://ada:wrong@127.0.0.1:$PORT" \
	    -L "mqtt://ada:secret@127.0.0.1:$PORT" -t a -m x
	[ "$status" -eq 0 ]
	[[ $output == *'Not authorized'* ]]
}

@test "-L: when all are away the last one's status counts" {
	run mqpub -L "mqtt://no-such-host.invalid" \
	    -L "mqtt://127.0.0.1:$DEAD" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *no-such-host.invalid*"127.0.0.1:$DEAD"* ]]
}

@test "-L: mqsub and mqbench too" {
	mqpub -L "mqtt://ada:secret@127.0.0.1:$PORT/r" -r -m kept
	run mqsub -L "mqtt://127.0.0.1:$DEAD" \
	    -L "mqtt://ada:secret@127.0.0.1:$PORT/r" -C 1 -W 10
	[ "$status" -eq 0 ]
	[[ $output == *kept ]]
	run mqbench pub -L "mqtt://127.0.0.1:$DEAD" \
	    -L "mqtt://ada:secret@127.0.0.1:$PORT" -n 100 -c 2 -t bench
	[ "$status" -eq 0 ]
}

@test "-L: what contradicts a list is refused" {
	local option

	for option in '-h b' '-p 1' '--unix /s' --ws --no-tls; do
		# shellcheck disable=SC2086 # an option and its value
		run mqpub -L mqtt://a -L mqtt://b $option -t a -m x
		[ "$status" -eq 64 ]
		[[ $output == *'several --url exclude each other'* ]]
	done
}
