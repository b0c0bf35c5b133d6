/* SPDX-License-Identifier: MIT */

#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/* What the text of len bytes takes, its NUL included. */
#define BASE64_SIZE(len)	(((len) + 2) / 3 * 4 + 1)

/* With padding; to has BASE64_SIZE(len) bytes. */
void	 base64(char *to, const void *from, size_t len);

#endif
