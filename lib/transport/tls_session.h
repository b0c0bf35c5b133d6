/* SPDX-License-Identifier: MIT */

/*
 * The sessions to resume, the latest of each peer.  They are shared by all
 * connections of one context, which may belong to different threads.
 */

#ifndef TRANSPORT_TLS_SESSION_H
#define TRANSPORT_TLS_SESSION_H

#include <pthread.h>
#include <stddef.h>

#include "transport/openssl.h"

struct tls_session;

struct tls_sessions {
	pthread_mutex_t	 mutex;
	struct tls_session *newest;
	size_t		 n;
};

void	 tls_sessions_init(struct tls_sessions *);
void	 tls_sessions_fini(struct tls_sessions *);

/* Keep it instead of an older one; the reference is taken in every case. */
void	 tls_sessions_take(struct tls_sessions *, const char *peer,
	    SSL_SESSION *);

/* A new reference, or NULL. */
SSL_SESSION *tls_sessions_get(struct tls_sessions *, const char *peer);

#endif
