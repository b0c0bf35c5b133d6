/* SPDX-License-Identifier: MIT */

/* What must hold for the tables of the real tools. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/config.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "mqk.h"
#include "unit/optrun.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct tool *const tools[] = {
	&tool_mqpub, &tool_mqsub, &tool_mqbench
};

/* Call fn for each row of each tool. */
static void
each_row(void (*fn)(const struct tool *, const struct opt *))
{
	for (size_t t = 0; t < COUNT(tools); t++) {
		for (size_t g = 0; tools[t]->groups[g] != NULL; g++) {
			const struct opt *o = tools[t]->groups[g]->rows;

			for (; o->name != NULL; o++)
				fn(tools[t], o);
		}
	}
}

/* Rows of a group that are another one of that name, or of that letter. */
static int
count_same(const struct opt_group *g, const struct opt *o, bool by_letter)
{
	int	 n = 0;

	for (const struct opt *p = g->rows; p->name != NULL; p++) {
		if (p == o)
			continue;
		if (by_letter)
			n += o->letter != 0 && p->letter == o->letter;
		else
			n += strcmp(p->name, o->name) == 0;
	}
	return (n);
}

static bool
has_row(const struct opt_group *g, const struct opt *o)
{
	const struct opt *p = g->rows;

	while (p->name != NULL && p != o)
		p++;
	return (p == o);
}

/* mqbench's own options take over letters of the shared ones, no other's. */
static void
lint_letter(const struct tool *tool, const struct opt *o)
{
	bool	 own = has_row(tool->groups[0], o);

	for (size_t g = 0; tool->groups[g] != NULL; g++) {
		if (own != (g == 0) && tool == &tool_mqbench)
			continue;
		if (count_same(tool->groups[g], o, true) > 0)
			fail_msg("%s: -%c is there twice", tool->name,
			    o->letter);
	}
}

static void
lint_name(const struct tool *tool, const struct opt *o)
{
	const struct opt *negated = NULL;

	for (size_t g = 0; tool->groups[g] != NULL; g++) {
		if (count_same(tool->groups[g], o, false) > 0)
			fail_msg("%s: --%s is there twice", tool->name,
			    o->name);
	}
	if (strncmp(o->name, "no-", 3) == 0)
		negated = opt_find(tool, o->name + 3);
	if (negated != NULL && (negated->flags & OPT_NEGATABLE) != 0)
		fail_msg("%s: --%s is a negation", tool->name, o->name);
}

static void
lint_texts(const struct tool *tool, const struct opt *o)
{
	size_t	 n;

	if (o->help == NULL || o->man == NULL)
		fail_msg("%s: --%s lacks a text", tool->name, o->name);
	n = strlen(o->help);
	if (n == 0 || n > 60 || o->help[n - 1] == '.')
		fail_msg("%s: help of --%s", tool->name, o->name);
	n = strlen(o->man);
	if (n < 2 || (o->man[n - 1] != '.' && strcmp(o->man + n - 2, ".)")))
		fail_msg("%s: paragraph of --%s", tool->name, o->name);
}

static void
lint_kind(const struct tool *tool, const struct opt *o)
{
	static const size_t sizes[] = {
		[OPT_FLAG] = sizeof(bool), [OPT_STRING] = sizeof(char *),
		[OPT_LIST] = sizeof(struct opt_list),
		[OPT_INT] = sizeof(int64_t), [OPT_DURATION] = sizeof(int64_t),
		[OPT_SIZE] = sizeof(int64_t), [OPT_RATE] = sizeof(double),
		[OPT_CHOICE] = sizeof(int)
	};
	bool	 ok;

	if (o->kind == OPT_CALL)
		ok = o->call != NULL;
	else
		ok = o->size == sizes[o->kind] && o->call == NULL &&
		    (o->arg == NULL) == (o->kind == OPT_FLAG);
	ok = ok && (o->kind == OPT_CHOICE) == (o->choices != NULL);
	ok = ok && ((o->flags & OPT_NEGATABLE) == 0 || o->kind == OPT_FLAG);
	ok = ok && (o->max == 0 || o->min <= o->max);
	if (!ok)
		fail_msg("%s: --%s: kind and columns", tool->name, o->name);
}

static void
letters_and_names_are_unique(void **state)
{
	(void)state;
	each_row(lint_letter);
	each_row(lint_name);
}

static void
every_option_has_its_texts(void **state)
{
	(void)state;
	each_row(lint_texts);
}

static void
every_row_fits_its_kind(void **state)
{
	(void)state;
	each_row(lint_kind);
}

static void
every_group_has_a_title(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tools); t++) {
		for (size_t g = 0; tools[t]->groups[g] != NULL; g++) {
			assert_non_null(tools[t]->groups[g]->name);
			assert_non_null(tools[t]->groups[g]->title);
		}
		assert_non_null(tools[t]->summary);
		assert_non_null(tools[t]->synopsis);
		assert_int_not_equal(tools[t]->bit, 0);
	}
}

/* Without arguments a check may object, but no default may. */
static void
every_default_is_valid(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tools); t++) {
		for (size_t g = 0; tools[t]->groups[g] != NULL; g++) {
			struct opt_group alone = *tools[t]->groups[g];
			const struct opt_group *list[] = { &alone, NULL };
			struct tool	 tool = *tools[t];
			struct config	 config = { 0 };
			struct run	 r;

			alone.check = NULL;
			tool.groups = list;
			run_tool(&r, &tool, &config, "");
			assert_string_equal(r.said, "");
			assert_int_equal(r.status, -1);
			opt_free(&tool, &config);
		}
	}
}

static void
exit_statuses_do_not_overlap_but_for_1(void **state)
{
	const struct exit_row *r, *s;

	(void)state;
	for (r = exit_rows; r->name != NULL; r++) {
		assert_true(r->first <= r->last && r->last <= 255);
		assert_int_not_equal(r->tools, 0);
		for (s = r + 1; s->name != NULL; s++) {
			if ((r->tools & s->tools) != 0 &&
			    r->first <= s->last && s->first <= r->last)
				assert_int_equal(s->first, STATUS_ERROR);
		}
	}
}

static void
errors_have_the_documented_statuses(void **state)
{
	(void)state;
	assert_int_equal(exitcode_of(MQK_OK, 0, true), STATUS_OK);
	assert_int_equal(exitcode_of(MQK_EREFUSED, 5, false), 5);
	assert_int_equal(exitcode_of(MQK_EREFUSED, 0x87, false), 0x87);
	assert_int_equal(exitcode_of(MQK_EREFUSED, 0x88, true), 0x88);
	assert_int_equal(exitcode_of(MQK_ERESOLVE, 0, false), STATUS_NO_HOST);
	assert_int_equal(exitcode_of(MQK_EDIAL, 0, false),
	    STATUS_NO_CONNECTION);
	assert_int_equal(exitcode_of(MQK_ECLOSED, 0, false),
	    STATUS_NO_CONNECTION);
	assert_int_equal(exitcode_of(MQK_ECLOSED, 0x8b, true), STATUS_LOST);
	assert_int_equal(exitcode_of(MQK_EDIAL, 0, true), STATUS_LOST);
	assert_int_equal(exitcode_of(MQK_ETIMEOUT, 0, false), STATUS_TIMEOUT);
	assert_int_equal(exitcode_of(MQK_EMALFORMED, 0, true),
	    STATUS_PROTOCOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_and_names_are_unique),
		cmocka_unit_test(every_option_has_its_texts),
		cmocka_unit_test(every_row_fits_its_kind),
		cmocka_unit_test(every_group_has_a_title),
		cmocka_unit_test(every_default_is_valid),
		cmocka_unit_test(exit_statuses_do_not_overlap_but_for_1),
		cmocka_unit_test(errors_have_the_documented_statuses),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
