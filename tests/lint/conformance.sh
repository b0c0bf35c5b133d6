#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tests/conformance.tsv against the specifications and the tests: every
# numbered statement of MQTT 5.0 and 3.1.1 (appendix B) has one row; those
# that bind a client name tests that exist, or say why there can be none.
# Numbers in the names of wire scenarios and in comments of lib/ must exist.
#
# A proof is FILE of tests/, for unit tests and bats FILE:NAME; a NAME in a
# unit test is a function or the name of a row.  Several stand between " | ".

set -u
cd "$(dirname "$0")/../.." || exit 1

# SECTION COUNT [FIRST]: the statements of a section are numbered from FIRST.
v5="1.5.4 3
1.5.5 1
1.5.7 1
2.1.3 1
2.2.1 6 2
2.2.2 1
3.1.0 2
3.1.2 30
3.1.3 12
3.1.4 6
3.2.0 2
3.2.2 22
3.3.1 13
3.3.2 20
3.3.4 10
3.4.2 3
3.5.2 3
3.6.1 1
3.6.2 3
3.7.2 3
3.8.1 1
3.8.3 5
3.8.4 8
3.9.2 2
3.9.3 2
3.10.1 1
3.10.3 2
3.10.4 6
3.11.2 2
3.11.3 2
3.12.4 1
3.14.0 1
3.14.1 1
3.14.2 4
3.14.4 3
3.15.1 1
3.15.2 3
4.1.0 2
4.2.0 1
4.3.1 1
4.3.2 5
4.3.3 13
4.4.0 2
4.5.0 2
4.6.0 6
4.7.0 1
4.7.1 2
4.7.2 1
4.7.3 4
4.8.2 6
4.9.0 3
4.12.0 7
4.12.1 2
4.13.1 1
4.13.2 1
6.0.0 4"

v311="1.5.3 3
2.2.2 2
2.3.1 7
3.1.0 2
3.1.2 24
3.1.3 11
3.1.4 5
3.2.0 1
3.2.2 6
3.3.1 12
3.3.2 3
3.3.4 1
3.3.5 2
3.6.1 1
3.8.1 1
3.8.3 4
3.8.4 6
3.9.3 2
3.10.1 1
3.10.3 2
3.10.4 6
3.12.4 1
3.14.1 1
3.14.4 3
4.1.0 2
4.3.1 1
4.3.2 2
4.3.3 2
4.4.0 1
4.5.0 2
4.6.0 6
4.7.1 3
4.7.2 1
4.7.3 4
4.8.0 2
6.0.0 4
7.0.0 2
7.1.1 1
7.1.2 1"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
status=0

# VERSION STATEMENT, a line for each.
numbers() {
	awk -v version="$1" '{
		for (i = $3 == "" ? 1 : $3; i <= $2; i++)
			print version, $1 "-" i
	}'
}

{
	echo "$v5" | numbers 5.0
	echo "$v311" | numbers 3.1.1
} | sort >"$tmp/wanted"

awk -F '\t' 'NR > 1 { print $1, $2 }' tests/conformance.tsv |
    sort >"$tmp/there"
if ! diff "$tmp/wanted" "$tmp/there" >"$tmp/diff"; then
	echo "conformance.tsv has not the statements of the specifications:"
	sed -n 's/^< /  missing: /p; s/^> /  too much: /p' "$tmp/diff"
	status=1
fi

# Which files a name would have to be in, asked of each once.
exists() {
	file=tests/${1%%:*}
	name=${1#*:}
	[ -f "$file" ] || return 1
	case $file in
	*.mqs) return 0 ;;
	*.bats) grep -qF "@test \"$name\" {" "$file" ;;
	*.c) grep -qxF "$name(void **state)" "$file" ||
		grep -qF "{ \"$name\"," "$file" ;;
	*) return 1 ;;
	esac
}

awk -F '\t' '
NR == 1 { next }
function complain(what) {
	print "conformance.tsv:" NR ": " $1 " " $2 ": " what >"/dev/stderr"
	bad = 1
}
NF != 5 { complain(NF " columns") }
$3 !~ /^(client|both|server)$/ { complain("binds nobody") }
$4 == "" { complain("no summary") }
$5 == "-" && $3 != "server" { complain("no test and no reason") }
$5 == "" { complain("no proof") }
$5 ~ /^untestable: ./ || $5 == "-" { next }
{
	n = split($5, proofs, / \| /)
	for (i = 1; i <= n; i++)
		print proofs[i]
}
END { exit bad }
' tests/conformance.tsv >"$tmp/proofs" || status=1

sort -u "$tmp/proofs" >"$tmp/each"
while read -r proof; do
	exists "$proof" && continue
	echo "conformance.tsv: no test $proof"
	status=1
done <"$tmp/each"

# Numbers elsewhere: of scenarios by their folder, in lib/ of either version.
{
	find tests/wire/v5 -name 'mqtt-*' | sed 's|.*/mqtt-|5.0 |'
	find tests/wire/v3* -name 'mqtt-*' | sed 's|.*/mqtt-|3.1.1 |'
} | sed 's/^\([^ ]* [0-9.]*-[0-9]*\)-.*/\1/' | sort -u >"$tmp/named"
grep -rhoE '\[MQTT-[0-9.]+-[0-9]+' lib | sed 's/.*MQTT-/5.0 /' |
    sort -u >>"$tmp/named"
grep -rhoE '\[3\.1\.1-[0-9.]+-[0-9]+' lib | sed 's/.3\.1\.1-/3.1.1 /' |
    sort -u >>"$tmp/named"
sort -u "$tmp/named" | comm -23 - "$tmp/wanted" >"$tmp/unknown"
if [ -s "$tmp/unknown" ]; then
	echo "statements that are named and do not exist:"
	cat "$tmp/unknown"
	status=1
fi
exit $status
