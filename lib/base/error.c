/* SPDX-License-Identifier: MIT */

/* Error codes as text, and the sentence that goes with a failure. */

#include "base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
	int		 code;
	const char	*text;
} errors[] = {
	{ MQK_OK, "no error" },
#define X(name, code, text) { code, text },
	MQK_ERROR_MAP(X)
#undef X
};

const char *
mqk_strerror(int err)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].code == err)
			return (errors[i].text);
	}
	return ("unknown error");
}

/* C0, DEL and C1, which some terminals obey in UTF-8 too. */
static bool
is_control(const uint8_t *s, size_t n)
{
	return (n == 1 ? s[0] < 0x20 || s[0] == 0x7f :
	    n == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

/*
 * Sentences quote peers, and end on terminals and in logs: what could steer
 * the one or begin a line of the other becomes a blank, and what is not UTF-8,
 * such as a character that was cut off at the end, a question mark.
 */
static void
make_harmless(char *text)
{
	uint8_t	*s = (uint8_t *)text;
	size_t	 left = strlen(text), n;

	for (; left > 0; s += n, left -= n) {
		n = utf8_sequence(s, left);
		if (n == 0) {
			n = 1;
			*s = '?';
		} else if (is_control(s, n)) {
			memset(s, ' ', n);
		}
	}
}

int
errf(struct error *e, int code, const char *fmt, ...)
{
	va_list	 ap;

	if (e == NULL)
		return (code);
	e->code = code;
	e->os_error = 0;
	e->cause = NULL;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	make_harmless(e->text);
	return (code);
}
