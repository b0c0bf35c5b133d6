#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: deps.sh [bench|fuzz|interop]
# Looks which programs and libraries are missing to build and test, and
# installs just their packages.  Nothing missing: nothing is run.

set -u

# program, pkg-config module, header or library; Debian's name; Fedora's;
# Homebrew's (- comes with the system)
build_needs='
command gcc            gcc             gcc              gcc
command g++            g++             gcc-c++          gcc
command ld             binutils        binutils         binutils
header  stdlib.h       libc6-dev       glibc-devel      -
command pkg-config     pkg-config      pkgconf          pkg-config
module  libcjson       libcjson-dev    cjson-devel      cjson
module  cmocka         libcmocka-dev   libcmocka-devel  cmocka
module  libssl         libssl-dev      openssl-devel    openssl
header  wslay/wslay.h  libwslay-dev    wslay-devel      wslay
module  sqlite3        libsqlite3-dev  sqlite-devel     sqlite
header  ev.h           libev-dev       libev-devel      libev
library asan           gcc             libasan          -
library ubsan          gcc             libubsan         -
library tsan           gcc             libtsan          -
library idn            libidn-dev      libidn-devel     libidn
command mosquitto      mosquitto       mosquitto        mosquitto
command openssl        openssl         openssl          openssl
command softhsm2-util  softhsm2        softhsm          softhsm
engine  pkcs11         libengine-pkcs11-openssl openssl-pkcs11 libp11
command bats           bats            bats             bats-core
command mandoc         mandoc          mandoc           mandoc
command zsh            zsh             zsh              zsh
command fish           fish            fish             fish
command shellcheck     shellcheck      ShellCheck       shellcheck
command jq             jq              jq               jq
'
bench_needs='
command mosquitto_sub  mosquitto-clients mosquitto      mosquitto
'
fuzz_needs='
command clang          clang           clang            llvm
fuzzer  -              libclang-rt-14-dev compiler-rt   -
'

interop_needs='
command npm            npm             npm              node
command rabbitmq-server rabbitmq-server rabbitmq-server rabbitmq
command ejabberdctl    ejabberd        ejabberd         ejabberd
'

compiles() {
	echo "$1" | "$2" -x c "$3" -o /dev/null - >/dev/null 2>&1
}

present() {
	case $1 in
	command) command -v "$2" ;;
	module) pkg-config --exists "$2" ;;
	header) compiles "#include <$2>" gcc -fsyntax-only ;;
	library) compiles 'int main(void) { return 0; }' gcc "-l$2" ;;
	engine) openssl engine "$2" ;;
	fuzzer)	compiles 'int LLVMFuzzerTestOneInput(void) { return 0; }' \
		    clang -fsanitize=fuzzer ;;
	esac >/dev/null 2>&1
}

# The column of the package manager of this system.
if command -v apt-get >/dev/null; then
	manager=apt-get
elif command -v dnf >/dev/null; then
	manager='dnf install'
else
	manager='brew install'
fi

case ${1-} in
bench) needs=$build_needs$bench_needs ;;
fuzz) needs=$build_needs$fuzz_needs ;;
interop) needs=$build_needs$interop_needs ;;
*) needs=$build_needs ;;
esac

missing=$(echo "$needs" | while read -r kind what debian fedora brew; do
	if [ -z "$kind" ] || present "$kind" "$what"; then
		continue
	fi
	case $manager in
	apt-get) echo "$debian" ;;
	dnf*) echo "$fedora" ;;
	*) echo "$brew" ;;
	esac
done | grep -vx -e - | sort -u | tr '\n' ' ')

if [ -z "$missing" ]; then
	exit 0
fi
if [ "$manager" != apt-get ]; then
	echo "missing: $manager $missing" >&2
	exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
	root=
else
	root=sudo
fi
apt() {
	# shellcheck disable=SC2086 # $root is empty or one word
	$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null
}

echo "installing $missing"
# A fresh machine has no package lists, an old one has lists that are too old.
# shellcheck disable=SC2086 # a list of words
apt install --no-install-recommends $missing || {
	apt update && apt install --no-install-recommends $missing
}
