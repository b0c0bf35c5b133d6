/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { MAX_WORDS = 16 };

/* ---- a tool of our own, with an option of each kind ---- */

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

/* ---- running it ---- */

struct run {
	struct values	 v;
	int		 status;
	char		 said[2048];	/* on stderr */
	char		 words[1024];	/* argv, blanked where it was */
	char		*argv[MAX_WORDS + 1];
};

/* Words are separated by blanks; "_" stands for an empty one. */
static int
split(struct run *r, const char *line)
{
	char	*p = r->words;
	int	 argc = 0;

	snprintf(r->words, sizeof(r->words), "probe %s", line);
	while (*p != '\0' && argc < MAX_WORDS) {
		size_t	 len = strcspn(p, " ");

		r->argv[argc++] = p;
		if (len == 1 && *p == '_')
			*p = '\0';
		p += len;
		if (*p != '\0')
			*p++ = '\0';
	}
	r->argv[argc] = NULL;
	return (argc);
}

static void
run_tool(struct run *r, const struct tool *tool, const char *line)
{
	FILE	*said = tmpfile();
	int	 argc;
	size_t	 n;

	assert_non_null(said);
	memset(r, 0, sizeof(*r));
	argc = split(r, line);
	diag_init("probe");
	diag_set_stream(said);
	r->status = opt_parse(tool, argc, r->argv, &r->v.config);
	diag_set_stream(NULL);
	rewind(said);
	n = fread(r->said, 1, sizeof(r->said) - 1, said);
	r->said[n] = '\0';
	fclose(said);
}

static void
end_run(struct run *r, const struct tool *tool)
{
	opt_free(tool, &r->v.config);
}

static void
assert_goes(struct run *r, const char *line)
{
	run_tool(r, &probe, line);
	if (r->status != -1)
		fail_msg("'%s' was refused: %s", line, r->said);
	assert_string_equal(r->said, "");
}

/* The first line must be exactly this, the second must point to --help. */
static void
assert_refused(const struct tool *tool, const char *line, const char *why)
{
	struct run	 r;
	char		 expected[1024];

	snprintf(expected, sizeof(expected),
	    "probe: %s\nTry '%s --help' for the options.\n", why, tool->name);
	run_tool(&r, tool, line);
	if (r.status != STATUS_USAGE || strcmp(r.said, expected) != 0)
		fail_msg("'%s': %d, %s", line, r.status, r.said);
	end_run(&r, tool);
}

/* ---- tests ---- */

static void
a_value_may_be_written_in_four_forms(void **state)
{
	static const char *const lines[] = {
		"-w2", "-w 2", "--time 2", "--time=2", "-fw2", "-fow 2",
	};
	struct run	 r;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_goes(&r, lines[i]);
		assert_int_equal(r.v.time_ms, 2000);
		end_run(&r, &probe);
	}
}

static void
flags_may_be_bundled_and_negated(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "-fo");
	assert_true(r.v.flag && r.v.other && r.v.on);
	end_run(&r, &probe);
	assert_goes(&r, "-f --no-flag --no-on");
	assert_false(r.v.flag || r.v.on);
	end_run(&r, &probe);
	assert_goes(&r, "--no-on --on");
	assert_true(r.v.on);
	end_run(&r, &probe);
}

static void
a_value_may_begin_with_a_dash(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "-s -f -l -- -l --list --secret --stop");
	assert_string_equal(r.v.string, "-f");
	assert_int_equal(r.v.list.n, 2);
	assert_string_equal(r.v.list.v[0], "--");
	assert_string_equal(r.v.list.v[1], "--list");
	assert_false(r.v.flag);
	end_run(&r, &probe);
}

static void
an_empty_value_is_a_value(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "--string= -l _");
	assert_string_equal(r.v.string, "");
	assert_string_equal(r.v.list.v[0], "");
	end_run(&r, &probe);
}

static void
defaults_come_from_the_same_parser(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "");
	assert_string_equal(r.v.string, "preset");
	assert_int_equal(r.v.qos, 1);
	assert_int_equal(r.v.choice, 2);
	assert_true(r.v.on);
	assert_null(r.v.secret);
	end_run(&r, &probe);
}

static void
scalars_are_replaced_and_lists_grow(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "-q 0 -s a -q2 -s b -lx -l y -cred");
	assert_int_equal(r.v.qos, 2);
	assert_string_equal(r.v.string, "b");
	assert_int_equal(r.v.list.n, 2);
	assert_string_equal(r.v.list.v[1], "y");
	assert_int_equal(r.v.choice, 1);
	end_run(&r, &probe);
}

static void
numbers_with_units_reach_their_fields(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "--size 64KiB --rate 30/m -w 250ms --any 0x10");
	assert_int_equal(r.v.size, 65536);
	assert_true(r.v.rate == 0.5);
	assert_int_equal(r.v.time_ms, 250);
	assert_int_equal(r.v.any, 16);
	end_run(&r, &probe);
}

static void
calls_take_more_words_or_none(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "-D a -b --pair=c d");
	assert_string_equal(r.v.call, "c+d");
	assert_int_equal(r.v.ncalls, 2);
	end_run(&r, &probe);
	assert_goes(&r, "--maybe -f");
	assert_string_equal(r.v.call, "none");
	assert_true(r.v.flag);
	end_run(&r, &probe);
	assert_goes(&r, "--maybe yes");
	assert_string_equal(r.v.call, "yes");
	end_run(&r, &probe);
}

static void
operands_stand_anywhere_and_after_two_dashes_all_are(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "a -f b - -- -q --");
	assert_string_equal(r.v.operands, "[a][b][-][-q][--]");
	assert_true(r.v.flag);
	end_run(&r, &probe);
}

static void
a_secret_leaves_argv(void **state)
{
	static const char *const lines[] = {
		"-Phush", "-P hush", "--secret hush", "--secret=hush",
		"-fPhush", "-P hush --secret=hush"
	};
	struct run	 r;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_goes(&r, lines[i]);
		assert_string_equal(r.v.secret, "hush");
		for (size_t k = 0; k + 4 <= sizeof(r.words); k++)
			assert_memory_not_equal(r.words + k, "hush", 4);
		end_run(&r, &probe);
	}
}

static void
a_letter_belongs_to_the_first_group_that_has_it(void **state)
{
	struct run	 r;

	(void)state;
	assert_goes(&r, "-f");
	assert_true(r.v.flag);
	end_run(&r, &probe);
	assert_int_equal(opt_letter(&probe, opt_find(&probe, "flag")), 'f');
	assert_int_equal(opt_letter(&probe, opt_find(&probe, "far")), 0);
	assert_int_equal(opt_letter(&probe, opt_find(&probe, "zone")), 'z');
}

static void
a_call_can_end_the_program_well(void **state)
{
	struct run	 r;

	(void)state;
	run_tool(&r, &probe, "--stop --nonsense");
	assert_int_equal(r.status, STATUS_OK);
	assert_string_equal(r.said, "");
	end_run(&r, &probe);
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
		{ "--zebra", "unknown option --zebra" },
		{ "-D a", "--pair: the second word is missing" },
		{ "-o", "--other needs --flag" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(&probe, cases[i].line, cases[i].why);
}

static void
quiet_does_not_silence_usage_errors(void **state)
{
	(void)state;
	diag_set_quiet(true);
	assert_refused(&probe, "-q 3", "--qos: 3 is not between 0 and 2");
	diag_set_quiet(false);
}

/* ---- the options all tools share ---- */

static const struct opt_group *const shared_groups[] = {
	&group_connect, &group_session, &group_general, NULL
};
static const struct tool shared = {
	.name = "shared", .groups = shared_groups
};

static void
shared_options_depend_on_each_other(void **state)
{
	static const struct {
		const char	*line, *why;
	} cases[] = {
		{ "-i a -I b", "--id and --id-prefix exclude each other" },
		{ "-c", "--disable-clean-session needs --id: without it "
		  "nobody could find the session again" },
		{ "-c -I x", "--disable-clean-session needs --id: without it "
		  "nobody could find the session again" },
		{ "-x never", "a session that never expires needs --id: "
		  "without it nobody could find the session again" },
		{ "-V 311 -x 5", "--session-expiry-interval needs MQTT 5, "
		  "not --protocol-version 3.x" },
		{ "-D connect receive-maximum 5 -V 31", "--property needs "
		  "MQTT 5, not --protocol-version 3.x" },
		{ "-P x -V 311", "--pw without --username needs MQTT 5, not "
		  "--protocol-version 3.x" },
		{ "--will-retain", "--will-retain needs --will-topic" },
		{ "--will-payload x", "--will-payload needs --will-topic" },
		{ "--will-qos 0", "--will-qos needs --will-topic" },
		{ "-D will content-type x",
		  "--property will needs --will-topic" },
		{ "--will-topic a/#",
		  "--will-topic: 'a/#' is not a valid topic" },
		{ "--reconnect-delay 2m", "--reconnect-delay is longer than "
		  "--reconnect-max-delay" },
		{ "-h _", "--host: the name is empty" },
		{ "word", "'word' is not an option, and shared takes nothing "
		  "else" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(&shared, cases[i].line, cases[i].why);
}

static void
properties_are_checked_by_packet_name_and_value(void **state)
{
	static const struct {
		const char	*line, *why;
	} cases[] = {
		{ "-D auth x y", "--property: 'auth' is not one of connect, "
		  "publish, subscribe, unsubscribe, disconnect, will" },
		{ "-D connect colour x",
		  "--property: unknown property 'colour'" },
		{ "-D publish receive-maximum 1",
		  "--property: receive-maximum cannot be set for publish" },
		{ "-D publish subscription-identifier 1", "--property: "
		  "subscription-identifier cannot be set for publish" },
		{ "-D connect receive-maximum 65536", "--property: "
		  "receive-maximum: 65536 is not between 0 and 65535" },
		{ "-D connect receive-maximum x", "--property: "
		  "receive-maximum: 'x' is not a whole number" },
		{ "-D connect",
		  "--property: the name of the property is missing" },
		{ "-D publish content-type",
		  "--property: the value of the property is missing" },
		{ "-D publish user-property k",
		  "--property: the user property's value is missing" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(&shared, cases[i].line, cases[i].why);
}

static void
a_property_is_kept_for_its_packet_and_means_version_5(void **state)
{
	const struct config_session *s;
	struct mqk_value value;
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, "-D PUBLISH Content-Type text/plain "
	    "-D publish user-property key value -D will "
	    "will-delay-interval 7 --will-topic a");
	assert_int_equal(r.status, -1);
	s = &r.v.config.session;
	assert_int_equal(s->version, MQK_V5);
	assert_null(s->props[PROPS_CONNECT]);
	assert_true(mqk_props_get(s->props[PROPS_PUBLISH],
	    MQK_P_CONTENT_TYPE, &value));
	assert_int_equal(value.str.len, 10);
	assert_memory_equal(value.str.data, "text/plain", 10);
	assert_true(mqk_props_get(s->props[PROPS_PUBLISH],
	    MQK_P_USER_PROPERTY, &value));
	assert_memory_equal(value.key.data, "key", 3);
	assert_true(mqk_props_get(s->props[PROPS_WILL],
	    MQK_P_WILL_DELAY_INTERVAL, &value));
	assert_int_equal(value.num, 7);
	end_run(&r, &shared);
}

static void
the_session_expiry_becomes_a_property(void **state)
{
	static const struct {
		const char	*line;
		bool		 there;
		uint32_t	 seconds;
	} cases[] = {
		{ "", false, 0 },
		{ "-x 60", true, 60 }, { "-x 2h", true, 7200 },
		{ "-i a -x -1", true, UINT32_MAX },
		{ "-i a -x 4294967295", true, UINT32_MAX },
		{ "-i a -x \u221e", true, UINT32_MAX },
		{ "-i a -c", true, UINT32_MAX },
		{ "-i a -c -x 5", true, 5 },
		{ "-i a -c -V 311", false, 0 },
		{ "-i a -c -D connect session-expiry-interval 9", true, 9 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mqk_value value = { 0 };
		struct run	 r;

		run_tool(&r, &shared, cases[i].line);
		assert_string_equal(r.said, "");
		assert_int_equal(mqk_props_get(
		    r.v.config.session.props[PROPS_CONNECT],
		    MQK_P_SESSION_EXPIRY_INTERVAL, &value), cases[i].there);
		assert_int_equal(value.num, cases[i].seconds);
		end_run(&r, &shared);
	}
}

static void
a_url_sets_what_it_holds(void **state)
{
	const struct config_connect *c;
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, "-h old -L mqtt://me:p%40ss@[::1]:1999/a/b");
	assert_int_equal(r.status, -1);
	c = &r.v.config.connect;
	assert_string_equal(c->host, "::1");
	assert_int_equal(c->port, 1999);
	assert_string_equal(c->username, "me");
	assert_string_equal(c->password, "p@ss");
	assert_string_equal(c->url_topic, "a/b");
	assert_string_equal(r.argv[4], "");
	end_run(&r, &shared);
	assert_refused(&shared, "-L mqtts://x",
	    "--url: mqtts:// is not supported, only mqtt://");
}

static void
tcp_keepalive_takes_three_numbers(void **state)
{
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, "--tcp-keepalive 3,60,10");
	assert_int_equal(r.v.config.connect.tcp.keep_count, 3);
	assert_int_equal(r.v.config.connect.tcp.keep_idle_s, 60);
	assert_int_equal(r.v.config.connect.tcp.keep_interval_s, 10);
	end_run(&r, &shared);
	assert_refused(&shared, "--tcp-keepalive 3,60", "--tcp-keepalive: "
	    "three numbers are needed: COUNT,IDLE,INTERVAL");
	assert_refused(&shared, "--tcp-keepalive 3,60,1,2", "--tcp-keepalive: "
	    "three numbers are needed: COUNT,IDLE,INTERVAL");
	assert_refused(&shared, "--tcp-keepalive 3,x,1",
	    "--tcp-keepalive: 'x' is not a number between 1 and 32767");
}

/* ---- lints on the tables of the real tools ---- */

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
			struct run	 r;

			alone.check = NULL;
			tool.groups = list;
			run_tool(&r, &tool, "");
			assert_string_equal(r.said, "");
			assert_int_equal(r.status, -1);
			end_run(&r, &tool);
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
			if (r->first <= s->last && s->first <= r->last)
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
	assert_int_equal(exitcode_of(MQK_EREFUSED, 0x8b, true), STATUS_LOST);
	assert_int_equal(exitcode_of(MQK_ERESOLVE, 0, false), STATUS_NO_HOST);
	assert_int_equal(exitcode_of(MQK_EDIAL, 0, false),
	    STATUS_NO_CONNECTION);
	assert_int_equal(exitcode_of(MQK_ECLOSED, 0, false),
	    STATUS_NO_CONNECTION);
	assert_int_equal(exitcode_of(MQK_ECLOSED, 0, true), STATUS_LOST);
	assert_int_equal(exitcode_of(MQK_ETIMEOUT, 0, false), STATUS_TIMEOUT);
	assert_int_equal(exitcode_of(MQK_EMALFORMED, 0, true),
	    STATUS_PROTOCOL);
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
		cmocka_unit_test(shared_options_depend_on_each_other),
		cmocka_unit_test(
		    properties_are_checked_by_packet_name_and_value),
		cmocka_unit_test(
		    a_property_is_kept_for_its_packet_and_means_version_5),
		cmocka_unit_test(the_session_expiry_becomes_a_property),
		cmocka_unit_test(a_url_sets_what_it_holds),
		cmocka_unit_test(tcp_keepalive_takes_three_numbers),
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
