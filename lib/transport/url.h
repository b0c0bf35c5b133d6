/* SPDX-License-Identifier: MIT */

#ifndef TRANSPORT_URL_H
#define TRANSPORT_URL_H

#include "mqk.h"

/* As mqk_url_parse(), for http:// and socks5h://. */
MQK_USE int url_parse_proxy(struct mqk_url *, const char *text,
    const char **why);

#endif
