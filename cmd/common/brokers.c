/* SPDX-License-Identifier: MIT */

/* See brokers.h. */

#include "common/brokers.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"

/* The text without the topic, which the library would take for a path. */
static char *
without_topic(const char *text, const struct mqk_url *url)
{
	const char	*authority = strstr(text, "://") + 3;
	char		*copy = xstrdup(text);

	if (strcmp(url->scheme, "unix") != 0)
		copy[authority - text + (ptrdiff_t)strcspn(authority, "/")] =
		    '\0';
	return (copy);
}

static struct mqk_bytes
copy_bytes(struct mqk_bytes from)
{
	char	*copy;

	if (from.data == NULL)
		return (from);
	copy = xcalloc(from.len + 1, 1);
	memcpy(copy, from.data, from.len);
	return ((struct mqk_bytes){ copy, from.len });
}

void
brokers_add(struct config_brokers *b, const char *text,
    const struct mqk_url *url)
{
	b->v = xrealloc(b->v, (b->n + 1) * sizeof(*b->v));
	b->v[b->n++] = (struct mqk_broker){
		.url = without_topic(text, url),
		.user = url->user != NULL ? xstrdup(url->user) : NULL,
		.password = copy_bytes(url->password),
	};
}

void
brokers_free(struct config_brokers *b)
{
	for (size_t i = 0; i < b->n; i++) {
		wipe_free((char *)(uintptr_t)b->v[i].url);
		free((void *)(uintptr_t)b->v[i].user);
		wipe((void *)(uintptr_t)b->v[i].password.data,
		    b->v[i].password.len);
		free((void *)(uintptr_t)b->v[i].password.data);
	}
	free(b->v);
	memset(b, 0, sizeof(*b));
}
