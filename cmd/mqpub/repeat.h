/* SPDX-License-Identifier: MIT */

#ifndef MQPUB_REPEAT_H
#define MQPUB_REPEAT_H

#include "common/whole.h"
#include "mqpub/publisher.h"

/* mqpub -m, -f, -s and -n: one payload, sent once or several times. */
struct repeat {
	struct feed	 feed;		/* first */
	struct whole	 whole;		/* of -f and -s */
	struct mqk_bytes text;		/* of -m */
	int64_t		 left;		/* times to send it */
	int64_t		 delay_ms;
	bool		 pausing;	/* due is set */
};

/* Result: STATUS_OK, or the exit status after a message. */
int	repeat_open(struct repeat *, const struct config_pub *);
void	repeat_close(struct repeat *);

#endif
