# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# --explain: what is known about an attempt that failed, at each stage.

load helper/broker
load helper/relay
load helper/certs

setup_file() {
	export CERTS=$BATS_FILE_TMPDIR/certs
	certs_make "$CERTS"
	mosquitto_passwd -b -c "$BATS_FILE_TMPDIR/passwords" ada secret
	broker_start "$BATS_FILE_TMPDIR/broker" 'allow_anonymous false' \
	    "password_file $BATS_FILE_TMPDIR/passwords" \
	    "listener PORT+1 127.0.0.1" "certfile $CERTS/expired.pem" \
	    "keyfile $CERTS/expired.key" "listener PORT+2 127.0.0.1" \
	    "certfile $CERTS/server.pem" "keyfile $CERTS/server.key" \
	    "cafile $CERTS/ca.pem" "require_certificate true"
	relay_start WS ws
	relay_start HTTP http
}

teardown_file() {
	relay_stop
	broker_stop
}

# explains PATTERN... -- OPTION...: fails to connect, and each is on a line.
explains() {
	local patterns=() pattern

	while [ "$1" != -- ]; do
		patterns+=("$1")
		shift
	done
	shift
	run mqpub --explain -t a -m x "$@"
	[ "$status" -ne 0 ] || return
	for pattern in "${patterns[@]}"; do
		grep -qE -e "^  $pattern" <<<"$output" ||
		    { echo "no $pattern in: $output" >&2; return 1; }
	done
}

@test "without it one line is all" {
	run mqpub -p "$((PORT + 9))" -t a -m x
	[ "${#lines[@]}" -eq 1 ]
	run mqpub -p "$((PORT + 9))" -t a -m x --explain --quiet
	[ -z "$output" ]
}

@test "resolve" {
	explains 'broker +mqtt://no-such-host\.invalid:1999$' \
	    'failed at +resolve$' 'times +resolve [0-9]+ ms$' \
	    -- -h no-such-host.invalid -p 1999
	[[ $output != *'  address'* ]]
}

@test "connect" {
	explains "address +127\\.0\\.0\\.1:$((PORT + 9))\$" \
	    'failed at +connect$' 'system +Connection refused \(errno 111\)$' \
	    -- -p "$((PORT + 9))" -h 127.0.0.1
	explains 'failed at +connect$' 'address +/no/such$' \
	    'system +No such file or directory' -- --unix /no/such
}

@test "proxy" {
	explains 'failed at +proxy$' 'answer +48 54 54 50 ' \
	    ' +HTTP/1\.1 502 Bad Gateway' 'protocol +HTTP$' \
	    -- --proxy "http://127.0.0.1:$HTTP" -h refused.test
}

@test "TLS: a certificate that is not accepted, with its chain" {
	explains 'broker +mqtts://localhost' 'failed at +TLS$' \
	    'verification +10, CERT_HAS_EXPIRED, at certificate 0$' \
	    'certificate 0$' '  subject +CN=expired$' '  issuer +CN=Test CA$' \
	    '  names +localhost, 127\.0\.0\.1$' \
	    '  valid +2020-01-01 00:00:00 UTC to 2020-02-01' \
	    'certificate 1$' '  subject +CN=Test CA$' \
	    -- -h localhost -p "$((PORT + 1))" --cafile "$CERTS/ca.pem"
}

@test "TLS: an alert that came, with the chain that was accepted" {
	explains 'TLS alert +40, handshake_failure$' 'certificate 0$' \
	    '  subject +CN=server$' -- -h localhost -p "$((PORT + 2))" \
	    --cafile "$CERTS/ca.pem" --tls-version tlsv1.2 \
	    --tls-max-version tlsv1.2
	explains 'TLS alert +116, certificate_required$' \
	    '  subject +CN=server$' -- -h localhost -p "$((PORT + 2))" \
	    --cafile "$CERTS/ca.pem"
}

@test "WebSocket" {
	explains 'failed at +WebSocket$' ' +HTTP/1\.1 404 Not Found' \
	    'protocol +HTTP$' -- --ws -p "$WS" --ws-path /else
}

@test "MQTT: a refusal" {
	explains 'failed at +MQTT$' 'CONNACK +0x87, Not authorized$' \
	    -- -p "$PORT" -h 127.0.0.1
}

@test "MQTT: a port that wants TLS and hangs up" {
	explains 'failed at +MQTT$' 'times .*MQTT [0-9]+ ms$' \
	    -- -p "$((PORT + 1))" -h 127.0.0.1
}

@test "mqsub and mqbench too" {
	run mqsub --explain -h 127.0.0.1 -p "$((PORT + 9))" -t a
	[[ $output == *'  failed at     connect'* ]]
	run mqbench pub --explain -h 127.0.0.1 -p "$((PORT + 9))" -n 1
	[[ $output == *'  failed at     connect'* ]]
}
