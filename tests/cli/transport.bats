# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What carries the bytes, if not plain TCP.

load helper/broker
load helper/subscriber
load helper/relay
load helper/certs

setup_file() {
	export SOCKET=$BATS_FILE_TMPDIR/s
	export CERTS=$BATS_FILE_TMPDIR/certs
	certs_make "$CERTS"
	broker_start "$BATS_FILE_TMPDIR/broker" "listener 0 $SOCKET" \
	    "max_queued_messages 0" "listener PORT+1 127.0.0.1" \
	    "cafile $CERTS/ca.pem" "certfile $CERTS/server.pem" \
	    "keyfile $CERTS/server.key"
	relay_start WS ws
	relay_start GUARDED ws secret
	relay_start SOCKS socks
	relay_start SOCKS_LOGIN socks p@ss
	relay_start HTTP http
	relay_start HTTP_LOGIN http p@ss
	PORT=$WS relay_start TO_WS socks
	PORT=$((PORT + 1)) relay_start TO_TLS http
}

teardown_file() {
	relay_stop
	broker_stop
}

teardown() {
	sub_stop
}

# carries OPTION...: a retained message goes to the broker and comes back.
carries() {
	local text=$BATS_TEST_NUMBER-$RANDOM

	mqpub "$@" -t "carries/$text" -q 1 -r -m "$text" || return
	[ "$(mqsub "$@" -t "carries/$text" -C 1 -W 10)" = "$text" ]
}

@test "--unix: a socket in the file system" {
	carries --unix "$SOCKET"
	carries -L "unix://$SOCKET"
}

@test "--unix: mqbench too" {
	run mqbench pub --unix "$SOCKET" -n 100 -c 2 -t bench/x
	[ "$status" -eq 0 ]
}

@test "--unix: what is not there is named" {
	run mqpub --unix "$BATS_TEST_TMPDIR/none" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"connect to $BATS_TEST_TMPDIR/none: No such file"* ]]
	run mqpub --unix "/$(printf '%0200d' 1)" -t a -m x
	[ "$status" -ne 0 ]
	[[ $output == *"longer than the 107 bytes"* ]]
}

@test "--ws: MQTT over WebSocket" {
	carries --ws -p "$WS"
	carries -L "ws://127.0.0.1:$WS"
}

@test "--ws: mqbench too" {
	run mqbench pubsub --ws -p "$WS" -n 500 -c 2 -s 300 -q 1
	[ "$status" -eq 0 ]
}

@test "--ws: large messages and many of them, both ways" {
	local in=$BATS_TEST_TMPDIR/in out=$BATS_TEST_TMPDIR/out

	head -c 700000 /dev/urandom >"$in"
	mqpub --ws -p "$WS" -t big -r -q 2 -f "$in"
	mqsub --ws -p "$WS" -t big -C 1 -N -W 20 >"$out"
	cmp "$in" "$out"
	seq 20000 >"$in"
	PORT=$WS sub_start --ws -t lines -q 1 -C 20000 -W 30
	mqpub --ws -p "$WS" -t lines -q 1 -l <"$in"
	sub_wait
	cmp "$in" "$OUT"
}

@test "--ws-header: a token opens the door" {
	carries --ws -p "$GUARDED" --ws-header 'Authorization: Bearer secret' \
	    --ws-header 'X-Other: 1'
	run mqpub --ws -p "$GUARDED" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"WebSocket handshake with 127.0.0.1:$GUARDED: \
HTTP/1.1 401 Unauthorized: show me your token,"* ]]
	[[ $output == *--ws-header* ]]
}

@test "--ws-path: a wrong one is refused with what the server says" {
	run mqpub --ws -p "$WS" --ws-path /else -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"HTTP/1.1 404 Not Found: no such path"* ]]
}

@test "--ws: an MQTT port is told from a web server" {
	run mqpub --ws -p "$PORT" -t a -m x
	[ "$status" -ne 0 ]
	[[ $output == *"127.0.0.1:$PORT"* ]]
}

@test "--proxy: SOCKS5, with and without log-in" {
	carries -h broker.test --proxy "socks5h://127.0.0.1:$SOCKS"
	carries -h broker.test \
	    --proxy "socks5h://user:p%40ss@127.0.0.1:$SOCKS_LOGIN"
}

@test "--proxy: HTTP CONNECT, with and without log-in" {
	carries -h broker.test --proxy "http://127.0.0.1:$HTTP"
	carries -h broker.test \
	    --proxy "http://user:p%40ss@127.0.0.1:$HTTP_LOGIN"
}

@test "--proxy-env: ALL_PROXY and NO_PROXY, only when asked for" {
	export ALL_PROXY=socks5h://127.0.0.1:$SOCKS
	carries -h broker.test --proxy-env
	run mqpub -h no-such-host.invalid -t a -m x
	[ "$status" -eq 68 ]
	NO_PROXY=x,.test run mqpub -h broker.test -t a -m x --proxy-env
	[ "$status" -eq 68 ]
	NO_PROXY=broker.test:$PORT \
	    run mqpub -h broker.test -p "$PORT" -t a -m x --proxy-env
	[ "$status" -eq 68 ]
	NO_PROXY=broker.test:1884 carries -h broker.test --proxy-env
	NO_PROXY=broker.test:8883 run mqpub -h broker.test -t a -m x \
	    --tls-use-os-certs --proxy-env
	[ "$status" -eq 68 ]
	ALL_PROXY=ftp://h run mqpub -t a -m x --proxy-env
	[ "$status" -eq 64 ]
	[[ $output == 'mqpub: ALL_PROXY: a URL '* ]]
	run mqpub -t a -m x --proxy-env -S
	[ "$status" -eq 64 ]
	[[ $output == *'--proxy-env excludes --srv'* ]]
	unset ALL_PROXY
	mqpub -t a -m x --proxy-env -L mqtt://127.0.0.1:1 \
	    -L "mqtt://127.0.0.1:$PORT"
	export ALL_PROXY=socks5h://127.0.0.1:$SOCKS
	carries -p "$PORT" --proxy-env --unix "$SOCKET"
}

@test "--proxy: mqbench too" {
	run mqbench pub -h broker.test --proxy "http://127.0.0.1:$HTTP" -n 100
	[ "$status" -eq 0 ]
}

@test "--proxy: refusals name the proxy and the cause" {
	run mqpub --proxy "socks5h://127.0.0.1:$SOCKS" -h refused.test -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"127.0.0.1:$SOCKS: refused.test:1883: \
connection refused"* ]]
	run mqpub --proxy "socks5h://127.0.0.1:$SOCKS_LOGIN" -h b -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"it wants a user name and a password"* ]]
	run mqpub --proxy "socks5h://user:no@127.0.0.1:$SOCKS_LOGIN" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"user name or password refused"* ]]
	run mqpub --proxy "http://127.0.0.1:$HTTP" -h refused.test -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"127.0.0.1:$HTTP: HTTP/1.1 502 Bad Gateway: \
no such host."* ]]
	run mqpub --proxy "http://user:no@127.0.0.1:$HTTP_LOGIN" -t a -m x
	[ "$status" -eq 69 ]
	[[ $output == *"407 Proxy Authentication Required"* ]]
}

@test "--proxy: what is no proxy is told" {
	run mqpub --proxy "socks5h://127.0.0.1:$HTTP" -t a -m x \
	    --connect-timeout 1s
	[ "$status" -ne 0 ]
	[[ $output == *"127.0.0.1:$HTTP"* ]]
	run mqpub --proxy "http://127.0.0.1:$SOCKS" -t a -m x \
	    --connect-timeout 1s
	[ "$status" -ne 0 ]
	[[ $output == *"127.0.0.1:$SOCKS"* ]]
}

@test "--proxy: under WebSocket and under TLS" {
	carries --ws -h broker.test --proxy "socks5h://127.0.0.1:$TO_WS"
	carries -h localhost --cafile "$CERTS/ca.pem" \
	    --proxy "http://127.0.0.1:$TO_TLS"
	run mqpub -h broker.test --cafile "$CERTS/ca.pem" \
	    --proxy "http://127.0.0.1:$TO_TLS" -t a -m x
	[ "$status" -ne 0 ]
	[[ $output == *--tls-server-name* ]]
}
