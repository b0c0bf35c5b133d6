/* SPDX-License-Identifier: MIT */

/* Well-formed UTF-8.  Inline, as JSON looks at every character of a payload. */

#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool
utf8_continues(uint8_t c)
{
	return ((c & 0xc0) == 0x80);
}

/* Length of the well-formed sequence at p that is not ASCII; 0: none. */
static inline size_t
utf8_sequence(const uint8_t *p, size_t len)
{
	if (p[0] < 0xc2 || p[0] > 0xf4 || len < 2 || !utf8_continues(p[1]))
		return (0);
	if (p[0] < 0xe0)
		return (2);
	if (len < 3 || !utf8_continues(p[2]))
		return (0);
	if (p[0] < 0xf0) {
		if ((p[0] == 0xe0 && p[1] < 0xa0) ||
		    (p[0] == 0xed && p[1] > 0x9f))
			return (0);
		return (3);
	}
	if (len < 4 || !utf8_continues(p[3]) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return (0);
	return (4);
}

#endif
