/* SPDX-License-Identifier: MIT */

#include "unit/arraystore.h"

#include <stdlib.h>
#include <string.h>

#include "unit/fixture.h"

static void
clear(struct items *items)
{
	for (size_t i = 0; i < items->n; i++)
		free(items->at[i].data);
	items->n = 0;
}

static void
copy(struct items *to, const struct items *from)
{
	clear(to);
	for (size_t i = 0; i < from->n; i++) {
		to->at[i] = from->at[i];
		to->at[i].data = exact_copy(from->at[i].data,
		    from->at[i].len);
	}
	to->n = from->n;
}

/* The first that is not in front of that key. */
static size_t
find(const struct items *items, enum mqk_shelf shelf, uint64_t key)
{
	size_t	 i = 0;

	while (i < items->n && (items->at[i].shelf < shelf ||
	    (items->at[i].shelf == shelf && items->at[i].key < key)))
		i++;
	return (i);
}

static bool
is_at(const struct items *items, size_t i, enum mqk_shelf shelf, uint64_t key)
{
	return (i < items->n && items->at[i].shelf == shelf &&
	    items->at[i].key == key);
}

static bool
fails(struct arraystore *a)
{
	a->ops++;
	return (a->fail_at != 0 && (a->cut ? a->ops >= a->fail_at :
	    a->ops == a->fail_at));
}

static int
del(void *ctx, enum mqk_shelf shelf, uint64_t key)
{
	struct arraystore	*a = ctx;
	size_t			 i = find(&a->now, shelf, key);

	if (fails(a))
		return (MQK_ESTORE);
	if (!is_at(&a->now, i, shelf, key))
		return (MQK_OK);
	free(a->now.at[i].data);
	a->now.n--;
	memmove(&a->now.at[i], &a->now.at[i + 1],
	    (a->now.n - i) * sizeof(a->now.at[0]));
	return (MQK_OK);
}

static int
put(void *ctx, enum mqk_shelf shelf, uint64_t key, struct mqk_bytes value)
{
	struct arraystore	*a = ctx;
	size_t			 i = find(&a->now, shelf, key);

	if (fails(a))
		return (MQK_ESTORE);
	if (is_at(&a->now, i, shelf, key)) {
		free(a->now.at[i].data);
	} else {
		assert_true(a->now.n < N(a->now.at));
		memmove(&a->now.at[i + 1], &a->now.at[i],
		    (a->now.n - i) * sizeof(a->now.at[0]));
		a->now.n++;
	}
	a->now.at[i] = (struct item){ shelf, key, value.len,
	    exact_copy(value.data, value.len) };
	return (MQK_OK);
}

static int
next(void *ctx, enum mqk_shelf shelf, uint64_t *key, struct mqk_bytes *value)
{
	struct arraystore	*a = ctx;
	size_t			 i = find(&a->now, shelf, *key + 1);

	if (fails(a))
		return (MQK_ESTORE);
	if (i == a->now.n || a->now.at[i].shelf != shelf)
		return (0);
	*key = a->now.at[i].key;
	*value = (struct mqk_bytes){ a->now.at[i].data, a->now.at[i].len };
	return (1);
}

static int
last(void *ctx, enum mqk_shelf shelf, uint64_t *key)
{
	struct arraystore	*a = ctx;
	size_t			 i = find(&a->now, shelf, UINT64_MAX);

	if (fails(a))
		return (MQK_ESTORE);
	if (i == 0 || a->now.at[i - 1].shelf != shelf)
		return (0);
	*key = a->now.at[i - 1].key;
	return (1);
}

static int
commit(void *ctx)
{
	struct arraystore	*a = ctx;

	if (fails(a))
		return (MQK_ESTORE);
	a->commits++;
	copy(&a->committed, &a->now);
	return (MQK_OK);
}

static void
rollback(void *ctx)
{
	struct arraystore	*a = ctx;

	copy(&a->now, &a->committed);
}

static const char *
why(void *ctx)
{
	(void)ctx;
	return ("the array said no");
}

static void
close_array(void *ctx)
{
	struct arraystore	*a = ctx;

	a->opened--;
}

void
arraystore_open(struct arraystore *a, struct mqk_store *to)
{
	a->opened++;
	copy(&a->now, &a->committed);
	*to = (struct mqk_store){
		.put = put, .del = del, .next = next, .last = last,
		.commit = commit, .rollback = rollback, .why = why,
		.close = close_array, .ctx = a
	};
}

void
arraystore_fini(struct arraystore *a)
{
	clear(&a->now);
	clear(&a->committed);
}

size_t
arraystore_count(const struct arraystore *a, enum mqk_shelf shelf)
{
	return (find(&a->committed, shelf, UINT64_MAX) -
	    find(&a->committed, shelf, 0));
}
