/* SPDX-License-Identifier: MIT */

/*
 * The TLS pipe on a pipe in memory, with a server of OpenSSL's at the other
 * end of it.  The server acts only when it is told to.
 */

#ifndef UNIT_TLSPEER_H
#define UNIT_TLSPEER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "base/error.h"
#include "mqk.h"
#include "transport/transport.h"

/* The pipe below: what one side has written and the other has not read. */
struct memory {
	struct pipe	 pipe;
	uint8_t		 in[128 * 1024];	/* for the client */
	size_t		 nin;
	uint8_t		 out[128 * 1024];	/* from the client */
	size_t		 nout;
	size_t		 chunk;		/* at most so much a call; 0: all */
	size_t		 room;		/* in out; 0: all */
	bool		 ended;		/* behind what is in: end of file */
	bool		 deaf;		/* writes fail */
	bool		 freed;
};

struct tlspeer {
	struct memory	 memory;
	struct pipe	*pipe;		/* the client's TLS pipe */
	SSL_CTX		*ctx;
	SSL		*server;
	struct error	 e;
};

/* A key and a self-signed certificate for "broker.example", in PEM files. */
extern char tlspeer_cert_file[], tlspeer_key_file[];
int	 tlspeer_make_files(void **);
int	 tlspeer_remove_files(void **);

void	 tlspeer_new(struct tlspeer *, int version);
void	 tlspeer_free(struct tlspeer *);

/* A new connection to host; the server's context stays. */
void	 tlspeer_connect(struct tlspeer *, struct mqk_tls **, const char *host);
void	 tlspeer_drop(struct tlspeer *);

/* Both sides until the client is done: tls_open()'s result. */
int	 tlspeer_handshake(struct tlspeer *);

/* Let the server read what came and write what it has to. */
void	 tlspeer_turn(struct tlspeer *);

#endif
