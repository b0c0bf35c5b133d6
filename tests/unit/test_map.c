/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <string.h>

#include "base/map.h"

#define KEYS	4096u

static int values[KEYS];

static void
an_empty_map_finds_nothing(void **state)
{
	struct map	 m = { 0 };
	uint32_t	 cursor = 0, key;

	(void)state;
	assert_null(map_get(&m, 0));
	assert_null(map_del(&m, 0));
	assert_null(map_next(&m, &cursor, &key));
	map_fini(&m);
}

static void
put_replaces_and_del_gives_the_value_back(void **state)
{
	struct map	 m = { 0 };

	(void)state;
	assert_int_equal(map_put(&m, 7, &values[0]), MQK_OK);
	assert_int_equal(map_put(&m, 7, &values[1]), MQK_OK);
	assert_int_equal(m.n, 1);
	assert_ptr_equal(map_get(&m, 7), &values[1]);
	assert_ptr_equal(map_del(&m, 7), &values[1]);
	assert_null(map_get(&m, 7));
	map_fini(&m);
}

/* Compare the whole map with a plain array after many random changes. */
static void
a_map_agrees_with_an_array(void **state)
{
	void		*want[KEYS] = { 0 };
	struct map	 m = { 0 };
	uint32_t	 r = 1, key, n = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		r = r * 1664525u + 1013904223u;
		key = (r >> 8) % KEYS;
		if ((r >> 24) % 5 < 2) {
			assert_ptr_equal(map_del(&m, key), want[key]);
			n -= want[key] != NULL;
			want[key] = NULL;
		} else {
			n += want[key] == NULL;
			want[key] = &values[r % KEYS];
			assert_int_equal(map_put(&m, key, want[key]), MQK_OK);
		}
		assert_int_equal(m.n, n);
		key = (r >> 16) % KEYS;
		assert_ptr_equal(map_get(&m, key), want[key]);
	}
	for (key = 0; key < KEYS; key++)
		assert_ptr_equal(map_get(&m, key), want[key]);
	map_fini(&m);
}

static void
a_walk_meets_every_entry_once(void **state)
{
	struct map	 m = { 0 };
	uint8_t		 met[KEYS] = { 0 };
	uint32_t	 cursor = 0, key;
	int		*value;

	(void)state;
	for (key = 0; key < KEYS; key++)
		assert_int_equal(map_put(&m, key, &values[key]), MQK_OK);
	for (;;) {
		value = map_next(&m, &cursor, &key);
		if (value == NULL)
			break;
		assert_ptr_equal(value, &values[key]);
		met[key]++;
	}
	for (key = 0; key < KEYS; key++)
		assert_int_equal(met[key], 1);
	map_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(an_empty_map_finds_nothing),
		cmocka_unit_test(put_replaces_and_del_gives_the_value_back),
		cmocka_unit_test(a_map_agrees_with_an_array),
		cmocka_unit_test(a_walk_meets_every_entry_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
