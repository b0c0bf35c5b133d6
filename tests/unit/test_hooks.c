/* SPDX-License-Identifier: MIT */

/* Hooks: order, condition, direction, verdicts, changes while they run. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/hooks.h"

static struct mqk_client *client;
static char		  order[32];

static enum mqk_verdict
note(const char *name, enum mqk_verdict verdict)
{
	assert_true(strlen(order) + strlen(name) < sizeof(order));
	memcpy(order + strlen(order), name, strlen(name) + 1);
	return (verdict);
}

static enum mqk_verdict
pass(struct mqk_client *c, const struct mqk_packet *p, void *name)
{
	(void)c;
	(void)p;
	return (note(name, MQK_PASS));
}

static enum mqk_verdict
skip_rest(struct mqk_client *c, const struct mqk_packet *p, void *name)
{
	(void)c;
	(void)p;
	return (note(name, MQK_SKIP_REST));
}

static enum mqk_verdict
drop(struct mqk_client *c, const struct mqk_packet *p, void *name)
{
	(void)c;
	(void)p;
	return (note(name, MQK_DROP));
}

static bool
has_mid(const struct mqk_packet *p, void *user)
{
	(void)user;
	return (p->mid != 0);
}

static int
add(enum mqk_verdict (*run)(struct mqk_client *, const struct mqk_packet *,
    void *), const char *name, int priority)
{
	struct mqk_hook	 h = { .run = run, .priority = priority,
			    .user = (void *)(uintptr_t)name };

	return (mqk_hook_add(client, &h));
}

static enum mqk_verdict
show(enum mqk_packet_type type, enum mqk_direction direction, uint16_t mid)
{
	struct mqk_packet	 p = { .type = type, .direction = direction,
				    .mid = mid };

	order[0] = '\0';
	return (hooks_run(client, &p));
}

static int
set_up(void **state)
{
	(void)state;
	return (mqk_client_new(&client, NULL));
}

static int
tear_down(void **state)
{
	(void)state;
	mqk_client_free(client);
	return (0);
}

static void
high_priority_runs_first_and_ties_as_added(void **state)
{
	(void)state;
	add(pass, "c", 0);
	add(pass, "e", -5);
	add(pass, "a", 7);
	add(pass, "d", 0);
	add(pass, "b", 7);
	assert_int_equal(show(MQK_PUBACK, MQK_IN, 1), MQK_PASS);
	assert_string_equal(order, "abcde");
}

static void
type_direction_and_condition_select(void **state)
{
	struct mqk_hook	 h = { .types = MQK_TYPE(MQK_PUBACK) |
			    MQK_TYPE(MQK_PUBREC), .directions = MQK_IN,
			    .when = has_mid, .run = pass };
	static char	 name[] = "x";

	(void)state;
	h.user = name;
	assert_int_equal(mqk_hook_add(client, &h), 0);
	show(MQK_PUBACK, MQK_IN, 1);
	assert_string_equal(order, "x");
	show(MQK_PUBREC, MQK_IN, 1);
	assert_string_equal(order, "x");
	show(MQK_PUBACK, MQK_OUT, 1);
	assert_string_equal(order, "");
	show(MQK_PUBLISH, MQK_IN, 1);
	assert_string_equal(order, "");
	show(MQK_PUBACK, MQK_IN, 0);
	assert_string_equal(order, "");
}

static void
skip_ends_the_round_and_lets_pass(void **state)
{
	(void)state;
	add(pass, "a", 2);
	add(skip_rest, "b", 1);
	add(drop, "c", 0);
	assert_int_equal(show(MQK_PUBLISH, MQK_IN, 0), MQK_PASS);
	assert_string_equal(order, "ab");
}

static void
drop_ends_the_round_and_drops(void **state)
{
	(void)state;
	add(drop, "a", 2);
	add(pass, "b", 1);
	assert_int_equal(show(MQK_PUBLISH, MQK_IN, 0), MQK_DROP);
	assert_string_equal(order, "a");
}

static int	 own_id;

static enum mqk_verdict
leave(struct mqk_client *c, const struct mqk_packet *p, void *name)
{
	(void)p;
	mqk_hook_remove(c, own_id);
	add(pass, "+", 100);
	return (note(name, MQK_PASS));
}

static void
hooks_may_come_and_go_inside_a_hook(void **state)
{
	(void)state;
	add(pass, "a", 3);
	own_id = add(leave, "b", 2);
	add(pass, "c", 1);
	show(MQK_PUBLISH, MQK_IN, 0);
	assert_string_equal(order, "ab+c");
	show(MQK_PUBLISH, MQK_IN, 0);
	assert_string_equal(order, "+ac");
}

static void
removed_hooks_are_gone_and_ids_are_not_reused(void **state)
{
	int	 a, b;

	(void)state;
	a = add(pass, "a", 0);
	b = add(pass, "b", 0);
	assert_int_not_equal(a, b);
	mqk_hook_remove(client, a);
	mqk_hook_remove(client, a);
	mqk_hook_remove(client, 99);
	assert_true(add(pass, "c", 0) > b);
	show(MQK_PUBLISH, MQK_IN, 0);
	assert_string_equal(order, "bc");
}

static void
a_hook_without_a_function_is_refused(void **state)
{
	struct mqk_hook	 h = { .priority = 1 };

	(void)state;
	assert_int_equal(mqk_hook_add(client, &h), MQK_EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(high_priority_runs_first_and_ties_as_added),
		TEST(type_direction_and_condition_select),
		TEST(skip_ends_the_round_and_lets_pass),
		TEST(drop_ends_the_round_and_drops),
		TEST(hooks_may_come_and_go_inside_a_hook),
		TEST(removed_hooks_are_gone_and_ids_are_not_reused),
		TEST(a_hook_without_a_function_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
