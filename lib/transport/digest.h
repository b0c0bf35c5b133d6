/* SPDX-License-Identifier: MIT */

/*
 * Hashes and what is made of them, by OpenSSL's libcrypto.  Without TLS in the
 * build digest_none.c takes the place of the file that does the work.
 */

#ifndef TRANSPORT_DIGEST_H
#define TRANSPORT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

#define DIGEST_MAX	64		/* bytes of the longest */

enum digest { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512, DIGESTS };

/* Before the first use of the others.  MQK_ENOTSUP. */
MQK_USE int digest_load(struct error *);

size_t	 digest_size(enum digest);

/* Each writes digest_size() bytes; MQK_ENOTSUP if OpenSSL refuses. */
MQK_USE int digest_hash(enum digest, struct mqk_bytes, uint8_t *to);
MQK_USE int digest_hmac(enum digest, struct mqk_bytes key, struct mqk_bytes,
    uint8_t *to);
MQK_USE int digest_pbkdf2(enum digest, struct mqk_bytes password,
    struct mqk_bytes salt, uint32_t iterations, uint8_t *to);

#endif
