/* SPDX-License-Identifier: MIT */

/* What mqk_wait_answer() and its kin must be told of. */

#ifndef CLIENT_WAIT_H
#define CLIENT_WAIT_H

#include <pthread.h>
#include <stdint.h>

#include "mqk.h"

struct refusal;

struct waits {
	pthread_cond_t	 changed;	/* a turn has ended, or the loop */
	unsigned	 n;		/* who waits for that */
	uint32_t	 given;		/* messages, to callbacks */
	struct refusal	*refused;	/* a ring; NULL: none so far */
	unsigned	 nrefused;
};

void	 waits_init(struct waits *);
void	 waits_fini(struct waits *);

/*
 * The answer to that packet id was no: said is a reason code or an error.
 * MQK_ENOMEM.
 */
MQK_USE int waits_refused(struct waits *, uint16_t mid, int said);

/* A turn or the loop is over.  The lock is held. */
static inline void
waits_tell(struct waits *w)
{
	if (w->n > 0)
		pthread_cond_broadcast(&w->changed);
}

#endif
