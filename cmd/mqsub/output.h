/* SPDX-License-Identifier: MIT */

/*
 * Standard output without ever waiting in write(2): what the reader doesn't
 * take stays in the buffer, and the loop polls until there is room again.
 */

#ifndef MQSUB_OUTPUT_H
#define MQSUB_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "mqk.h"

#include "common/outbuf.h"

struct output {
	struct outbuf	 buf;		/* append here */
	size_t		 written;	/* of buf, from the front */
	int		 fd;
	bool		 own_fd;
	size_t		 at_once;	/* most bytes for one write(2) */
	bool		 ask_first;	/* poll before each write(2) */
	bool		 blocked;	/* the reader is behind */
	bool		 closed;	/* the reader has gone */
	int		 error;		/* errno of a write that failed */
};

/* MQK_OK, or MQK_EIO with errno set: there is no standard output. */
MQK_USE int output_open(struct output *);
void	output_close(struct output *);

/*
 * Write what can be written now.  True: everything has been.  False: blocked,
 * closed or error tells why not.
 */
bool	output_flush(struct output *);

/* What poll(2) should look for on fd, and what it found. */
short	output_poll_events(const struct output *);
void	output_polled(struct output *, short revents);

/* It makes no sense to print any more. */
static inline bool
output_is_dead(const struct output *o)
{
	return (o->closed || o->error != 0);
}

#endif
