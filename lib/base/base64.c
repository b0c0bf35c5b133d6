/* SPDX-License-Identifier: MIT */

#include "base/base64.h"

#include <stdint.h>

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
