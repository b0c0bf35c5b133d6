/* SPDX-License-Identifier: MIT */

#include "wire/request.h"

#include <stdlib.h>
#include <string.h>

#include "codec/prop.h"

typedef int run_fn(struct player *, const struct request_side *,
    const struct mqs_line *);

/* ---- fields ---------------------------------------------------------- */

int
request_code(const char *name)
{
	static const struct {
		const char	*name;
		int		 code;
	} codes[] = {
		{ "OK", MQK_OK },
#define X(name, code, text) { #name, code },
		MQK_ERROR_MAP(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].name, name) == 0)
			return (codes[i].code);
	return (1);
}

struct mqk_bytes
request_bytes(const struct mqs_line *l, const char *name)
{
	const struct mqs_field	*f = mqs_field(l, name, 0);

	if (f == NULL)
		return ((struct mqk_bytes){ NULL, 0 });
	return ((struct mqk_bytes){ f->value, f->len });
}

/* A property list of the fields that begin with "will-", without that. */
struct mqk_props *
request_will_props(const struct mqs_line *l)
{
	struct mqs_line	 w = { .number = l->number };
	struct mqk_props *props;
	struct mqs_field *fields = calloc(l->n + 1, sizeof(*fields));
	bool		 is_prop;

	if (fields == NULL)
		abort();
	for (size_t i = 0; i < l->n; i++) {
		if (strncmp(l->fields[i].name, "will-", 5) != 0)
			continue;
		fields[w.n] = l->fields[i];
		/* will-delay-interval keeps its name. */
		is_prop = mqk_prop_by_name(l->fields[i].name) >= 0;
		if (!is_prop)
			fields[w.n].name += 5;
		w.n++;
	}
	w.fields = fields;
	props = mqs_props(&w);
	free(fields);
	return (props);
}

/* Take out of the CONNECT's list what only a will carries. */
struct mqk_props *
request_connect_props(const struct mqs_line *l)
{
	struct mqk_props	*props = mqs_props(l);

	if (props != NULL)
		prop_remove(props, MQK_P_WILL_DELAY_INTERVAL);
	return (props);
}

size_t
request_filters(const struct mqs_line *l, struct mqk_filter *f)
{
	size_t	 n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char	*name = l->fields[i].name;
		long		 v = strtol(l->fields[i].value, NULL, 0);

		if (strcmp(name, "filter") == 0 && n < REQUEST_FILTERS_MAX)
			f[n++].topic = l->fields[i].value;
		else if (n == 0)
			continue;
		else if (strcmp(name, "qos") == 0)
			f[n - 1].qos = (uint8_t)v;
		else if (strcmp(name, "nl") == 0)
			f[n - 1].no_local = v != 0;
		else if (strcmp(name, "rap") == 0)
			f[n - 1].retain_as_published = v != 0;
		else if (strcmp(name, "rh") == 0)
			f[n - 1].retain_handling = (uint8_t)v;
	}
	return (n);
}

/* ---- calls ----------------------------------------------------------- */

/* A payload source: "abcdefgh" over and over. */
static int64_t
read_source(void *arg, uint32_t offset, void *to, size_t len)
{
	char	*at = to;

	(void)arg;
	for (size_t i = 0; i < len; i++)
		at[i] = (char)('a' + (offset + i) % 8);
	return ((int64_t)len);
}

static int
do_publish(struct player *p, const struct request_side *side,
    const struct mqs_line *l)
{
	struct mqk_props	*props = mqs_props(l);
	struct mqk_source	 source = {
		.read = read_source,
		.done = side->source_done,
		.arg = p,
	};
	struct mqk_publish	 m = {
		.topic = mqs_text(l, "topic", ""),
		.payload = request_bytes(l, "payload"),
		.qos = (uint8_t)mqs_num(l, "qos", 0),
		.retain = mqs_num(l, "retain", 0) != 0,
		.tag = (void *)(size_t)mqs_num(l, "tag", 0),
		.props = props,
	};
	char	*fill = NULL;
	long	 size = mqs_num(l, "size", -1), n = mqs_num(l, "times", 1);
	int	 err = MQK_OK;

	if (mqs_field(l, "source", 0) != NULL) {
		source.len = (uint32_t)mqs_num(l, "source", 0);
		m.source = &source;
	}
	if (size >= 0) {
		fill = calloc(1, (size_t)size + 1);
		m.payload = (struct mqk_bytes){ fill, (size_t)size };
	}
	while (n-- > 0 && err >= 0)
		err = side->publish(p, &m);
	free(fill);
	mqk_props_free(props);
	return (err);
}

static int
do_subscribe(struct player *p, const struct request_side *side,
    const struct mqs_line *l)
{
	struct mqk_filter	 f[REQUEST_FILTERS_MAX] = { 0 };
	size_t			 n = request_filters(l, f);
	struct mqk_props	*props = mqs_props(l);
	int			 err;

	err = side->subscribe(p, f, n, props);
	mqk_props_free(props);
	return (err);
}

static int
do_unsubscribe(struct player *p, const struct request_side *side,
    const struct mqs_line *l)
{
	struct mqk_filter	 f[REQUEST_FILTERS_MAX] = { 0 };
	const char		*topics[REQUEST_FILTERS_MAX];
	size_t			 n = request_filters(l, f);
	struct mqk_props	*props = mqs_props(l);
	int			 err;

	for (size_t i = 0; i < n; i++)
		topics[i] = f[i].topic;
	err = side->unsubscribe(p, topics, n, props);
	mqk_props_free(props);
	return (err);
}

/* "do ack 2": the second QoS 1 or 2 message of the scenario; "last". */
static int
do_ack(struct player *p, const struct request_side *side,
    const struct mqs_line *l)
{
	const char		*which = mqs_text(l, "", "last");
	struct mqk_props	*props = mqs_props(l);
	size_t			 i = strtoul(which, NULL, 10);
	int			 err = MQK_EINVAL;

	if (i == 0)
		i = p->nacks;
	if (i > 0 && i <= p->nacks && strcmp(l->verb, "ack") == 0)
		err = side->ack(p, p->acks[i - 1],
		    (uint8_t)mqs_num(l, "reason", 0), props);
	else if (i > 0 && i <= p->nacks)
		err = side->ack_through(p, p->acks[i - 1]);
	mqk_props_free(props);
	return (err);
}

static int
do_bye(struct player *p, const struct request_side *side,
    const struct mqs_line *l)
{
	struct mqk_props	*props = mqs_props(l);
	uint8_t			 reason = (uint8_t)mqs_num(l, "reason", 0);
	int			 err;

	if (strcmp(l->verb, "auth") == 0)
		err = side->auth(p, reason, props);
	else
		err = side->disconnect(p, reason, props);
	mqk_props_free(props);
	return (err);
}

static int
do_ping(struct player *p, const struct request_side *side,
    const struct mqs_line *l)
{
	(void)l;
	return (side->ping(p));
}

static run_fn *
find_call(const char *verb)
{
	static const struct {
		const char	*verb;
		run_fn		*call;
	} calls[] = {
		{ "publish", do_publish },
		{ "subscribe", do_subscribe },
		{ "unsubscribe", do_unsubscribe },
		{ "ack", do_ack },
		{ "ack-through", do_ack },
		{ "auth", do_bye },
		{ "disconnect", do_bye },
		{ "ping", do_ping },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].verb, verb) == 0)
			return (calls[i].call);
	return (NULL);
}

bool
request_run(struct player *p, const struct request_side *side, int *result)
{
	const struct request_extra	*e = side->extra;
	run_fn				*call = find_call(p->line->verb);

	if (call != NULL) {
		*result = call(p, side, p->line);
		return (true);
	}
	while (e != NULL && e->verb != NULL && strcmp(e->verb,
	    p->line->verb) != 0)
		e++;
	if (e == NULL || e->verb == NULL)
		return (false);
	*result = e->call(p, p->line);
	return (true);
}
