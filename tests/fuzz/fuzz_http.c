/* SPDX-License-Identifier: MIT */

/*
 * Heads of HTTP answers: what comes byte by byte must end like the whole, and
 * views must lie inside of it.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transport/http.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_inside(struct mqk_bytes b, const char *text, size_t len)
{
	const char	*at = b.data;

	if (b.len > 0 && (at < text || at + b.len > text + len))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char		*text = (const char *)data;
	struct http_head	 head;
	struct mqk_bytes	 value;
	int			 whole = http_parse(&head, text, n, 0);
	int			 piece = 0;

	if (whole > 0) {
		check_inside(head.line, text, (size_t)whole);
		check_inside(head.fields, text, (size_t)whole);
		if (http_field(&head, "Connection", &value)) {
			check_inside(value, text, (size_t)whole);
			(void)http_has_token(value, "upgrade");
		}
		if (head.status < 100 || head.status > 999)
			abort();
	}
	for (size_t i = 1; i <= n && piece == 0; i++)
		piece = http_parse(&head, text, i, i - 1);
	if (whole >= 0 && piece != whole)
		abort();
	return (0);
}
