/* SPDX-License-Identifier: MIT */

/*
 * The frame cutter: what it says about a prefix must agree with what it says
 * about the whole.  The first two bytes of the input are the maximum.
 */

#include <stdlib.h>

#include "codec/frame.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	size_t	 max, len, known = 0;
	int	 result;

	if (n < 2)
		return (0);
	max = (size_t)at[0] << 8 | at[1];
	at += 2;
	n -= 2;
	for (size_t i = 0; i <= n; i++) {
		result = frame_next(at, i, max, &len);
		if (result < 0) {
			if (result == MQK_ETOOBIG && len <= max)
				abort();
			return (0);
		}
		if (known != 0 && len != known)
			abort();
		if (len != 0 && (len > max || (result == 1) != (len <= i)))
			abort();
		if (len == 0 && result != 0)
			abort();
		known = len;
	}
	return (0);
}
