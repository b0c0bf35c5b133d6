/* SPDX-License-Identifier: MIT */

/*
 * Filters are remembered from mqk_subscribe() to mqk_unsubscribe().  A message
 * finds its callbacks by the subscription identifiers it carries where the
 * broker supports them, else by matching.  An identifier belongs to one
 * SUBSCRIBE; when that had several filters the match decides between them.
 */

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "client/internal.h"
#include "codec/topic.h"

#define IMPLEMENTATION_SPECIFIC	0x83
#define QUOTA_EXCEEDED	0x97

enum sub_state {
	SUB_PENDING,		/* in the session's hands */
	SUB_HELD,		/* the broker has it */
	SUB_LOST		/* to be subscribed again in any case */
};

struct sub {
	struct mqk_filter filter;	/* topic is allocated */
	struct mqk_props  props;	/* without our identifier */
	enum sub_state	  state;
	uint32_t	  id;		/* subscription identifier, 0: none */
	uint32_t	  seen;		/* last delivery */
	uint16_t	  mid;		/* of the last SUBSCRIBE */
	bool		  quiet;	/* that SUBSCRIBE was our own idea */
	uint8_t		  index;	/* in it, if so */
	uint8_t		  refusal;	/* not told yet, 0: none */
};

static void
sub_free(struct sub *s)
{
	if (s == NULL)
		return;
	free((void *)(uintptr_t)s->filter.topic);
	prop_fini(&s->props);
	free(s);
}

void
subs_fini(struct subs *subs)
{
	for (size_t i = 0; i < subs->n; i++)
		sub_free(subs->at[i]);
	free(subs->at);
	memset(subs, 0, sizeof(*subs));
}

/* ---- the list -------------------------------------------------------- */

static void
count_callbacks(struct subs *subs)
{
	subs->callbacks = 0;
	for (size_t i = 0; i < subs->n; i++)
		if (subs->at[i]->filter.on_message != NULL)
			subs->callbacks++;
	subs->changes++;
}

static void
forget(struct subs *subs, const char *topic)
{
	for (size_t i = 0; i < subs->n; i++) {
		if (strcmp(subs->at[i]->filter.topic, topic) != 0)
			continue;
		sub_free(subs->at[i]);
		subs->n--;
		memmove(&subs->at[i], &subs->at[i + 1],
		    (subs->n - i) * sizeof(struct sub *));
		return;
	}
}

static struct sub *
sub_new(const struct mqk_filter *f, const struct mqk_props *props)
{
	struct sub	*s = calloc(1, sizeof(*s));

	if (s == NULL)
		return (NULL);
	s->filter = *f;
	s->filter.topic = str_dup(f->topic);
	if (s->filter.topic == NULL || prop_copy(&s->props, props) < 0) {
		sub_free(s);
		return (NULL);
	}
	return (s);
}

static int
make_room(struct subs *subs, size_t n)
{
	struct sub	**at;

	at = realloc(subs->at, (subs->n + n) * sizeof(*at));
	if (at == NULL)
		return (MQK_ENOMEM);
	subs->at = at;
	return (MQK_OK);
}

/* Copies of all filters, or none. */
static int
copy_filters(struct sub **to, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = sub_new(&f[i], props);
		if (to[i] != NULL)
			continue;
		while (i > 0)
			sub_free(to[--i]);
		return (MQK_ENOMEM);
	}
	return (MQK_OK);
}

/* ---- subscribing ----------------------------------------------------- */

static bool
any_callback(const struct mqk_filter *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].on_message != NULL)
			return (true);
	return (false);
}

static bool
id_in_use(const struct subs *subs, uint32_t id)
{
	for (size_t i = 0; i < subs->n; i++)
		if (subs->at[i]->id == id)
			return (true);
	return (false);
}

static uint32_t
new_id(struct subs *subs)
{
	do {
		subs->last_id = subs->last_id % PACKET_MAX_REMAINING + 1;
	} while (id_in_use(subs, subs->last_id));
	return (subs->last_id);
}

/* props with an identifier added; what is to be sent, to be finished. */
static int
add_id(struct mqk_props *to, const struct mqk_props *props, uint32_t id)
{
	int	 err = prop_copy(to, props);

	if (err < 0)
		return (err);
	return (mqk_props_add_num(to, MQK_P_SUBSCRIPTION_IDENTIFIER, id));
}

typedef int subscribe_fn(struct session *, const struct mqk_filter *, size_t,
    const struct mqk_props *);

/*
 * Send a SUBSCRIBE, with an identifier of ours if a callback profits from one
 * and the user has not set one.  Result: the packet id; *id is the identifier.
 */
static int
send_subscribe(struct subs *subs, subscribe_fn *send, struct session *session,
    const struct mqk_filter *f, size_t n, const struct mqk_props *props,
    uint32_t *id)
{
	struct mqk_props	 with_id = { 0 };
	int			 err;

	*id = prop_num(props, MQK_P_SUBSCRIPTION_IDENTIFIER, 0);
	if (*id != 0 || !subs->use_ids || !any_callback(f, n))
		return (send(session, f, n, props));
	*id = new_id(subs);
	err = add_id(&with_id, props, *id);
	if (err == MQK_OK)
		err = send(session, f, n, &with_id);
	prop_fini(&with_id);
	return (err);
}

int
subs_subscribe(struct subs *subs, struct session *session,
    const struct mqk_filter *f, size_t n, const struct mqk_props *props)
{
	struct sub	**fresh;
	uint32_t	 id;
	int		 mid;

	if (f == NULL || n == 0)
		return (MQK_EINVAL);
	for (size_t i = 0; i < n; i++)
		if (f[i].topic == NULL)
			return (MQK_EINVAL);
	fresh = calloc(n, sizeof(struct sub *));
	if (fresh == NULL || make_room(subs, n) < 0 ||
	    copy_filters(fresh, f, n, props) < 0) {
		free(fresh);
		return (MQK_ENOMEM);
	}
	mid = send_subscribe(subs, session_subscribe, session, f, n, props,
	    &id);
	for (size_t i = 0; i < n; i++) {
		if (mid < 0) {
			sub_free(fresh[i]);
			continue;
		}
		forget(subs, f[i].topic);
		fresh[i]->id = id;
		fresh[i]->seen = subs->delivery;
		fresh[i]->mid = (uint16_t)mid;
		subs->at[subs->n++] = fresh[i];
	}
	free(fresh);
	count_callbacks(subs);
	return (mid);
}

int
subs_unsubscribe(struct subs *subs, struct session *session,
    const char *const *topics, size_t n, const struct mqk_props *props)
{
	int	 mid = session_unsubscribe(session, topics, n, props);

	if (mid < 0)
		return (mid);
	for (size_t i = 0; i < n; i++)
		forget(subs, topics[i]);
	count_callbacks(subs);
	return (mid);
}

/* ---- reconnecting ---------------------------------------------------- */

#define GROUP_MAX	100	/* keeps a SUBSCRIBE below packet size limits */

/*
 * May one SUBSCRIBE carry both?  Filters with callbacks stay in the company
 * they came in, so that identifiers tell them apart.
 */
static bool
same_packet(const struct sub *a, const struct sub *b)
{
	bool	 plain = a->filter.on_message == NULL &&
		    b->filter.on_message == NULL;

	return ((plain || a->mid == b->mid) && a->props.len == b->props.len &&
	    (a->props.len == 0 ||
	    memcmp(a->props.data, b->props.data, a->props.len) == 0));
}

/* Those of the list that share a SUBSCRIBE with the first; how many. */
static size_t
pick(struct sub **list, size_t n, size_t most, struct mqk_filter *filters,
    struct sub **group)
{
	size_t	 k = 0;

	for (size_t i = 0; i < n && k < most; i++) {
		if (!same_packet(list[0], list[i]))
			continue;
		filters[k] = list[i]->filter;
		group[k++] = list[i];
	}
	return (k);
}

/* The list without the group, which stands in it in the same order. */
static size_t
take_off(struct sub **list, size_t n, struct sub **group, size_t k)
{
	size_t	 rest = 0, j = 0;

	for (size_t i = 0; i < n; i++) {
		if (j < k && list[i] == group[j])
			j++;
		else
			list[rest++] = list[i];
	}
	return (rest);
}

static int
resubscribe(struct subs *subs, struct session *session,
    const struct mqk_filter *filters, struct sub **group, size_t k)
{
	uint32_t	 id;
	int		 mid;

	mid = send_subscribe(subs, session_resubscribe, session, filters, k,
	    &group[0]->props, &id);
	if (mid < 0)
		return (mid);
	for (size_t i = 0; i < k; i++) {
		group[i]->mid = (uint16_t)mid;
		group[i]->id = id;
		group[i]->state = SUB_LOST;
		group[i]->quiet = true;
		group[i]->index = (uint8_t)i;
	}
	return (MQK_OK);
}

/* What this broker would say if it could be asked for that; 0: no refusal. */
static uint8_t
refusal_of(int err)
{
	return (err == MQK_ETOOBIG ? QUOTA_EXCEEDED :
	    err == MQK_ENOTSUP ? IMPLEMENTATION_SPECIFIC : 0);
}

static void
refuse(struct sub *s, uint8_t reason)
{
	s->refusal = reason;
	s->state = SUB_LOST;
	s->mid = 0;
}

/*
 * Many filters in a SUBSCRIBE, or fewer where the broker takes no such packet;
 * one that it takes in none must not keep us from being connected.
 */
static int
resubscribe_all(struct subs *subs, struct session *session, struct sub **list,
    size_t n, struct mqk_filter *filters)
{
	struct sub	**group = list + subs->n;
	size_t		 most = GROUP_MAX, k;
	int		 err = MQK_OK;

	while (n > 0 && err == MQK_OK) {
		k = pick(list, n, most, filters, group);
		err = resubscribe(subs, session, filters, group, k);
		if (refusal_of(err) != 0 && k > 1) {
			most = k / 2;
			err = MQK_OK;
			continue;
		}
		if (refusal_of(err) != 0) {
			refuse(group[0], refusal_of(err));
			err = MQK_OK;
		}
		n = take_off(list, n, group, k);
	}
	return (err);
}

static size_t
lost_subs(const struct subs *subs, bool session_present, struct sub **list)
{
	size_t	 n = 0;

	for (size_t i = 0; i < subs->n; i++)
		if (subs->at[i]->state == SUB_LOST ||
		    (subs->at[i]->state == SUB_HELD && !session_present))
			list[n++] = subs->at[i];
	return (n);
}

int
subs_connected(struct subs *subs, struct session *session,
    const struct packet_connack *connack)
{
	struct mqk_filter	*filters;
	struct sub		**list;
	size_t			 n;
	int			 err = MQK_ENOMEM;

	subs->use_ids = session_version(session) == MQK_V5 &&
	    prop_num(&connack->props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) == 1;
	if (subs->n == 0)
		return (MQK_OK);
	filters = calloc(subs->n, sizeof(*filters));
	list = calloc(2 * subs->n, sizeof(*list));
	if (filters != NULL && list != NULL) {
		n = lost_subs(subs, connack->session_present, list);
		err = resubscribe_all(subs, session, list, n, filters);
	}
	free(filters);
	free(list);
	return (err);
}

/* Refused: its packet id is free for others, the next CONNACK retries. */
static void
judge(struct sub *s, struct mqk_bytes reasons)
{
	const uint8_t	*reason = reasons.data;

	if (s->index >= reasons.len || reason[s->index] < MQK_REFUSAL)
		return;
	refuse(s, reason[s->index]);
}

void
subs_answered(struct subs *subs, uint16_t mid, int error,
    struct mqk_bytes reasons)
{
	struct sub	*s;

	for (size_t i = 0; i < subs->n; i++) {
		s = subs->at[i];
		if (s->mid != mid || s->state == SUB_HELD)
			continue;
		s->state = error == MQK_OK ? SUB_HELD : SUB_LOST;
		if (s->quiet && error == MQK_OK)
			judge(s, reasons);
	}
}

const char *
subs_refused(struct subs *subs, uint8_t *reason)
{
	for (size_t i = 0; i < subs->n; i++) {
		*reason = subs->at[i]->refusal;
		subs->at[i]->refusal = 0;
		if (*reason != 0)
			return (subs->at[i]->filter.topic);
	}
	return (NULL);
}

/* ---- routing --------------------------------------------------------- */

static bool
has_id(const struct mqk_props *props, uint32_t id)
{
	struct mqk_value	 v;
	enum mqk_prop		 p;
	size_t			 cursor = 0;

	while (mqk_props_next(props, &cursor, &p, &v))
		if (p == MQK_P_SUBSCRIPTION_IDENTIFIER && v.num == id)
			return (true);
	return (false);
}

/* Is it the only filter with that identifier? */
static bool
is_only(const struct subs *subs, const struct sub *s)
{
	for (size_t i = 0; i < subs->n; i++)
		if (subs->at[i] != s && subs->at[i]->id == s->id)
			return (false);
	return (true);
}

static bool
concerns(const struct subs *subs, const struct sub *s,
    const struct mqk_message *m)
{
	if (s->filter.on_message == NULL)
		return (false);
	if (s->id != 0 && subs->use_ids) {
		if (!has_id(m->props, s->id))
			return (false);
		if (is_only(subs, s))
			return (true);
	}
	return (topic_matches(s->filter.topic, strlen(s->filter.topic),
	    m->topic, m->topic_len));
}

/* One that waits makes all wait; else the first refusal counts. */
static int
join_results(int a, int b)
{
	if (a == MQK_ACK_LATER || b == MQK_ACK_LATER)
		return (MQK_ACK_LATER);
	return (a != 0 ? a : b);
}

static int
call(struct mqk_client *c, mqk_on_message_fn *fn, const struct mqk_message *m,
    void *user)
{
	int	 result;

	call_begin(c);
	result = fn(c, m, user);
	call_end(c);
	return (result);
}

int
subs_route(struct mqk_client *c, const struct mqk_message *m)
{
	struct subs	*subs = &c->subs;
	struct sub	*s;
	uint32_t	 delivery = ++subs->delivery, changes;
	size_t		 i = 0;
	int		 result = 0;
	bool		 taken = false;

	while (i < subs->n && !c->dying) {
		s = subs->at[i++];
		if (s->seen == delivery || !concerns(subs, s, m))
			continue;
		s->seen = delivery;
		taken = true;
		changes = subs->changes;
		result = join_results(result, call(c, s->filter.on_message, m,
		    s->filter.user));
		if (changes != subs->changes)
			i = 0;
	}
	if (taken)
		return (result);
	return (c->on.on_message != NULL ?
	    call(c, c->on.on_message, m, c->user) : dispatch_unheard(c, m));
}
