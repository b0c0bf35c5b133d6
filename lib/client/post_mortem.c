/* SPDX-License-Identifier: MIT */

/*
 * Gathers from the error, the pipes, the CONNACK and the clock what is known
 * about an attempt that failed, into one block that outlives all of them.
 */

#include "client/post_mortem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/internal.h"
#include "transport/foreign.h"
#include "transport/report.h"

struct post_mortem {
	struct mqk_post_mortem shown;	/* points to what follows */
	struct pipe_report report;
	struct mqk_cert	*chain;
	struct mqk_props props;
	char		 text[sizeof(((struct error *)0)->text)];
	char		 url[300];
	char		 address[PIPE_ADDRESS_MAX];
};

static const char *const stage_names[MQK_STAGES] = {
	"resolve", "connect", "proxy", "TLS", "WebSocket", "MQTT"
};

const char *
mqk_stage_name(enum mqk_stage stage)
{
	return ((unsigned)stage < MQK_STAGES ? stage_names[stage] : "?");
}

void
stage_times_start(struct stage_times **times, int64_t now)
{
	free(*times);
	*times = calloc(1, sizeof(**times));
	if (*times != NULL)
		(*times)->since = now;
}

void
stage_times_reach(struct stage_times *t, enum mqk_stage stage, int64_t now)
{
	if (t == NULL || t->stage == stage)
		return;
	t->took_ms[t->stage] += (uint32_t)(now - t->since);
	t->since = now;
	t->stage = stage;
}

/* Without user, password and path, which are nobody's business; of a socket in
 * the file system the path is all there is. */
static void
write_url(char *to, size_t size, const struct mqk_url *url)
{
	bool	 literal = strcmp(url->scheme, "unix") != 0 &&
		    strchr(url->host, ':') != NULL;
	char	 port[8] = "";

	if (url->port != 0)
		snprintf(port, sizeof(port), ":%u", (unsigned)url->port);
	snprintf(to, size, literal ? "%s://[%s]%s" : "%s://%s%s", url->scheme,
	    url->host, port);
}

/* The bytes that MQTT failed at, or those that a pipe did not understand. */
static void
show_first(struct post_mortem *pm, const struct mqk_client *c, int code)
{
	struct pipe_report	*r = &pm->report;

	if (c->state == MQK_GREETING && r->nfirst == 0 &&
	    (code == MQK_EPROTOCOL || code == MQK_EMALFORMED ||
	    code == MQK_ETOOBIG))
		report_first(r, buf_data(&c->rx), buf_len(&c->rx));
	if (r->nfirst == 0)
		return;
	pm->shown.first = (struct mqk_bytes){ r->first, r->nfirst };
	pm->shown.protocol = foreign_protocol(r->first, r->nfirst);
}

static void
show_chain(struct post_mortem *pm)
{
	struct pipe_report	*r = &pm->report;

	if (r->nchain > 0)
		pm->chain = calloc(r->nchain, sizeof(*pm->chain));
	if (pm->chain == NULL)
		return;
	for (size_t i = 0; i < r->nchain; i++)
		pm->chain[i] = (struct mqk_cert){
			.subject = r->chain[i].subject,
			.issuer = r->chain[i].issuer,
			.names = r->chain[i].names,
			.not_before = r->chain[i].from,
			.not_after = r->chain[i].until,
		};
	pm->shown.chain = pm->chain;
	pm->shown.nchain = r->nchain;
}

static void
show_pipe(struct post_mortem *pm, const struct mqk_client *c)
{
	const struct pipe_report	*r = &pm->report;

	report_pipes(&pm->report, c->pipe);
	if (pm->shown.stage > MQK_STAGE_RESOLVE)
		c->pipe->ops->address(c->pipe, pm->address,
		    sizeof(pm->address));
	pm->shown.alert = r->alert;
	pm->shown.alert_name = r->alert_name;
	pm->shown.verify_error = r->verify_error;
	pm->shown.verify_name = r->verify_name;
	pm->shown.verify_depth = r->verify_depth;
	show_chain(pm);
}

static void
show_answer(struct post_mortem *pm, const struct mqk_client *c)
{
	pm->shown.reason = c->ending.reason;
	if (props_or_null(&c->ending.props) != NULL &&
	    prop_copy(&pm->props, &c->ending.props) == MQK_OK)
		pm->shown.props = &pm->props;
}

static void
show_error(struct post_mortem *pm, const struct error *e)
{
	memcpy(pm->text, e->text, sizeof(pm->text));
	pm->shown.error = e->code;
	pm->shown.os_error = e->os_error;
	pm->shown.text = pm->text;
	pm->shown.cause = e->cause;
	pm->shown.url = pm->url;
	pm->shown.address = pm->address;
}

void
post_mortem_take(struct mqk_client *c, const struct error *e, int64_t now)
{
	const struct stage_times *times = c->dial.times;
	struct post_mortem	*pm = NULL;

	post_mortem_free(c->post_mortem);
	if (times != NULL)
		pm = calloc(1, sizeof(*pm));
	c->post_mortem = pm;
	if (pm == NULL)
		return;
	show_error(pm, e);
	write_url(pm->url, sizeof(pm->url),
	    &brokers_current(&c->config.brokers)->url);
	pm->shown.stage = times->stage;
	memcpy(pm->shown.took_ms, times->took_ms, sizeof(times->took_ms));
	pm->shown.took_ms[times->stage] += (uint32_t)(now - times->since);
	if (c->pipe != NULL)
		show_pipe(pm, c);
	show_first(pm, c, e->code);
	show_answer(pm, c);
}

void
post_mortem_free(struct post_mortem *pm)
{
	if (pm == NULL)
		return;
	free(pm->report.chain);
	free(pm->chain);
	prop_fini(&pm->props);
	free(pm);
}

const struct mqk_post_mortem *
post_mortem_show(const struct post_mortem *pm)
{
	return (pm != NULL ? &pm->shown : NULL);
}

const struct mqk_post_mortem *
mqk_post_mortem(const struct mqk_client *c)
{
	struct mqk_client		*locked;
	const struct mqk_post_mortem	*shown;

	locked = (struct mqk_client *)(uintptr_t)c;
	client_lock(locked);
	shown = post_mortem_show(c->post_mortem);
	client_unlock(locked);
	return (shown);
}
