/* SPDX-License-Identifier: MIT */

/* A client with a store, before it connects. */

#include <string.h>

#include "unit/arraystore.h"
#include "unit/fixture.h"

static int64_t
read_zeros(void *arg, uint32_t offset, void *to, size_t len)
{
	(void)arg;
	(void)offset;
	memset(to, 0, len);
	return ((int64_t)len);
}

static void
a_second_store_changes_nothing(void **state)
{
	static struct arraystore first, second;
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_source	 source = { .len = 1, .read = read_zeros };
	struct mqk_publish	 m = { .topic = "t", .qos = 1,
				    .source = &source };
	struct mqk_client	*c;
	struct mqk_store	 store;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	arraystore_open(&first, &store);
	assert_int_equal(mqk_set_store(c, &store), MQK_OK);
	arraystore_open(&second, &store);
	assert_int_equal(mqk_set_store(c, &store), MQK_ESTATE);
	assert_int_equal(second.opened, 0);
	assert_int_equal(mqk_publish(c, &m), 1);
	assert_int_equal(arraystore_count(&first, MQK_SHELF_MESSAGES), 1);
	mqk_client_free(c);
	assert_int_equal(first.opened, 0);
	arraystore_fini(&first);
	arraystore_fini(&second);
}

/* What is in use is not closed. */
static void
the_same_store_again_changes_nothing(void **state)
{
	static struct arraystore kept;
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_publish	 m = { .topic = "t", .qos = 1 };
	struct mqk_client	*c;
	struct mqk_store	 store;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	arraystore_open(&kept, &store);
	assert_int_equal(mqk_set_store(c, &store), MQK_OK);
	assert_int_equal(mqk_set_store(c, &store), MQK_ESTATE);
	assert_string_equal(mqk_last_error_text(c), "store: there is one");
	assert_int_equal(kept.opened, 1);
	assert_int_equal(mqk_publish(c, &m), 1);
	assert_int_equal(arraystore_count(&kept, MQK_SHELF_MESSAGES), 1);
	mqk_client_free(c);
	assert_int_equal(kept.opened, 0);
	arraystore_fini(&kept);
}

/* A payload from a source is read by itself. */
static void
a_source_stands_alone_among_many(void **state)
{
	static struct arraystore kept;
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_source	 source = { .len = 1, .read = read_zeros };
	struct mqk_publish	 m[4] = {
		{ .topic = "t", .qos = 1 }, { .topic = "t", .qos = 1 },
		{ .topic = "t", .qos = 1, .source = &source },
		{ .topic = "t", .qos = 1 }
	};
	struct mqk_client	*c;
	struct mqk_store	 store;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	arraystore_open(&kept, &store);
	assert_int_equal(mqk_set_store(c, &store), MQK_OK);
	assert_int_equal(mqk_publish_many(c, m, 0), 0);
	assert_int_equal(mqk_publish_many(c, m, 4), 2);
	assert_int_equal(mqk_publish_many(c, m + 2, 2), 1);
	assert_int_equal(mqk_publish_many(c, m + 3, 1), 1);
	assert_int_equal(arraystore_count(&kept, MQK_SHELF_MESSAGES), 4);
	mqk_client_free(c);
	arraystore_fini(&kept);
}

static int64_t
count_read(void *arg, uint32_t offset, void *to, size_t len)
{
	++*(unsigned *)arg;
	return (read_zeros(arg, offset, to, len));
}

/* What is wrong with a message is told before its payload is gone. */
static void
a_source_is_read_when_nothing_is_wrong(void **state)
{
	static struct arraystore kept;
	unsigned		 reads = 0;
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_source	 source = { .len = 1, .read = count_read,
				    .arg = &reads };
	struct mqk_source	 large = { .len = 268435455,
				    .read = count_read, .arg = &reads };
	struct mqk_publish	 m = { .topic = "+", .qos = 1,
				    .source = &source };
	struct mqk_client	*c;
	struct mqk_store	 store;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	arraystore_open(&kept, &store);
	assert_int_equal(mqk_set_store(c, &store), MQK_OK);
	assert_int_equal(mqk_publish(c, &m), MQK_ETOPIC);
	assert_int_equal(mqk_last_error(c), MQK_ETOPIC);
	m.topic = "t";
	m.qos = 3;
	assert_int_equal(mqk_publish(c, &m), MQK_EINVAL);
	m.qos = 2;
	m.source = &large;
	assert_int_equal(mqk_publish(c, &m), MQK_ETOOBIG);
	assert_int_equal(reads, 0);
	m.source = &source;
	assert_int_equal(mqk_begin(c), MQK_OK);
	kept.fail_at = kept.ops + 1;
	assert_int_equal(mqk_publish(c, &m), MQK_ESTORE);
	assert_int_equal(reads, 1);
	assert_int_equal(mqk_publish(c, &m), MQK_ESTORE);
	assert_int_equal(mqk_commit(c), MQK_ESTORE);
	assert_int_equal(reads, 1);
	assert_true(mqk_publish(c, &m) > 0);
	assert_int_equal(reads, 2);
	assert_int_equal(arraystore_count(&kept, MQK_SHELF_MESSAGES), 1);
	mqk_client_free(c);
	arraystore_fini(&kept);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_second_store_changes_nothing),
		cmocka_unit_test(the_same_store_again_changes_nothing),
		cmocka_unit_test(a_source_stands_alone_among_many),
		cmocka_unit_test(a_source_is_read_when_nothing_is_wrong),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
