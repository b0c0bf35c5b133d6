/* SPDX-License-Identifier: MIT */

/*
 * Requests of the application.  A QoS 0 message goes straight to the output
 * when nothing is in its way; everything else is logged, and goes from there.
 */

#include <string.h>

#include "codec/reason.h"
#include "codec/topic.h"
#include "session/internal.h"

#define HEAD_MAX	64		/* more than any header needs */

struct request {
	struct packet	 p;
	size_t		 size;		/* at most, encoded */
	enum flow_state	 state;		/* FLOW_UNKNOWN: needs no id */
	uint32_t	 nfilters;
	const struct mqk_source *source;
	void		*tag;
};

static int
say_full(struct session *s)
{
	s->full = true;
	return (MQK_EAGAIN);
}

static bool
nothing_waits(const struct session *s)
{
	return (s->state == SESSION_UP && !s->held && s->log.waiting == 0 &&
	    s->late.waiting == 0);
}

static void
set_mid(struct packet *p, uint16_t mid)
{
	if (p->type == MQK_PUBLISH)
		p->u.publish.mid = mid;
	else if (p->type == MQK_SUBSCRIBE)
		p->u.subscribe.mid = mid;
	else
		p->u.unsubscribe.mid = mid;
}

static int
take_id(struct session *s, struct request *r, struct slot **slot)
{
	int	 err;

	*slot = NULL;
	if (r->state == FLOW_UNKNOWN)
		return (MQK_OK);
	*slot = slots_next(&s->mids, &err);
	if (*slot == NULL)
		return (err);
	set_mid(&r->p, (*slot)->mid);
	(*slot)->state = (uint8_t)r->state;
	(*slot)->epoch = r->nfilters;
	(*slot)->tag = r->tag;
	return (MQK_OK);
}

static int
encode_to_log(struct session *s, struct request *r, struct slot *slot,
    struct buf *b, struct entry **e)
{
	size_t	 body = r->source != NULL ? r->source->len : 0;
	int	 err;

	err = r->p.type == MQK_PUBLISH ?
	    packet_encode_publish(b, s->version, &r->p.u.publish) :
	    packet_encode(b, s->version, &r->p);
	if (err < 0)
		return (err);
	if (buf_len(b) + body > s->peer.max_packet)	/* [MQTT-3.2.2-15] */
		return (MQK_ETOOBIG);
	*e = log_commit(&s->log, b, r->p.type, slot != NULL ? slot->mid : 0,
	    r->source);
	if (s->state == SESSION_UP)
		(*e)->flags |= ENTRY_CHECKED;
	if (slot != NULL)
		slot->u.entry = *e;
	return (MQK_OK);
}

/* Log the request; the result is its packet id. */
static int
append(struct session *s, struct request *r, struct entry **e)
{
	struct slot	*slot;
	struct buf	 b;
	int		 err;

	if (s->log.waiting >= s->options.max_queue)
		return (say_full(s));
	err = log_begin(&s->log, &b, r->size + HEAD_MAX, s->options.max_bytes,
	    r->source);
	if (err == MQK_OK)
		err = take_id(s, r, &slot);
	if (err < 0)
		return (err == MQK_EAGAIN ? say_full(s) : err);
	err = encode_to_log(s, r, slot, &b, e);
	if (err < 0) {
		if (slot != NULL)
			slots_del(&s->mids, slot);
		return (err);
	}
	return (slot != NULL ? slot->mid : 0);
}

/* ---- PUBLISH --------------------------------------------------------- */

static int
check_publish(const struct session *s, const struct mqk_publish *m, size_t len)
{
	enum mqk_prop	 bad;
	int		 err;

	if (!topic_valid(m->topic, len))
		return (MQK_ETOPIC);
	if (m->qos > 2 || (m->source != NULL && m->source->read == NULL) ||
	    (m->payload.data == NULL && m->payload.len > 0))
		return (MQK_EINVAL);
	if (m->props != NULL) {
		err = prop_fits(m->props, MQK_PUBLISH, &bad);
		if (err < 0)
			return (err);
	}
	return (limits_publish(&s->peer, m->qos, m->retain));
}

/* Straight to the output. */
static int
send_now(struct session *s, const struct packet_publish *m)
{
	struct buf	*b = output_sink(s);
	size_t		 len = buf_len(b);
	int		 err;

	if (output_unsent(s) >= OUTPUT_FULL)
		return (say_full(s));
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

/* May the entry that was just appended leave at once? */
static bool
goes_at_once(const struct session *s, const struct entry *e)
{
	return (s->state == SESSION_UP && !s->held && s->log.waiting == 1 &&
	    s->late.waiting == 0 && s->inflight < s->window &&
	    output_unsent(s) < OUTPUT_FULL && e->mid != 0 &&
	    (e->flags & ENTRY_SOURCE) == 0);
}

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

static int
publish_plain(struct session *s, struct request *r)
{
	struct entry	*e;
	int		 mid;

	if (r->state == FLOW_UNKNOWN && r->source == NULL && nothing_waits(s))
		return (send_now(s, &r->p.u.publish));
	mid = append(s, r, &e);
	output_pump(s);
	return (mid);
}

/* The logged copy has no alias, as that ends with the connection. */
static ASIDE int
publish_aliased(struct session *s, struct request *r, uint32_t alias)
{
	struct packet_publish	*m = &r->p.u.publish;
	struct mqk_props	 with = m->props, plain;
	struct entry		*e;
	int			 mid;

	if (m->qos == 0 && r->source == NULL && nothing_waits(s) &&
	    send_aliased(s, *m, alias))
		return (0);
	if (prop_copy(&plain, &with) < 0)
		return (MQK_ENOMEM);
	prop_remove(&plain, MQK_P_TOPIC_ALIAS);
	m->props = plain;
	if (m->qos == 0) {
		mid = publish_plain(s, r);
		goto out;
	}
	mid = append(s, r, &e);
	if (mid < 0)
		goto out;
	m->props = with;
	if (goes_at_once(s, e) && send_aliased(s, *m, alias))
		output_passed(s, &s->log, e);
	output_pump(s);
out:
	prop_fini(&plain);
	return (mid);
}

static void
make_publish(struct request *r, const struct mqk_publish *m, size_t len)
{
	static const enum flow_state first[] = {
		FLOW_UNKNOWN, FLOW_PUBACK, FLOW_PUBREC
	};
	struct packet_publish	*to = &r->p.u.publish;

	r->p.type = MQK_PUBLISH;
	to->dup = false;
	to->retain = m->retain;
	to->qos = m->qos;
	to->mid = 0;
	to->topic = (struct mqk_bytes){ m->topic, len };
	to->payload = m->payload;
	if (m->source != NULL)
		to->payload = (struct mqk_bytes){ NULL, m->source->len };
	to->props = (struct mqk_props){ 0 };
	if (m->props != NULL)
		to->props = *m->props;
	r->size = len + to->props.len + (m->source != NULL ? 0 :
	    m->payload.len);
	r->state = first[m->qos];
	r->nfilters = 0;
	r->source = m->source;
	r->tag = m->tag;
}

int
session_publish(struct session *s, const struct mqk_publish *m)
{
	struct mqk_value alias;
	struct request	 r;
	size_t		 len;
	int		 err;

	if (m->topic == NULL)
		return (MQK_ETOPIC);
	len = strlen(m->topic);
	err = check_publish(s, m, len);
	if (err < 0)
		return (err);
	make_publish(&r, m, len);
	if (m->props == NULL || s->version != MQK_V5 ||
	    !mqk_props_get(m->props, MQK_P_TOPIC_ALIAS, &alias))
		return (publish_plain(s, &r));
	return (publish_aliased(s, &r, alias.num));
}

/* ---- SUBSCRIBE and UNSUBSCRIBE --------------------------------------- */

static int
check_filter(const struct session *s, const char *filter)
{
	if (filter == NULL || !filter_valid(filter, strlen(filter)))
		return (MQK_ETOPIC);
	return (limits_filter(&s->peer, filter, strlen(filter)));
}

static int
check_options(const struct mqk_filter *f)
{
	if (f->qos > 2 || f->retain_handling > 2)
		return (MQK_EINVAL);
	if (f->no_local && filter_is_shared(f->topic, strlen(f->topic)))
		return (MQK_EINVAL);		/* [MQTT-3.8.3-4] */
	return (MQK_OK);
}

static int
check_props(const struct session *s, const struct mqk_props *props,
    enum mqk_packet_type type)
{
	enum mqk_prop		 bad;
	struct mqk_value	 v;
	int			 err;

	if (props == NULL)
		return (MQK_OK);
	err = prop_fits(props, type, &bad);
	if (err == MQK_OK && s->peer.no_sub_ids &&
	    mqk_props_get(props, MQK_P_SUBSCRIPTION_IDENTIFIER, &v))
		err = MQK_ENOTSUP;
	return (err);
}

static int
make_subscribe(const struct session *s, struct request *r,
    const struct mqk_filter *f, size_t n, const struct mqk_props *props)
{
	int	 err = check_props(s, props, MQK_SUBSCRIBE);

	if (n == 0)
		return (MQK_EINVAL);
	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < n && err == MQK_OK; i++) {
		err = check_filter(s, f[i].topic);
		if (err == MQK_OK)
			err = check_options(&f[i]);
		if (err == MQK_OK)
			r->size += strlen(f[i].topic) + 3;
	}
	r->p.type = MQK_SUBSCRIBE;
	r->p.u.subscribe.filters = f;
	r->p.u.subscribe.n = n;
	if (props != NULL)
		r->p.u.subscribe.props = *props;
	r->size += r->p.u.subscribe.props.len;
	r->state = FLOW_SUBACK;
	r->nfilters = (uint32_t)n;
	return (err);
}

int
session_subscribe(struct session *s, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	struct request	 r;
	struct entry	*e;
	int		 mid = make_subscribe(s, &r, f, n, props);

	if (mid < 0)
		return (mid);
	mid = append(s, &r, &e);
	output_pump(s);
	return (mid);
}

int
session_resubscribe(struct session *s, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	struct request	 r;
	struct slot	*slot;
	int		 err;

	if (s->state != SESSION_UP)
		return (MQK_ESTATE);
	err = make_subscribe(s, &r, f, n, props);
	if (err == MQK_OK)
		err = take_id(s, &r, &slot);
	if (err < 0)
		return (err);
	err = output_packet(s, &r.p);
	if (err < 0) {
		slots_del(&s->mids, slot);
		return (err);
	}
	s->unlogged++;
	return (slot->mid);
}

int
session_unsubscribe(struct session *s, const char *const *topics, size_t n,
    const struct mqk_props *props)
{
	struct request	 r = { .state = FLOW_UNSUBACK };
	struct entry	*e;
	int		 err = check_props(s, props, MQK_UNSUBSCRIBE);

	if (n == 0)
		return (MQK_EINVAL);
	for (size_t i = 0; i < n && err == MQK_OK; i++) {
		if (topics[i] == NULL ||
		    !filter_valid(topics[i], strlen(topics[i])))
			return (MQK_ETOPIC);
		r.size += strlen(topics[i]) + 2;
	}
	if (err < 0)
		return (err);
	r.p.type = MQK_UNSUBSCRIBE;
	r.p.u.unsubscribe.topics = topics;
	r.p.u.unsubscribe.n = n;
	if (props != NULL)
		r.p.u.unsubscribe.props = *props;
	r.size += r.p.u.unsubscribe.props.len;
	r.nfilters = (uint32_t)n;
	err = append(s, &r, &e);
	output_pump(s);
	return (err);
}

/* ---- AUTH, PINGREQ, DISCONNECT --------------------------------------- */

static bool
on_air(const struct session *s)
{
	return ((s->state & (SESSION_GREETING | SESSION_UP)) != 0);
}

/* Fill in a DISCONNECT or AUTH that the peer may be sent. */
static int
make_bye(struct packet *p, enum mqk_packet_type type, uint8_t reason,
    const struct mqk_props *props)
{
	enum mqk_prop	 bad;

	memset(p, 0, sizeof(*p));
	p->type = type;
	p->u.bye.reason = reason;
	if (!reason_allowed(type, reason))
		return (MQK_EINVAL);
	if (props == NULL)
		return (MQK_OK);
	p->u.bye.props = *props;
	return (prop_fits(props, type, &bad));
}

int
session_auth(struct session *s, uint8_t reason, const struct mqk_props *props)
{
	struct mqk_value method;
	struct packet	 p;
	int		 err;

	if (s->version != MQK_V5 || !on_air(s) ||
	    s->auth_method.topic == NULL)
		return (MQK_ESTATE);
	/* To continue, or, once connected, to begin anew [4.12]. */
	if (reason != 0x18 && (reason != 0x19 || s->state != SESSION_UP))
		return (MQK_EINVAL);
	if (!mqk_props_get(props, MQK_P_AUTHENTICATION_METHOD, &method))
		return (MQK_EINVAL);
	err = make_bye(&p, MQK_AUTH, reason, props);
	return (err < 0 ? err : output_packet(s, &p));
}

int
session_ping(struct session *s)
{
	struct packet	 p = { .type = MQK_PINGREQ };

	return (s->state == SESSION_UP ? output_packet(s, &p) : MQK_ESTATE);
}

int
session_disconnect(struct session *s, uint8_t reason,
    const struct mqk_props *props)
{
	struct packet	 p;
	int		 err;

	if (!on_air(s))
		return (MQK_ESTATE);
	if (s->version != MQK_V5) {
		s->state = SESSION_OVER;
		/* 3.x has no other way to let the will be published. */
		p = (struct packet){ .type = MQK_DISCONNECT };
		return (reason == 0x04 ? MQK_OK : output_packet(s, &p));
	}
	err = make_bye(&p, MQK_DISCONNECT, reason, props);
	if (err == MQK_OK && s->expires && props != NULL &&
	    prop_num(props, MQK_P_SESSION_EXPIRY_INTERVAL, 0) > 0)
		err = MQK_EINVAL;		/* [3.14.2.2.2] */
	if (err == MQK_OK)
		err = output_packet(s, &p);
	if (err == MQK_OK)
		s->state = SESSION_OVER;
	return (err);
}
