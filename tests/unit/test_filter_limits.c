/* SPDX-License-Identifier: MIT */

/* What mqsub says of filters that the broker does not take. */

#include "unit/fixture.h"

#include "mqsub/filter_limits.h"

static void
explains(const struct mqk_props *props, int error, char *filter,
    const char *want)
{
	char			*filters[] = { (char[]){ "plain" }, filter };
	const struct opt_list	 list = { .v = filters, .n = 2 };
	struct filter_limits	 l;
	char			 why[128];
	bool			 known;

	filter_limits_learn(&l, props);
	known = filter_limits_explain(&l, error, &list, why, sizeof(why));
	assert_int_equal(known, want != NULL);
	if (known)
		assert_string_equal(why, want);
}

static void
each_limit_names_what_exceeds_it(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	char			 plain[] = "b", wild[] = "a/#";
	char			 shared[] = "$share/g/a";

	(void)state;
	assert_non_null(props);
	explains(NULL, MQK_ENOTSUP, wild, NULL);
	explains(NULL, MQK_ETOOBIG, plain, NULL);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_WILDCARD_SUBSCRIPTION_AVAILABLE, 0), MQK_OK);
	explains(props, MQK_ENOTSUP, wild,
	    "the broker takes no wildcards: a/#");
	explains(props, MQK_ENOTSUP, shared, NULL);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_SHARED_SUBSCRIPTION_AVAILABLE, 0), MQK_OK);
	explains(props, MQK_ENOTSUP, shared,
	    "the broker takes no shared subscriptions: $share/g/a");
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0), MQK_OK);
	explains(props, MQK_ENOTSUP, plain,
	    "the broker takes no subscription identifiers (--property)");
	assert_int_equal(mqk_props_add_num(props, MQK_P_MAXIMUM_PACKET_SIZE,
	    50), MQK_OK);
	explains(props, MQK_ETOOBIG, plain, "larger than the broker takes: "
	    "50 bytes with all filters (--topic) and properties");
	explains(props, MQK_ESESSION, plain, NULL);
	mqk_props_free(props);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(each_limit_names_what_exceeds_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
