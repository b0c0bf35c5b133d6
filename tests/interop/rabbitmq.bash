# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# RabbitMQ with its MQTT plugins.  Before 3.13 it speaks no 5.0: it closes the
# connection.  It has no QoS 2: it grants QoS 1 to who asks for more, and
# answers a PUBLISH with QoS 2 as one with QoS 1, which no client may accept
# [MQTT-4.3.3-4].  Retained messages are found by their
# topic only, not by wildcards.

LOGIN=()
SPEAKS=(31 311)
REFUSES=([5]='closed by peer')
MAX_QOS=1
KEPT=kept/a
QOS2_PUBLISH='PUBACK for packet id 1, which awaits PUBREC'

broker_write_config() {
	echo '[rabbitmq_mqtt,rabbitmq_web_mqtt].' >"$BROKER_DIR/plugins"
	cat <<-END
	listeners.tcp = none
	mqtt.listeners.tcp.default = 127.0.0.1:$PORT
	mqtt.listeners.ssl.default = 127.0.0.1:$TLS_PORT
	mqtt.allow_anonymous = true
	web_mqtt.tcp.ip = 127.0.0.1
	web_mqtt.tcp.port = $WS_PORT
	web_mqtt.ws_path = /mqtt
	ssl_options.cacertfile = $CERTS/ca.pem
	ssl_options.certfile = $CERTS/server.pem
	ssl_options.keyfile = $CERTS/server.key
	log.console = true
	log.file = false
	END
}

# The one in PATH may be a wrapper that wants to be another user; and only for
# systemd does it become the broker instead of a child of the script.
broker_program() {
	local program=/usr/lib/rabbitmq/bin/rabbitmq-server

	[ -x "$program" ] || program=rabbitmq-server
	mv "$BROKER_DIR/conf" "$BROKER_DIR/rabbitmq.conf"
	export HOME=$BROKER_DIR RUNNING_UNDER_SYSTEMD=1
	export ERL_EPMD_PORT=$((PORT + 8)) ERL_EPMD_ADDRESS=127.0.0.1
	export RABBITMQ_NODENAME=interop-$PORT@localhost
	export RABBITMQ_DIST_PORT=$((PORT + 9))
	export RABBITMQ_CONF_ENV_FILE=/dev/null
	export RABBITMQ_CONFIG_FILE=$BROKER_DIR/rabbitmq.conf
	export RABBITMQ_ADVANCED_CONFIG_FILE=$BROKER_DIR/none
	export RABBITMQ_ENABLED_PLUGINS_FILE=$BROKER_DIR/plugins
	export RABBITMQ_GENERATED_CONFIG_DIR=$BROKER_DIR/generated
	export RABBITMQ_LOG_BASE=$BROKER_DIR RABBITMQ_MNESIA_BASE=$BROKER_DIR/db
	export RABBITMQ_PID_FILE=$BROKER_DIR/erlang.pid
	epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
	echo $! >>"$BROKER_DIR/companions"
	exec "$program"
}
