/* SPDX-License-Identifier: MIT */

/* A short list under a lock: most programs talk to one broker. */

#include "transport/tls_session.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { MAX_PEERS = 64 };

struct tls_session {
	struct tls_session *next;	/* older */
	SSL_SESSION	*session;
	char		*peer;
};

void
tls_sessions_init(struct tls_sessions *s)
{
	pthread_mutex_init(&s->mutex, NULL);
}

static void
session_free(struct tls_session *one)
{
	ossl.SSL_SESSION_free(one->session);
	free(one->peer);
	free(one);
}

void
tls_sessions_fini(struct tls_sessions *s)
{
	struct tls_session	*one;

	while ((one = s->newest) != NULL) {
		s->newest = one->next;
		session_free(one);
	}
	pthread_mutex_destroy(&s->mutex);
}

/* Take out the peer's, or if it has none and there are too many the oldest. */
static struct tls_session *
unlink_old(struct tls_sessions *s, const char *peer)
{
	struct tls_session	**at = &s->newest, *one;

	for (; (one = *at) != NULL; at = &one->next) {
		if (strcmp(one->peer, peer) == 0 ||
		    (one->next == NULL && s->n >= MAX_PEERS)) {
			*at = one->next;
			s->n--;
			return (one);
		}
	}
	return (NULL);
}

void
tls_sessions_take(struct tls_sessions *s, const char *peer,
    SSL_SESSION *session)
{
	struct tls_session	*one = calloc(1, sizeof(*one)), *old;

	if (one != NULL)
		one->peer = str_dup(peer);
	if (one == NULL || one->peer == NULL) {
		free(one);
		ossl.SSL_SESSION_free(session);
		return;
	}
	one->session = session;
	pthread_mutex_lock(&s->mutex);
	old = unlink_old(s, peer);
	one->next = s->newest;
	s->newest = one;
	s->n++;
	pthread_mutex_unlock(&s->mutex);
	if (old != NULL)
		session_free(old);
}

SSL_SESSION *
tls_sessions_get(struct tls_sessions *s, const char *peer)
{
	struct tls_session	*one;
	SSL_SESSION		*session = NULL;

	pthread_mutex_lock(&s->mutex);
	for (one = s->newest; one != NULL; one = one->next) {
		if (strcmp(one->peer, peer) == 0 &&
		    ossl.SSL_SESSION_up_ref(one->session) == 1) {
			session = one->session;
			break;
		}
	}
	pthread_mutex_unlock(&s->mutex);
	return (session);
}
