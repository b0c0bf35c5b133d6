# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# mqsub --json through jq: one object per line, always valid, every byte in it.

load helper/broker
load helper/subscriber

setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker"
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
}

# field FILTER: of the last line.
field() {
	tail -n 1 "$OUT" | jq -rj "$1"
}

@test "the members of a plain message" {
	sub_start -t a/b -q 1 -C 1 --json
	pub -t a/b -q 1 -m hello
	sub_wait
	[ "$(jq -r 'keys_unsorted | join(" ")' "$OUT")" = \
	    'tst topic qos retain payloadlen mid payload encoding' ]
	[ "$(jq -c 'del(.tst) | [.[]]' "$OUT")" = \
	    '["a/b",1,false,5,1,"hello","utf8"]' ]
	[[ $(field .tst) =~ ^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}[+-][0-9]{4}$ ]]
}

@test "text with everything that needs an escape" {
	printf '"\\/\b\f\n\r\t\1\37\177\303\251\342\200\250\360\237\230\200' \
	    >"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 1 --json
	pub -t a -f "$BATS_TEST_TMPDIR/data"
	sub_wait
	[ "$(field .encoding)" = utf8 ]
	field .payload | cmp - "$BATS_TEST_TMPDIR/data"
}

@test "binary is base64 and comes back" {
	head -c 100000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sub_start -t a -C 1 --json
	pub -t a -f "$BATS_TEST_TMPDIR/data"
	sub_wait
	[ "$(field .encoding)" = base64 ]
	[ "$(field .payloadlen)" = 100000 ]
	field .payload | base64 -d | cmp - "$BATS_TEST_TMPDIR/data"
}

@test "text with NUL is base64, too" {
	sub_start -t a -C 1 --json
	printf 'a\0b' | pub -t a -s
	sub_wait
	[ "$(field .encoding)" = base64 ]
	[ "$(field .payload)" = YQBi ]
}

@test "an empty payload is null" {
	sub_start -t a -C 1 --json
	pub -t a -n
	sub_wait
	[ "$(jq -c '[.payload, .payloadlen, .encoding]' "$OUT")" = \
	    '[null,0,"utf8"]' ]
}

@test "every property" {
	sub_start -t a -C 1 --json -D subscribe subscription-identifier 5
	pub -t a -m x -D publish payload-format-indicator 1 \
	    -D publish message-expiry-interval 100 \
	    -D publish content-type 'text/plain' \
	    -D publish response-topic re/ply \
	    -D publish correlation-data 'id "1"' \
	    -D publish user-property k 1 -D publish user-property k 2
	sub_wait
	jq -c '.properties | to_entries[] | [.key, .value]' "$OUT" >"$OUT.props"
	cmp - "$OUT.props" <<-'END'
	["payload-format-indicator",1]
	["message-expiry-interval",100]
	["content-type","text/plain"]
	["response-topic","re/ply"]
	["correlation-data","id \"1\""]
	["subscription-identifier",5]
	["user-properties",[{"k":"1"},{"k":"2"}]]
	END
}

@test "every line is an object, whatever the payload" {
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/lines"
	n=$(grep -ac '' "$BATS_TEST_TMPDIR/lines")
	sub_start -t a -q 1 -C "$n" --json
	pub -t a -q 1 -l <"$BATS_TEST_TMPDIR/lines"
	sub_wait
	[ "$(wc -l <"$OUT")" = "$n" ]
	[ "$(jq -s 'map(.payloadlen) | add' "$OUT")" = "$((300000 - n))" ] ||
	    [ "$(jq -s 'map(.payloadlen) | add' "$OUT")" = "$((300001 - n))" ]
}

@test "%J embeds JSON and falls back to a string" {
	sub_start -t a -C 2 -F %J
	pub -t a -m '{ "n": 12345678901234567890, "list": [ 1, null ] }'
	pub -t a -m 'no json'
	sub_wait
	grep -qF '"payload":{"n":12345678901234567890,"list":[1,null]},' "$OUT"
	[ "$(jq -r .encoding "$OUT")" = $'json\nutf8' ]
	grep -qF '"payload":"no json","encoding":"utf8"}' "$OUT"
}
