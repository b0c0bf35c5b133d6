/* SPDX-License-Identifier: MIT */

#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stddef.h>

#include "common/outbuf.h"

/* Append the bytes in the alphabet of RFC 4648, section 4, with padding. */
void	base64_encode(struct outbuf *, const void *, size_t len);

#endif
