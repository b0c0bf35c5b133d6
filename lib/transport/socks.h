/* SPDX-License-Identifier: MIT */

/* The client's side of SOCKS5 (RFC 1928, 1929): bytes in, bytes out. */

#ifndef TRANSPORT_SOCKS_H
#define TRANSPORT_SOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

#define SOCKS_TEXT_MAX	255	/* host, user and password */

enum socks_stage { SOCKS_METHOD, SOCKS_LOGIN, SOCKS_CONNECT, SOCKS_DONE };

struct socks {
	const struct mqk_url *url;	/* the proxy's, for the log-in */
	const char	*host;
	uint16_t	 port;
	enum socks_stage stage;
	size_t		 want;		/* bytes of the reply under way */
	size_t		 n;		/* of them in .in */
	uint8_t		 in[7 + SOCKS_TEXT_MAX];
	size_t		 out_len;	/* to be sent before reading on */
	uint8_t		 out[3 + 2 * SOCKS_TEXT_MAX];
};

void	 socks_start(struct socks *, const struct mqk_url *, const char *host,
	    uint16_t port);

/*
 * .n bytes are in .in, at most .want: MQK_OK: the connection stands;
 * MQK_EAGAIN: send what is in .out, read up to .want; MQK_EPROXY.
 */
MQK_USE int socks_step(struct socks *, struct error *);

#endif
