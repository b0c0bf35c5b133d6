/* SPDX-License-Identifier: MIT */

#ifndef MQPUB_LIMITS_H
#define MQPUB_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

/* What the broker of this connection does not take, from its CONNACK. */
struct limits {
	unsigned	 qos;		/* the highest */
	bool		 no_retain;
	uint32_t	 packet;	/* bytes; 0: any MQTT packet */
	uint32_t	 alias;		/* the highest; 0: none */
};

void	limits_learn(struct limits *, const struct mqk_props *);

/*
 * Do messages with these properties go without their topic alias, which does
 * them no harm, because the broker does not take it?
 */
bool	limits_drop_alias(const struct limits *, const struct mqk_props *);

/*
 * Which limit the message exceeds that the library refused with that error,
 * and the option, if one helps; false: none.
 */
bool	limits_explain(const struct limits *, int error,
	    const struct mqk_publish *, char *to, size_t cap);

#endif
