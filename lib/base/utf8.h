/* SPDX-License-Identifier: MIT */

#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Well-formed UTF-8 as MQTT wants it: shortest form, no surrogates, no U+0000
 * [MQTT-1.5.4-1] [MQTT-1.5.4-2].  Other control characters and non-characters
 * are let through, as the specification only advises against them.
 */
bool	 utf8_valid(const void *, size_t len);

/* Length of the well-formed character in front; 0: none, or U+0000. */
size_t	 utf8_sequence(const void *, size_t left);

#endif
