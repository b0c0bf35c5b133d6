/* SPDX-License-Identifier: MIT */

/*
 * A way through a proxy: HTTP CONNECT (RFC 9110, 9.3.6) or SOCKS5 (RFC 1928),
 * which look up the name of the broker themselves.
 */

#ifndef TRANSPORT_PROXY_H
#define TRANSPORT_PROXY_H

#include <stdint.h>

#include "base/error.h"
#include "mqk.h"
#include "transport/transport.h"

/* Can the URL be a proxy's?  MQK_EINVAL with a sentence. */
MQK_USE int proxy_check(const struct mqk_url *, struct error *);

/* As tcp_new(), through o->proxy. */
MQK_USE int proxy_new(struct pipe **, const struct transport_options *o,
    uint16_t port, struct error *);

#endif
