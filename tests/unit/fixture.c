/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *
exact_copy(const void *p, size_t len)
{
	/* len 0 still needs a pointer that may be compared */
	uint8_t	*copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, p, len);
	return (copy);
}

static const char *
add_quoted(const char *at, uint8_t *to, size_t *n)
{
	for (; *at != '\''; at++) {
		assert_int_not_equal(*at, '\0');
		to[(*n)++] = (uint8_t)*at;
	}
	return (at + 1);
}

uint8_t *
bytes_of(const char *text, size_t *len)
{
	uint8_t		*room = malloc(strlen(text) + 1), *exact;
	unsigned	 v;
	size_t		 n = 0;

	assert_non_null(room);
	while (*text != '\0') {
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			text = add_quoted(text + 1, room, &n);
		} else {
			assert_int_equal(sscanf(text, "%2x", &v), 1);
			room[n++] = (uint8_t)v;
			text += 2;
		}
	}
	exact = exact_copy(room, n);
	free(room);
	*len = n;
	return (exact);
}

struct mqk_bytes
text_bytes(const char *s)
{
	return ((struct mqk_bytes){ s, strlen(s) });
}
