/* SPDX-License-Identifier: MIT */

#ifndef TRANSPORT_WS_MASK_H
#define TRANSPORT_WS_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WS_KEY_SIZE	4

/*
 * Copy and mask (RFC 6455, 5.3), eight bytes at a time: what is published
 * goes through here, and wslay does it byte by byte.
 */
static inline void
ws_mask(uint8_t *to, const uint8_t *from, size_t n,
    const uint8_t key[WS_KEY_SIZE])
{
	uint64_t	 wide, word;
	size_t		 i;

	memcpy(&wide, key, WS_KEY_SIZE);
	memcpy((uint8_t *)&wide + WS_KEY_SIZE, key, WS_KEY_SIZE);
	for (i = 0; n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, from + i, sizeof(word));
		word ^= wide;
		memcpy(to + i, &word, sizeof(word));
	}
	for (; i < n; i++)
		to[i] = from[i] ^ key[i % WS_KEY_SIZE];
}

#endif
