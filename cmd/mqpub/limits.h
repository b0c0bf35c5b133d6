/* SPDX-License-Identifier: MIT */

#ifndef MQPUB_LIMITS_H
#define MQPUB_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqk.h"

/* What the broker of this connection does not take, from its CONNACK. */
struct limits {
	unsigned	 qos;		/* the highest */
	bool		 no_retain;
};

void	limits_learn(struct limits *, const struct mqk_props *);

/* Which limit the message exceeds, and the option; false: none. */
bool	limits_explain(const struct limits *, const struct mqk_publish *,
	    char *to, size_t cap);

#endif
