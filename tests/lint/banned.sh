#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Functions that no file may call, and some that only the library may not.
# Comments and strings are taken out first.

cd "$(dirname "$0")/../.." || exit 1

awk '
BEGIN {
	everywhere = "atoi|atol|atoll|atof|strcpy|strcat|sprintf|vsprintf|" \
	    "strncpy|strtok|gets|alloca|signal|select|time|rand|srand|" \
	    "gethostbyname|localtime"
	library = "printf|fprintf|vprintf|vfprintf|puts|fputs|exit|_exit|" \
	    "abort|getenv"
}

function code(line,	out, at) {
	gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
	gsub(/\047([^\047\\]|\\.)+\047/, "0", line)
	out = ""
	for (;;) {
		if (inside) {
			at = index(line, "*/")
			if (at == 0)
				return (out)
			line = substr(line, at + 2)
			inside = 0
		}
		at = index(line, "/*")
		if (at == 0)
			return (out line)
		out = out substr(line, 1, at - 1)
		line = substr(line, at + 2)
		inside = 1
	}
}

function calls(line, names) {
	return (line ~ ("(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\("))
}

FNR == 1 { inside = 0 }
{
	line = code($0)
	if (calls(line, everywhere) ||
	    (FILENAME ~ /^lib\// && calls(line, library))) {
		printf "%s:%d: %s\n", FILENAME, FNR, $0
		bad = 1
	}
}
END { exit bad }
' lib/*/*.[ch] cmd/*/*.[ch] tests/*/*.[ch]
