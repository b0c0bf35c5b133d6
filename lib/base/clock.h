/* SPDX-License-Identifier: MIT */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Monotonic milliseconds; only client/ and transport/ may ask. */
int64_t	 clock_ms(void);

#endif
