/* SPDX-License-Identifier: MIT */

/* How long mqpub goes on after lost connections, and when it gives up. */

#ifndef MQPUB_RETRY_H
#define MQPUB_RETRY_H

#include <stdint.h>

#include "mqk.h"

#include "common/config.h"
#include "common/violations.h"

struct retry {
	int64_t		 time_ms;	/* 0: no limit */
	int64_t		 until;		/* DEADLINE_NONE: nothing failed yet */
	struct violations violations;
};

void		 retry_init(struct retry *, const struct config_pub *);

/* A message got through: start counting anew. */
void		 retry_progress(struct retry *);

/* Connected again, which is all the progress that QoS 0 can show. */
void		 retry_connected(struct retry *);

/* After a failed attempt or a lost connection; may shorten the delay. */
enum mqk_policy	 retry_ask(struct retry *, struct mqk_attempt *);

#endif
