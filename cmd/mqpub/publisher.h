/* SPDX-License-Identifier: MIT */

/*
 * Publishing: one loop over the broker, standard input and the signals.  What
 * is published comes from a feed; what became of it is counted here.
 */

#ifndef MQPUB_PUBLISHER_H
#define MQPUB_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>

#include "mqk.h"

#include "common/config.h"
#include "common/setup.h"
#include "mqpub/limits.h"
#include "mqpub/retry.h"

struct publisher;

/* Where messages come from. */
struct feed {
	/*
	 * Publish until there is nothing more for now or the publisher is
	 * full.  readable: fd has something.  Called only while connected,
	 * or with a store.
	 */
	void	(*run)(struct feed *, struct publisher *, bool readable);
	int	fd;		/* to wait for; -1: none */
	int64_t	due;		/* or until then; DEADLINE_NONE */
	bool	ended;		/* everything has been published */
	int	status;		/* STATUS_OK, or why it ended early */
};

struct publisher {
	struct uplink	 up;		/* first, see setup.h */
	const struct config *config;
	struct mqk_client *client;
	struct mqk_publish message;	/* all but the payload */
	struct limits	 limits;	/* of the broker */
	bool		 alias_told;	/* once: it was left out */
	struct retry	 retry;
	struct feed	*feed;
	bool		 durable;	/* there is a store */
	bool		 broken;	/* and it has failed */
	bool		 full;		/* until on_writable */
	bool		 leaving;	/* mqk_disconnect() was called */
	bool		 stopped;	/* by a signal */
	int64_t		 give_up_at;
	uint64_t	 offered;	/* messages the feed has got rid of */
	uint64_t	 sent;		/* of those: accepted by the library,
					   with what was in the store */
	uint64_t	 sent_before;	/* publisher_begin() */
	uint64_t	 answered;	/* of those, with QoS 1 and 2 */
	uint64_t	 refused;	/* by library or broker, or lost */
};

/* Result: STATUS_OK, or the exit status after a message. */
int	publisher_open(struct publisher *, struct config *, struct feed *);
void	publisher_close(struct publisher *);

/* Publish everything; result: the exit status. */
int	publisher_run(struct publisher *);

/*
 * For feeds: publish messages, at most PUBLISHER_BATCH.  The result is how many
 * are done with, refused ones too; fewer: not now, try the rest again later.
 */
enum { PUBLISHER_BATCH = 64 };

size_t	publisher_send(struct publisher *, const struct mqk_bytes *payloads,
	    size_t n);
bool	publisher_send_source(struct publisher *, const struct mqk_source *);

/*
 * Around many of them: with a store they are accepted together.  False: none
 * was, and it has been said why.
 */
void	publisher_begin(struct publisher *);
bool	publisher_commit(struct publisher *);

/* Everything sent is written, or with QoS 1 and 2 answered. */
bool	publisher_is_idle(const struct publisher *);

#endif
