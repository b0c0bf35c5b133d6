/* SPDX-License-Identifier: MIT */

/*
 * What is known about the attempt to connect that failed last, and, while one
 * is under way, how long its stages took.
 */

#ifndef CLIENT_POST_MORTEM_H
#define CLIENT_POST_MORTEM_H

#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

struct post_mortem;

struct stage_times {
	int64_t		 since;		/* the stage was reached */
	uint32_t	 took_ms[MQK_STAGES];
	enum mqk_stage	 stage;
};

/* *times NULL: they are made.  Without memory there are none. */
void	 stage_times_start(struct stage_times **times, int64_t now);
/* Now it is at that stage; the time goes to the one before. */
void	 stage_times_reach(struct stage_times *, enum mqk_stage, int64_t now);

/*
 * The attempt that is under way fails of that: look at it while its pipe and
 * its receive buffer are there.  Without memory nothing is known.
 */
void	 post_mortem_take(struct mqk_client *, const struct error *,
	    int64_t now);
void	 post_mortem_free(struct post_mortem *);

/* NULL is fine and gives NULL. */
const struct mqk_post_mortem *post_mortem_show(const struct post_mortem *);

#endif
