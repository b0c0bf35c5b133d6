/* SPDX-License-Identifier: MIT */

#ifndef MQSUB_FILTER_LIMITS_H
#define MQSUB_FILTER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

#include "common/config.h"

/* What the broker of this connection does not take, from its CONNACK. */
struct filter_limits {
	bool		 no_wildcard;
	bool		 no_shared;
	bool		 no_ids;
	uint32_t	 packet;	/* bytes; 0: any MQTT packet */
};

void	filter_limits_learn(struct filter_limits *, const struct mqk_props *);

/*
 * Which limit a SUBSCRIBE of those filters exceeds that the library refused
 * with that error, and the filter or option at fault; false: none.
 */
bool	filter_limits_explain(const struct filter_limits *, int error,
	    const struct opt_list *, char *to, size_t cap);

#endif
