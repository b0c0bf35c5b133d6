/* SPDX-License-Identifier: MIT */

/*
 * Messages of the application; the hot path of every publisher.  A QoS 0
 * message goes straight to the output when nothing is in its way; everything
 * else is logged, and goes from there.
 */

#include <limits.h>
#include <string.h>

#include "codec/publish.h"
#include "codec/topic.h"
#include "session/internal.h"

/* Messages wait in the log until the output is asked for. */
static bool
nothing_waits(struct session *s)
{
	if (s->log.waiting > 0)
		output_collect(s);
	return (s->state == SESSION_UP && !s->held && s->log.waiting == 0 &&
	    s->late.waiting == 0);
}

static int
check_props(const struct mqk_props *props)
{
	enum mqk_prop	 bad;
	int		 err = prop_fits(props, MQK_PUBLISH, &bad);

	if (err == MQK_OK &&
	    prop_num(props, MQK_P_SUBSCRIPTION_IDENTIFIER, 0) != 0)
		return (MQK_EINVAL);		/* [MQTT-3.3.4-6] */
	return (err);
}

/* Check and take over all but the payload. */
static int
take_head(const struct session *s, struct packet_publish *p,
    const struct mqk_publish *m)
{
	int	 err;

	if (m->topic == NULL)
		return (MQK_ETOPIC);
	*p = (struct packet_publish){
		.retain = m->retain, .qos = m->qos,
		.topic = { m->topic, strlen(m->topic) }
	};
	if (!topic_valid(m->topic, p->topic.len))
		return (MQK_ETOPIC);
	if (m->qos > 2)
		return (MQK_EINVAL);
	if (m->props != NULL) {
		err = check_props(m->props);
		if (err < 0)
			return (err);
		p->props = *m->props;
	}
	return (limits_publish(&s->peer, m->qos, m->retain));
}

static int
take_payload(struct packet_publish *p, const struct mqk_publish *m)
{
	if (m->source == NULL) {
		p->payload = m->payload;
		return (m->payload.data != NULL || m->payload.len == 0 ?
		    MQK_OK : MQK_EINVAL);
	}
	p->payload = (struct mqk_bytes){ NULL, m->source->len };
	return (m->source->read != NULL ? MQK_OK : MQK_EINVAL);
}

/* Straight to the output. */
static int
send_now(struct session *s, const struct packet_publish *m)
{
	struct buf	*b = output_sink(s);
	size_t		 len = buf_len(b);
	int		 err;

	if (output_unsent(s) >= OUTPUT_FULL)
		return (MQK_EAGAIN);
	err = packet_encode_publish(b, s->version, m);
	if (err < 0)
		return (err);
	if (buf_len(b) - len > s->peer.max_packet) {
		buf_truncate(b, len);
		return (MQK_ETOOBIG);
	}
	s->packets_out++;
	return (MQK_OK);
}

/* ---- the log --------------------------------------------------------- */

/* Has the queue?  What can leave it leaves when it is full. */
static bool
has_place(struct session *s)
{
	if (s->log.waiting >= s->options.max_queue)
		output_collect(s);
	return (s->log.waiting < s->options.max_queue);
}

/* What a message takes in the log; 0: it can't be sent, *err. */
static size_t
size_of(const struct session *s, const struct packet_publish *p,
    int64_t remaining, int *err)
{
	size_t	 len = publish_len(remaining);

	*err = MQK_ETOOBIG;
	if (remaining < 0)
		*err = (int)remaining;
	else if (len <= s->peer.max_packet)	/* [MQTT-3.2.2-15] */
		return (p->payload.data != NULL ? len : len - p->payload.len);
	return (0);
}

/* Log the message p; NULL: *err. */
static struct entry *
log_message(struct session *s, struct packet_publish *p,
    const struct mqk_publish *m, int *err)
{
	int64_t		 remaining = publish_remaining(s->version, p);
	size_t		 size = size_of(s, p, remaining, err);
	struct slot	*slot;
	struct entry	*e;

	if (size == 0)
		return (NULL);
	*err = MQK_EAGAIN;
	e = has_place(s) ? log_room(&s->log, size, s->options.max_bytes,
	    m->source, err) : NULL;
	if (e == NULL)
		return (NULL);
	if (p->qos > 0) {
		slot = slots_next(&s->mids, err);
		if (slot == NULL)
			return (NULL);
		slot->state = p->qos == 1 ? FLOW_PUBACK : FLOW_PUBREC;
		slot->tag = m->tag;
		slot->u.entry = e;
		p->mid = slot->mid;
	}
	publish_write(entry_wire(e), s->version, p, remaining);
	log_add(&s->log, e, size, MQK_PUBLISH, p->mid);
	if (s->state == SESSION_UP)
		e->flags |= ENTRY_CHECKED;
	return (e);
}

/* May the entry that was just appended leave at once? */
static bool
goes_at_once(const struct session *s, struct entry *e)
{
	return (s->state == SESSION_UP && !s->held && s->log.waiting == 1 &&
	    s->late.waiting == 0 && e->mid != 0 && output_window_open(s, e) &&
	    output_unsent(s) < OUTPUT_FULL &&
	    (e->flags & ENTRY_SOURCE) == 0);
}

static int
publish_logged(struct session *s, struct packet_publish *p,
    const struct mqk_publish *m)
{
	struct entry	*e;
	int		 err;

	e = log_message(s, p, m, &err);
	if (e == NULL)
		return (err);
	if (m->source != NULL)
		output_pump(s);
	return (p->mid);
}

/* ---- topic aliases --------------------------------------------------- */

/*
 * Send with a topic alias: without the topic if the alias stands for it
 * already.  False: not possible, the message goes without.  While output
 * waits no alias is bound anew, because what is saved from lost output must
 * still find its topic.
 */
static bool
send_aliased(struct session *s, struct packet_publish m, uint32_t alias)
{
	struct mqk_bytes bound = alias_topic(&s->alias_out, alias);
	bool		 same = bound.data != NULL &&
			    bound.len == m.topic.len &&
			    memcmp(bound.data, m.topic.data, bound.len) == 0;

	if (alias > s->peer.alias_max)		/* [MQTT-3.2.2-17] */
		return (false);
	if (bound.data != NULL && !same && output_unsent(s) > 0)
		return (false);
	if (!same && alias_bind(&s->alias_out, alias, m.topic) < 0)
		return (false);
	if (same)
		m.topic.len = 0;
	if (send_now(s, &m) == MQK_OK)
		return (true);
	if (!same)
		alias_unbind(&s->alias_out, alias);
	return (false);
}

/* The logged copy has no alias, as that ends with the connection. */
static ASIDE int
publish_aliased(struct session *s, struct packet_publish p,
    const struct mqk_publish *m, uint32_t alias)
{
	struct mqk_props	 with = p.props;
	struct entry		*e;
	int			 err;

	if (p.qos == 0 && m->source == NULL && nothing_waits(s) &&
	    send_aliased(s, p, alias))
		return (0);
	if (prop_copy(&p.props, &with) < 0)
		return (MQK_ENOMEM);
	prop_remove(&p.props, MQK_P_TOPIC_ALIAS);
	e = log_message(s, &p, m, &err);
	prop_fini(&p.props);
	if (e == NULL)
		return (err);
	p.props = with;
	if (goes_at_once(s, e) && send_aliased(s, p, alias))
		output_passed(s, &s->log, e);
	output_pump(s);
	return (p.mid);
}

/* ---- the store ------------------------------------------------------- */

/* Of a source, which is not read here, it is said whether it could be. */
static int
keep(struct session *s, const struct packet_publish *p,
    const struct mqk_publish *m)
{
	return (m->source == NULL ? keep_publish(s, p, m->tag) :
	    keep_fits(s, p));
}

/* A topic alias ends with the connection, so none is kept. */
static ASIDE int
publish_kept(struct session *s, struct packet_publish p,
    const struct mqk_publish *m, uint32_t alias)
{
	struct mqk_props	 with = p.props;
	int			 mid;

	if (alias == 0)
		return (keep(s, &p, m));
	if (prop_copy(&p.props, &with) < 0)
		return (MQK_ENOMEM);
	prop_remove(&p.props, MQK_P_TOPIC_ALIAS);
	mid = keep(s, &p, m);
	prop_fini(&p.props);
	return (mid);
}

/* ---- all of them ----------------------------------------------------- */

static uint32_t
alias_of(const struct session *s, const struct mqk_props *props)
{
	return (props != NULL && s->version == MQK_V5 ?
	    prop_num(props, MQK_P_TOPIC_ALIAS, 0) : 0);
}

/* p has the head of m. */
static int
publish(struct session *s, struct packet_publish *p,
    const struct mqk_publish *m)
{
	uint32_t	 alias = alias_of(s, m->props);
	int		 err = take_payload(p, m);

	if (err < 0)
		return (err);
	if (s->keep != NULL && m->qos > 0)
		return (m->source == NULL ? publish_kept(s, *p, m, alias) :
		    MQK_ENOTSUP);
	if (alias != 0)
		return (publish_aliased(s, *p, m, alias));
	if (m->qos == 0 && m->source == NULL && nothing_waits(s))
		return (send_now(s, p));
	return (publish_logged(s, p, m));
}

int
session_publish(struct session *s, const struct mqk_publish *m)
{
	struct packet_publish	 p;
	int			 err = take_head(s, &p, m);

	if (err == MQK_OK)
		err = publish(s, &p, m);
	if (err == MQK_EAGAIN)
		s->full = true;
	return (err);
}

int
session_may_keep(struct session *s, const struct mqk_publish *m)
{
	struct packet_publish	 p;
	int			 err = take_head(s, &p, m);

	if (err == MQK_OK)
		err = take_payload(&p, m);
	return (err < 0 ? err :
	    publish_kept(s, p, m, alias_of(s, m->props)));
}

/* Do they differ in payload and tag only? */
static bool
is_like(const struct mqk_publish *a, const struct mqk_publish *b)
{
	return (a->topic == b->topic && a->props == b->props &&
	    a->qos == b->qos && a->retain == b->retain &&
	    a->source == NULL && b->source == NULL);
}

/* The length of the run of such messages at the front. */
static size_t
run_of(const struct mqk_publish *m, size_t n)
{
	size_t	 i = 1;

	while (i < n && is_like(&m[i], m))
		i++;
	return (i);
}

/* One, and behind it those that are like it; the result is how many. */
static int
publish_run(struct session *s, const struct mqk_publish *m, size_t n)
{
	struct packet_publish	 p;
	size_t			 i;
	int			 err = take_head(s, &p, m);

	if (err == MQK_OK)
		err = publish(s, &p, m);
	if (err < 0)
		return (err);
	if (err > 0 && n > 1 && s->keep == NULL && alias_of(s, m->props) == 0)
		return (1 + (int)batch_log(s, (uint16_t)err, m, n));
	for (i = 1; i < n; i++)
		if (publish(s, &p, &m[i]) < 0)
			break;
	return ((int)i);
}

int
session_publish_many(struct session *s, const struct mqk_publish *m, size_t n)
{
	size_t	 done = 0;
	int	 k = 0;

	if (n > INT_MAX)
		n = INT_MAX;
	while (done < n) {
		k = publish_run(s, m + done, run_of(m + done, n - done));
		if (k < 0)
			break;
		done += (size_t)k;
	}
	if (k == MQK_EAGAIN)
		s->full = true;
	return (done > 0 ? (int)done : k);
}
