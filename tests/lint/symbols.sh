#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One list of names in three places: declared in mqk.h, listed in the version
# script, exported by the shared library.  The archive exports no others.

cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

tr '\n' ' ' <lib/include/mqk.h | grep -o 'MQK_API [^;]*;' |
    grep -o 'mqk_[a-z0-9_]* *(' | tr -d ' (' | sort >"$tmp/mqk.h"
sed -n 's/^\t*\(mqk_[a-z0-9_]*\);$/\1/p' lib/libmqk.map | sort >"$tmp/map"
nm -D --defined-only build/release/lib/libmqk.so |
    awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$tmp/so"
nm -g --defined-only build/release/lib/libmqk.a |
    awk 'NF == 3 { print $3 }' | sort >"$tmp/a"

status=0
for list in map so a; do
	diff -u --label mqk.h --label "$list" "$tmp/mqk.h" "$tmp/$list" ||
	    status=1
done
[ -s "$tmp/mqk.h" ] && exit $status
