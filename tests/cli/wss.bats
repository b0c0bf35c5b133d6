# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# WebSocket over TLS, with Mosquitto's own listener at the other end.

load helper/broker
load helper/subscriber
load helper/relay
load helper/certs

setup_file() {
	export CERTS=$BATS_FILE_TMPDIR/certs
	certs_make "$CERTS"
	broker_start "$BATS_FILE_TMPDIR/broker" 'max_queued_messages 0' \
	    'listener PORT+1 127.0.0.1' 'protocol websockets' \
	    'listener PORT+2 127.0.0.1' 'protocol websockets' \
	    "certfile $CERTS/server.pem" "keyfile $CERTS/server.key" \
	    'listener PORT+3 127.0.0.1' 'protocol websockets' \
	    "certfile $CERTS/server.pem" "keyfile $CERTS/server.key" \
	    "cafile $CERTS/ca.pem" 'require_certificate true' \
	    'use_identity_as_username true'
	export WS=$((PORT + 1)) WSS=$((PORT + 2)) MUTUAL=$((PORT + 3))
	PORT=$WSS relay_start SOCKS socks
	PORT=$WSS relay_start HTTP http p@ss
}

teardown_file() {
	relay_stop
	broker_stop
}

teardown() {
	sub_stop
}

wss() {
	local tool=$1

	shift
	"$tool" -L "wss://localhost:$WSS" --cafile "$CERTS/ca.pem" "$@"
}

# carries OPTION...: a retained message goes to the broker and comes back.
carries() {
	local text=$BATS_TEST_NUMBER-$RANDOM

	mqpub "$@" -t "carries/$text" -q 1 -r -m "$text" || return
	[ "$(mqsub "$@" -t "carries/$text" -C 1 -W 10)" = "$text" ]
}

@test "ws:// and wss:// to Mosquitto, each version" {
	carries -L "ws://localhost:$WS"
	for version in 5 311 31; do
		carries -L "wss://localhost:$WSS" --cafile "$CERTS/ca.pem" \
		    -V "$version"
	done
}

@test "--ws with --cafile is the same" {
	carries --ws -h localhost -p "$WSS" --cafile "$CERTS/ca.pem"
}

@test "wss://: paths and headers get through" {
	carries -L "wss://localhost:$WSS" --cafile "$CERTS/ca.pem" \
	    --ws-path '/any?x=1' --ws-header 'Authorization: Bearer x' \
	    --ws-header 'Cookie: a=b'
}

# Mosquitto sends 4 KiB each 100 ms over WebSocket, so that way it is less.
@test "wss://: large messages and many of them, both ways" {
	local in=$BATS_TEST_TMPDIR/in out=$BATS_TEST_TMPDIR/out

	head -c 3000000 /dev/urandom >"$in"
	wss mqpub -t big -r -q 2 -f "$in"
	mqsub -p "$PORT" -t big -C 1 -N -W 20 >"$out"
	cmp "$in" "$out"
	head -c 60000 "$in" >"$in.less"
	wss mqpub -t less -r -q 2 -f "$in.less"
	wss mqsub -t less -C 1 -N -W 20 >"$out"
	cmp "$in.less" "$out"
	seq 2000 >"$in"
	PORT=$WSS wss sub_start -t lines -q 1 -C 2000 -W 30
	wss mqpub -t lines -q 1 -l <"$in"
	sub_wait
	cmp "$in" "$OUT"
}

@test "wss://: mqbench too" {
	run wss mqbench pubsub -n 500 -c 3 -s 200 -q 1
	[ "$status" -eq 0 ]
}

@test "wss://: through SOCKS5 and HTTP proxies" {
	carries -L "wss://localhost:$WSS" --cafile "$CERTS/ca.pem" \
	    --proxy "socks5h://127.0.0.1:$SOCKS"
	carries -L "wss://localhost:$WSS" --cafile "$CERTS/ca.pem" \
	    --proxy "http://user:p%40ss@127.0.0.1:$HTTP"
}

@test "wss://: a client certificate" {
	carries -L "wss://localhost:$MUTUAL" --cafile "$CERTS/ca.pem" \
	    --cert "$CERTS/client.pem" --key "$CERTS/client.key"
	broker_saw "u'client'"
	run mqpub -L "wss://localhost:$MUTUAL/t" -m x \
	    --cafile "$CERTS/ca.pem"
	[ "$status" -ne 0 ]
}

@test "wss://: a certificate that is not trusted is refused" {
	run mqpub -L "wss://localhost:$WSS/t" -m x \
	    --cafile "$CERTS/other-ca.pem"
	[ "$status" -ne 0 ]
	[[ $output == *'Test CA'* ]]
}

@test "wss:// and ws:// are told apart" {
	run mqpub -L "wss://localhost:$WS/t" -m x --cafile "$CERTS/ca.pem" \
	    --connect-timeout 5s
	[ "$status" -ne 0 ]
	run mqpub -L "ws://localhost:$WSS/t" -m x --connect-timeout 5s
	[ "$status" -ne 0 ]
}

@test "wss://: the next broker of several" {
	carries -L "wss://localhost:$((PORT + 9))" \
	    -L "wss://localhost:$WSS" --cafile "$CERTS/ca.pem"
}
