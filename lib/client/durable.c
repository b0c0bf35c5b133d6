/* SPDX-License-Identifier: MIT */

/* A client gets a store: whose it is, and payloads that it needs whole. */

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "client/internal.h"
#include "session/blame.h"

/* ---- whose is it? ---------------------------------------------------- */

static int
check_id(const struct mqk_client *c, const char *kept, struct error *e)
{
	const char	*id = c->config.client_id;

	if (id == NULL || strcmp(id, kept) == 0)
		return (MQK_OK);
	return (errf(e, MQK_ESTORE,
	    "the store belongs to the client id '%s'", kept));
}

/* The id of the options, or one made up, gets into the store. */
static int
choose_id(struct mqk_client *c, struct error *e)
{
	int	 err = MQK_OK;

	if (c->config.client_id == NULL) {
		err = dial_make_id(c, e);
		if (err == MQK_OK && str_set(&c->config.client_id,
		    c->dial.id) < 0)
			err = errf(e, MQK_ENOMEM, "client id: out of memory");
	}
	if (err < 0)
		return (err);
	err = session_keep_id(c->session, c->config.client_id);
	if (err < 0)
		*e = *session_error(c->session);
	return (err);
}

static int
take_store(struct mqk_client *c, const struct mqk_store *store,
    struct error *e)
{
	const char	*kept;
	int		 err;

	err = session_store_take(c->session, store);
	if (err == MQK_ESTATE)
		return (errf(e, err, c->durable ? "store: there is one" :
		    "store: too late, there are packets already"));
	if (err < 0)
		return (blame(c->session, "store", err, e));
	kept = session_kept_id(c->session);
	if (kept == NULL)
		return (choose_id(c, e));
	err = check_id(c, kept, e);
	if (err == MQK_OK && str_set(&c->config.client_id, kept) < 0)
		err = errf(e, MQK_ENOMEM, "client id: out of memory");
	return (err);
}

int
mqk_set_store(struct mqk_client *c, const struct mqk_store *store)
{
	struct error	 e;
	int		 err;

	client_lock(c);
	err = session_wake(&c->session);
	if (store == NULL) {
		err = errf(&e, MQK_EINVAL, "store: there is none");
	} else if (err < 0) {
		store->close(store->ctx);
		(void)errf(&e, err, "store: out of memory");
	} else {
		err = take_store(c, store, &e);
	}
	if (err < 0) {
		client_failed(c, err, e.text);
	} else {
		c->durable = true;
		c->config.resume = true;
	}
	client_unlock(c);
	return (err);
}

/* ---- payloads from sources ------------------------------------------- */

static int
read_source(const struct mqk_source *source, uint8_t *to)
{
	uint32_t	 done = 0;
	int64_t		 n;

	while (done < source->len) {
		n = source->read(source->arg, done, to + done,
		    source->len - done);
		if (n <= 0 || n > (int64_t)(source->len - done))
			return (MQK_ESOURCE);
		done += (uint32_t)n;
	}
	return (MQK_OK);
}

static int
refuse(struct mqk_client *c, const struct mqk_publish *p, int err)
{
	struct error	 e;

	client_lock(c);
	(void)blame_publish(c->session, p, err, &e);
	(void)client_failed(c, err, e.text);
	client_unlock(c);
	return (err);
}

/* May it be published?  For what is read from a source may be gone then. */
static int
ask(struct mqk_client *c, const struct mqk_publish *p)
{
	int	 err;

	client_lock(c);
	err = session_wake(&c->session);
	if (err == MQK_OK)
		err = session_may_keep(c->session, p);
	client_unlock(c);
	return (err);
}

/* The source is done with when the message is in the store. */
int
durable_publish(struct mqk_client *c, const struct mqk_publish *p)
{
	struct mqk_publish	 whole = *p;
	uint8_t			*mem;
	int			 err = ask(c, p);

	if (err < 0)
		return (refuse(c, p, err));
	mem = malloc(p->source->len > 0 ? p->source->len : 1);
	if (mem == NULL)
		return (refuse(c, p, MQK_ENOMEM));
	err = read_source(p->source, mem);
	whole.source = NULL;
	whole.payload = (struct mqk_bytes){ mem, p->source->len };
	err = err == MQK_OK ? mqk_publish(c, &whole) : refuse(c, p, err);
	free(mem);
	if (err >= 0 && p->source->done != NULL)
		p->source->done(p->source->arg);
	return (err);
}
