/* SPDX-License-Identifier: MIT */

/*
 * The MQTT state machine.  Decoded packets and the time go in; encoded bytes,
 * events and a deadline come out.  It knows no socket, clock, thread or
 * callback.  One session outlives many connections: session_open() begins one,
 * session_lost() ends it, and what QoS 1 and 2 promise is carried over.
 *
 * What must be sent again after a loss lives in one log of encoded packets, in
 * the order of sending: PUBLISH, SUBSCRIBE and UNSUBSCRIBE until answered, and
 * behind a cursor what has not been sent yet.  PUBRELs are a list of packet
 * ids in the order of their PUBRECs.
 */

#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "codec/packet.h"
#include "mqk.h"
#include "session/event.h"

struct session;

/* Limits of our own; zero values mean the defaults of mqk_options. */
struct session_options {
	uint32_t	 max_packet;	/* incoming */
	uint32_t	 max_inflight;
	uint32_t	 max_queue;
	uint32_t	 max_bytes;
	bool		 qos2_at_release;
};

MQK_USE int session_new(struct session **, const struct session_options *);
void	 session_free(struct session *);

/*
 * A session with nothing to do takes less memory.  While it rests only the
 * const functions below may be called, and session_free().  session_rest()
 * does nothing if there is something in it; session_wake() nothing if it is
 * awake.  Both may move the session.
 */
void	 session_rest(struct session **);
MQK_USE int session_wake(struct session **);	/* MQK_ENOMEM: rests on */
bool	 session_resting(const struct session *);

/*
 * Keep QoS 1 and 2 in that store from now on, and go on where it stands.  The
 * store is the session's, in every outcome; before anything else is done with
 * it.  MQK_ESTORE, MQK_ENOMEM: of no more use.  MQK_ESTATE: too late for one;
 * that it has it keeps.
 * MQK_ENOTSUP: with qos2_at_release.
 */
MQK_USE int session_store_take(struct session *, const struct mqk_store *);

/* The client id in the store, NULL: none. */
const char *session_kept_id(const struct session *);
MQK_USE int session_keep_id(struct session *, const char *id);

/* As mqk_begin() and mqk_commit(). */
MQK_USE int session_begin(struct session *);
MQK_USE int session_commit(struct session *);

bool	 session_in_batch(const struct session *);

/*
 * Before anything is written, and after the last call that could add to what
 * is: commit what has changed.  MQK_EAGAIN: a batch is open, nothing may be
 * written.  MQK_ESTORE: nothing may be written, and the connection must end.
 */
MQK_USE int session_settle(struct session *);

/* The last word to the store; what it does not take is found out anew. */
void	 session_close(struct session *);

/*
 * A pipe is up: queue this CONNECT (version, keep-alive, clean, properties …
 * are taken from it) and wait for CONNACK until connack_by.
 * CONNECT's receive-maximum, maximum-packet-size and topic-alias-maximum are
 * what we hold the peer to.  What is logged is encoded anew if the version
 * differs from that of the last connection.
 */
MQK_USE int session_open(struct session *, int64_t now,
    const struct packet_connect *, int64_t connack_by);

/*
 * The pipe is gone; QoS state is kept, and so are QoS 0 messages of which no
 * byte was sent.  Other unsent output is dropped.
 */
void	 session_lost(struct session *, int64_t now);

/* Forget all state of the session as clean start does, and the connection if
 * there is one; pending operations end with that error, as events. */
void	 session_reset(struct session *, int error);

/*
 * One packet of the peer, decoded.  Negative: the connection must end with
 * that error (a DISCONNECT with the right reason has been queued where MQTT
 * allows it); session_error() has the sentence.  After EVENT_REFUSED and
 * EVENT_DISCONNECTED it must end too; what comes then is not looked at.
 */
MQK_USE int session_receive(struct session *, int64_t now,
    const struct packet *);

/*
 * The short way for what a busy client mostly hears: takes the PUBACKs, or
 * PUBRECs, PUBRELs or PUBCOMPs, at the front of the bytes (len > 0) as long as
 * they are due and without a reason code, and gives the messages that they
 * answer with success.  The result is the number of bytes taken; 0: what is
 * there is for session_receive().  All events must have been pulled before.
 */
struct session_answer {
	void		*tag;
	uint16_t	 mid;
};
#define SESSION_ANSWERS	64		/* at most, at a time */

MQK_USE size_t session_answers(struct session *, int64_t now,
    const uint8_t *, size_t len, struct session_answer to[SESSION_ANSWERS],
    size_t *n);

/*
 * The short way for what a busy subscriber mostly hears, a message that
 * publish_plain() has read.  1: it is for the application, with the token for
 * session_ack().  0: it is for session_receive().  Negative: as there.  All
 * events must have been pulled before, and session_heard() called.
 */
MQK_USE int session_message(struct session *, const struct packet_publish *,
    struct mqk_ack *);

/* Bytes came that are not a whole packet yet: the peer is alive. */
void	 session_heard(struct session *, int64_t now);

/* A packet of the peer that could not be framed or decoded: same answer. */
int	 session_bad_packet(struct session *, int64_t now, int error,
	    const char *why);

/*
 * The next event; NULL: none.  Pull all of them after every call that may
 * make some: an event lives until the next is pulled, what it points to until
 * the next session_ call that takes time or packets.
 */
const struct event *session_event(struct session *);

/* Would there be one? */
bool	 session_has_event(struct session *);

/*
 * Encoded bytes to write now, oldest first; tell session_sent() how many were
 * taken.  The buffer may be looked at and, in front of the write, have whole
 * packets cut out of it (packet hooks).
 */
struct buf *session_output(struct session *);
void	 session_sent(struct session *, int64_t now, size_t n);

/* Of these bytes, how many there are without asking for more. */
size_t	 session_unsent(const struct session *);

/*
 * When session_output() is empty and this returns true, the next bytes on the
 * wire come from a payload source: read up to n bytes from offset, write them,
 * and tell session_body_sent().
 */
struct session_body {
	struct mqk_source source;
	uint32_t	 offset;
	uint32_t	 n;
};
bool	 session_body(struct session *, struct session_body *);
void	 session_body_sent(struct session *, int64_t now, uint32_t n);

/* When to call session_tick() next, absolute; INT64_MAX: never. */
int64_t	 session_deadline(const struct session *);

/* Time passed: PINGREQ, or MQK_ETIMEOUT when the peer is dead. */
MQK_USE int session_tick(struct session *, int64_t now);

/*
 * With a store the payload of QoS 1 and 2 must be in memory.  MQK_OK: what is
 * now behind a source could be published then, if store and memory allow it.
 */
MQK_USE int session_may_keep(struct session *, const struct mqk_publish *);

/* Commands; results and errors are those of mqk_publish() and so on. */
MQK_USE int session_publish(struct session *, const struct mqk_publish *);
MQK_USE int session_publish_many(struct session *, const struct mqk_publish *,
    size_t n);
MQK_USE int session_subscribe(struct session *, const struct mqk_filter *,
    size_t n, const struct mqk_props *);
MQK_USE int session_unsubscribe(struct session *, const char *const *,
    size_t n, const struct mqk_props *);

/*
 * As session_subscribe(), but ahead of everything that waits in the log and
 * not bound by the queue's limits.  The client calls it on EVENT_CONNECTED
 * without session present, so what waits must not reach session_output()
 * before the events of CONNACK have been pulled.  A SUBSCRIBE that is
 * still unanswered when the connection is lost ends with EVENT_ANSWERED and
 * an error, or is sent again; it is never forgotten silently.
 */
MQK_USE int session_resubscribe(struct session *, const struct mqk_filter *,
    size_t n, const struct mqk_props *);

MQK_USE int session_ack(struct session *, struct mqk_ack, uint8_t reason,
    const struct mqk_props *);
MQK_USE int session_ack_through(struct session *, struct mqk_ack);
MQK_USE int session_auth(struct session *, uint8_t reason,
    const struct mqk_props *);
/* PINGREQ now; the keep-alive goes on as if nothing had happened. */
MQK_USE int session_ping(struct session *);

/* Queue DISCONNECT behind all output; nothing may follow it.  MQK_ESTATE. */
MQK_USE int session_disconnect(struct session *, uint8_t reason,
    const struct mqk_props *);

/* Is that id's request without its answer?  0: is anything, or not written? */
bool	 session_pending(const struct session *, uint16_t mid);

/*
 * Packet ids are used again.  This clock of theirs never goes back: what it
 * says now, and what it will say at least when an id that is free now has been
 * given to another request.
 */
uint64_t session_id_clock(const struct session *);
uint64_t session_id_next(const struct session *, uint16_t mid);

bool	 session_is_up(const struct session *);
enum mqk_version session_version(const struct session *);

/* Room again after MQK_EAGAIN (half of what was full is free); asks once. */
bool	 session_drained(struct session *);

/* Why the connection had to end, since session_open(). */
const struct error *session_error(const struct session *);
void	 session_stats(const struct session *, struct mqk_stats *);

/* The largest packet we accept, for frame_next(). */
uint32_t session_max_packet(const struct session *);

#endif
