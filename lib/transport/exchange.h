/* SPDX-License-Identifier: MIT */

/*
 * One HTTP request and its answer over a pipe, after which the connection
 * speaks something else: WebSocket, or what goes through a proxy.
 */

#ifndef TRANSPORT_EXCHANGE_H
#define TRANSPORT_EXCHANGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "transport/http.h"
#include "transport/transport.h"

/* Of what comes with a refusal, as much as makes sense in a sentence. */
#define EXCHANGE_BODY	120

struct exchange {
	const char	*what;		/* "WebSocket handshake" */
	int		 code;		/* of failures */
	int		 wanted;	/* status; its first digit counts */
	struct buf	 out;		/* the request */
	size_t		 n;		/* bytes in .in */
	size_t		 end;		/* of the head; 0: not known */
	struct http_head head;
	int64_t		 patience;	/* for the rest of a refusal */
	char		 in[HTTP_HEAD_MAX + EXCHANGE_BODY];
};

/* NULL: out of memory. */
MQK_USE struct exchange *exchange_new(const char *what, int code, int wanted);

/* The request may hold secrets. */
void	 exchange_free(struct exchange *);

/* Append text to the request; out.err tells of a failure. */
void	 exchange_add(struct exchange *, const char *text);

/*
 * MQK_OK: an answer of the kind that is wanted has come; what came behind its
 * head is at .in + .end.  MQK_EAGAIN: wait.  Else the code, or that of below.
 */
MQK_USE int exchange_step(struct exchange *, struct pipe *below, int64_t now,
    struct error *);
void	 exchange_wait(const struct exchange *, struct pipe_wait *);

/* A refusal of ours: "WHAT with ADDRESS: WHY". */
int	 exchange_fail(const struct exchange *, const struct pipe *below,
	    const char *why, struct error *);

/* Hand out what came behind the head; 0: nothing is left. */
size_t	 exchange_rest(struct exchange *, void *to, size_t size);

#endif
