/* SPDX-License-Identifier: MIT */

/* Packet hooks of one client: by type, direction, condition and priority. */

#ifndef CLIENT_HOOKS_H
#define CLIENT_HOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct hook;

struct hooks {
	struct hook	*at;		/* high priority first */
	size_t		 n;
	uint32_t	 run;		/* number of the packet being shown */
	uint32_t	 changes;
	int		 next_id;
};

void	 hooks_free(struct hooks *);	/* NULL is fine */
MQK_USE int hooks_add(struct hooks *, const struct mqk_hook *);
void	 hooks_remove(struct hooks *, int id);

/*
 * Show a packet to all hooks it concerns.  Hooks may add and remove hooks;
 * each that is there when its turn comes sees the packet once.
 */
enum mqk_verdict hooks_run(struct mqk_client *, const struct mqk_packet *);

#endif
