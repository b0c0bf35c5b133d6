# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A WebSocket server or a proxy before the broker; see tests/relay/relay.c.

# relay_start VARIABLE KIND [SECRET]: the variable gets the port.
relay_start() {
	local file=$BATS_FILE_TMPDIR/relay-$1

	"$ROOT/build/${V:-release}/tests/relay/relay" "$2" "$file" "$PORT" \
	    "${@:3}" >"$file.log" 2>&1 </dev/null 3>&- &
	echo $! >>"$BATS_FILE_TMPDIR/relays"
	wait_for 10 test -s "$file"
	printf -v "$1" %s "$(cat "$file")"
	export "${1?}"
}

relay_stop() {
	local pid

	while read -r pid; do
		kill "$pid"
	done <"$BATS_FILE_TMPDIR/relays"
}
