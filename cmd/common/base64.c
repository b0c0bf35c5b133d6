/* SPDX-License-Identifier: MIT */

/* Base64 as RFC 4648 defines it. */

#include "common/base64.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
encode_three(char *to, uint32_t bits)
{
	to[0] = alphabet[bits >> 18 & 63];
	to[1] = alphabet[bits >> 12 & 63];
	to[2] = alphabet[bits >> 6 & 63];
	to[3] = alphabet[bits & 63];
}

/* The last one or two bytes. */
static void
encode_rest(char *to, const uint8_t *p, size_t n)
{
	encode_three(to, (uint32_t)p[0] << 16 |
	    (n == 2 ? (uint32_t)p[1] << 8 : 0));
	to[3] = '=';
	if (n == 1)
		to[2] = '=';
}

void
base64_encode(struct outbuf *out, const void *data, size_t len)
{
	const uint8_t	*p = data;
	size_t		 size = (len + 2) / 3 * 4;
	char		*to = outbuf_reserve(out, size);

	for (; len >= 3; len -= 3, p += 3, to += 4)
		encode_three(to,
		    (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
	if (len != 0)
		encode_rest(to, p, len);
	outbuf_commit(out, size);
}
