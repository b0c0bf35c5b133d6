/* SPDX-License-Identifier: MIT */

#ifndef MQSUB_FILTERS_H
#define MQSUB_FILTERS_H

#include "mqsub/subscriber.h"

/*
 * Queue the SUBSCRIBE and UNSUBSCRIBE packets that the options ask for.
 * MQK_OK or the error of the library.
 */
MQK_USE int filters_request(struct subscriber *);

/* Handler: learn what the broker does not take. */
void	filters_on_connected(struct mqk_client *,
	    const struct mqk_connected *, void *);

/* Handlers: say what was refused, and end when there is nothing left to do. */
void	filters_on_subscribed(struct mqk_client *, const struct mqk_result *,
	    void *);
void	filters_on_unsubscribed(struct mqk_client *,
	    const struct mqk_result *, void *);

#endif
