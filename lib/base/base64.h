/* SPDX-License-Identifier: MIT */

/* Base64 as RFC 4648, section 4 defines it. */

#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "mqk.h"

/* What the text of len bytes takes, its NUL included. */
#define BASE64_SIZE(len)	(((len) + 2) / 3 * 4 + 1)

/* Bytes that a text of len characters stands for, at most. */
#define BASE64_BYTES(len)	((len) / 4 * 3)

/* With padding; to has BASE64_SIZE(len) bytes. */
void	 base64(char *to, const void *from, size_t len);

/*
 * The other way, strictly: padded, nothing but the alphabet, no bits left
 * over.  to has BASE64_BYTES(len) bytes; the result is how many are used, or
 * MQK_EINVAL.
 */
MQK_USE int base64_decode(void *to, const char *from, size_t len);

#endif
