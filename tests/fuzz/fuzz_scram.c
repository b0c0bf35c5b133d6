/* SPDX-License-Identifier: MIT */

/*
 * What a server may say in SCRAM: two messages, parted by the first newline.
 * What is accepted must be what the message says.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/scram.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* In memory of its exact size, so that every overrun is seen. */
static struct mqk_bytes
copy(const uint8_t *data, size_t n)
{
	uint8_t	*to = malloc(n > 0 ? n : 1);

	if (to == NULL)
		abort();
	if (n > 0)
		memcpy(to, data, n);
	return ((struct mqk_bytes){ to, n });
}

static void
release(struct mqk_bytes b)
{
	free((void *)(uintptr_t)b.data);
}

static void
challenge(struct mqk_bytes text)
{
	const char		*from = text.data, *at;
	struct scram_challenge	 c;
	struct error		 e;

	if (scram_read_challenge(&c, text, &e) < 0)
		return;
	at = c.nonce.data;
	if (c.nonce.len == 0 || at < from ||
	    at + c.nonce.len > from + text.len)
		abort();
	if (c.salt_len == 0 || c.salt_len > SCRAM_SALT_MAX ||
	    c.iterations < SCRAM_ITERATIONS_MIN ||
	    c.iterations > SCRAM_ITERATIONS_MAX)
		abort();
}

static void
proof(struct mqk_bytes text)
{
	static const size_t	 sizes[] = { 20, 32, 64 };
	uint8_t			 to[DIGEST_MAX];
	struct error		 e;
	int			 accepted = 0;

	for (size_t i = 0; i < 3; i++)
		accepted += scram_read_proof(to, sizes[i], text, &e) == MQK_OK;
	if (accepted > 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t	*end = n > 0 ? memchr(data, '\n', n) : NULL;
	size_t		 first = end != NULL ? (size_t)(end - data) : n;
	size_t		 rest = end != NULL ? first + 1 : n;
	struct mqk_bytes a = copy(data, first);
	struct mqk_bytes b = copy(data + rest, n - rest);

	challenge(a);
	proof(b);
	release(a);
	release(b);
	return (0);
}
