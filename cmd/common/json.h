/* SPDX-License-Identifier: MIT */

/*
 * Writing JSON (RFC 8259).  Both functions append a value, or nothing at all
 * when they return false.
 */

#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "common/outbuf.h"

/*
 * The bytes as a JSON string with its quotes.  False unless they are UTF-8 in
 * MQTT's sense: well-formed and without U+0000, which programs that keep
 * strings in C's way would cut.
 */
bool	json_string(struct outbuf *, const void *, size_t len);

/*
 * The bytes as they are, if they are one JSON value: strictly, and nested at
 * most 256 deep.  White space between the tokens is left out, so the value
 * stays on one line; numbers keep every digit.
 */
bool	json_embed(struct outbuf *, const void *, size_t len);

#endif
