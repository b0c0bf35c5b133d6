/* SPDX-License-Identifier: MIT */

/* --proxy-env: ALL_PROXY and NO_PROXY, as other programs read them. */

#ifndef COMMON_PROXYENV_H
#define COMMON_PROXYENV_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The proxy for a host, from ALL_PROXY or else all_proxy; NULL: none is set,
 * or NO_PROXY (no_proxy) exempts the host.  Lent by the environment.
 */
const char *proxyenv_for(const char *host, uint16_t port);

/*
 * Is the host in the list?  Its words, between commas and blanks, are hosts,
 * addresses or domains, with or without a dot in front; "*" is all of them.
 * Behind each may stand a colon and the port that it is for.
 */
bool	 proxyenv_exempt(const char *list, const char *host, uint16_t port);

#endif
