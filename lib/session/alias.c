/* SPDX-License-Identifier: MIT */

/* A growing array of topics; who may use which alias is decided elsewhere. */

#include "session/alias.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void
alias_fini(struct aliases *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->at[i].topic);
	free(t->at);
	memset(t, 0, sizeof(*t));
}

static int
grow(struct aliases *t, size_t n)
{
	struct alias	*at;
	size_t		 cap = n < 2 * t->n ? 2 * t->n : n;

	at = realloc(t->at, cap * sizeof(*at));
	if (at == NULL)
		return (MQK_ENOMEM);
	memset(at + t->n, 0, (cap - t->n) * sizeof(*at));
	t->at = at;
	t->n = cap;
	return (MQK_OK);
}

int
alias_bind(struct aliases *t, uint32_t alias, struct mqk_bytes topic)
{
	struct alias	*a;
	char		*copy;

	if (alias > t->n && grow(t, alias) < 0)
		return (MQK_ENOMEM);
	a = &t->at[alias - 1];
	if (a->topic != NULL && a->len == topic.len &&
	    memcmp(a->topic, topic.data, topic.len) == 0)
		return (MQK_OK);
	copy = str_ndup(topic.data, topic.len);
	if (copy == NULL)
		return (MQK_ENOMEM);
	free(a->topic);
	a->topic = copy;
	a->len = topic.len;
	return (MQK_OK);
}

void
alias_unbind(struct aliases *t, uint32_t alias)
{
	free(t->at[alias - 1].topic);
	t->at[alias - 1].topic = NULL;
}

struct mqk_bytes
alias_topic(const struct aliases *t, uint32_t alias)
{
	struct mqk_bytes none = { NULL, 0 };

	if (alias > t->n || t->at[alias - 1].topic == NULL)
		return (none);
	return ((struct mqk_bytes){ t->at[alias - 1].topic,
	    t->at[alias - 1].len });
}
