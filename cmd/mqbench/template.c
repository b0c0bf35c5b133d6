/* SPDX-License-Identifier: MIT */

/* Placeholders and what stands for them, one row each. */

#include "template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/diag.h"

#define VALUE_MAX 11

static int
put_client(char *to, const struct template_values *v)
{
	return (snprintf(to, VALUE_MAX, "%" PRIu32, v->client));
}

static int
put_run(char *to, const struct template_values *v)
{
	return (snprintf(to, VALUE_MAX, "%08" PRIx32, v->run));
}

static int
put_percent(char *to, const struct template_values *v)
{
	(void)v;
	to[0] = '%';
	return (1);
}

static const struct field {
	char		 letter;
	bool		 individual;
	int		(*put)(char *, const struct template_values *);
} fields[] = {
	{ 'c', true, put_client },
	{ 'i', true, put_client },
	{ 'r', false, put_run },
	{ '%', false, put_percent },
	{ 0 }
};

static const struct field *
field_of(char letter)
{
	const struct field *f;

	for (f = fields; f->letter != 0; f++)
		if (f->letter == letter)
			return (f);
	return (NULL);
}

char
template_bad(const char *text)
{
	while ((text = strchr(text, '%')) != NULL) {
		if (text[1] == '\0')
			return ('%');
		if (field_of(text[1]) == NULL)
			return (text[1]);
		text += 2;
	}
	return (0);
}

bool
template_is_individual(const char *text)
{
	while ((text = strchr(text, '%')) != NULL) {
		if (field_of(text[1])->individual)
			return (true);
		text += 2;
	}
	return (false);
}

char *
template_expand(const char *text, const struct template_values *v)
{
	char *out, *to;

	/* A placeholder is two characters, a value fewer than VALUE_MAX. */
	out = to = xmalloc(strlen(text) * VALUE_MAX / 2 + VALUE_MAX);
	while (*text != '\0') {
		if (*text != '%') {
			*to++ = *text++;
			continue;
		}
		to += field_of(text[1])->put(to, v);
		text += 2;
	}
	*to = '\0';
	return (out);
}
