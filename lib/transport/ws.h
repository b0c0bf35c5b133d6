/* SPDX-License-Identifier: MIT */

/* MQTT in WebSocket frames (MQTT 5.0, 6; RFC 6455) over any pipe. */

#ifndef TRANSPORT_WS_H
#define TRANSPORT_WS_H

#include <stdint.h>

#include "base/error.h"
#include "mqk.h"
#include "transport/transport.h"

struct ws_options {
	const char	*host;
	uint16_t	 port;		/* 0: not to be named */
	const char	*path;		/* not encoded; NULL: /mqtt */
	const char	*fields;	/* lines with CRLF; NULL: none */
};

/* The pipe takes what is below in every case. */
MQK_USE int ws_take(struct pipe **, struct pipe *below,
    const struct ws_options *, struct error *);

/* May it be one of the fields?  Those of the handshake are not the user's. */
bool	 ws_field_valid(const char *line);

#endif
