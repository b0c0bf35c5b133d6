/* SPDX-License-Identifier: MIT */

/* Text eight bytes at a time; what is asked does not depend on byte order. */

#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORD_ONES	UINT64_C(0x0101010101010101)
#define WORD_HIGHS	UINT64_C(0x8080808080808080)

static inline uint64_t
word_load(const uint8_t *p)
{
	uint64_t	 w;

	memcpy(&w, p, sizeof(w));
	return (w);
}

/*
 * 1 to 7 bytes as a word: some of them may be in it twice, and what is left
 * of it is filled with 0x01.
 */
static inline uint64_t
word_load_short(const uint8_t *p, size_t n)
{
	uint32_t	 head, tail;

	if (n >= 4) {
		memcpy(&head, p, sizeof(head));
		memcpy(&tail, p + n - 4, sizeof(tail));
		return ((uint64_t)head << 32 | tail);
	}
	return (UINT64_C(0x0101010101000000) | (uint64_t)p[0] << 16 |
	    (uint64_t)p[n / 2] << 8 | p[n - 1]);
}

/* Non-zero if a byte is 0 or above 0x7f. */
static inline uint64_t
word_find_odd(uint64_t w)
{
	return (((w - WORD_ONES) | w) & WORD_HIGHS);
}

/* Non-zero if a byte is c; asks for bytes up to 0x7f only. */
static inline uint64_t
word_find(uint64_t w, uint8_t c)
{
	return (((w ^ (WORD_ONES * c)) - WORD_ONES) & WORD_HIGHS);
}

#endif
