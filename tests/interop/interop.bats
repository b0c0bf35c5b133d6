# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# The tools with a broker that is not Mosquitto: BROKER=NAME bats interop.bats.
# What that broker does otherwise is in NAME.bash.  INTEROP_LINES is the number
# of lines for the long tests.

load peer

setup_file() {
	peer_start
	relay_start CUT cut $((INTEROP_LINES * 8))
}

teardown_file() {
	relay_stop
	peer_stop
}

setup() {
	LINES_IN=$BATS_TEST_TMPDIR/lines
}

teardown() {
	sub_stop
}

@test "-V: the versions it has, and its refusal of the others" {
	local version

	for version in "${SPEAKS[@]}"; do
		publish -V "$version" -t a -q 1 -m x
	done
	for version in "${!REFUSES[@]}"; do
		run publish -V "$version" -t a -q 1 -m x
		[ "$status" -ne 0 ]
		[[ $output == *"${REFUSES[$version]}"* ]]
	done
}

@test "without -V the best version it has is found" {
	subscribe -t a
	grep 'sending CONNECT' "$ERR" | tail -n 1 |
	    grep -q "v=$((SPEAKS[-1] == 311 ? 4 : SPEAKS[-1])) "
}

@test "with every version messages come at the QoS that was asked for" {
	local version qos

	for version in "${SPEAKS[@]}"; do
		subscribe -V "$version" -t a -q 2 -F '%q %t %p' -C 3
		for qos in 0 1 "$MAX_QOS"; do
			publish -V "$version" -t a -q "$qos" -m "m$qos"
		done
		sub_got "0 a m0\n1 a m1\n$MAX_QOS a m$MAX_QOS\n"
	done
}

@test "QoS 2 where the broker has none" {
	[ -n "${QOS2_PUBLISH-}" ] || skip "$BROKER has QoS 2"
	subscribe -t a -q 2
	grep -q 'received SUBACK .*reasons=1' "$ERR"
	run publish -t a -q 2 -m x --no-reconnect
	[ "$status" -ne 0 ]
	[[ $output == *"$QOS2_PUBLISH"* ]]
}

@test "retained messages stay until an empty one" {
	publish -t kept/a -q 1 -r -m stays
	[ "$(receive -t "$KEPT" -C 1 -F '%r %t %p')" = '1 kept/a stays' ]
	publish -t kept/a -q 1 -r -n
	run receive -t "$KEPT" -C 1 -W 500ms
	[ "$status" -eq 27 ]
}

@test "the will of who is killed is published, of who leaves is not" {
	local watcher_out watcher_err watcher

	subscribe -t 'wills/#' -q 1 -C 1
	watcher=$SUB_PID watcher_out=$OUT watcher_err=$ERR
	subscribe -t b -E --will-topic wills/left --will-payload wrong
	wait_end 10 "$SUB_PID"
	subscribe -t b --will-topic wills/killed --will-payload gone \
	    --will-qos 1
	kill -KILL "$SUB_PID"
	SUB_PID=$watcher OUT=$watcher_out ERR=$watcher_err
	sub_got 'gone\n'
}

@test "a session keeps what is published while nobody is there" {
	local n

	receive -i keeper -c -t kept -q 1 -E
	for n in 1 2 3; do
		publish -t kept -q 1 -m "$n"
	done
	[ "$(receive -i keeper -c -t kept -q 1 -C 3)" = $'1\n2\n3' ]
	run receive -i keeper -t other -C 1 -W 300ms
	[ "$status" -eq 27 ]
}

@test "a megabyte comes back to the byte" {
	local qos

	head -c 1000000 /dev/urandom >"$LINES_IN"
	for ((qos = 0; qos <= MAX_QOS; qos++)); do
		subscribe -t big -q "$qos" -C 1 -N
		publish -t big -q "$qos" -f "$LINES_IN"
		sub_wait
		cmp "$OUT" "$LINES_IN"
	done
}

# all_lines QOS
all_lines() {
	subscribe -t lines -q "$1" -C "$INTEROP_LINES" --quiet
	seq "$INTEROP_LINES" | publish -t lines -q "$1" -l
	sub_wait
	seq "$INTEROP_LINES" | cmp - "$OUT"
}

@test "all lines arrive in order at QoS 0" {
	all_lines 0
}

@test "all lines arrive in order at QoS 1" {
	all_lines 1
}

@test "all lines arrive in order at QoS 2" {
	[ "$MAX_QOS" -eq 2 ] || skip "$BROKER has no QoS 2"
	all_lines 2
}

# breaks SIDE QOS: the broker does not keep that promise.
breaks() {
	[[ " ${BREAKS[*]} " == *" $1-$2 "* ]]
}

# broken_line SIDE QOS: the side of the publisher or of the subscriber loses its
# connection again and again.  What came through is in $OUT.
broken_line() {
	local last=$INTEROP_LINES id=$1-$2 from=$PORT to=$PORT
	local said=$BATS_TEST_TMPDIR/said

	if [ "$1" = publisher ]; then
		from=$CUT
	else
		to=$CUT
	fi
	receive -i "$id" -c -t broken -q "$2" -E
	PORT=$to subscribe -i "$id" -c -t broken -q "$2" --quiet \
	    --reconnect-delay 50ms
	seq "$last" | PORT=$from publish -i "$id-writer" -c -t broken -q "$2" \
	    -l -d --reconnect-delay 50ms 2>"$said"
	if breaks "$@"; then
		wait_for 60 has_lines $((last / 2)) "$OUT"
	else
		wait_for 60 grep -qx "$last" "$OUT"
	fi
	[ "$(cat "$said" "$ERR" | grep -c 'received CONNACK')" -ge 4 ]
}

# expect_every_line SIDE QOS: with QoS 2 just once.  A broker that is known
# not to keep its word must at least not stop us.
expect_every_line() {
	if breaks "$@"; then
		[ "$(sort -nu "$OUT" | wc -l)" -ge $((INTEROP_LINES / 2)) ]
	elif [ "$2" -eq 2 ]; then
		cmp "$OUT" <(seq "$INTEROP_LINES")
	else
		cmp <(sort -nu "$OUT") <(seq "$INTEROP_LINES")
	fi
}

@test "QoS 1: every line arrives though the publisher's connections break" {
	broken_line publisher 1
	expect_every_line publisher 1
}

@test "QoS 1: every line arrives though the subscriber's connections break" {
	broken_line subscriber 1
	expect_every_line subscriber 1
}

@test "QoS 2: each line arrives once though the publisher's connections break" {
	[ "$MAX_QOS" -eq 2 ] || skip "$BROKER has no QoS 2"
	broken_line publisher 2
	expect_every_line publisher 2
}

@test "QoS 2: each line arrives once though the subscriber's ones break" {
	[ "$MAX_QOS" -eq 2 ] || skip "$BROKER has no QoS 2"
	broken_line subscriber 2
	expect_every_line subscriber 2
}

@test "an idle connection is kept alive" {
	subscribe -t a -k 1 -W 3
	sub_wait || true
	[ "$(grep -c 'received PINGRESP' "$ERR")" -ge 2 ]
}

# carries OPTION...: a retained message goes to the broker and comes back.
carries() {
	local text=$BATS_TEST_NUMBER-$RANDOM came

	mqpub "${LOGIN[@]}" "$@" -t "carries/$text" -q 1 -r -m "$text"
	came=$(mqsub "${LOGIN[@]}" "$@" -t "carries/$text" -C 1 -W 10)
	[ "$came" = "$text" ]
	seq 20000 | mqpub "${LOGIN[@]}" "$@" -t many -q 1 -l
}

@test "through TLS, with its certificate checked" {
	carries -h localhost -p "$TLS_PORT" --cafile "$CERTS/ca.pem"
	run mqpub -h localhost -p "$TLS_PORT" --cafile "$CERTS/other-ca.pem" \
	    "${LOGIN[@]}" -t a -m x
	[ "$status" -eq 78 ]
}

@test "through WebSocket" {
	carries --ws -p "$WS_PORT"
}

@test "MQTT 5 properties pass" {
	[ "${SPEAKS[-1]}" = 5 ] || skip "$BROKER has no MQTT 5"
	subscribe -t a -C 1 -F '%C|%R|%D|%P|%F|%E'
	publish -t a -m x -D publish content-type text/plain \
	    -D publish response-topic re/ply \
	    -D publish correlation-data 42 \
	    -D publish user-property key value \
	    -D publish payload-format-indicator 1 \
	    -D publish message-expiry-interval 60
	sub_got 'text/plain|re/ply|42|key:value|1|60\n'
}

@test "mqbench: nothing is lost between ten clients" {
	local qos

	for ((qos = 0; qos <= MAX_QOS; qos++)); do
		run mqbench pubsub -p "$PORT" "${LOGIN[@]}" -c 5 -n 1000 \
		    -q "$qos"
		echo "$output"
		[ "$status" -eq 0 ]
	done
}
