/* SPDX-License-Identifier: MIT */

/* What failed last: the code, the sentence, and who may ask for them. */

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "client/internal.h"

/* Why there is no client to ask; of the thread that wanted one. */
static _Thread_local struct error stillborn;

struct error *
failure_stillborn(void)
{
	return (&stillborn);
}

/* ---- recording -------------------------------------------------------- */

int
client_failed(struct mqk_client *c, int err, const char *text)
{
	free(c->last_text);
	c->last_text = str_dup(text);
	c->last_error = err;
	return (err);
}

/* Unless another call has failed since, there is a better text already. */
int
client_is_idle(struct mqk_client *c)
{
	if (c->idle_error == MQK_ESTATE)
		return (client_failed(c, MQK_ESTATE, "not connected: "
		    "mqk_connect() has not been called"));
	if (c->idle_error == MQK_ESTOPPED)
		return (client_failed(c, MQK_ESTOPPED, "disconnected, as "
		    "asked for"));
	return (c->last_error == c->idle_error ? c->idle_error :
	    client_failed(c, c->idle_error, NULL));
}

int
client_is_busy(struct mqk_client *c)
{
	return (client_failed(c, MQK_ESTATE, client_inside(c) ?
	    "loop: not possible in a callback" :
	    "loop: a thread runs it, or has and was not joined"));
}

/* ---- asking ----------------------------------------------------------- */

int
mqk_last_error(const struct mqk_client *c)
{
	struct mqk_client	*locked;
	int			 err;

	if (c == NULL)
		return (stillborn.code);
	locked = client_look(c);
	err = c->last_error;
	client_unlock(locked);
	return (err);
}

static const char *
error_text(const struct mqk_client *c)
{
	if (c->last_error == MQK_OK)
		return ("");
	if (c->last_text != NULL)
		return (c->last_text);
	return (c->last_error == MQK_EAGAIN ?
	    "publish: max_queue or max_bytes is reached" :
	    mqk_strerror(c->last_error));
}

const char *
mqk_last_error_text(const struct mqk_client *c)
{
	struct mqk_client	*locked;
	const char		*text;

	if (c == NULL)
		return (stillborn.text);
	locked = client_look(c);
	text = error_text(c);
	client_unlock(locked);
	return (text);
}

int
mqk_last_error_text_r(const struct mqk_client *c, char *to, size_t size)
{
	struct mqk_client	*locked;
	int			 err;

	if (c == NULL) {
		snprintf(to, size, "%s", stillborn.text);
		return (stillborn.code);
	}
	locked = client_look(c);
	err = c->last_error;
	snprintf(to, size, "%s", error_text(c));
	client_unlock(locked);
	return (err);
}
