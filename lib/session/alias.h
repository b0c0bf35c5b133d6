/* SPDX-License-Identifier: MIT */

/* Topic aliases of one connection and one direction (section 3.3.2.3.4). */

#ifndef SESSION_ALIAS_H
#define SESSION_ALIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct alias {
	char		*topic;		/* NULL: not bound */
	size_t		 len;
};

struct aliases {
	struct alias	*at;		/* alias n is at[n - 1] */
	size_t		 n;
};

void	 alias_fini(struct aliases *);	/* a zeroed table is an empty one */

/* Bind, also anew; the topic is copied.  MQK_ENOMEM: unchanged. */
MQK_USE int alias_bind(struct aliases *, uint32_t alias, struct mqk_bytes);

void	 alias_unbind(struct aliases *, uint32_t alias);

/* The topic bound to an alias >= 1; data NULL: none. */
struct mqk_bytes alias_topic(const struct aliases *, uint32_t alias);

#endif
