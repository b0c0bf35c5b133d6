/* SPDX-License-Identifier: MIT */

/*
 * TLS over any pipe.  Without TLS in the build tls_none.c takes the place of
 * the files that do the work.
 */

#ifndef TRANSPORT_TLS_H
#define TRANSPORT_TLS_H

#include "base/error.h"
#include "mqk.h"
#include "transport/transport.h"

/*
 * The pipe takes what is below in every case.  *context is made from defaults
 * if it is NULL; the pipe holds a reference of its own.  host is verified and
 * sent as SNI unless the context has another name; with port it is what
 * sessions are kept under.
 */
MQK_USE int tls_take(struct pipe **, struct pipe *below,
    struct mqk_tls **context, const char *host, uint16_t port, struct error *);

/* One more owner, who will call mqk_tls_free().  NULL is fine. */
struct mqk_tls *tls_ref(struct mqk_tls *);

#endif
