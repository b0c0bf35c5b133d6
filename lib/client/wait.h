/* SPDX-License-Identifier: MIT */

/* What mqk_wait_answer() and its kin must be told of. */

#ifndef CLIENT_WAIT_H
#define CLIENT_WAIT_H

#include <stdint.h>

#include "mqk.h"

struct refusal;

struct waits {
	uint32_t	 given;		/* messages, to callbacks */
	uint32_t	 stops;		/* loops that mqk_stop() has ended */
	struct refusal	*refused;	/* a ring; NULL: none so far */
	unsigned	 nrefused;
};

void	 waits_fini(struct waits *);	/* a zeroed one is fine */

/*
 * The answer to that packet id, which is free now, was no: said is a reason
 * code or an error.  That holds until session_id_clock() says so much.
 * MQK_ENOMEM.
 */
MQK_USE int waits_refused(struct waits *, uint16_t mid, int said,
    uint64_t until);

#endif
