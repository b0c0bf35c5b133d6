/* SPDX-License-Identifier: MIT */

#ifndef TRANSPORT_URL_H
#define TRANSPORT_URL_H

#include <stdbool.h>

#include "mqk.h"

/* As mqk_url_parse(), for http:// and socks5h://. */
MQK_USE int url_parse_proxy(struct mqk_url *, const char *text,
    const char **why);

/*
 * A name or an address, as it stands in mqk_url.host.  Nothing in it can end a
 * line of an HTTP request.
 */
bool	 url_host_valid(const char *host);

#endif
