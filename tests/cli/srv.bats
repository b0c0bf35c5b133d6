# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# --srv, with a name server in a network and a view of /etc of its own.

load helper/broker

setup() {
	unshare -rnm true 2>/dev/null ||
	    skip 'this system gives nobody a network of his own'
	[ "$(uname)" = Linux ] || skip 'needs the namespaces of Linux'
	echo 'nameserver 127.0.0.1' >"$BATS_TEST_TMPDIR/resolv.conf"
	echo 'hosts: files dns' >"$BATS_TEST_TMPDIR/nsswitch.conf"
	export ROOT DIR=$BATS_TEST_TMPDIR
}

# apart RECORDS SCRIPT: run it where those SRV records hold, mosquitto
# listening on ports 1883 and 2883.
apart() {
	cat >"$DIR/inside" <<-'END'
		set -u
		source "$ROOT/tests/cli/helper/wait.bash"
		mount --bind "$DIR/resolv.conf" /etc/resolv.conf || exit 90
		mount --bind "$DIR/nsswitch.conf" /etc/nsswitch.conf || exit 90
		coproc "$ROOT/build/${V:-release}/tests/relay/dns" $1
		read -r line <&"${COPROC[0]}" && [ "$line" = ready ] || exit 91
		cat >"$DIR/conf" <<-CONF
			listener 1883 127.0.0.1
			listener 2883 127.0.0.1
			allow_anonymous true
			log_type all
			log_timestamp false
			log_dest stderr
			user root
		CONF
		rm -f "$DIR/log"
		mosquitto -c "$DIR/conf" >"$DIR/log" 2>&1 &
		trap "kill $!" EXIT
		wait_for 10 grep -q ' running$' "$DIR/log" || exit 92
		eval "$2"
	END
	run unshare -rnm bash "$DIR/inside" "$1" "$2"
	echo "$output"
}

@test "-S: the record says which port" {
	apart '_mqtt._tcp.a.test 10 5 2883 b.test' \
	    'mqpub -S -h a.test -t t -m x -i found'
	[ "$status" -eq 0 ]
	grep -q 'on port 2883' "$DIR/log"
	grep -q 'as found' "$DIR/log"
	apart '_mqtt._tcp.a.test 10 5 2883 b.test' \
	    'mqsub -S -L mqtt://a.test/t -i sub -E'
	[ "$status" -eq 0 ]
	grep -q 'on port 2883' "$DIR/log"
	grep -q 'as sub' "$DIR/log"
}

@test "-S: the lowest priority first, what fails is passed over" {
	apart '_mqtt._tcp.a.test 30 0 2883 c.test
	    _mqtt._tcp.a.test 10 0 1999 a.test
	    _mqtt._tcp.a.test 5 0 1883 gone.test
	    _mqtt._tcp.a.test 40 0 1998 d.test' \
	    'mqpub -S -h a.test -t t -m x -i third'
	[ "$status" -eq 0 ]
	grep -q 'as third' "$DIR/log"
}

@test "-S: all that was tried is told" {
	apart '_mqtt._tcp.a.test 30 0 1998 c.test
	    _mqtt._tcp.a.test 10 0 1999 a.test' \
	    'mqpub -S -h a.test -t t -m x'
	[ "$status" -eq 69 ]
	[[ $output == *'127.0.0.1:1999: Connection refused; '* ]]
	[[ $output == *'127.0.0.1:1998: Connection refused'* ]]
}

@test "-S: no records, no service, no hosts are told apart" {
	apart '_mqtt._tcp.none.test 0 0 0 .
	    _mqtt._tcp.lost.test 1 1 1 gone.test' \
	    'for host in a.test none.test lost.test b.invalid; do
		mqpub -S -h $host -t t -m x; done'
	[ "$status" -eq 68 ]
	[[ $output == *'_mqtt._tcp.a.test: there is no SRV record'* ]]
	[[ $output == *'_mqtt._tcp.none.test: the service is not offered'* ]]
	[[ $output == *'_mqtt._tcp.lost.test: the hosts of its SRV records'* ]]
	[[ $output == *'_mqtt._tcp.b.invalid: there is no such name'* ]]
}

@test "-S: TLS asks for another service" {
	apart '_mqtt._tcp.a.test 10 5 2883 b.test' \
	    'mqpub -S -L mqtts://a.test/t -m x --tls-use-os-certs'
	[ "$status" -eq 68 ]
	[[ $output == *'_secure-mqtt._tcp.a.test'* ]]
}

@test "-S: a port in the URL goes before" {
	apart '_mqtt._tcp.a.test 10 5 1999 b.test' \
	    'mqpub -S -L mqtt://a.test:2883/t -m x -i port'
	[ "$status" -eq 0 ]
}

@test "-S: mqbench too" {
	apart '_mqtt._tcp.a.test 10 5 2883 b.test' \
	    'mqbench pub -S -h a.test -n 100 -c 3 -t t'
	[ "$status" -eq 0 ]
}
