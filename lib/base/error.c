/* SPDX-License-Identifier: MIT */

/* Error codes as text, and the sentence that goes with a failure. */

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

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

int
errf(struct error *e, int code, const char *fmt, ...)
{
	va_list	 ap;

	if (e == NULL)
		return (code);
	e->code = code;
	e->cause = NULL;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return (code);
}
