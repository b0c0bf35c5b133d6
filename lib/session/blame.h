/* SPDX-License-Identifier: MIT */

/*
 * Why a request was refused: a sentence with field and value, for the error
 * that the request has just ended with, which is the result too.  It looks
 * again instead of having every request that succeeds keep track.
 */

#ifndef SESSION_BLAME_H
#define SESSION_BLAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

struct session;

int	 blame_publish(const struct session *, const struct mqk_publish *,
	    int err, struct error *);
int	 blame_subscribe(const struct session *, const struct mqk_filter *,
	    size_t n, const struct mqk_props *, int err, struct error *);
int	 blame_unsubscribe(const struct session *, const char *const *,
	    size_t n, const struct mqk_props *, int err, struct error *);
int	 blame_ack(const struct session *, struct mqk_ack, uint8_t reason,
	    const struct mqk_props *, int err, struct error *);
/* DISCONNECT or AUTH. */
int	 blame_bye(const struct session *, enum mqk_packet_type,
	    uint8_t reason, const struct mqk_props *, int err, struct error *);
/* What does not depend on arguments, or as far as it does not. */
int	 blame(const struct session *, const char *what, int err,
	    struct error *);

#endif
