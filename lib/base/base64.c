/* SPDX-License-Identifier: MIT */

#include "base/base64.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64(char *to, const void *from, size_t len)
{
	const uint8_t	*at = from;
	uint32_t	 group;

	for (; len > 0; at += 3, len -= len < 3 ? len : 3) {
		group = (uint32_t)at[0] << 16;
		if (len > 1)
			group |= (uint32_t)at[1] << 8;
		if (len > 2)
			group |= at[2];
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = len > 1 ? alphabet[group >> 6 & 63] : '=';
		*to++ = len > 2 ? alphabet[group & 63] : '=';
	}
	*to = '\0';
}

static int
value_of(char c)
{
	const char	*at = memchr(alphabet, c, sizeof(alphabet) - 1);

	return (at != NULL ? (int)(at - alphabet) : -1);
}

int
base64_decode(void *to, const char *from, size_t len)
{
	uint8_t		*at = to;
	uint32_t	 group = 0;
	size_t		 pad = 0;
	int		 v;

	if (len % 4 != 0 || len > INT_MAX)
		return (MQK_EINVAL);
	while (pad < 2 && pad < len && from[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i++) {
		v = i < len - pad ? value_of(from[i]) : 0;
		if (v < 0)
			return (MQK_EINVAL);
		group = group << 6 | (uint32_t)v;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			*at++ = (uint8_t)(group >> shift);
	}
	/* Two texts for the same bytes would be one too many. */
	if ((group & ((1u << 8 * pad) - 1)) != 0)
		return (MQK_EINVAL);
	return ((int)(BASE64_BYTES(len) - pad));
}
