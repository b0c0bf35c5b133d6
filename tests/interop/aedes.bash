# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# aedes, from npm.  run.sh has put it and aedes.mjs into build/interop.
#
# It forgets messages on their way to a client whose connection breaks, and
# sends completed ones again.  To a publisher it says that there is no session,
# but holds the packet ids of its QoS 2 messages against it all the same.

LOGIN=()
SPEAKS=(31 311)
REFUSES=([5]='Unacceptable protocol version')
MAX_QOS=2
BREAKS=(subscriber-1 subscriber-2 publisher-2)

broker_write_config() {
	:
}

broker_program() {
	exec node "$ROOT/build/interop/aedes.mjs" "$PORT" "$TLS_PORT" \
	    "$WS_PORT" "$CERTS/server.pem" "$CERTS/server.key"
}
