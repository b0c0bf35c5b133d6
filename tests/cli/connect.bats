# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Every option that says how to connect, seen from the broker's side.

load helper/broker

setup_file() {
	mosquitto_passwd -b -c "$BATS_FILE_TMPDIR/passwords" ada 'pass:word@1'
	broker_start "$BATS_FILE_TMPDIR/broker" \
	    "password_file $BATS_FILE_TMPDIR/passwords"
}

teardown_file() {
	broker_stop
}

# connect_as ID OPTION...: publish one message, and let the log show who came.
connect_as() {
	local id=$1

	shift
	mqpub -p "$PORT" -t a -m x -i "$id" "$@" || return
	broker_saw " as $id "
}

@test "without -V it is MQTT 5.0" {
	connect_as plain
	broker_saw ' as plain \(p5, c1, k60'
}

@test "-V pins the version" {
	connect_as v5 -V 5
	connect_as v311 -V 311
	connect_as v31 -V 31
	broker_saw ' as v5 \(p5,'
	broker_saw ' as v311 \(p2,'
	broker_saw ' as v31 \(p1,'
}

@test "-V takes mosquitto's names of the versions" {
	connect_as long5 --protocol-version mqttv5
	connect_as long311 --protocol-version mqttv311
	connect_as long31 --protocol-version mqttv31
}

@test "-V refuses what is no version" {
	run mqpub -p "$PORT" -t a -m x -V 6
	[ "$status" -eq 64 ]
	[[ $output == *protocol-version* ]]
}

@test "-k sets the keep-alive" {
	connect_as quick -k 7
	broker_saw ' as quick \(p5, c1, k7'
}

@test "-c asks for the session that is there" {
	connect_as again -c
	broker_saw ' as again \(p5, c0'
}

@test "-I makes an id of prefix and process id" {
	mqpub -p "$PORT" -t a -m x -I prefix-
	broker_saw ' as prefix-[0-9]+ '
}

@test "without -i the broker assigns an id" {
	mqpub -p "$PORT" -t a -m x
	broker_saw ' as auto-[0-9A-F-]+ '
}

@test "without -i it works with each older version too" {
	mqpub -p "$PORT" -t a -m x -V 311
	mqpub -p "$PORT" -t a -m x -V 31
}

@test "-A chooses the local address" {
	connect_as bound -A 127.0.0.2
	broker_saw 'from 127\.0\.0\.2:[0-9]+ as bound '
}

@test "-A with an address of another machine says so" {
	run mqpub -p "$PORT" -t a -m x -A 192.0.2.1
	[ "$status" -eq 69 ]
	[[ $output == *'from 192.0.2.1: '*' (--bind-address)' ]]
}

@test "-A takes a name" {
	connect_as bound-by-name -A localhost
	broker_saw 'from 127\.0\.0\.1:[0-9]+ as bound-by-name '
}

@test "-A with a name that does not exist names it" {
	run mqpub -p "$PORT" -t a -m x -A no-such-host.invalid
	[ "$status" -eq 68 ]
	[[ $output == *no-such-host.invalid*' (--bind-address)' ]]
}

@test "-A is not blamed for what the broker's address is at fault" {
	run mqpub -h 127.0.0.1 -p 1 -t a -m x -A localhost
	[ "$status" -eq 69 ]
	[[ $output == *'is a broker running there? --host, --port)' ]]
}

@test "-h takes a name" {
	connect_as named -h localhost
}

@test "-h with a name that does not exist names it" {
	run mqpub -h no-such-host.invalid -p "$PORT" -t a -m x
	[ "$status" -eq 68 ]
	[[ $output == *no-such-host.invalid* ]]
}

@test "-u and -P are checked by the broker" {
	connect_as known -u ada -P 'pass:word@1'
	broker_saw " as known .*u'ada'"
}

@test "a wrong password is refused by its reason" {
	run mqpub -p "$PORT" -t a -m x -u ada -P wrong
	[ "$status" -eq 135 ]
	[[ $output == *'Not authorized'* ]]
}

@test "a wrong password is refused by its code with 3.1.1" {
	run mqpub -p "$PORT" -t a -m x -u ada -P wrong -V 311
	[ "$status" -eq 5 ]
}

@test "-L has credentials, host, port and topic in one" {
	mqpub -L "mqtt://ada:pass%3aword%401@127.0.0.1:$PORT/a" -m x -i url
	broker_saw " as url .*u'ada'"
}

@test "a server that does not answer is given up in time" {
	kill -STOP "$(broker_pid)"
	run mqpub -p "$PORT" -t a -m x --connect-timeout 200ms
	kill -CONT "$(broker_pid)"
	[ "$status" -eq 75 ]
	[[ $output == *127.0.0.1:$PORT* ]]
}

@test "--nodelay and --tcp-keepalive are taken" {
	connect_as tcp --nodelay --tcp-keepalive 3,60,10
	connect_as nagle --no-nodelay
}

@test "the tools agree about connecting" {
	mqsub -p "$PORT" -t a -i sub -k 9 -c -E -V 311
	broker_saw ' as sub \(p2, c0, k9'
	mqbench conn -p "$PORT" -c 3 -d 100ms -I bench-
	broker_saw ' as bench-'
}
