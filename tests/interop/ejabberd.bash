# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# ejabberd's mod_mqtt.  Every client needs a user of its host, whose password
# nobody looks at here.  It runs as a node without a name: without epmd.

LOGIN=(-u interop@localhost -P any)
SPEAKS=(311 5)
REFUSES=([31]='Unacceptable protocol version')
MAX_QOS=2

broker_write_config() {
	cat "$CERTS/server.pem" "$CERTS/server.key" >"$BROKER_DIR/pair.pem"
	cat <<-END
	hosts: [localhost]
	loglevel: warning
	certfiles: ["$BROKER_DIR/pair.pem"]
	auth_method: anonymous
	anonymous_protocol: login_anon
	allow_multiple_connections: true
	listen:
	  - port: $PORT
	    ip: 127.0.0.1
	    module: mod_mqtt
	  - port: $TLS_PORT
	    ip: 127.0.0.1
	    module: mod_mqtt
	    tls: true
	  - port: $WS_PORT
	    ip: 127.0.0.1
	    module: ejabberd_http
	    request_handlers:
	      /mqtt: mod_mqtt
	modules:
	  mod_mqtt: {max_queue: unlimited}
	END
}

broker_program() {
	local libraries

	libraries=$(sed -n "s/^ERL_LIBS='\(.*\)'/\1/p" \
	    "$(command -v ejabberdctl)")
	mv "$BROKER_DIR/conf" "$BROKER_DIR/conf.yml"
	export ERL_LIBS=$libraries ERL_CRASH_DUMP=/dev/null
	export EJABBERD_CONFIG_PATH=$BROKER_DIR/conf.yml
	export EJABBERD_LOG_PATH=$BROKER_DIR/ejabberd.log
	exec erl -noinput -mnesia dir "\"$BROKER_DIR/db\"" -s ejabberd
}
