/* SPDX-License-Identifier: MIT */

/*
 * What the application asks of the client: "do" lines, and the fields of
 * CONNECT, made into arguments of whoever plays the client.
 */

#ifndef WIRE_REQUEST_H
#define WIRE_REQUEST_H

#include "wire/play.h"

#define REQUEST_FILTERS_MAX	64

/* A call that one side alone knows. */
struct request_extra {
	const char	*verb;		/* NULL: the last */
	int		(*call)(struct player *, const struct mqs_line *);
};

struct request_side {
	int	(*publish)(struct player *, const struct mqk_publish *);
	int	(*subscribe)(struct player *, const struct mqk_filter *,
		    size_t n, const struct mqk_props *);
	int	(*unsubscribe)(struct player *, const char *const *topics,
		    size_t n, const struct mqk_props *);
	int	(*ack)(struct player *, struct mqk_ack, uint8_t reason,
		    const struct mqk_props *);
	int	(*ack_through)(struct player *, struct mqk_ack);
	int	(*auth)(struct player *, uint8_t reason,
		    const struct mqk_props *);
	int	(*disconnect)(struct player *, uint8_t reason,
		    const struct mqk_props *);
	int	(*ping)(struct player *);
	void	(*source_done)(void *player);	/* NULL: told as an event */
	const struct request_extra *extra;
};

/* Make the call of the player's line; false: there is none of that name. */
bool	 request_run(struct player *, const struct request_side *, int *result);

/* "TIMEOUT" as MQK_ETIMEOUT, "OK" as 0; 1 when unknown. */
int	 request_code(const char *name);

/* The filters of a line, at most REQUEST_FILTERS_MAX. */
size_t	 request_filters(const struct mqs_line *, struct mqk_filter *);

/* The fields of a CONNECT; free the lists.  NULL: there are none. */
struct mqk_bytes request_bytes(const struct mqs_line *, const char *name);
struct mqk_props *request_connect_props(const struct mqs_line *);
struct mqk_props *request_will_props(const struct mqs_line *);

#endif
