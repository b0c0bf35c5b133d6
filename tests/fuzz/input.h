/* SPDX-License-Identifier: MIT */

/* The bytes of one run, used up from the front; behind them come zeros. */

#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
	const uint8_t	*at;
	const uint8_t	*end;
};

static inline size_t
input_left(const struct input *in)
{
	return ((size_t)(in->end - in->at));
}

static inline uint8_t
input_byte(struct input *in)
{
	return (in->at < in->end ? *in->at++ : 0);
}

/* The next n bytes, or as many as are left. */
static inline const uint8_t *
input_take(struct input *in, size_t *n)
{
	const uint8_t	*at = in->at;

	if (*n > input_left(in))
		*n = input_left(in);
	in->at += *n;
	return (at);
}

#endif
