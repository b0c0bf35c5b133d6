/* SPDX-License-Identifier: MIT */

/* The fixed header's length field, before anything else is looked at. */

#include "codec/frame.h"

int
frame_next(const uint8_t *at, size_t n, size_t max, size_t *len)
{
	size_t		 remaining = 0;
	unsigned	 i;

	*len = 0;
	if (n > 0 && at[0] >> 4 == 0)
		return (MQK_EMALFORMED);
	for (i = 1; i < 5; i++) {
		if (i >= n)
			return (0);
		remaining |= (size_t)(at[i] & 0x7f) << (7 * (i - 1));
		if ((at[i] & 0x80) == 0)
			break;
	}
	if (i == 5)
		return (MQK_EMALFORMED);
	*len = 1 + i + remaining;
	if (*len > max)
		return (MQK_ETOOBIG);
	return (n >= *len);
}
