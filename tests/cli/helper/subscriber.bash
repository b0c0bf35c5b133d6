# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# mqsub in the background.  Its output is in $OUT, its messages in $ERR.

# sub_start OPTION...: returns when the broker has the subscription.
sub_start() {
	SUB_ID=${BATS_TEST_NUMBER-0}-$RANDOM
	OUT=$BATS_TEST_TMPDIR/$SUB_ID.out
	ERR=$BATS_TEST_TMPDIR/$SUB_ID.err
	mqsub -p "$PORT" -i "$SUB_ID" "$@" >"$OUT" 2>"$ERR" 3>&- &
	SUB_PID=$!
	wait_subscribed "$SUB_ID"
}

# Its exit status, when it has ended by itself.
sub_wait() {
	wait_end 30 "$SUB_PID"
}

# sub_got TEXT: ended well, and this is what it printed, to the byte.
sub_got() {
	sub_wait || { cat "$ERR" >&2; return 1; }
	printf '%b' "$1" >"$OUT.expected"
	cmp "$OUT" "$OUT.expected" || { od -c "$OUT" | head -20 >&2; return 1; }
}

sub_stop() {
	[ -n "${SUB_PID-}" ] || return 0
	kill "$SUB_PID" 2>/dev/null
	wait "$SUB_PID" 2>/dev/null
	SUB_PID=
}

pub() {
	mqpub -p "$PORT" "$@"
}
