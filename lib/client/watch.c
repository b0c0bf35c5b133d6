/* SPDX-License-Identifier: MIT */

/*
 * Packets on their way past hooks and the packet log.  Nothing here runs
 * unless there is a hook or a handler for the log.
 */

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "client/internal.h"
#include "codec/describe.h"
#include "codec/frame.h"

#define DESCRIPTION_MAX	512

/* Where a packet type keeps what struct mqk_packet shows; 0: it has none. */
struct layout {
	size_t	 mid;			/* uint16_t */
	size_t	 reason;		/* uint8_t */
	size_t	 props;
};

#define AT(field) offsetof(struct packet, u.field)

static const struct layout layouts[16] = {
	[MQK_CONNECT] =	   { 0, 0, AT(connect.props) },
	[MQK_CONNACK] =	   { 0, AT(connack.reason), AT(connack.props) },
	[MQK_PUBLISH] =	   { AT(publish.mid), 0, AT(publish.props) },
	[MQK_PUBACK] =	   { AT(answer.mid), AT(answer.reason),
			     AT(answer.props) },
	[MQK_PUBREC] =	   { AT(answer.mid), AT(answer.reason),
			     AT(answer.props) },
	[MQK_PUBREL] =	   { AT(answer.mid), AT(answer.reason),
			     AT(answer.props) },
	[MQK_PUBCOMP] =	   { AT(answer.mid), AT(answer.reason),
			     AT(answer.props) },
	[MQK_SUBSCRIBE] =  { AT(subscribe.mid), 0, AT(subscribe.props) },
	[MQK_SUBACK] =	   { AT(suback.mid), 0, AT(suback.props) },
	[MQK_UNSUBSCRIBE] = { AT(unsubscribe.mid), 0, AT(unsubscribe.props) },
	[MQK_UNSUBACK] =   { AT(suback.mid), 0, AT(suback.props) },
	[MQK_DISCONNECT] = { 0, AT(bye.reason), AT(bye.props) },
	[MQK_AUTH] =	   { 0, AT(bye.reason), AT(bye.props) },
};

static const void *
field(const struct packet *p, size_t at)
{
	return (at == 0 ? NULL : (const char *)p + at);
}

static void
fill_packet(struct mqk_packet *to, enum mqk_direction direction,
    const struct packet *p)
{
	const struct layout	*l = &layouts[p->type];
	const uint16_t		*mid = field(p, l->mid);
	const uint8_t		*reason = field(p, l->reason);
	const struct mqk_props	*props = field(p, l->props);

	memset(to, 0, sizeof(*to));
	to->type = p->type;
	to->direction = direction;
	to->flags = p->flags;
	to->mid = mid != NULL ? *mid : 0;
	to->reason = reason != NULL ? *reason : 0;
	to->props = props_or_null(props);
	to->wire = p->wire;
}

static void
fill_message(struct mqk_message *to, const char *topic,
    const struct packet_publish *p)
{
	memset(to, 0, sizeof(*to));
	to->topic = topic;
	to->topic_len = p->topic.len;
	to->payload = p->payload;
	to->qos = p->qos;
	to->retain = p->retain;
	to->dup = p->dup;
	to->mid = p->mid;
	to->props = props_or_null(&p->props);
}

static enum mqk_verdict
show_hooks(struct mqk_client *c, enum mqk_direction direction,
    const struct packet *p)
{
	struct mqk_packet	 view;
	struct mqk_message	 message;
	enum mqk_verdict	 verdict;
	char			*topic = NULL;

	if (c->hooks == NULL || c->hooks->n == 0)
		return (MQK_PASS);
	fill_packet(&view, direction, p);
	if (p->type == MQK_PUBLISH) {
		topic = str_ndup(p->u.publish.topic.data,
		    p->u.publish.topic.len);
		if (topic == NULL)
			return (MQK_PASS);
		fill_message(&message, topic, &p->u.publish);
		view.message = &message;
	}
	verdict = hooks_run(c, &view);
	free(topic);
	return (verdict);
}

static void
log_packet(struct mqk_client *c, const char *what, const struct packet *p)
{
	char	 text[DESCRIPTION_MAX];

	if (c->on.on_log == NULL)
		return;
	packet_describe(p, session_version(c->session), text, sizeof(text));
	client_log(c, MQK_LOG_PACKET, "%s %s", what, text);
}

enum mqk_verdict
watch_in(struct mqk_client *c, const struct packet *p)
{
	log_packet(c, "received", p);
	return (c->dying ? MQK_DROP : show_hooks(c, MQK_IN, p));
}

/*
 * The packet at off in the output; false: a hook drops it.  Hooks see a copy,
 * for in a callback the buffer may grow and move.
 */
static bool
watch_one(struct mqk_client *c, const struct buf *out, size_t off, size_t len)
{
	struct packet	 p;
	const char	*why;
	uint8_t		*wire = malloc(len);
	bool		 pass = true;

	if (wire == NULL)
		return (true);
	memcpy(wire, buf_data(out) + off, len);
	if (packet_decode(&p, session_version(c->session), wire, len,
	    &why) == MQK_OK) {
		pass = show_hooks(c, MQK_OUT, &p) != MQK_DROP;
		if (pass && !c->dying)
			log_packet(c, "sending", &p);
	}
	free(wire);
	return (pass);
}

/* Down to where there is room since others were dropped. */
static void
move_down(struct buf *out, size_t to, size_t from, size_t len)
{
	if (to != from)
		memmove(out->mem + out->off + to, out->mem + out->off + from,
		    len);
}

/* Each byte moves once at most, however many packets are dropped. */
void
watch_out(struct mqk_client *c, struct buf *out)
{
	size_t	 len, kept = c->seen_out, at = kept;

	while (!c->dying && at < buf_len(out) &&
	    frame_next(buf_data(out) + at, buf_len(out) - at, PACKET_MAX,
	    &len) == 1) {
		if (watch_one(c, out, at, len)) {
			move_down(out, kept, at, len);
			kept += len;
		}
		at += len;
	}
	move_down(out, kept, at, buf_len(out) - at);
	out->end -= at - kept;
	/* Of a streamed PUBLISH only the header is here: it is not shown. */
	c->seen_out = buf_len(out);
}
