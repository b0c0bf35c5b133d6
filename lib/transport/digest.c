/* SPDX-License-Identifier: MIT */

#include "transport/digest.h"

#include <limits.h>

#include "transport/openssl.h"

static const struct {
	const char	*name;
	size_t		 size;
} rows[DIGESTS] = {
	[DIGEST_SHA1] = { "SHA1", 20 },
	[DIGEST_SHA256] = { "SHA256", 32 },
	[DIGEST_SHA512] = { "SHA512", 64 },
};

int
digest_load(struct error *e)
{
	return (openssl_load(e));
}

size_t
digest_size(enum digest d)
{
	return (rows[d].size);
}

/* NULL where a policy of the system forbids it: the functions then fail. */
static const EVP_MD *
method(enum digest d)
{
	return (ossl.EVP_get_digestbyname(rows[d].name));
}

static int
result(bool ok)
{
	if (ok)
		return (MQK_OK);
	ossl.ERR_clear_error();
	return (MQK_ENOTSUP);
}

int
digest_hash(enum digest d, struct mqk_bytes b, uint8_t *to)
{
	const EVP_MD	*md = method(d);

	return (result(md != NULL &&
	    ossl.EVP_Digest(b.data, b.len, to, NULL, md, NULL) == 1));
}

int
digest_hmac(enum digest d, struct mqk_bytes key, struct mqk_bytes b,
    uint8_t *to)
{
	const EVP_MD	*md = method(d);

	return (result(md != NULL && key.len <= INT_MAX &&
	    ossl.HMAC(md, key.data, (int)key.len, b.data, b.len, to,
	    NULL) != NULL));
}

int
digest_pbkdf2(enum digest d, struct mqk_bytes password, struct mqk_bytes salt,
    uint32_t iterations, uint8_t *to)
{
	const EVP_MD	*md = method(d);

	if (password.len > INT_MAX || salt.len > INT_MAX ||
	    iterations > INT_MAX)
		return (MQK_ENOTSUP);
	return (result(md != NULL && ossl.PKCS5_PBKDF2_HMAC(password.data,
	    (int)password.len, salt.data, (int)salt.len, (int)iterations, md,
	    (int)rows[d].size, to) == 1));
}
