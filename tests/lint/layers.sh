#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An #include may name its own folder, the public headers and the folders that
# lie below (a name without folder can be nothing else); an internal.h is for
# its own folder only.

cd "$(dirname "$0")/../.." || exit 1

# below: folders that a folder may include; third: who may use a library
awk '
BEGIN {
	below["lib/include"] = ""
	below["lib/base"] = "base"
	below["lib/codec"] = "base codec"
	below["lib/session"] = "base codec session"
	below["lib/transport"] = "base transport"
	below["lib/store"] = "base store"
	below["lib/client"] = "base codec session transport client"
	below["cmd/common"] = "common"
	below["cmd/mqpub"] = "common mqpub"
	below["cmd/mqsub"] = "common mqsub"
	below["cmd/mqbench"] = "common mqbench"
	below["cmd/mqgen"] = "common mqgen mqpub mqsub mqbench"

	third["ev.h"] = "^(cmd/mqbench/|lib/include/mqk_ev.h)"
	third["cjson/cJSON.h"] = "^cmd/(common/record|mqbench/)"
	third["sqlite3.h"] = "^lib/store/sqlite_lib.h"
	third["wslay/wslay.h"] = "^lib/transport/ws_lib.h"
	openssl = "^lib/transport/openssl.h"
}

function complain(why) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0
	bad = 1
}

function project(name, folder,		top) {
	if (name !~ /\//)
		return
	top = name
	sub(/\/.*/, "", top)
	if (index(" " below[folder] " ", " " top " ") == 0)
		complain(folder " may not include " top)
	else if (name ~ /internal\.h$/ && folder !~ ("/" top "$"))
		complain("internal header of another folder")
}

/^[ \t]*#[ \t]*include/ {
	folder = FILENAME
	sub(/\/[^\/]*$/, "", folder)
	name = $0
	gsub(/^[^<"]*[<"]|[>"].*$/, "", name)
	if (!(folder in below))
		complain("a folder that no layer knows")
	else if ($0 ~ /"/)
		project(name, folder)
	else if ((name in third && FILENAME !~ third[name]) ||
	    (name ~ /^openssl\// && FILENAME !~ openssl))
		complain("a library that this file may not use")
}

END { exit bad }
' lib/*/*.[ch] cmd/*/*.[ch]
