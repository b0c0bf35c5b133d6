/* SPDX-License-Identifier: MIT */

/* A pipe whose other end is in memory, below the one that is tested. */

#ifndef UNIT_MEMPIPE_H
#define UNIT_MEMPIPE_H

#include "base/buf.h"
#include "transport/transport.h"

struct mempipe {
	struct pipe	 pipe;
	struct buf	 in;		/* what read() will give */
	struct buf	 out;		/* what was written */
	size_t		 room;		/* that write() still takes */
	bool		 ended;		/* read() says so behind the last */
	bool		 freed;
};

void	 mempipe_init(struct mempipe *);
void	 mempipe_fini(struct mempipe *);

/* As after mempipe_init(), in the memory there is. */
void	 mempipe_renew(struct mempipe *);
void	 mempipe_say(struct mempipe *, const void *, size_t);

#endif
