/* SPDX-License-Identifier: MIT */

/*
 * Requests of the application other than messages, which are in publish.c.
 * Subscriptions are logged, and go from there.
 */

#include <string.h>

#include "codec/reason.h"
#include "codec/topic.h"
#include "session/internal.h"

#define HEAD_MAX	16		/* more than any header needs */

struct request {
	struct packet	 p;
	size_t		 size;		/* at most, encoded, without header */
	enum flow_state	 state;
	uint32_t	 nfilters;
};

static int
take_id(struct session *s, struct request *r, struct slot **slot)
{
	int	 err;

	*slot = slots_next(&s->mids, &err);
	if (*slot == NULL)
		return (err);
	if (r->p.type == MQK_SUBSCRIBE)
		r->p.u.subscribe.mid = (*slot)->mid;
	else
		r->p.u.unsubscribe.mid = (*slot)->mid;
	(*slot)->state = (uint8_t)r->state;
	(*slot)->epoch = r->nfilters;
	return (MQK_OK);
}

static int
encode_to_log(struct session *s, struct request *r, struct slot *slot,
    struct buf *b)
{
	int	 err = packet_encode(b, s->version, &r->p);

	if (err < 0)
		return (err);
	if (buf_len(b) > s->peer.max_packet)	/* [MQTT-3.2.2-15] */
		return (MQK_ETOOBIG);
	slot->u.entry = log_commit(&s->log, b, r->p.type, slot->mid);
	if (s->state == SESSION_UP)
		slot->u.entry->flags |= ENTRY_CHECKED;
	return (MQK_OK);
}

static int
try_append(struct session *s, struct request *r)
{
	struct slot	*slot = NULL;
	struct buf	 b;
	int		 err;

	if (s->log.waiting >= s->options.max_queue)
		return (MQK_EAGAIN);
	err = log_begin(&s->log, &b, r->size + HEAD_MAX, s->options.max_bytes,
	    NULL);
	if (err == MQK_OK)
		err = take_id(s, r, &slot);
	if (err < 0)
		return (err);
	err = encode_to_log(s, r, slot, &b);
	if (err < 0) {
		slots_del(&s->mids, slot);
		return (err);
	}
	return (slot->mid);
}

/* Log the request; the result is its packet id. */
static int
append(struct session *s, struct request *r)
{
	int	 mid = try_append(s, r);

	if (mid == MQK_EAGAIN)
		s->full = true;
	output_pump(s);
	return (mid);
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
	int		 err = make_subscribe(s, &r, f, n, props);

	return (err < 0 ? err : append(s, &r));
}

int
session_resubscribe(struct session *s, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	struct request	 r;
	struct slot	*slot = NULL;
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
	slot->tag = s;
	s->unlogged++;
	return (slot->mid);
}

int
session_unsubscribe(struct session *s, const char *const *topics, size_t n,
    const struct mqk_props *props)
{
	struct request	 r = { .state = FLOW_UNSUBACK };
	int		 err = check_props(s, props, MQK_UNSUBSCRIBE);

	if (topics == NULL || n == 0)
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
	return (append(s, &r));
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
	if (!(reason == 0x18 && s->authing) &&
	    !(reason == 0x19 && s->state == SESSION_UP))
		return (MQK_EINVAL);
	if (!mqk_props_get(props, MQK_P_AUTHENTICATION_METHOD, &method) ||
	    !session_speaks(s, method.str))	/* [MQTT-4.12.0-5] */
		return (MQK_EINVAL);
	err = make_bye(&p, MQK_AUTH, reason, props);
	if (err == MQK_OK)
		err = output_packet(s, &p);
	if (err == MQK_OK)
		s->authing = true;
	return (err);
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
	output_collect(s);
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
