# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Certificates, made once for a test file:
#
#	certs_make DIR
#
# leaves in DIR: ca.pem (the CA that is trusted), other-ca.pem, cas (ca.pem as
# a hashed directory), crl.pem (revoked.pem is in it) and pairs NAME.pem and
# NAME.key: server, wrong (another host's), expired, early, revoked, stranger
# (of the other CA), self (self-signed), client, client-secret (key encrypted
# with "secret").

certs_ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.key" -out "$1.pem" -subj "/CN=$2" -days 30 \
	    -addext basicConstraints=critical,CA:TRUE \
	    -addext keyUsage=critical,keyCertSign,cRLSign
}

# certs_request NAME CN SAN
certs_request() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" \
	    -addext "subjectAltName=$3"
}

# certs_sign CA NAME OPTION...: "ca" can give any dates, and keeps the index
# that the revocation list is made from.
certs_sign() {
	local ca=$1 name=$2

	shift 2
	openssl ca -batch -config openssl.cnf -cert "$ca.pem" \
	    -keyfile "$ca.key" -in "$name.csr" -out "$name.pem" -notext "$@"
}

# certs_issue CA NAME CN SAN [OPTION]...
certs_issue() {
	certs_request "$2" "$3" "$4" &&
	    certs_sign "$1" "$2" "${@:5}"
}

certs_config() {
	cat <<-'END'
	[ca]
	default_ca = here
	[here]
	database = index.txt
	new_certs_dir = .
	rand_serial = yes
	unique_subject = no
	default_md = sha256
	default_days = 30
	default_crl_days = 30
	policy = any
	copy_extensions = copy
	[any]
	commonName = supplied
	END
}

certs_make_here() {
	local here=DNS:localhost,IP:127.0.0.1

	certs_config >openssl.cnf
	: >index.txt
	certs_ca ca 'Test CA'
	certs_ca other-ca 'Other CA'
	certs_issue ca server server "$here"
	certs_issue ca wrong wrong DNS:a.example,DNS:b.example,IP:10.1.2.3
	certs_issue ca expired expired "$here" \
	    -startdate 20200101000000Z -enddate 20200201000000Z
	certs_issue ca early early "$here" \
	    -startdate 20990101000000Z -enddate 20990201000000Z
	certs_issue ca revoked revoked "$here"
	certs_issue other-ca stranger stranger "$here"
	certs_issue ca client client DNS:client
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout self.key -out self.pem -subj /CN=self -days 30 \
	    -addext "subjectAltName=$here"
	cp client.pem client-secret.pem
	openssl pkey -in client.key -out client-secret.key -aes256 \
	    -passout pass:secret
	openssl ca -config openssl.cnf -cert ca.pem -keyfile ca.key \
	    -revoke revoked.pem
	openssl ca -config openssl.cnf -cert ca.pem -keyfile ca.key \
	    -gencrl -out crl.pem
	mkdir cas
	cp ca.pem cas
	openssl rehash cas
}

certs_make() {
	mkdir -p "$1"
	(set -e; cd "$1"; certs_make_here) >"$1.log" 2>&1 ||
	    { cat "$1.log" >&2; return 1; }
}
