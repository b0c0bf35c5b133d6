# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# TLS: every option of the group, and what each misconfiguration is called.

bats_require_minimum_version 1.5.0
load helper/broker
load helper/certs
load helper/subscriber

# tls_listener N CERTIFICATE [LINE]...: at PORT+N
tls_listener() {
	printf '%s\n' "listener PORT+$1 127.0.0.1" "certfile $C/$2.pem" \
	    "keyfile $C/$2.key" "${@:3}"
}

setup_file() {
	export C=$BATS_FILE_TMPDIR/certs
	local lines

	certs_make "$C"
	echo 'me:0102030405060708' >"$C/psk"
	mapfile -t lines < <(
		echo 'max_queued_messages 0'
		echo "psk_file $C/psk"
		tls_listener 1 server
		tls_listener 2 server "cafile $C/ca.pem" \
		    'require_certificate true'
		tls_listener 3 expired
		tls_listener 4 early
		tls_listener 5 wrong
		tls_listener 6 revoked
		tls_listener 7 stranger
		tls_listener 8 self
		printf '%s\n' 'listener PORT+9 127.0.0.1' 'psk_hint hint'
	)
	broker_start "$BATS_FILE_TMPDIR/broker" "${lines[@]}"
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
	[ -z "${SERVER_PID-}" ] || kill "$SERVER_PID" || true
}

# tls N OPTION...: publish to PORT+N, trusting the CA
tls() {
	mqpub -p $((PORT + $1)) --cafile "$C/ca.pem" -t a -m x "${@:2}"
}

# fails STATUS TEXT COMMAND...: one line, which has the text in it
fails() {
	run -"$1" --separate-stderr "${@:3}"
	if [ "${#stderr_lines[@]}" -ne 1 ] || [[ $stderr != *"$2"* ]]; then
		echo "said: $stderr"
		return 1
	fi
}

# A server of OpenSSL's that tells what the client asked for, in $SAID.
openssl_server() {
	SAID=$BATS_TEST_TMPDIR/said
	SERVER_PORT=$((PORT + 10))
	# It leaves at the end of its input, which this one never comes to.
	mkfifo "$SAID.in"
	openssl s_server -accept "127.0.0.1:$SERVER_PORT" \
	    -cert "$C/server.pem" -key "$C/server.key" "$@" \
	    >"$SAID" 2>&1 <>"$SAID.in" 3>&- &
	SERVER_PID=$!
	wait_for 10 grep -q ACCEPT "$SAID"
}

# ask OPTION...: publish to it; it never answers a CONNECT.
ask() {
	mqpub -p "$SERVER_PORT" --cafile "$C/ca.pem" -t a -m x \
	    --connect-timeout 500ms "$@"
}

said() {
	grep -qE -e "$1" "$SAID" || { cat "$SAID"; return 1; }
}

# ---- what works -------------------------------------------------------------

@test "--cafile: messages of any size go both ways" {
	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sub_start -p $((PORT + 1)) --cafile "$C/ca.pem" -t big -C 1 -N
	mqpub -p $((PORT + 1)) --cafile "$C/ca.pem" -t big -q 1 \
	    -f "$BATS_TEST_TMPDIR/data"
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/data"
}

@test "--tls-kernel: whether the kernel can or not, all arrives" {
	local version

	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	for version in tlsv1.2 tlsv1.3; do
		sub_start -p $((PORT + 1)) --cafile "$C/ca.pem" -t big -C 1 -N
		mqpub -p $((PORT + 1)) --cafile "$C/ca.pem" -t big -q 1 \
		    -f "$BATS_TEST_TMPDIR/data" --tls-kernel \
		    --tls-max-version "$version"
		sub_wait
		cmp "$OUT" "$BATS_TEST_TMPDIR/data"
	done
}

@test "50,000 lines at QoS 1 arrive in order through TLS" {
	seq 50000 >"$BATS_TEST_TMPDIR/lines"
	sub_start -p $((PORT + 1)) --cafile "$C/ca.pem" -t l -q 1 -C 50000
	mqpub -p $((PORT + 1)) --cafile "$C/ca.pem" -t l -q 1 -l \
	    <"$BATS_TEST_TMPDIR/lines"
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/lines"
}

@test "--capath: a directory of CAs" {
	mqpub -p $((PORT + 1)) --capath "$C/cas" -t a -m x
}

@test "the certificate's address counts as its name does" {
	tls 1 -h 127.0.0.1
	tls 1 -h localhost
}

@test "mqtts:// is TLS, with the CAs of the options" {
	mqpub -L "mqtts://localhost:$((PORT + 1))/a" --cafile "$C/ca.pem" -m x
}

@test "--tls-use-os-certs adds the system's CAs" {
	SSL_CERT_FILE=$C/ca.pem mqpub -p $((PORT + 1)) --tls-use-os-certs \
	    -t a -m x
	SSL_CERT_FILE=$C/ca.pem mqpub -p $((PORT + 1)) --tls-use-os-certs \
	    --cafile "$C/other-ca.pem" -t a -m x
}

@test "mqtts:// alone trusts the system's CAs" {
	SSL_CERT_FILE=$C/ca.pem mqpub -L "mqtts://localhost:$((PORT + 1))/a" \
	    -m x
	fails 78 'CA CN=Test CA' mqpub \
	    -L "mqtts://localhost:$((PORT + 7))/a" --capath "$C/cas" -m x ||
	    fails 78 'Other CA' mqpub -L "mqtts://localhost:$((PORT + 7))/a" \
	    -m x
}

@test "port 8883 means TLS, unless --no-tls" {
	fails 69 'connect to 127.0.0.8:8883' mqpub -h 127.0.0.8 -p 8883 \
	    -t a -m x
	mqpub -p "$PORT" --no-tls --cafile "$C/ca.pem" -t a -m x
	mqpub -p "$PORT" --no-tls --cert "$C/none" -t a -m x
}

@test "TLS without a port goes to 8883" {
	fails 69 'connect to 127.0.0.8:8883' mqpub -h 127.0.0.8 \
	    --cafile "$C/ca.pem" -t a -m x
	fails 69 'connect to 127.0.0.8:8883' mqpub -L mqtts://127.0.0.8/a -m x
}

@test "--insecure takes any certificate, and says so once" {
	for n in 3 5 7 8; do
		run -0 --separate-stderr mqpub -p $((PORT + n)) -t a -m x \
		    --tls-use-os-certs --insecure
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == *'certificate is not checked'* ]]
	done
	run -0 --separate-stderr mqpub -p $((PORT + 8)) -t a -m x --quiet \
	    --tls-use-os-certs --insecure
	[ -z "$stderr" ]
}

@test "--cert and --key show our certificate" {
	tls 2 --cert "$C/client.pem" --key "$C/client.key"
}

@test "--cert alone: the key is in the same file" {
	cat "$C/client.pem" "$C/client.key" >"$BATS_TEST_TMPDIR/both"
	tls 2 --cert "$BATS_TEST_TMPDIR/both"
}

@test "--key takes a URI of OpenSSL's stores" {
	tls 2 --cert "$C/client.pem" --key "file:$C/client.key"
}

@test "--key-password-file opens an encrypted key" {
	echo secret >"$BATS_TEST_TMPDIR/pass"
	tls 2 --cert "$C/client.pem" --key "$C/client-secret.key" \
	    --key-password-file "$BATS_TEST_TMPDIR/pass"
}

@test "the terminal is asked for the pass-phrase, and does not show it" {
	local screen=$BATS_TEST_TMPDIR/screen keys=$BATS_TEST_TMPDIR/keys

	mkfifo "$keys"
	script -qefc "mqpub -p $((PORT + 2)) --cafile $C/ca.pem -t a -m x \
	    --cert $C/client.pem --key $C/client-secret.key" "$screen" \
	    <"$keys" >/dev/null 3>&- &
	exec 9>"$keys"
	wait_for 10 grep -q "Pass-phrase for $C/client-secret.key:" "$screen"
	printf 'wrong\025secreX\177t\r' >&9
	wait_end 10 $!
	exec 9>&-
	! grep -q wrong "$screen"
}

# token_make DIRECTORY: a SoftHSM with the client's key; its PIN beside it
token_make() {
	mkdir "$1"
	echo "directories.tokendir = $1" >"$1.conf"
	export SOFTHSM2_CONF=$1.conf
	PKCS11_MODULE_PATH=$(find /usr/lib -name libsofthsm2.so | head -n 1)
	export PKCS11_MODULE_PATH
	softhsm2-util --init-token --free --label t --pin 1234 --so-pin 5678
	openssl pkcs8 -topk8 -nocrypt -in "$C/client.key" -out "$1.key"
	softhsm2-util --import "$1.key" --token t --label k --id 01 --pin 1234
	echo 1234 >"$1.pin"
}

@test "--tls-engine: the key stays in a PKCS#11 token" {
	local token=$BATS_TEST_TMPDIR/token engine

	engine=$(openssl version -e | sed 's/.*"\(.*\)".*/\1/')
	command -v softhsm2-util >/dev/null && [ -e "$engine/pkcs11.so" ] ||
	    skip 'no softhsm2, or no engine for it'
	token_make "$token"
	tls 2 --cert "$C/client.pem" --tls-engine pkcs11 --keyform engine \
	    --key 'pkcs11:token=t;object=k' \
	    --key-password-file "$token.pin"
}

@test "--key: a URI for the PKCS#11 provider" {
	local token=$BATS_TEST_TMPDIR/token modules provider

	modules=$(openssl version -m | sed 's/.*"\(.*\)".*/\1/')
	provider=${PKCS11_PROVIDER-$modules/pkcs11.so}
	command -v softhsm2-util >/dev/null && [ -e "$provider" ] ||
	    skip 'no softhsm2, or no PKCS#11 provider'
	token_make "$token"
	# SoftHSM crashes in the second of two clean-ups at exit.
	cat >"$token.cnf" <<-END
	openssl_conf = start
	[start]
	providers = all
	[all]
	default = base
	pkcs11 = token
	[base]
	activate = 1
	[token]
	module = $provider
	pkcs11-module-path = $PKCS11_MODULE_PATH
	pkcs11-module-quirks = no-deinit
	activate = 1
	END
	export OPENSSL_CONF=$token.cnf
	tls 2 --cert "$C/client.pem" --key 'pkcs11:token=t;object=k' \
	    --key-password-file "$token.pin"
	tls 2 --cert "$C/client.pem" \
	    --key 'pkcs11:token=t;object=k;pin-value=1234'
	fails 64 'the PIN is wrong, or there is no such key' \
	    tls 2 --cert "$C/client.pem" --key 'pkcs11:token=t;object=x' \
	    --key-password-file "$token.pin"
}

@test "--key: a URI that no provider knows" {
	fails 64 'no provider of OpenSSL has it' tls 2 \
	    --cert "$C/client.pem" --key 'nothing:token=t'
}

@test "--psk and --psk-identity" {
	mqpub -p $((PORT + 9)) --psk 0102030405060708 --psk-identity me \
	    -t a -m x
}

@test "--tls-server-name is asked for and expected" {
	tls 5 --tls-server-name b.example
	tls 5 --tls-server-name 10.1.2.3
	openssl_server -servername a.example -cert2 "$C/wrong.pem" \
	    -key2 "$C/wrong.key"
	run ask --tls-server-name a.example
	said 'Hostname in TLS extension: "a.example"'
}

@test "the host's name is sent, an address is not" {
	openssl_server -servername none -cert2 "$C/wrong.pem" \
	    -key2 "$C/wrong.key"
	run ask -h 127.0.0.1
	! said 'Hostname in TLS' >/dev/null
	run ask -h localhost
	said 'Hostname in TLS extension: "localhost"'
}

@test "--tls-alpn asks for a protocol" {
	openssl_server -alpn mqtt
	run ask --tls-alpn mqtt
	said 'ALPN protocols advertised by the client: mqtt'
	fails 71 'alert 120, no_application_protocol' ask --tls-alpn other
}

@test "--ciphers and --tls-ciphersuites choose" {
	openssl_server
	run ask --tls-max-version tlsv1.2 \
	    --ciphers ECDHE-ECDSA-CHACHA20-POLY1305
	said 'CIPHER is ECDHE-ECDSA-CHACHA20-POLY1305'
	run ask --tls-ciphersuites TLS_AES_128_GCM_SHA256
	said 'CIPHER is TLS_AES_128_GCM_SHA256'
}

@test "--tls-version and --tls-max-version" {
	openssl_server -tls1_2
	run ask --tls-version tlsv1.2
	said '(TLSv1.2|CIPHER is)'
	fails 71 'alert 70, protocol_version: no TLS version in common' \
	    ask --tls-version tlsv1.3
	tls 1 --tls-version tlsv1.3
	tls 1 --tls-max-version tlsv1.2
}

@test "--tls-keylog appends secrets to a private file" {
	local log=$BATS_TEST_TMPDIR/keylog

	tls 1 --tls-keylog "$log"
	[ "$(stat -c %a "$log")" = 600 ]
	grep -q '^CLIENT_TRAFFIC_SECRET_0 ' "$log"
	tls 1 --tls-keylog "$log" --tls-max-version tlsv1.2
	grep -q '^CLIENT_TRAFFIC_SECRET_0 ' "$log"
	grep -q '^CLIENT_RANDOM ' "$log"
}

@test "--tls-crl lets those pass that are not revoked" {
	tls 1 --tls-crl "$C/crl.pem"
}

@test "a lost connection comes back with its TLS session" {
	local log=$BATS_TEST_TMPDIR/keylog

	sub_start -p $((PORT + 1)) --cafile "$C/ca.pem" -t r -C 1 -k 1 \
	    --tls-max-version tlsv1.2 --tls-keylog "$log" \
	    --reconnect-delay 10ms
	kill -STOP "$(broker_pid)"
	wait_for 10 grep -q 'connection lost' "$ERR"
	kill -CONT "$(broker_pid)"
	wait_for 10 grep -q 'again' "$ERR"
	wait_subscribed "$SUB_ID" r
	wait_for 10 tls_reaches_sub
	# A resumed session has the master secret of the first.
	[ "$(grep -c '^CLIENT_RANDOM' "$log")" -ge 2 ]
	[ "$(awk '{ print $3 }' "$log" | sort -u | wc -l)" -eq 1 ]
}

# Published until it has been received: it ends with the first message.
tls_reaches_sub() {
	tls 1 -t r
	has_ended "$SUB_PID"
}

@test "mqbench connects its clients through TLS" {
	mqbench pub -p $((PORT + 1)) --cafile "$C/ca.pem" -c 20 -n 200 -s 32
}

# ---- what is wrong, in one line ---------------------------------------------

@test "an expired certificate" {
	fails 78 'the certificate of CN=expired expired on 2020-02-01' tls 3
}

@test "a certificate that is not yet valid" {
	fails 78 'CN=early is not valid before 2099-01-01' tls 4
}

@test "a certificate of another host, with its names" {
	local names='a.example, b.example, 10.1.2.3'

	fails 78 "is for $names, not for localhost (--host, --tls-server" tls 5
	fails 78 'not for 127.0.0.1' tls 5 -h 127.0.0.1
}

@test "a revoked certificate" {
	tls 6
	fails 78 'of CN=revoked has been revoked by CN=Test CA' \
	    tls 6 --tls-crl "$C/crl.pem"
}

@test "a revocation list of another CA" {
	fails 78 'the revocation list has nothing from CN=Other CA' \
	    mqpub -p $((PORT + 7)) --cafile "$C/other-ca.pem" \
	    --tls-crl "$C/crl.pem" -t a -m x
}

@test "an unknown CA" {
	fails 78 'issued by CN=Other CA, which is not a trusted CA (--cafile' \
	    tls 7
}

@test "a self-signed certificate" {
	fails 78 'CN=self is self-signed and not among the trusted ones' tls 8
}

@test "a port without TLS" {
	fails 71 'this port does not speak TLS (--port, --no-tls)' tls 0
}

@test "a TLS port spoken to without TLS" {
	fails 69 'does it want TLS or WebSocket, or neither? --port' \
	    mqpub -p $((PORT + 1)) -t a -m x
}

@test "no certificate of ours where one is required" {
	local wanted='it wants a certificate of ours (--cert, --key)'

	fails 71 "alert 116, certificate_required: $wanted" tls 2
	fails 71 "alert 40, handshake_failure: $wanted" \
	    tls 2 --tls-max-version tlsv1.2
}

@test "a certificate of ours that the broker does not trust" {
	fails 71 'unknown_ca: it does not know the CA of our certificate' \
	    tls 2 --cert "$C/stranger.pem" --key "$C/stranger.key"
	fails 71 'certificate_expired: our certificate has expired' \
	    tls 2 --cert "$C/expired.pem" --key "$C/expired.key"
}

@test "a wrong pre-shared key, and a wrong identity" {
	fails 71 '--psk' mqpub -p $((PORT + 9)) --psk 99 --psk-identity me \
	    -t a -m x
	fails 71 '--psk-identity' mqpub -p $((PORT + 9)) --psk 01 \
	    --psk-identity you -t a -m x
}

@test "no cipher in common" {
	fails 71 'alert 40, handshake_failure: no common version and cipher' \
	    tls 1 --tls-max-version tlsv1.2 --ciphers ECDHE-RSA-AES128-SHA
}

# ---- usage ------------------------------------------------------------------

@test "files that can't be used are named" {
	fails 64 'CA file /nowhere: No such file' mqpub --cafile /nowhere \
	    -t a -m x
	fails 64 'no certificate in it' mqpub --cafile "$C/ca.key" -t a -m x
	fails 64 'CA directory' mqpub --capath "$C/ca.pem" -t a -m x
	fails 64 'no revocation list in it' tls 1 --tls-crl "$C/ca.pem"
	fails 64 'does not belong to the certificate' tls 2 \
	    --cert "$C/client.pem" --key "$C/server.key"
	fails 64 'key /nowhere: no private key in it' tls 2 \
	    --cert "$C/client.pem" --key /nowhere
	fails 64 'key log /nowhere/x: No such file' tls 1 \
	    --tls-keylog /nowhere/x
}

@test "a wrong pass-phrase, and none" {
	echo wrong >"$BATS_TEST_TMPDIR/pass"
	fails 64 'the pass-phrase is wrong' tls 2 --cert "$C/client.pem" \
	    --key "$C/client-secret.key" \
	    --key-password-file "$BATS_TEST_TMPDIR/pass"
	# setsid: no terminal to ask
	fails 64 'no pass-phrase for it (--key-password-file)' setsid -w \
	    mqpub -p $((PORT + 2)) --cafile "$C/ca.pem" -t a -m x \
	    --cert "$C/client.pem" --key "$C/client-secret.key"
}

@test "ciphers and engines that don't exist" {
	fails 64 'ciphers nonsense' tls 1 --ciphers nonsense
	fails 64 'cipher suites nonsense' tls 1 --tls-ciphersuites nonsense
	fails 64 'engine nonsense' tls 2 --cert "$C/client.pem" --key k \
	    --keyform engine --tls-engine nonsense
	fails 64 'no TLS version between' tls 1 --tls-version tlsv1.3 \
	    --tls-max-version tlsv1.2
}

@test "options that need or exclude each other" {
	usage() {
		run -64 mqpub -t a -m x "${@:2}"
		[[ $output == *"$1"* ]] || { echo "$output"; return 1; }
	}
	usage '--cert is for TLS, which needs' --cert "$C/client.pem"
	usage '--insecure is for TLS, which needs' --insecure
	usage '--psk excludes --cafile' --psk 01 --psk-identity me \
	    --cafile "$C/ca.pem"
	usage '--psk and --psk-identity go together' --psk 01
	usage '--key needs --cert' --key k --cafile "$C/ca.pem"
	usage 'pairs of hexadecimal digits' --psk 012 --psk-identity me
	usage 'pairs of hexadecimal digits' --psk zz --psk-identity me
	usage '--tls-engine, --keyform engine and --key go together' \
	    --cafile "$C/ca.pem" --tls-engine e
	usage '--tls-engine-kpass-sha1 needs --tls-engine' \
	    --cafile "$C/ca.pem" --tls-engine-kpass-sha1 00
}
