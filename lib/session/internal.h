/* SPDX-License-Identifier: MIT */

/* struct session and what its files ask of each other; for this folder. */

#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/error.h"
#include "codec/packet.h"
#include "codec/wire.h"
#include "mqk.h"
#include "session/alias.h"
#include "session/event.h"
#include "session/inbox.h"
#include "session/keep.h"
#include "session/log.h"
#include "session/session.h"
#include "session/slots.h"

/* More unsent output than this, and new messages wait in the log. */
#define OUTPUT_FULL	(256u * 1024)

/* An answer without reason code: type, length, packet id. */
#define SHORT_ANSWER	4

enum session_state {			/* bits, so that tables can say which */
	SESSION_DOWN = 1,		/* no connection */
	SESSION_GREETING = 2,		/* CONNECT queued, CONNACK awaited */
	SESSION_UP = 4,			/* CONNACK accepted us */
	SESSION_OVER = 8		/* nothing may be sent any more */
};

/* How far an outgoing request is; the rows of flow.c's table. */
enum flow_state {
	FLOW_UNKNOWN,			/* no such id, or not sent yet */
	FLOW_PUBACK,			/* QoS 1 PUBLISH sent */
	FLOW_PUBREC,			/* QoS 2 PUBLISH sent */
	FLOW_PUBCOMP,			/* PUBREL sent */
	FLOW_SUBACK,
	FLOW_UNSUBACK,
	FLOW_STATES
};

/* What one side of the connection lets the other do. */
struct limits {
	uint32_t	 max_packet;
	uint16_t	 receive_max;
	uint16_t	 alias_max;
	uint8_t		 max_qos;
	bool		 no_retain;
	bool		 no_wildcard;
	bool		 no_sub_ids;
	bool		 no_shared;
};

enum {
	EVENTS_MAX = 2,			/* no packet makes more */
	EVENTS_SLOTS = EVENTS_MAX + 1	/* and the one being looked at */
};

struct events {
	struct event	 at[EVENTS_SLOTS];
	uint8_t		 first;
	uint8_t		 n;
};

/* Encoded bytes on their way to the wire; see output.c. */
struct output {
	struct buf	 out;
	struct buf	 rest;		/* what goes behind the body */
	size_t		 front_left;	/* of a packet that is partly sent */
	struct entry	*body;		/* its payload is being sent */
	uint32_t	 body_at;
};

struct session {
	enum session_state state;
	enum mqk_version version;	/* of this or the last connection */
	bool		 resting;	/* what is below is not there */
	bool		 held;		/* log waits until CONNACK's events
					   have been pulled */
	bool		 batch;		/* session_begin(): nothing may go */
	bool		 clean;		/* as CONNECT said */
	bool		 full;		/* said MQK_EAGAIN, not drained yet */
	bool		 pinging;	/* PINGREQ queued, no byte since */
	bool		 authing;	/* an exchange of AUTHs is under way */
	bool		 expires;	/* CONNECT: session ends with it */
	bool		 no_problems;	/* CONNECT: answers without words */
	uint32_t	 epoch;		/* of the connection */
	uint32_t	 keepalive_ms;
	uint32_t	 ping_ahead;	/* bytes until PINGREQ is written */
	int64_t		 sent_at;
	int64_t		 heard_at;
	int64_t		 pinged_at;	/* or PINGREQ moved forward then */
	struct session_options options;
	struct limits	 peer, ours;
	uint32_t	 window_qos2;
	struct keep	*keep;		/* NULL: there is no store */
	struct error	*error;		/* NULL: nothing has failed, or no
					   memory to say it */
	uint32_t	 window;	/* for now; see output_widen() */
	uint32_t	 window_most;
	uint64_t	 packets_in, packets_out;
	uint64_t	 rested_mid;	/* mids.last while it rests */

	/* From here on all is empty when there is nothing to do: rest.c. */
	struct output	 o;
	struct events	 events;
	int64_t		 connack_by;	/* while CONNACK is awaited */
	struct alias	 auth_method;	/* of CONNECT; topic NULL: none */
	struct aliases	 alias_in, alias_out;
	struct slots	 mids;		/* ids of our requests */
	struct log	 log;
	struct log	 late;		/* QoS 0 saved from lost output */
	uint32_t	 inflight;	/* against the window */
	uint32_t	 unlogged;	/* SUBSCRIBEs that are not in the log */
	uint32_t	 order;		/* of the last PUBREC */

	int		 ending;	/* error for those two counts */
	uint32_t	 ending_late;	/* that many of late, oldest first */
	uint32_t	 ending_log;

	struct slots	 known;		/* QoS 2 ids received, until PUBREL,
					   or PUBCOMP with qos2_at_release */
	struct {
		size_t	 bytes;		/* of messages until PUBREL */
		struct held *given;	/* the last one, lent to an event */
	} hold;
	struct inbox	 inbox;
};

/* rest.c */
void	 session_free_rest(struct session *);

/* session.c */
/* Is that the authentication method of CONNECT? */
bool	 session_speaks(const struct session *, struct mqk_bytes method);

/* The connection is over: DISCONNECT with that reason if MQTT has one now.
 * "return (session_fail(s, 0x82, errf(session_text(s), MQK_E…, …)));" */
struct error *session_text(struct session *);
int	 session_fail(struct session *, uint8_t reason, int err);

/* limits.c */
void	 limits_none(struct limits *);
void	 limits_of(struct limits *, const struct mqk_props *);
MQK_USE int limits_filter(const struct limits *, const char *, size_t len);
static inline int
limits_publish(const struct limits *l, uint8_t qos, bool retain)
{
	/* [MQTT-3.2.2-11] [MQTT-3.2.2-14] */
	if (qos > l->max_qos || (retain && l->no_retain))
		return (MQK_ENOTSUP);
	return (MQK_OK);
}

/* May this entry go to that peer? */
MQK_USE int limits_entry(const struct limits *, enum mqk_version,
    struct entry *);

/* event.c */
static inline struct event *
event_push(struct session *s, enum event_type type)
{
	struct events	*q = &s->events;
	unsigned	 i;

	/*
	 * Never full if they are pulled before packets and after them, since
	 * entries of the log make none while one waits.
	 */
	if (q->n == EVENTS_MAX)
		q->n--;
	i = (unsigned)q->first + q->n++;
	q->at[i < EVENTS_SLOTS ? i : i - EVENTS_SLOTS].type = type;
	return (&q->at[i < EVENTS_SLOTS ? i : i - EVENTS_SLOTS]);
}

void	 event_answered(struct session *, enum mqk_packet_type, uint16_t mid,
	    void *tag, int error);
void	 event_source_done(struct session *, struct entry *);

/* output.c */
/* Where the next packet is written. */
static inline struct buf *
output_sink(struct session *s)
{
	return (s->o.body != NULL ? &s->o.rest : &s->o.out);
}

/* A packet that says a packet id, and a reason if it is not success. */
MQK_USE static inline int
output_answer(struct session *s, enum mqk_packet_type type, uint16_t mid,
    uint8_t reason)
{
	bool		 has_reason = reason != 0 && s->version == MQK_V5;
	struct buf	*b = output_sink(s);
	uint8_t		*at = buf_reserve(b, 5);

	if (at == NULL)
		return (b->err);
	/* [MQTT-3.6.1-1]: PUBREL has reserved bits 0010. */
	at[0] = (uint8_t)(type << 4 | (type == MQK_PUBREL ? 2 : 0));
	at[1] = has_reason ? 3 : 2;
	wr_u16(at + 2, mid);
	at[4] = reason;
	buf_commit(b, has_reason ? 5 : 4);
	s->packets_out++;
	return (MQK_OK);
}

/* Is there room in the window for that QoS 1 or 2 PUBLISH? */
static inline bool
output_window_open(const struct session *s, struct entry *e)
{
	bool	 qos2 = (entry_wire(e)[0] & 0x04) != 0;

	return (s->inflight < s->window &&
	    (!qos2 || s->inflight < s->window_qos2));
}

/*
 * What is under way costs cache and memory, a window too small for the round
 * trip costs time.  So it begins at WINDOW_FIRST, and is doubled when an
 * answer comes after it has been full, with nothing more to say, for a while.
 */
#define WINDOW_FIRST	4096u
#define WINDOW_PAUSE_MS	5

static inline void
output_widen(struct session *s, int64_t now)
{
	if (s->inflight < s->window || s->window == s->window_most ||
	    now - s->sent_at < WINDOW_PAUSE_MS)
		return;
	s->window = s->window > s->window_most / 2 ? s->window_most :
	    s->window * 2;
}

static inline size_t
output_unsent(const struct session *s)
{
	return (buf_len(&s->o.out) + buf_len(&s->o.rest));
}

void	 output_init(struct session *);
void	 output_drop(struct session *);
void	 output_fini(struct session *);
void	 output_trim(struct session *);
MQK_USE int output_packet(struct session *, const struct packet *);
/* The entry's packet is in the output: window, cursor, source. */
void	 output_passed(struct session *, struct log *, struct entry *);
/*
 * Send what waits in the log as far as window and output have room.  What the
 * peer does not take becomes an event.  output_collect() makes none: it stops
 * where one would arise.
 */
void	 output_pump(struct session *);
void	 output_collect(struct session *);
/* QoS 0 messages that no byte has been sent of go to the log of late ones. */
void	 output_save(struct session *);

/* batch.c */
/* Log those behind the first of n messages that are like it but for payload
 * and tag; it is logged with that id.  The result is how many were. */
size_t	 batch_log(struct session *, uint16_t mid, const struct mqk_publish *,
	    size_t n);

/* flow.c */
MQK_USE int flow_answer(struct session *, int64_t now, const struct packet *);
MQK_USE int flow_list_answer(struct session *, int64_t now,
    const struct packet *);
/* End the request of that entry; the slot may be NULL. */
void	 flow_fail(struct session *, struct log *, struct entry *, int error);
/* PUBRELs again, after a reconnect. */
MQK_USE int flow_release_all(struct session *);
/* The broker has no session: requests are new again. */
void	 flow_session_gone(struct session *);
/* PUBREC came for it in an earlier process, with that place in the order. */
void	 flow_released(struct session *, struct slot *, uint32_t order);

/* inbound.c */
enum known {				/* bits of a known id's state */
	KNOWN_ACKED = 1,		/* by the application */
	KNOWN_WAITING = 2,		/* in the inbox: PUBREC, or PUBCOMP with
					   qos2_at_release, not sent yet */
	KNOWN_HERE = 4,			/* PUBLISH came on this connection */
	KNOWN_HELD = 8			/* u.held: not given yet */
};

/* Is there room for one more unanswered message?  [MQTT-3.3.4-9] */
MQK_USE int inbound_open(struct session *);
/* Into the inbox with it, and to the application. */
MQK_USE int inbound_await(struct session *, const struct packet_publish *,
    uint32_t seq);
void	 inbound_push(struct session *, const struct packet_publish *,
	    struct mqk_bytes topic);
/* Send what is acknowledged and has nothing in front [MQTT-4.6.0-2, 3]. */
MQK_USE int inbound_release(struct session *);
/* As session_message(). */
MQK_USE int inbound_take(struct session *, const struct packet_publish *,
    struct mqk_ack *);
MQK_USE int inbound_publish(struct session *, int64_t now,
    const struct packet *);
MQK_USE int inbound_pubrel(struct session *, int64_t now,
    const struct packet *);
/* A run of short PUBRELs at the front of n: how many. */
size_t	 inbound_pubrels(struct session *, const uint8_t *wire, size_t n);
void	 inbound_lost(struct session *);
/* The id was acknowledged by an earlier process.  NULL: no memory. */
struct slot *inbound_recover(struct session *, uint16_t mid, uint8_t reason);
void	 inbound_forget(struct session *);

/* hold.c: QoS 2 with qos2_at_release */
MQK_USE int hold_publish(struct session *, const struct packet_publish *,
    struct mqk_bytes topic);
MQK_USE int hold_pubrel(struct session *, struct slot *);
void	 hold_forget(struct session *);

/* recode.c */
MQK_USE int recode_log(struct log *, struct slots *, enum mqk_version from,
    enum mqk_version to);

#endif
