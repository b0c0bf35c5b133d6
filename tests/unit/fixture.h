/* SPDX-License-Identifier: MIT */

/* Helpers of the unit tests. */

#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mqk.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/*
 * "30 05 'a/b' 00" as bytes: hex digits, spaces, and text in single quotes.
 * In memory of exactly that size, so that a sanitizer sees every overrun;
 * free it.
 */
uint8_t	*bytes_of(const char *text, size_t *len);

/* A copy of exactly len bytes, for the same reason; free it. */
uint8_t	*exact_copy(const void *, size_t len);

/* The bytes of a C string. */
struct mqk_bytes text_bytes(const char *);

#endif
