#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: docs.sh [update]
#
# The generated parts of man/ and completions/: fails when one is not what the
# option tables say, when mandoc or a shell finds fault with it, or when
# libmqk.3 does not have every function and error of the library.  "update"
# brings them up to date.  V is the variant of mqgen to use.

set -u
cd "$(dirname "$0")/../.." || exit 1

mqgen=build/${V:-release}/mqgen
mode=${1:-check}
tools="mqpub mqsub mqbench"
faults=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

fault() {
	echo "docs: $*" >&2
	faults=$((faults + 1))
}

# generate WHAT TOOL FILE
generate() {
	if ! "$mqgen" "$1" "$2" >"$3"; then
		fault "mqgen $1 $2 failed"
		exit 1
	fi
}

# The page with the text between its markers replaced: splice TOOL OUTPUT
splice() {
	page=man/$1.1
	parts="options exit"
	grep -q '^\.\\" begin format' "$page" && parts="$parts format"
	cp "$page" "$2"
	for part in $parts; do
		generate "$part" "$1" "$tmp/part"
		if ! awk -v part="$part" -v text="$tmp/part" '
		    BEGIN {
			begin = ".\\\" begin " part
			end = ".\\\" end " part
		    }
		    $0 == end { inside = 0; ends++ }
		    !inside { print }
		    $0 == begin {
			inside = 1
			begins++
			while ((getline line < text) > 0)
				print line
		    }
		    END { exit (begins != 1 || ends != 1) }
		    ' "$2" >"$tmp/next"; then
			fault "$page: no pair of markers \"$part\""
		fi
		mv "$tmp/next" "$2"
	done
}

# Write or compare: settle NEW FILE
settle() {
	if cmp -s "$1" "$2"; then
		return
	fi
	if [ "$mode" = update ]; then
		cp "$1" "$2"
		echo "wrote $2"
	else
		fault "$2 is not what the option tables say (make docs)"
		diff -u "$2" "$1" | head -20 >&2
	fi
}

# lint COMMAND...; a tool that is not installed is a fault too
lint() {
	if ! "$@" >"$tmp/out" 2>&1; then
		fault "$*"
		cat "$tmp/out" >&2
	fi
}

for tool in $tools; do
	splice "$tool" "$tmp/page"
	settle "$tmp/page" "man/$tool.1"
	for shell in bash zsh fish; do
		case $shell in
		zsh) file=completions/_$tool ;;
		*) file=completions/$tool.$shell ;;
		esac
		generate "$shell" "$tool" "$tmp/completion"
		settle "$tmp/completion" "$file"
		[ "$mode" = check ] && lint "$shell" -n "$file"
	done
	generate json "$tool" "$tmp/json"
	[ "$mode" = check ] && lint mandoc -Tlint -Wwarning "man/$tool.1"
done

# same_names WHERE: the list "page" has each name of the list "there" once, and
# no others.
same_names() {
	sort -o "$tmp/page" "$tmp/page"
	sort -u -o "$tmp/there" "$tmp/there"
	diff -u --label man/libmqk.3 --label "$1" "$tmp/page" "$tmp/there" \
	    >&2 || fault "man/libmqk.3 is not what $1 has"
}

if [ "$mode" = check ]; then
	sed -n 's/^\.It Fn \(mqk_[a-z0-9_]*\).*/\1/p' man/libmqk.3 >"$tmp/page"
	sed -n 's/^\t*\(mqk_[a-z0-9_]*\);$/\1/p' lib/libmqk.map >"$tmp/there"
	same_names lib/libmqk.map
	sed -n 's/^\.It Dv \(MQK_E[A-Z]*\)$/\1/p' man/libmqk.3 >"$tmp/page"
	sed -n 's/^\tX(\([A-Z]*\), *-[0-9]*,.*/MQK_E\1/p' \
	    lib/include/mqk.h >"$tmp/there"
	same_names lib/include/mqk.h
	lint mandoc -Tlint -Wwarning man/libmqk.3
fi

if [ "$faults" -gt 0 ]; then
	echo "docs: $faults faults" >&2
	exit 1
fi
[ "$mode" = check ] && echo "docs: in step with the option tables"
exit 0
