/* SPDX-License-Identifier: MIT */

/* Copies of strings. */

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

char *
str_dup(const char *s)
{
	return (s == NULL ? NULL : str_ndup(s, strlen(s)));
}

char *
str_ndup(const void *p, size_t len)
{
	char	*s = malloc(len + 1);

	if (s == NULL)
		return (NULL);
	if (len > 0)
		memcpy(s, p, len);
	s[len] = '\0';
	return (s);
}

int
str_set(char **to, const char *from)
{
	char	*copy = str_dup(from);

	if (copy == NULL && from != NULL)
		return (MQK_ENOMEM);
	free(*to);
	*to = copy;
	return (MQK_OK);
}

void
str_clear(void *p, size_t len)
{
	/* volatile, or the compiler drops stores to memory that is freed */
	volatile unsigned char	*at = p;

	while (len-- > 0)
		*at++ = 0;
}

void
str_wipe(void *p, size_t len)
{
	if (p == NULL)
		return;
	str_clear(p, len);
	free(p);
}
