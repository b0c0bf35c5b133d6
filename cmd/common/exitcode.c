/* SPDX-License-Identifier: MIT */

/* The table of exit statuses and the way from a library error to one. */

#include "common/exitcode.h"

#include <stddef.h>

#include "mqk.h"

/* clang-format off */
const struct exit_row exit_rows[] = {
	{ STATUS_OK, STATUS_OK, "ok",
	  "done", TOOL_MQPUB | TOOL_MQBENCH },
	{ STATUS_OK, STATUS_OK, "ok",
	  "done, or stopped by a signal", TOOL_MQSUB },
	{ 1, 5, "refused-v3",
	  "the broker refused the connection: CONNACK code of MQTT 3.x",
	  TOOL_ALL },
	{ STATUS_ERROR, STATUS_ERROR, "error",
	  "any failure without a status of its own", TOOL_ALL },
	{ STATUS_LOST, STATUS_LOST, "lost",
	  "the connection was lost and not regained", TOOL_ALL },
	{ STATUS_WAITED, STATUS_WAITED, "waited",
	  "the time given with -W is over", TOOL_MQSUB },
	{ STATUS_USAGE, STATUS_USAGE, "usage",
	  "wrong options or arguments", TOOL_ALL },
	{ STATUS_PUBLISH_REFUSED, STATUS_PUBLISH_REFUSED, "publish-refused",
	  "the broker refused a message, or one was lost",
	  TOOL_MQPUB | TOOL_MQBENCH },
	{ STATUS_INPUT, STATUS_INPUT, "input",
	  "input could not be read", TOOL_MQPUB | TOOL_MQBENCH },
	{ STATUS_NO_HOST, STATUS_NO_HOST, "no-host",
	  "the host name was not found", TOOL_ALL },
	{ STATUS_NO_CONNECTION, STATUS_NO_CONNECTION, "no-connection",
	  "no connection: refused or unreachable", TOOL_ALL },
	{ STATUS_INTERNAL, STATUS_INTERNAL, "internal",
	  "out of memory, or an error in the program", TOOL_ALL },
	{ STATUS_TLS, STATUS_TLS, "tls",
	  "TLS failed, or the broker does not speak it", TOOL_ALL },
	{ STATUS_STORE, STATUS_STORE, "store",
	  "the store could not be read or written",
	  TOOL_MQPUB | TOOL_MQSUB },
	{ STATUS_OUTPUT, STATUS_OUTPUT, "output",
	  "output could not be written", TOOL_ALL },
	{ STATUS_TIMEOUT, STATUS_TIMEOUT, "timeout",
	  "no answer in time", TOOL_ALL },
	{ STATUS_PROTOCOL, STATUS_PROTOCOL, "protocol",
	  "the broker sent something that is not proper MQTT", TOOL_ALL },
	{ STATUS_SUBSCRIBE_REFUSED, STATUS_SUBSCRIBE_REFUSED,
	  "subscribe-refused",
	  "the broker refused to subscribe or unsubscribe",
	  TOOL_MQSUB | TOOL_MQBENCH },
	{ STATUS_UNTRUSTED, STATUS_UNTRUSTED, "untrusted",
	  "the broker could not prove who it is", TOOL_ALL },
	{ STATUS_INTERRUPTED, STATUS_INTERRUPTED, "interrupted",
	  "stopped by a signal with work left to do",
	  TOOL_MQPUB | TOOL_MQBENCH },
	{ STATUS_VERDICT, STATUS_VERDICT, "verdict",
	  "messages were lost, doubled or out of order", TOOL_MQBENCH },
	{ 128, 162, "refused-v5",
	  "the broker refused the connection: reason code of MQTT 5",
	  TOOL_ALL },
	{ 0, 0, NULL, NULL, 0 }
};
/* clang-format on */

int
exitcode_of(int error, uint8_t reason, bool was_up)
{
	static const struct {
		int	 error, first, later;
	} rows[] = {
		{ MQK_OK, STATUS_OK, STATUS_OK },
		{ MQK_ESTOPPED, STATUS_OK, STATUS_OK },
		{ MQK_ENOMEM, STATUS_INTERNAL, STATUS_INTERNAL },
		{ MQK_EINVAL, STATUS_INTERNAL, STATUS_INTERNAL },
		{ MQK_ESTATE, STATUS_INTERNAL, STATUS_INTERNAL },
		{ MQK_ETIMEOUT, STATUS_TIMEOUT, STATUS_LOST },
		{ MQK_ERESOLVE, STATUS_NO_HOST, STATUS_LOST },
		{ MQK_EDIAL, STATUS_NO_CONNECTION, STATUS_LOST },
		{ MQK_ECLOSED, STATUS_NO_CONNECTION, STATUS_LOST },
		{ MQK_EIO, STATUS_NO_CONNECTION, STATUS_LOST },
		{ MQK_EPROXY, STATUS_NO_CONNECTION, STATUS_LOST },
		{ MQK_EWEBSOCKET, STATUS_NO_CONNECTION, STATUS_LOST },
		{ MQK_ETLS, STATUS_TLS, STATUS_LOST },
		{ MQK_EVERIFY, STATUS_UNTRUSTED, STATUS_UNTRUSTED },
		{ MQK_EFREED, STATUS_INTERNAL, STATUS_INTERNAL },
		{ MQK_EAUTH, STATUS_UNTRUSTED, STATUS_UNTRUSTED },
		{ MQK_EMALFORMED, STATUS_PROTOCOL, STATUS_PROTOCOL },
		{ MQK_EPROTOCOL, STATUS_PROTOCOL, STATUS_PROTOCOL },
		{ MQK_ETOOBIG, STATUS_PROTOCOL, STATUS_PROTOCOL },
		{ MQK_ESOURCE, STATUS_INPUT, STATUS_INPUT },
		{ MQK_ESTORE, STATUS_STORE, STATUS_STORE },
	};

	if (error == MQK_EREFUSED && reason != 0)
		return (reason);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].error == error)
			return (was_up ? rows[i].later : rows[i].first);
	}
	return (was_up ? STATUS_LOST : STATUS_ERROR);
}
