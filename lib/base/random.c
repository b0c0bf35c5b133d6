/* SPDX-License-Identifier: MIT */

/* The system's entropy. */

#include "base/random.h"

#include "base/compat.h"

#define ENTROPY_MAX	256u	/* what getentropy() gives at a time */

int
random_bytes(void *to, size_t len)
{
	uint8_t	*at = to;
	size_t	 n;

	for (; len > 0; at += n, len -= n) {
		n = len < ENTROPY_MAX ? len : ENTROPY_MAX;
		if (getentropy(at, n) != 0)
			return (MQK_EIO);
	}
	return (MQK_OK);
}

uint32_t
random_below(uint32_t below)
{
	/* the first 2^32 mod below values would come up once too often */
	uint32_t	 uneven = (0u - below) % below;
	uint32_t	 v;

	do {
		if (random_bytes(&v, sizeof(v)) != MQK_OK)
			return (0);
	} while (v < uneven);
	return (v % below);
}
