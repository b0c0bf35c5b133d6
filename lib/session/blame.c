/* SPDX-License-Identifier: MIT */

/*
 * From an error and the arguments that led to it back to the cause.  The order
 * is that of the checks in publish.c and submit.c.
 */

#include "session/blame.h"

#include <stdio.h>
#include <string.h>

#include "codec/reason.h"
#include "codec/topic.h"
#include "session/internal.h"

#define WHAT_MAX	128		/* a sentence has 256 bytes */

int
blame(const struct session *s, const char *what, int err, struct error *e)
{
	const struct error	*kept = session_error(s);

	if (err == MQK_ESTORE && kept->code == err && kept->text[0] != '\0') {
		*e = *kept;
		return (err);
	}
	if (err == MQK_EAGAIN)
		return (errf(e, err, "%s: max_queue or max_bytes is reached",
		    what));
	if (err == MQK_ETOOBIG)
		return (errf(e, err, "%s: more than the %u bytes that a packet "
		    "may have", what, (unsigned)s->peer.max_packet));
	return (errf(e, err, "%s: %s", what, mqk_strerror(err)));
}

/* A property that can't be there: has it been told? */
static bool
told_props(const char *what, const struct mqk_props *props,
    enum mqk_packet_type type, struct error *e)
{
	enum mqk_prop	 bad;

	if (props == NULL || prop_fits(props, type, &bad) == MQK_OK)
		return (false);
	(void)errf(e, MQK_EINVAL, "%s: props: %s can't have %s", what,
	    mqk_packet_name(type), mqk_prop_name(bad));
	return (true);
}

/* ---- PUBLISH --------------------------------------------------------- */

static int
refused_publish(const struct session *s, const char *what,
    const struct mqk_publish *m, struct error *e)
{
	if (m->qos > s->peer.max_qos)
		return (errf(e, MQK_ENOTSUP, "%s: qos: the broker takes %d at "
		    "most, not %d", what, s->peer.max_qos, m->qos));
	if (m->retain && s->peer.no_retain)
		return (errf(e, MQK_ENOTSUP, "%s: retain: the broker takes no "
		    "retained messages", what));
	return (blame(s, what, MQK_ENOTSUP, e));
}

static int
invalid_publish(const struct session *s, const char *what,
    const struct mqk_publish *m, struct error *e)
{
	if (m->qos > 2)
		return (errf(e, MQK_EINVAL, "%s: qos: %d is above 2", what,
		    m->qos));
	if (told_props(what, m->props, MQK_PUBLISH, e))
		return (MQK_EINVAL);
	if (prop_num(m->props, MQK_P_SUBSCRIPTION_IDENTIFIER, 0) != 0)
		return (errf(e, MQK_EINVAL, "%s: props: subscription-"
		    "identifier is for brokers only", what));
	if (m->source != NULL)
		return (errf(e, MQK_EINVAL, "%s: source: there is no read()",
		    what));
	if (m->payload.data == NULL && m->payload.len > 0)
		return (errf(e, MQK_EINVAL, "%s: payload: NULL, but of %zu "
		    "bytes", what, m->payload.len));
	return (blame(s, what, MQK_EINVAL, e));
}

int
blame_publish(const struct session *s, const struct mqk_publish *m, int err,
    struct error *e)
{
	char	 what[WHAT_MAX];

	if (m->topic == NULL)
		return (errf(e, err, "publish: there is no topic"));
	snprintf(what, sizeof(what), "publish to '%.100s'", m->topic);
	if (err == MQK_ETOPIC)
		return (errf(e, err, "%s: no topic that can be published to",
		    what));
	if (err == MQK_ENOTSUP)
		return (refused_publish(s, what, m, e));
	return (err == MQK_EINVAL ? invalid_publish(s, what, m, e) :
	    blame(s, what, err, e));
}

/* ---- SUBSCRIBE and UNSUBSCRIBE --------------------------------------- */

/* What is wrong with one filter; NULL: nothing. */
static const char *
filter_fault(const struct session *s, const struct mqk_filter *f)
{
	size_t	 len = f->topic != NULL ? strlen(f->topic) : 0;
	bool	 shared;

	if (f->topic == NULL || !filter_valid(f->topic, len))
		return ("no valid filter");
	shared = filter_is_shared(f->topic, len);
	if (limits_filter(&s->peer, f->topic, len) < 0)
		return (shared && s->peer.no_shared ?
		    "the broker has no shared subscriptions" :
		    "the broker takes no wildcards");
	if (f->qos > 2)
		return ("qos is above 2");
	if (f->retain_handling > 2)
		return ("retain_handling is above 2");
	return (f->no_local && shared ?
	    "no_local does not go with a shared subscription" : NULL);
}

/* The first culprit. */
static bool
told_filters(const struct session *s, const struct mqk_filter *f, size_t n,
    int err, struct error *e)
{
	const char	*fault;

	for (size_t i = 0; i < n; i++) {
		fault = filter_fault(s, &f[i]);
		if (fault == NULL)
			continue;
		(void)errf(e, err, "subscribe to '%.100s': %s",
		    f[i].topic != NULL ? f[i].topic : "(null)", fault);
		return (true);
	}
	return (false);
}

int
blame_subscribe(const struct session *s, const struct mqk_filter *f,
    size_t n, const struct mqk_props *props, int err, struct error *e)
{
	if (f == NULL || n == 0)
		return (errf(e, err, "subscribe: there is no filter"));
	if (err != MQK_EINVAL && err != MQK_ETOPIC && err != MQK_ENOTSUP)
		return (blame(s, "subscribe", err, e));
	if (told_props("subscribe", props, MQK_SUBSCRIBE, e) ||
	    told_filters(s, f, n, err, e))
		return (err);
	if (err == MQK_ENOTSUP && s->peer.no_sub_ids)
		return (errf(e, err, "subscribe: props: the broker takes no "
		    "subscription-identifier"));
	return (blame(s, "subscribe", err, e));
}

int
blame_unsubscribe(const struct session *s, const char *const *topics,
    size_t n, const struct mqk_props *props, int err, struct error *e)
{
	if (topics == NULL || n == 0)
		return (errf(e, err, "unsubscribe: there is no filter"));
	if (told_props("unsubscribe", props, MQK_UNSUBSCRIBE, e))
		return (err);
	for (size_t i = 0; i < n && err == MQK_ETOPIC; i++)
		if (topics[i] == NULL ||
		    !filter_valid(topics[i], strlen(topics[i])))
			return (errf(e, err, "unsubscribe from '%.100s': no "
			    "valid filter", topics[i] != NULL ? topics[i] :
			    "(null)"));
	return (blame(s, "unsubscribe", err, e));
}

/* ---- acknowledgements ------------------------------------------------ */

int
blame_ack(const struct session *s, struct mqk_ack ack, uint8_t reason,
    const struct mqk_props *props, int err, struct error *e)
{
	enum mqk_packet_type	 type = ack.qos == 1 ? MQK_PUBACK : MQK_PUBREC;

	if (err == MQK_ESTALE)
		return (errf(e, err, "acknowledge: message %u belongs to an "
		    "earlier connection", (unsigned)ack.mid));
	if (err != MQK_EINVAL)
		return (blame(s, "acknowledge", err, e));
	if (ack.qos < 1 || ack.qos > 2)
		return (errf(e, err, "acknowledge: qos: %d is neither 1 nor "
		    "2", ack.qos));
	if (s->version == MQK_V5 && !reason_allowed(type, reason))
		return (errf(e, err, "acknowledge: reason: 0x%02x is none of "
		    "%s", reason, mqk_packet_name(type)));
	if (told_props("acknowledge", props, type, e))
		return (err);
	return (errf(e, err, "acknowledge: no message %u waits for it",
	    (unsigned)ack.mid));
}

/* ---- DISCONNECT and AUTH --------------------------------------------- */

int
blame_bye(const struct session *s, enum mqk_packet_type type,
    uint8_t reason, const struct mqk_props *props, int err, struct error *e)
{
	const char	*what = mqk_packet_name(type);

	if (err == MQK_ESTATE)
		return (errf(e, err, "%s: not connected, not with MQTT 5, or "
		    "nothing to be said now", what));
	if (err != MQK_EINVAL)
		return (blame(s, what, err, e));
	if (!reason_allowed(type, reason))
		return (errf(e, err, "%s: reason: 0x%02x is none of it", what,
		    reason));
	if (told_props(what, props, type, e))
		return (err);
	if (type == MQK_AUTH)
		return (errf(e, err, "%s: reason: 0x%02x is not possible now, "
		    "or the method is another", what, reason));
	return (errf(e, err, "%s: session-expiry-interval: not after a CONNECT "
	    "without", what));
}
