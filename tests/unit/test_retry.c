/* SPDX-License-Identifier: MIT */

/* When mqpub gives up. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/config.h"
#include "mqpub/limits.h"
#include "mqpub/retry.h"

static enum mqk_policy
ask(struct retry *r, int error)
{
	struct mqk_attempt	a = { .last_error = error, .delay_ms = 7 };

	return (retry_ask(r, &a));
}

static void
test_single_violation(void **state)
{
	static const int	errors[] = {
		MQK_EPROTOCOL, MQK_EMALFORMED, MQK_ETOOBIG, MQK_ESOURCE
	};
	struct config_pub	pub = { .message = NULL };
	struct retry		r;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		retry_init(&r, &pub);
		assert_int_equal(ask(&r, MQK_ECLOSED), MQK_RETRY);
		assert_int_equal(ask(&r, errors[i]), MQK_GIVE_UP);
	}
}

static void
test_lines_violations(void **state)
{
	struct config_pub	pub = { .stdin_lines = true };
	struct retry		r;

	(void)state;
	retry_init(&r, &pub);
	assert_int_equal(ask(&r, MQK_EPROTOCOL), MQK_RETRY);
	assert_int_equal(ask(&r, MQK_EPROTOCOL), MQK_RETRY);
	retry_progress(&r);
	assert_int_equal(ask(&r, MQK_EPROTOCOL), MQK_RETRY);
	assert_int_equal(ask(&r, MQK_ECLOSED), MQK_RETRY);
	retry_connected(&r);
	assert_int_equal(ask(&r, MQK_EMALFORMED), MQK_RETRY);
	assert_int_equal(ask(&r, MQK_EPROTOCOL), MQK_GIVE_UP);
}

static void
test_delay_is_cut(void **state)
{
	struct config_pub	pub = { .reconnect_time_ms = 5000 };
	struct mqk_attempt	a = {
		.last_error = MQK_EDIAL, .delay_ms = 60000
	};
	struct retry		r;

	(void)state;
	retry_init(&r, &pub);
	assert_int_equal(retry_ask(&r, &a), MQK_RETRY);
	assert_in_range(a.delay_ms, 1, 5000);
	r.until = 1;			/* long ago */
	assert_int_equal(retry_ask(&r, &a), MQK_GIVE_UP);
}

static void
test_limits(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_publish	 m = { .qos = 2, .retain = true };
	struct limits		 l;
	char			 why[128];

	(void)state;
	limits_learn(&l, NULL);
	assert_false(limits_explain(&l, MQK_ENOTSUP, &m, why,
	    sizeof(why)));
	assert_int_equal(mqk_props_add_num(props, MQK_P_MAXIMUM_QOS, 1),
	    MQK_OK);
	assert_int_equal(mqk_props_add_num(props, MQK_P_RETAIN_AVAILABLE, 0),
	    MQK_OK);
	limits_learn(&l, props);
	assert_true(limits_explain(&l, MQK_ENOTSUP, &m, why,
	    sizeof(why)));
	assert_string_equal(why, "the broker takes QoS 1 at most (--qos)");
	m.qos = 1;
	assert_true(limits_explain(&l, MQK_ENOTSUP, &m, why,
	    sizeof(why)));
	assert_string_equal(why,
	    "the broker keeps no retained messages (--retain)");
	assert_false(limits_explain(&l, MQK_ETOOBIG, &m, why, sizeof(why)));
	assert_int_equal(mqk_props_add_num(props, MQK_P_MAXIMUM_PACKET_SIZE,
	    50), MQK_OK);
	limits_learn(&l, props);
	assert_true(limits_explain(&l, MQK_ETOOBIG, &m, why, sizeof(why)));
	assert_string_equal(why, "larger than the broker takes: 50 bytes "
	    "with topic and properties");
	mqk_props_free(props);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_single_violation),
		cmocka_unit_test(test_lines_violations),
		cmocka_unit_test(test_delay_is_cut),
		cmocka_unit_test(test_limits)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
