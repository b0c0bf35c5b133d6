/* SPDX-License-Identifier: MIT */

/* struct mqk_tls, for the TLS files only: what connections have in common. */

#ifndef TRANSPORT_TLS_CONTEXT_H
#define TRANSPORT_TLS_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "mqk.h"
#include "transport/openssl.h"
#include "transport/tls_report.h"
#include "transport/tls_session.h"

struct mqk_tls {
	atomic_uint	 refs;
	SSL_CTX		*ctx;
	char		*server_name;	/* NULL: the host */
	bool		 insecure;
	int		 keylog_fd;	/* -1: none */
	char		*psk_identity;	/* NULL: no pre-shared key */
	struct mqk_bytes psk;		/* data is allocated */
	struct tls_sessions sessions;
};

/* Ex_data 0 of each SSL: what the context's callbacks know about it. */
struct tls_link {
	const char	*peer;		/* sessions are kept under this name */
	struct tls_report report;
};

/* mqk_tls_new() with the whole error; o cleared: the defaults. */
MQK_USE int tls_context_new(struct mqk_tls **, const struct mqk_tls_options *,
    struct error *);

/* tls_key.c: our certificate and its key. */
MQK_USE int tls_load_identity(SSL_CTX *, const struct mqk_tls_options *,
    struct error *);

#endif
