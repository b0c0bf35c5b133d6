/* SPDX-License-Identifier: MIT */

/* UTF-8 as Unicode's table 3-7 has it, with plain ASCII skipped in words. */

#include "base/utf8.h"

#include <stdint.h>

#include "base/word.h"

/* Lead bytes: how long the sequence is, what the second byte may be. */
static const struct lead {
	uint8_t		 first, last;
	uint8_t		 len;
	uint8_t		 low, high;
} leads[] = {
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },	/* shorter form exists */
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },	/* surrogates */
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },	/* shorter form exists */
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },	/* above U+10FFFF */
};

size_t
utf8_sequence(const void *at, size_t left)
{
	const uint8_t		*p = at;
	const struct lead	*l = leads;

	if (left == 0 || p[0] == 0)
		return (0);
	if (p[0] < 0x80)
		return (1);
	while (p[0] > l->last && l < leads + sizeof(leads) / sizeof(*leads) - 1)
		l++;
	if (p[0] < l->first || p[0] > l->last || l->len > left)
		return (0);
	if (p[1] < l->low || p[1] > l->high)
		return (0);
	for (size_t i = 2; i < l->len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
	}
	return (l->len);
}

bool
utf8_valid(const void *at, size_t len)
{
	const uint8_t	*p = at;
	size_t		 n;

	while (len >= 8) {
		n = 8;
		if (word_find_odd(word_load(p)) != 0) {
			n = utf8_sequence(p, len);
			if (n == 0)
				return (false);
		}
		p += n;
		len -= n;
	}
	if (len == 0 || word_find_odd(word_load_short(p, len)) == 0)
		return (true);
	for (; len > 0; p += n, len -= n) {
		n = utf8_sequence(p, len);
		if (n == 0)
			return (false);
	}
	return (true);
}
