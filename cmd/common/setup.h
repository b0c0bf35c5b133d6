/* SPDX-License-Identifier: MIT */

/*
 * From struct config to a client that is ready for mqk_connect(), and the
 * tools' common behaviour around the connection: what is said when it fails,
 * is lost or comes back, when trying again makes sense, and --debug.
 */

#ifndef COMMON_SETUP_H
#define COMMON_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "mqk.h"

#include "common/config.h"

/*
 * State of one client's connection.  It must be the first member of the struct
 * that the tool wants to get as `user' in its callbacks.
 */
struct uplink {
	const struct config *config;
	struct mqk_handlers tool;	/* called after setup's own part */
	bool		 ever_up;	/* a CONNACK has accepted us */
	bool		 patient;	/* tries again before it was ever up */
	bool		 lost;		/* said so; say when it is back */
	bool		 leaving;	/* the tool is ending: losses are quiet
					   and nothing is tried again */
	int		 status;	/* exit status of the last failure;
					   STATUS_OK while connected */
	char		 said[512];	/* the last message about a failure */
};

/*
 * Make the client with everything the config says: options, credentials,
 * will, handlers; the password is wiped from the config.  The handlers are the
 * tool's (may hold NULLs); their `user' is the uplink, which must outlive the
 * client, as config must.  The uplink is cleared first.  Result: STATUS_OK, or
 * the exit status after a message (free the client in any case).
 */
int	setup_client(struct config *, struct uplink *,
	    const struct mqk_handlers *, struct mqk_client **);

/*
 * Say good-bye, with what --property adds to DISCONNECT.  What that may not
 * have on this connection is left out, with a message: without any DISCONNECT
 * the broker would publish the will.
 */
void	setup_disconnect(const struct config *, struct mqk_client *);

/*
 * The parts, for a tool with many clients: fill *opts (strings and lists
 * belong to the config, which must outlive its use; user is not set, and
 * --id-prefix is the tool's affair), then credentials and will of one client.
 */
void	setup_options(const struct config *, struct mqk_options *);
int	setup_identity(const struct config *, struct mqk_client *);

/*
 * One line for a failed attempt or a lost connection: stage, address, cause,
 * and the option that may help.  setup_client()'s handlers print it already.
 */
void	setup_explain(const struct mqk_disconnected *, char *to, size_t cap);

#endif
