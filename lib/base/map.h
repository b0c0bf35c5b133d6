/* SPDX-License-Identifier: MIT */

/*
 * From uint32_t to pointer: open addressing, linear probing, grows by doubling
 * and never keeps memory while empty and released.
 */

#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct map_entry;

struct map {
	struct map_entry *at;
	uint32_t	 cap;		/* a power of two, or 0 */
	uint32_t	 n;
};

void	 map_fini(struct map *);	/* a zeroed map is an empty one */
void	*map_get(const struct map *, uint32_t key);

/* Set or replace; value must not be NULL.  MQK_ENOMEM. */
MQK_USE int map_put(struct map *, uint32_t key, void *value);

/* Take out; the value it had, or NULL. */
void	*map_del(struct map *, uint32_t key);

/* Walk in no order; *cursor starts at 0.  NULL at the end. */
void	*map_next(const struct map *, uint32_t *cursor, uint32_t *key);

#endif
