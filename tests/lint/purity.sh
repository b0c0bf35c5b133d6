#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Codec and session are pure: bytes and time go in, packets and events come
# out.  What their objects leave undefined must be defined by themselves or by
# base, or be one of the few names below.

cd "$(dirname "$0")/../.." || exit 1
obj=build/release/obj/lib

allowed='memcpy memmove memcmp memset memchr strlen strcmp strncmp strcasecmp
strchr snprintf vsnprintf malloc calloc realloc free qsort'

# The compiler's own: fortified names are those of the function they check.
undefined() {
	nm -u "$@" | awk 'NF == 2 && $1 == "U" { print $2 }' |
	    sed 's/^__\(.*\)_chk$/\1/' |
	    grep -vx -e _GLOBAL_OFFSET_TABLE_ -e __stack_chk_fail | sort -u
}

known() {
	echo "$allowed" | tr ' ' '\n'
	nm --defined-only "$@" | awk 'NF == 3 { print $3 }'
}

tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT
known "$obj"/base/*.o "$obj"/codec/*.o "$obj"/session/*.o | sort -u >"$tmp"

impure=$(undefined "$obj"/codec/*.o "$obj"/session/*.o | comm -23 - "$tmp")
if [ -n "$impure" ]; then
	echo "codec and session may not call:" "$impure"
	exit 1
fi

# base's clock and randomness are for the client, not for them.
for module in clock random; do
	nm --defined-only "$obj/base/$module.o" | awk 'NF == 3 { print $3 }'
done | sort -u >"$tmp"
if undefined "$obj"/codec/*.o "$obj"/session/*.o | comm -12 - "$tmp" | grep .
then
	echo "read a clock or a source of randomness: that is the client's"
	exit 1
fi
