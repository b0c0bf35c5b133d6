/* SPDX-License-Identifier: MIT */

/* The brokers to try, in order: copies of what the user has set. */

#ifndef CLIENT_BROKERS_H
#define CLIENT_BROKERS_H

#include <stddef.h>

#include "base/error.h"
#include "mqk.h"

struct broker {
	struct mqk_url	 url;
	char		*user;
	struct mqk_bytes password;	/* data is allocated */
	struct mqk_tls	*tls;		/* NULL: the client's */
};

struct brokers {
	struct broker	*v;
	size_t		 n;		/* 0: none set */
	size_t		 at;		/* the one that is tried */
};

/* That one. */
static inline struct broker *
brokers_current(const struct brokers *b)
{
	return (&b->v[b->at]);
}

/* The list of the options, or the one broker that they describe. */
MQK_USE int brokers_init(struct brokers *, const struct mqk_options *,
    struct error *);
void	 brokers_fini(struct brokers *);
void	 broker_list_free(struct brokers *);	/* allocated; NULL is fine */

#endif
