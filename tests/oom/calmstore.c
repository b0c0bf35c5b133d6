/* SPDX-License-Identifier: MIT */

#include "oom/calmstore.h"

#include "oom/failing.h"
#include "unit/arraystore.h"
#include "unit/fixture.h"

static struct arraystore array;
static struct mqk_store	 below;

static int
put(void *ctx, enum mqk_shelf shelf, uint64_t key, struct mqk_bytes value)
{
	bool	 on = failing_pause();
	int	 result = below.put(ctx, shelf, key, value);

	failing_resume(on);
	return (result);
}

static int
commit(void *ctx)
{
	bool	 on = failing_pause();
	int	 result = below.commit(ctx);

	failing_resume(on);
	return (result);
}

static void
rollback(void *ctx)
{
	bool	 on = failing_pause();

	below.rollback(ctx);
	failing_resume(on);
}

void
calmstore_open(struct mqk_store *to)
{
	arraystore_open(&array, &below);
	*to = below;
	to->put = put;
	to->commit = commit;
	to->rollback = rollback;
}

void
calmstore_assert_done(void)
{
	assert_int_equal(array.opened, 0);
	assert_int_equal(arraystore_count(&array, MQK_SHELF_MESSAGES), 0);
	assert_int_equal(arraystore_count(&array, MQK_SHELF_STATES), 0);
}

void
calmstore_fini(void)
{
	arraystore_fini(&array);
}
