/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "unit/optrun.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- a tool with an option of each kind ---- */

/* The engine gets the config; the fields behind it are reached by offset. */
struct values {
	struct config	 config;
	bool		 flag, other, on;
	char		*string, *secret;
	struct opt_list	 list;
	int64_t		 qos, any, time_ms, size;
	double		 rate;
	int		 choice;
	char		 call[64];
	int		 ncalls;
	char		 operands[64];
};

#define IN(field) .at = offsetof(struct values, field),			\
	.size = sizeof(((struct values *)0)->field)

static const struct opt_choice colours[] = {
	{ "red", 1 }, { "green", 2 }, { NULL, 0 }
};

static int
call_pair(struct opt_env *env, const char *arg)
{
	struct values	*v = (struct values *)opt_config(env);
	const char	*second = opt_word(env, "the second word");

	if (second == NULL)
		return (OPT_BAD);
	snprintf(v->call, sizeof(v->call), "%s+%s", arg, second);
	v->ncalls++;
	return (0);
}

static int
call_maybe(struct opt_env *env, const char *arg)
{
	struct values	*v = (struct values *)opt_config(env);

	snprintf(v->call, sizeof(v->call), "%s", arg != NULL ? arg : "none");
	return (0);
}

static int
call_stop(struct opt_env *env, const char *arg)
{
	(void)env;
	(void)arg;
	return (OPT_STOP);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 'f', "flag", NULL, OPT_FLAG, IN(flag), .flags = OPT_NEGATABLE },
	{ 'o', "other", NULL, OPT_FLAG, IN(other) },
	{ 0, "on", NULL, OPT_FLAG, IN(on), .flags = OPT_NEGATABLE,
	  .dflt = "on" },
	{ 's', "string", "text", OPT_STRING, IN(string), .dflt = "preset" },
	{ 'P', "secret", "text", OPT_STRING, IN(secret),
	  .flags = OPT_SECRET },
	{ 'l', "list", "text", OPT_LIST, IN(list) },
	{ 'q', "qos", "qos", OPT_INT, IN(qos), .max = 2, .dflt = "1" },
	{ 0, "any", "number", OPT_INT, IN(any), .min = 1 },
	{ 'w', "time", "time", OPT_DURATION, IN(time_ms), .min = 10,
	  .max = 60000 },
	{ 0, "size", "size", OPT_SIZE, IN(size) },
	{ 'r', "rate", "rate", OPT_RATE, IN(rate), .max = 1000 },
	{ 'c', "colour", "name", OPT_CHOICE, IN(choice), .choices = colours,
	  .dflt = "green" },
	{ 'D', "pair", "one two", OPT_CALL, .call = call_pair },
	{ 0, "maybe", "word", OPT_CALL, .call = call_maybe,
	  .flags = OPT_MAYBE },
	{ 0, "stop", NULL, OPT_CALL, .call = call_stop },
	{ .name = NULL }
};
/* clang-format on */

static int
check_group(struct opt_env *env)
{
	if (opt_given(env, "other") && !opt_given(env, "flag"))
		return (opt_error(env, "--other needs --flag"));
	return (0);
}

static int
take_operand(struct opt_env *env, const char *word)
{
	struct values	*v = (struct values *)opt_config(env);
	size_t		 n = strlen(v->operands);

	snprintf(v->operands + n, sizeof(v->operands) - n, "[%s]", word);
	return (0);
}

static const struct opt_group group = {
	"test", "Test", rows, check_group, NULL
};

/* A group behind it, whose -f and -z are other options. */
static const struct opt later_rows[] = {
	{ 'f', "far", NULL, OPT_CALL, .call = call_stop },
	{ 'z', "zone", NULL, OPT_CALL, .call = call_stop },
	{ .name = NULL }
};
static const struct opt_group later = {
	"later", "Later", later_rows, NULL, NULL
};
static const struct opt_group *const groups[] = { &group, &later, NULL };
static const struct tool probe = {
	.name = "probe", .groups = groups, .operand = take_operand
};

struct probe_run {
	struct values	 v;
	struct run	 r;
};

static void
begin(struct probe_run *p, const char *line)
{
	memset(&p->v, 0, sizeof(p->v));
	run_tool(&p->r, &probe, &p->v.config, line);
}

static void
end_run(struct probe_run *p)
{
	opt_free(&probe, &p->v.config);
}

static void
assert_goes(struct probe_run *p, const char *line)
{
	begin(p, line);
	if (p->r.status != -1)
		fail_msg("'%s' was refused: %s", line, p->r.said);
	assert_string_equal(p->r.said, "");
}

static void
assert_fails(const char *line, const char *why)
{
	struct values	 v = { .flag = false };

	assert_refused(&probe, &v.config, line, why);
}

/* ---- tests ---- */

static void
a_value_may_be_written_in_four_forms(void **state)
{
	static const char *const lines[] = {
		"-w2", "-w 2", "--time 2", "--time=2", "-fw2", "-fow 2",
	};
	struct probe_run r;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_goes(&r, lines[i]);
		assert_int_equal(r.v.time_ms, 2000);
		end_run(&r);
	}
}

static void
flags_may_be_bundled_and_negated(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "-fo");
	assert_true(r.v.flag && r.v.other && r.v.on);
	end_run(&r);
	assert_goes(&r, "-f --no-flag --no-on");
	assert_false(r.v.flag || r.v.on);
	end_run(&r);
	assert_goes(&r, "--no-on --on");
	assert_true(r.v.on);
	end_run(&r);
}

static void
a_value_may_begin_with_a_dash(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "-s -f -l -- -l --list --secret --stop");
	assert_string_equal(r.v.string, "-f");
	assert_int_equal(r.v.list.n, 2);
	assert_string_equal(r.v.list.v[0], "--");
	assert_string_equal(r.v.list.v[1], "--list");
	assert_false(r.v.flag);
	end_run(&r);
}

static void
an_empty_value_is_a_value(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "--string= -l _");
	assert_string_equal(r.v.string, "");
	assert_string_equal(r.v.list.v[0], "");
	end_run(&r);
}

static void
defaults_come_from_the_same_parser(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "");
	assert_string_equal(r.v.string, "preset");
	assert_int_equal(r.v.qos, 1);
	assert_int_equal(r.v.choice, 2);
	assert_true(r.v.on);
	assert_null(r.v.secret);
	end_run(&r);
}

static void
scalars_are_replaced_and_lists_grow(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "-q 0 -s a -q2 -s b -lx -l y -cred");
	assert_int_equal(r.v.qos, 2);
	assert_string_equal(r.v.string, "b");
	assert_int_equal(r.v.list.n, 2);
	assert_string_equal(r.v.list.v[1], "y");
	assert_int_equal(r.v.choice, 1);
	end_run(&r);
}

static void
numbers_with_units_reach_their_fields(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "--size 64KiB --rate 30/m -w 250ms --any 0x10");
	assert_int_equal(r.v.size, 65536);
	assert_true(r.v.rate == 0.5);
	assert_int_equal(r.v.time_ms, 250);
	assert_int_equal(r.v.any, 16);
	end_run(&r);
}

static void
calls_take_more_words_or_none(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "-D a -b --pair=c d");
	assert_string_equal(r.v.call, "c+d");
	assert_int_equal(r.v.ncalls, 2);
	end_run(&r);
	assert_goes(&r, "--maybe -f");
	assert_string_equal(r.v.call, "none");
	assert_true(r.v.flag);
	end_run(&r);
	assert_goes(&r, "--maybe yes");
	assert_string_equal(r.v.call, "yes");
	end_run(&r);
}

static void
operands_stand_anywhere_and_after_two_dashes_all_are(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "a -f b - -- -q --");
	assert_string_equal(r.v.operands, "[a][b][-][-q][--]");
	assert_true(r.v.flag);
	end_run(&r);
}

static void
a_secret_leaves_argv(void **state)
{
	static const char *const lines[] = {
		"-Phush", "-P hush", "--secret hush", "--secret=hush",
		"-fPhush", "-P hush --secret=hush"
	};
	struct probe_run r;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_goes(&r, lines[i]);
		assert_string_equal(r.v.secret, "hush");
		for (size_t k = 0; k + 4 <= sizeof(r.r.words); k++)
			assert_memory_not_equal(r.r.words + k, "hush", 4);
		end_run(&r);
	}
}

static void
a_letter_belongs_to_the_first_group_that_has_it(void **state)
{
	struct probe_run r;

	(void)state;
	assert_goes(&r, "-f");
	assert_true(r.v.flag);
	end_run(&r);
	assert_int_equal(opt_letter(&probe, opt_find(&probe, "flag")), 'f');
	assert_int_equal(opt_letter(&probe, opt_find(&probe, "far")), 0);
	assert_int_equal(opt_letter(&probe, opt_find(&probe, "zone")), 'z');
}

static void
a_call_can_end_the_program_well(void **state)
{
	struct probe_run r;

	(void)state;
	begin(&r, "--stop --nonsense");
	assert_int_equal(r.r.status, STATUS_OK);
	assert_string_equal(r.r.said, "");
	end_run(&r);
}

static void
mistakes_are_told_in_one_form(void **state)
{
	static const struct {
		const char	*line, *why;
	} cases[] = {
		{ "--qos 3", "--qos: 3 is not between 0 and 2" },
		{ "-q3", "--qos: 3 is not between 0 and 2" },
		{ "-q -1", "--qos: -1 is not between 0 and 2" },
		{ "-q x", "--qos: 'x' is not a whole number" },
		{ "-q1x", "--qos: '1x' is not a whole number" },
		{ "-q _", "--qos: '' is not a whole number" },
		{ "--any 0", "--any: 0 is less than 1" },
		{ "--any 9223372036854775808",
		  "--any: 9223372036854775808 is too large" },
		{ "-w 2h", "--time: 2h is not between 10ms and 1m" },
		{ "-w 5x", "--time: '5x' is not a time such as 10, 1.5s, "
		  "250ms or 2m" },
		{ "--size q", "--size: 'q' is not a size such as 512, 64k, "
		  "1.5M or 1MiB" },
		{ "-r 2k/s", "--rate: 2k/s is not between 0 and 1000" },
		{ "-r x", "--rate: 'x' is not a rate such as 200, 10k/s or "
		  "30/m" },
		{ "-c blue", "--colour: 'blue' is not one of red, green" },
		{ "-c re", "--colour: 're' is not one of red, green" },
		{ "-f -q", "--qos: a value (qos) is missing" },
		{ "--qos", "--qos: a value (qos) is missing" },
		{ "--flag=1", "--flag: takes no value" },
		{ "--no-other", "unknown option --no-other" },
		{ "-fx", "unknown option -x" },
		{ "--colou red", "unknown option --colou; did you mean "
		  "--colour?" },
		{ "--sceret=1", "unknown option --sceret; did you mean "
		  "--secret?" },
		{ "--falg", "unknown option --falg; did you mean --flag?" },
		{ "--sos", "unknown option --sos; did you mean --qos?" },
		{ "--foo", "unknown option --foo" },
		{ "--time-", "unknown option --time-; did you mean --time?" },
		{ "--zebra", "unknown option --zebra" },
		{ "-D a", "--pair: the second word is missing" },
		{ "-o", "--other needs --flag" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_fails(cases[i].line, cases[i].why);
}

static void
quiet_does_not_silence_usage_errors(void **state)
{
	(void)state;
	diag_set_quiet(true);
	assert_fails("-q 3", "--qos: 3 is not between 0 and 2");
	diag_set_quiet(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_be_written_in_four_forms),
		cmocka_unit_test(flags_may_be_bundled_and_negated),
		cmocka_unit_test(a_value_may_begin_with_a_dash),
		cmocka_unit_test(an_empty_value_is_a_value),
		cmocka_unit_test(defaults_come_from_the_same_parser),
		cmocka_unit_test(scalars_are_replaced_and_lists_grow),
		cmocka_unit_test(numbers_with_units_reach_their_fields),
		cmocka_unit_test(calls_take_more_words_or_none),
		cmocka_unit_test(
		    operands_stand_anywhere_and_after_two_dashes_all_are),
		cmocka_unit_test(a_secret_leaves_argv),
		cmocka_unit_test(
		    a_letter_belongs_to_the_first_group_that_has_it),
		cmocka_unit_test(a_call_can_end_the_program_well),
		cmocka_unit_test(mistakes_are_told_in_one_form),
		cmocka_unit_test(quiet_does_not_silence_usage_errors),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
