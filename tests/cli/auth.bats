# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# Enhanced authentication against Mosquitto with the plugin of tests/plugin,
# which has its SCRAM from OpenSSL and nothing from the library.

bats_require_minimum_version 1.5.0
load helper/broker
load helper/subscriber

PLUGIN=$BATS_TEST_DIRNAME/../../build/${V:-release}/tests/plugin/scram.so

setup() {
	if [ ! -e "$PLUGIN" ]; then
		skip 'a build without TLS'
	fi
}

teardown() {
	sub_stop
	broker_stop
}

# scram_broker [FAULT [PASSWORD]]: it knows the user me.
scram_broker() {
	broker_start "$BATS_TEST_TMPDIR/broker" "plugin $PLUGIN" \
	    'plugin_opt_user me' "plugin_opt_password ${2-secret}" \
	    "plugin_opt_fault ${1:-none}"
}

# log_in METHOD PASSWORD [OPTION]...
log_in() {
	mqpub -p "$PORT" --auth-method "$1" -u me -P "$2" -t a -m x -q 1 \
	    "${@:3}"
}

# fails STATUS TEXT COMMAND...: one line, which has the text in it
fails() {
	run -"$1" --separate-stderr "${@:3}"
	if [ "${#stderr_lines[@]}" -ne 1 ] || [[ $stderr != *"$2"* ]]; then
		echo "said: $stderr"
		return 1
	fi
}

@test "--auth-method: each of them logs in, as that user" {
	scram_broker
	for method in SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512; do
		log_in "$method" secret -i "c-$method"
		broker_saw "as c-$method .*u'me'"
	done
}

@test "the password is not sent, nor is the name but in SCRAM" {
	scram_broker
	log_in SCRAM-SHA-256 secret -d 2>"$BATS_TEST_TMPDIR/err" >&2
	grep 'sending CONNECT' "$BATS_TEST_TMPDIR/err"
	! grep -E 'username=|password=' "$BATS_TEST_TMPDIR/err"
}

@test "a wrong password, and an unknown user" {
	scram_broker
	fails 135 'Not authorized (0x87) (--username, --pw)' \
	    log_in SCRAM-SHA-256 wrong
	fails 135 'Not authorized' log_in SCRAM-SHA-256 secret -u you
}

@test "a broker that knows no such method" {
	broker_start "$BATS_TEST_TMPDIR/broker"
	fails 140 'Bad authentication method (0x8c) (--auth-method)' \
	    log_in SCRAM-SHA-256 secret
}

@test "a broker that accepts without a proof is left" {
	scram_broker silent
	fails 78 'without a proof that it knows the password' \
	    log_in SCRAM-SHA-256 secret
	! broker_saw PUBLISH
}

@test "a broker with a wrong proof is left" {
	scram_broker forged
	fails 78 "the broker's signature is wrong" log_in SCRAM-SHA-512 secret
}

@test "a broker that answers another nonce is left" {
	scram_broker nonce
	fails 78 'not the answer to our nonce' log_in SCRAM-SHA-256 secret
}

@test "a broker that wants one iteration is left" {
	scram_broker weak
	fails 78 'fewer than 4096 iterations' log_in SCRAM-SHA-256 secret
}

@test "the proof may come in AUTH" {
	scram_broker late
	log_in SCRAM-SHA-256 secret
}

@test "texts outside ASCII are prepared as RFC 4013 has it" {
	scram_broker none IX
	log_in SCRAM-SHA-256 $'\xe2\x85\xa8'
	log_in SCRAM-SHA-256 $'I\xc2\xadX'
	fails 64 'password: SASLprep forbids one of its characters' \
	    log_in SCRAM-SHA-256 $'\xd8\xa71'
	fails 64 'password: not UTF-8' log_in SCRAM-SHA-256 $'\xff'
	fails 64 'password: a control character' log_in SCRAM-SHA-256 $'a\tb'
}

@test "--reauth-interval: again and again, and messages still come" {
	scram_broker
	sub_start -p "$PORT" --auth-method SCRAM-SHA-256 -u me -P secret \
	    -t a -C 1 --reauth-interval 50ms -d
	wait_for 10 authenticated 3
	wait_for 10 reaches_sub
	! grep "connection lost" "$ERR"
}

# Until it is received: Mosquitto holds back what comes in mid-exchange.
reaches_sub() {
	log_in SCRAM-SHA-256 secret
	has_ended "$SUB_PID"
}

# authenticated N: so many re-authentications have succeeded.
authenticated() {
	[ "$(grep -c 'received AUTH reason=0 ' "$ERR")" -ge "$1" ]
}

@test "a new connection authenticates anew" {
	scram_broker
	sub_start -p "$PORT" --auth-method SCRAM-SHA-256 -u me -P secret \
	    -t a -C 1 --reconnect-delay 10ms
	broker_kill
	wait_for 10 grep -q 'connection lost' "$ERR"
	broker_restart
	wait_subscribed "$SUB_ID" a
	log_in SCRAM-SHA-256 secret
	sub_wait
}

@test "the credentials of a URL do" {
	scram_broker
	mqpub -L "mqtt://me:secret@127.0.0.1:$PORT/a" -m x -q 1 \
	    --auth-method SCRAM-SHA-256
}

@test "so do those of several URLs, if each has its own" {
	scram_broker
	mqpub -L "mqtt://me:secret@127.0.0.1:$((PORT + 1))/a" \
	    -L "mqtt://me:secret@127.0.0.1:$PORT" -m x -q 1 \
	    --auth-method SCRAM-SHA-256
	fails_usage '--auth-method needs --username and --pw' \
	    mqpub -L mqtt://me:secret@a/a -L mqtt://b -m x \
	    --auth-method SCRAM-SHA-256
}

@test "mqbench logs its clients in" {
	scram_broker
	mqbench pub -p "$PORT" -c 5 -n 50 -q 1 -s 32 \
	    --auth-method SCRAM-SHA-256 -u me -P secret
	broker_saw "u'me'"
}

@test "a challenge that only --auth-method could answer" {
	scram_broker
	fails 140 'another step of authentication' mqpub -p "$PORT" \
	    -D connect authentication-method SCRAM-SHA-256 \
	    -D connect authentication-data 'n,,n=me,r=abc' -t a -m x
}

@test "options that don't go together" {
	PORT=1
	fails_usage '--auth-method needs --username and --pw' \
	    mqpub --auth-method SCRAM-SHA-256 -u me -t a -m x
	fails_usage '--reauth-interval needs --auth-method' \
	    mqsub --reauth-interval 1 -t a
	fails_usage 'exclude each other' log_in SCRAM-SHA-256 x \
	    -D connect authentication-method m
	fails_usage '--auth-method needs MQTT 5' log_in SCRAM-SHA-256 x -V 311
	fails_usage 'SCRAM-SHA-512' log_in PLAIN x
}

# fails_usage TEXT COMMAND...: a usage error, with the pointer to --help
fails_usage() {
	run -64 --separate-stderr "${@:2}"
	[[ $stderr == *"$1"* ]] || { echo "said: $stderr"; return 1; }
}
