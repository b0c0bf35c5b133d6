/* SPDX-License-Identifier: MIT */

/*
 * Linear probing without tombstones: taking an entry out moves those behind it
 * closer to home.  A table is at most three quarters full.
 */

#include "base/map.h"

#include <stdlib.h>

#define MAP_MIN	8u

struct map_entry {
	void		*value;		/* NULL: free */
	uint32_t	 key;
};

static uint32_t
home(const struct map *m, uint32_t key)
{
	uint32_t	 h = key * UINT32_C(2654435769);

	return ((h ^ h >> 16) & (m->cap - 1));
}

/* Where the key is or would go; cap > 0. */
static uint32_t
find(const struct map *m, uint32_t key)
{
	uint32_t	 i = home(m, key);

	while (m->at[i].value != NULL && m->at[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return (i);
}

static int
grow(struct map *m)
{
	struct map	 big = { .cap = m->cap == 0 ? MAP_MIN : m->cap * 2 };

	if (big.cap == 0)
		return (MQK_ENOMEM);
	big.at = calloc(big.cap, sizeof(*big.at));
	if (big.at == NULL)
		return (MQK_ENOMEM);
	for (uint32_t i = 0; i < m->cap; i++) {
		if (m->at[i].value != NULL)
			big.at[find(&big, m->at[i].key)] = m->at[i];
	}
	big.n = m->n;
	free(m->at);
	*m = big;
	return (MQK_OK);
}

void
map_fini(struct map *m)
{
	free(m->at);
	*m = (struct map){ 0 };
}

void *
map_get(const struct map *m, uint32_t key)
{
	return (m->n == 0 ? NULL : m->at[find(m, key)].value);
}

int
map_put(struct map *m, uint32_t key, void *value)
{
	uint32_t	 i;

	if (m->cap > 0) {
		i = find(m, key);
		if (m->at[i].value != NULL) {
			m->at[i].value = value;
			return (MQK_OK);
		}
	}
	if (m->n >= m->cap - m->cap / 4 && grow(m) != MQK_OK)
		return (MQK_ENOMEM);
	m->at[find(m, key)] = (struct map_entry){ .key = key, .value = value };
	m->n++;
	return (MQK_OK);
}

/* Close the hole at i so that every search still ends at its entry. */
static void
close_hole(struct map *m, uint32_t i)
{
	uint32_t	 mask = m->cap - 1;

	for (uint32_t j = (i + 1) & mask; m->at[j].value != NULL;
	    j = (j + 1) & mask) {
		/* j may fill the hole unless its home lies behind it */
		if (((j - home(m, m->at[j].key)) & mask) < ((j - i) & mask))
			continue;
		m->at[i] = m->at[j];
		i = j;
	}
	m->at[i].value = NULL;
}

void *
map_del(struct map *m, uint32_t key)
{
	uint32_t	 i;
	void		*value;

	if (m->n == 0)
		return (NULL);
	i = find(m, key);
	value = m->at[i].value;
	if (value == NULL)
		return (NULL);
	close_hole(m, i);
	m->n--;
	return (value);
}

void *
map_next(const struct map *m, uint32_t *cursor, uint32_t *key)
{
	const struct map_entry	*e;

	while (*cursor < m->cap) {
		e = &m->at[(*cursor)++];
		if (e->value != NULL) {
			*key = e->key;
			return (e->value);
		}
	}
	return (NULL);
}
