/* SPDX-License-Identifier: MIT */

/* OpenSSL's view of the pipe below TLS. */

#ifndef TRANSPORT_TLS_BIO_H
#define TRANSPORT_TLS_BIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "transport/openssl.h"
#include "transport/transport.h"

struct tls_wire {
	struct pipe	*below;
	int		 err;		/* why it gave up, and its words */
	struct error	 error;
	uint8_t		 first[16];	/* bytes that came at all */
	size_t		 nfirst;
	bool		 asked;		/* the kernel, whether it encrypts, … */
	bool		 kernel;	/* … and it does */
	uint8_t		 record_type;	/* of the next write; 0: data */
};

/* NULL: out of memory.  The wire must outlive it. */
BIO	*tls_bio_new(struct tls_wire *);

#endif
