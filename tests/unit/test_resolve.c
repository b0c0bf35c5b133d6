/* SPDX-License-Identifier: MIT */

/* Name resolution: numeric addresses at once, names through a descriptor. */

#include <sys/types.h>
#include <sys/socket.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transport/resolve.h"

#define PATIENCE_MS	20000

static int
wait_for(struct resolve *job, struct addresses **list, struct error *e)
{
	struct pollfd	 p = { .fd = resolve_fd(job), .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	return (resolve_result(job, list, e));
}

static void
a_numeric_address_needs_no_thread(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	static const int families[] = { AF_INET, AF_INET6 };
	struct resolve	*job;
	struct addresses *list;
	struct error	 e;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(resolve_start(&job, &list, hosts[i], 1883,
		    NULL, &e), MQK_OK);
		assert_null(job);
		assert_non_null(list);
		assert_int_equal(list->at[0].any.sa_family, families[i]);
		free(list);
	}
}

static void
localhost_is_found(void **state)
{
	struct resolve	*job;
	struct addresses *list = NULL;
	struct error	 e;

	(void)state;
	assert_int_equal(resolve_start(&job, &list, "localhost", 1883, NULL,
	    &e), MQK_OK);
	assert_non_null(job);
	assert_int_equal(wait_for(job, &list, &e), MQK_OK);
	assert_non_null(list);
	free(list);
	resolve_free(job);
}

static void
an_unknown_name_is_told_by_name(void **state)
{
	struct resolve	*job;
	struct addresses *list = NULL;
	struct error	 e = { 0 };

	(void)state;
	/* A label of 64 characters can't exist: no server is asked. */
	assert_int_equal(resolve_start(&job, &list, "nosuch-"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid",
	    1883, NULL, &e), MQK_OK);
	assert_non_null(job);
	assert_int_equal(wait_for(job, &list, &e), MQK_ERESOLVE);
	assert_memory_equal(e.text, "resolve nosuch-", 15);
	assert_null(list);
	resolve_free(job);
}

/* Under a sanitizer this also shows that nothing is leaked or used late. */
static void
a_look_up_may_be_abandoned(void **state)
{
	struct resolve	*job;
	struct addresses *list;
	struct error	 e;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(resolve_start(&job, &list, "localhost", 1,
		    NULL, &e), MQK_OK);
		resolve_free(job);
	}
	resolve_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_numeric_address_needs_no_thread),
		cmocka_unit_test(localhost_is_found),
		cmocka_unit_test(an_unknown_name_is_told_by_name),
		cmocka_unit_test(a_look_up_may_be_abandoned),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
