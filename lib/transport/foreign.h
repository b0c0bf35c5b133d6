/* SPDX-License-Identifier: MIT */

#ifndef TRANSPORT_FOREIGN_H
#define TRANSPORT_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* A peer's first bytes: which other protocol begins so ("HTTP"), or NULL. */
const char *foreign_protocol(const uint8_t *, size_t);

#endif
