/* SPDX-License-Identifier: MIT */

/* The brokers to try, in order: copies of what the user has set. */

#ifndef CLIENT_BROKERS_H
#define CLIENT_BROKERS_H

#include <stdbool.h>
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
	struct broker	*other;		/* where it sent us; NULL: nowhere */
	unsigned	 sent;		/* in a row, without success */
};

/* The one to connect to. */
static inline struct broker *
brokers_current(const struct brokers *b)
{
	return (b->other != NULL ? b->other : &b->v[b->at]);
}

/*
 * Go where a Server Reference says, its first if there are several, with all
 * that was meant for the broker that said so.  false: that can't be, or has
 * been too often.
 */
bool	 brokers_redirect(struct brokers *, struct mqk_bytes reference);
/* Back to the list, and to its beginning. */
void	 brokers_return(struct brokers *);
void	 brokers_restart(struct brokers *);

/* The list of the options, or the one broker that they describe. */
MQK_USE int brokers_init(struct brokers *, const struct mqk_options *,
    struct error *);
void	 brokers_fini(struct brokers *);
void	 broker_list_free(struct brokers *);	/* allocated; NULL is fine */

#endif
