/* SPDX-License-Identifier: MIT */

/*
 * Subscribing: one loop over the broker, standard output and the signals.  A
 * message is acknowledged when its output has been written, so one that was
 * not printed comes again.
 */

#ifndef MQSUB_SUBSCRIBER_H
#define MQSUB_SUBSCRIBER_H

#include <stdbool.h>
#include <stdint.h>

#include "mqk.h"

#include "common/config.h"
#include "common/setup.h"
#include "common/violations.h"
#include "mqsub/filter_limits.h"
#include "mqsub/output.h"
#include "mqsub/printer.h"

struct subscriber {
	struct uplink	 up;		/* first, see setup.h */
	const struct config *config;
	struct mqk_client *client;
	struct output	 output;
	struct printer	 printer;
	uint64_t	 printed;
	struct mqk_ack	 last[2];	/* printed, by QoS - 1; QoS 0: none */
	struct filter_limits limits;
	unsigned	 unanswered;	/* SUBSCRIBE and UNSUBSCRIBE packets */
	bool		 refused;	/* a filter, by the broker */
	bool		 ending;	/* take no more messages */
	bool		 leaving;	/* mqk_disconnect() was called */
	int		 status;	/* to exit with, unless the connection
					   has something worse to say */
	struct violations violations;
	int64_t		 forgiven_at;	/* those so far, without another loss */
	int64_t		 end_at;	/* of -W */
	int64_t		 give_up_at;
};

/* Result: STATUS_OK, or the exit status after a message. */
int	subscriber_open(struct subscriber *, struct config *);
void	subscriber_close(struct subscriber *);

/* Print until there is a reason to end; result: the exit status. */
int	subscriber_run(struct subscriber *);

/* For filters.c: end, with that status unless there is one already. */
void	subscriber_end(struct subscriber *, int status);

#endif
