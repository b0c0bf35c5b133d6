/* SPDX-License-Identifier: MIT */

/* What is left of the hashes in a build without OpenSSL. */

#include "transport/digest.h"

int
digest_load(struct error *e)
{
	return (errf(e, MQK_ENOTSUP,
	    "this build has no TLS, and none of its hashes"));
}

size_t
digest_size(enum digest d)
{
	(void)d;
	return (0);
}

int
digest_hash(enum digest d, struct mqk_bytes b, uint8_t *to)
{
	(void)d;
	(void)b;
	(void)to;
	return (MQK_ENOTSUP);
}

int
digest_hmac(enum digest d, struct mqk_bytes key, struct mqk_bytes b,
    uint8_t *to)
{
	(void)d;
	(void)key;
	(void)b;
	(void)to;
	return (MQK_ENOTSUP);
}

int
digest_pbkdf2(enum digest d, struct mqk_bytes password, struct mqk_bytes salt,
    uint32_t iterations, uint8_t *to)
{
	(void)d;
	(void)password;
	(void)salt;
	(void)iterations;
	(void)to;
	return (MQK_ENOTSUP);
}
