/* SPDX-License-Identifier: MIT */

/* The list of hooks and who of them sees a packet. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client/internal.h"

struct hook {
	struct mqk_hook	 user;
	uint32_t	 seen;		/* number of the last packet shown */
	int		 id;
};

void
hooks_free(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	free(hooks->at);
	free(hooks);
}

int
hooks_add(struct hooks *hooks, const struct mqk_hook *user)
{
	struct hook	*at;
	size_t		 i = hooks->n;

	if (user->run == NULL || hooks->next_id == INT_MAX)
		return (MQK_EINVAL);
	at = realloc(hooks->at, (hooks->n + 1) * sizeof(*at));
	if (at == NULL)
		return (MQK_ENOMEM);
	hooks->at = at;
	while (i > 0 && at[i - 1].user.priority < user->priority)
		i--;
	memmove(&at[i + 1], &at[i], (hooks->n - i) * sizeof(*at));
	at[i].user = *user;
	at[i].seen = hooks->run - 1;
	at[i].id = hooks->next_id++;
	hooks->n++;
	hooks->changes++;
	return (at[i].id);
}

void
hooks_remove(struct hooks *hooks, int id)
{
	struct hook	*at = hooks->at;

	for (size_t i = 0; i < hooks->n; i++) {
		if (at[i].id != id)
			continue;
		hooks->n--;
		memmove(&at[i], &at[i + 1], (hooks->n - i) * sizeof(*at));
		hooks->changes++;
		return;
	}
}

static bool
concerns(const struct mqk_hook *h, const struct mqk_packet *p)
{
	return ((h->types == 0 || (h->types & MQK_TYPE(p->type)) != 0) &&
	    (h->directions == 0 || (h->directions & p->direction) != 0));
}

enum mqk_verdict
hooks_run(struct mqk_client *c, const struct mqk_packet *p)
{
	struct hooks	*hooks = c->hooks;
	struct mqk_hook	 h;
	enum mqk_verdict verdict = MQK_PASS;
	uint32_t	 run = ++hooks->run, changes;
	size_t		 i = 0;

	while (i < hooks->n && verdict == MQK_PASS && !c->dying) {
		if (hooks->at[i].seen == run ||
		    !concerns(&hooks->at[i].user, p)) {
			i++;
			continue;
		}
		hooks->at[i].seen = run;
		h = hooks->at[i].user;
		changes = hooks->changes;
		call_begin(c);
		if (h.when == NULL || h.when(p, h.user))
			verdict = h.run(c, p, h.user);
		call_end(c);
		i = changes == hooks->changes ? i + 1 : 0;
	}
	return (verdict == MQK_DROP ? MQK_DROP : MQK_PASS);
}

int
mqk_hook_add(struct mqk_client *c, const struct mqk_hook *user)
{
	int	 id = MQK_ENOMEM;

	client_lock(c);
	if (c->hooks == NULL)
		c->hooks = calloc(1, sizeof(*c->hooks));
	if (c->hooks != NULL)
		id = hooks_add(c->hooks, user);
	if (id < 0)
		(void)client_failed(c, id, id == MQK_EINVAL ?
		    "hook: there is no run()" : "hook: out of memory");
	client_unlock(c);
	return (id);
}

void
mqk_hook_remove(struct mqk_client *c, int id)
{
	client_lock(c);
	if (c->hooks != NULL)
		hooks_remove(c->hooks, id);
	client_unlock(c);
}
