/* SPDX-License-Identifier: MIT */

/*
 * What a session must not forget, in a store.  Every message of QoS 1 and 2
 * is in the store from its acceptance to its last answer, under a number that
 * says its place in the order.  The log is a window on that: what has no place
 * in it waits in the store alone, without a packet id, and follows when the
 * log has drained.
 *
 * Messages are put into the store's transaction at once.  Other changes wait
 * until session_settle(), which must come before anything is written: so no
 * byte leaves that tells of a state the store does not know.  When a commit
 * fails they wait on, so that store and session never drift apart.  That a
 * message is done may wait for others, since it says nothing that could be
 * wrong later; it is committed when many are, or all.
 */

#ifndef SESSION_KEEP_H
#define SESSION_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/packet.h"
#include "mqk.h"
#include "session/slots.h"

struct session;

struct keep {
	struct mqk_store store;
	uint64_t	 next;		/* number of the next message */
	uint64_t	 loaded;	/* the last that has been in the log */
	uint64_t	 first;		/* of this process; tags of older ones
					   mean nothing */
	uint64_t	 order;		/* of the last PUBREC */
	uint64_t	 batch;		/* first number of an open batch */
	int		 failed;	/* an open batch has, with that error */
	struct buf	 changes;	/* for the next commit; with an error:
					   some are missing */
	bool		 urgent;	/* it must come before the next write */
	struct buf	 record;	/* the message being put */
	char		*id;		/* client id, NULL: none yet */
};

void	 keep_free(struct keep *);

/* Put it; order is that of its PUBREC, 0: none came.  As the store's put(). */
MQK_USE int keep_put_state(struct keep *, uint64_t number, uint16_t mid,
    uint64_t order);

/* Is there anything but store and memory that could refuse that message? */
MQK_USE int keep_fits(const struct session *, const struct packet_publish *);

/* Accept that message, whose head has been checked.  As session_publish(). */
MQK_USE int keep_publish(struct session *, const struct packet_publish *,
    void *tag);

/* changes.c */
void	 changes_init(struct keep *);
/* Is it time to commit? */
bool	 changes_due(const struct session *);
/* Tell the store, in the transaction that is open; < 0: it failed. */
MQK_USE int changes_apply(struct session *);
/* They are committed. */
void	 changes_clear(struct keep *);

/* PUBREC came, or means nothing any more because the session is gone. */
void	 keep_received(struct session *, const struct slot *);
void	 keep_again(struct session *, const struct slot *);

/* The message's last answer came, or it will never be sent. */
void	 keep_done(struct session *, const struct slot *);

/* A QoS 2 message of the broker's: acknowledged, and over. */
void	 keep_known(struct session *, uint16_t mid, uint8_t reason);
void	 keep_unknown(struct session *, uint16_t mid);

/* Messages in the store alone. */
static inline uint64_t
keep_behind(const struct keep *k)
{
	return (k->next - 1 - k->loaded);
}

#endif
