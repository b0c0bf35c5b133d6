/* SPDX-License-Identifier: MIT */

/*
 * Reading argv: splits words into options and values and finds the rows.  It
 * knows neither a single option nor what values look like (optvalue.c).
 */

#include "common/opt.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/optenv.h"

/* The rows of a tool, group after group. */
struct row_walk {
	const struct opt_group *const *group;
	const struct opt *row;
};

static const struct opt *
next_row(struct row_walk *w)
{
	while (*w->group != NULL) {
		w->row = w->row == NULL ? (*w->group)->rows : w->row + 1;
		if (w->row->name != NULL)
			return (w->row);
		w->row = NULL;
		w->group++;
	}
	return (NULL);
}

const struct opt *
opt_find(const struct tool *tool, const char *name)
{
	struct row_walk	 w = { tool->groups, NULL };
	const struct opt *o;

	while ((o = next_row(&w)) != NULL) {
		if (strcmp(o->name, name) == 0)
			break;
	}
	return (o);
}

static const struct opt *
find_letter(const struct tool *tool, char letter)
{
	struct row_walk	 w = { tool->groups, NULL };
	const struct opt *o;

	while ((o = next_row(&w)) != NULL) {
		if (o->letter == letter)
			break;
	}
	return (o);
}

char
opt_letter(const struct tool *tool, const struct opt *o)
{
	return (find_letter(tool, o->letter) == o ? o->letter : 0);
}

/* The row that "no-NAME" clears. */
static const struct opt *
find_negated(const struct tool *tool, const char *name)
{
	const struct opt *o;

	if (strncmp(name, "no-", 3) != 0)
		return (NULL);
	o = opt_find(tool, name + 3);
	return (o != NULL && (o->flags & OPT_NEGATABLE) != 0 ? o : NULL);
}

struct config *
opt_config(const struct opt_env *env)
{
	return (env->config);
}

const struct tool *
opt_tool(const struct opt_env *env)
{
	return (env->tool);
}

bool
opt_given(const struct opt_env *env, const char *name)
{
	for (size_t i = 0; i < env->ngiven; i++) {
		if (strcmp(env->given[i]->name, name) == 0)
			return (true);
	}
	return (false);
}

int
opt_error(struct opt_env *env, const char *fmt, ...)
{
	char	 text[512];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (env->opt != NULL)
		diag_say("--%s: %s", env->opt->name, text);
	else
		diag_say("%s", text);
	diag_plain("Try '%s --help' for the options.", env->tool->name);
	return (OPT_BAD);
}

const char *
opt_word(struct opt_env *env, const char *what)
{
	if (*env->argv == NULL) {
		opt_error(env, "%s is missing", what);
		return (NULL);
	}
	return (*env->argv++);
}

static void
remember_given(struct opt_env *env, const struct opt *o)
{
	env->given = xrealloc(env->given,
	    (env->ngiven + 1) * sizeof(*env->given));
	env->given[env->ngiven++] = o;
}

/* Hand a value from argv to its row; a secret does not stay in argv. */
static int
apply(struct opt_env *env, char *value)
{
	const struct opt *o = env->opt;
	int	 err;

	remember_given(env, o);
	if (o->kind == OPT_CALL)
		err = o->call(env, value);
	else
		err = opt_assign(env, value);
	if (value != NULL && (o->flags & OPT_SECRET) != 0)
		wipe(value, strlen(value));
	return (err);
}

/* The value of the current row: what is attached to it, or the next word. */
static int
apply_argument(struct opt_env *env, char *attached)
{
	const struct opt *o = env->opt;
	char	*next = *env->argv;

	if (attached != NULL)
		return (apply(env, attached));
	if ((o->flags & OPT_MAYBE) != 0 && (next == NULL || *next == '-'))
		return (apply(env, NULL));
	if (next == NULL)
		return (opt_error(env, "a value (%s) is missing", o->arg));
	env->argv++;
	return (apply(env, next));
}

static int
apply_flag(struct opt_env *env, bool on)
{
	char	 text[] = "off";

	if (env->opt->kind == OPT_CALL)
		return (apply(env, NULL));
	if (on)
		memcpy(text, "on", sizeof("on"));
	return (apply(env, text));
}

static int
unknown_long(struct opt_env *env, const char *name)
{
	const char	*near = opt_suggest(env->tool, name);

	if (near != NULL) {
		return (opt_error(env, "unknown option --%s; did you mean "
		    "--%s?", name, near));
	}
	return (opt_error(env, "unknown option --%s", name));
}

/* "--name", "--name value", "--name=value", "--no-name"; word is past "--". */
static int
parse_long(struct opt_env *env, char *word)
{
	char	*value = strchr(word, '=');
	bool	 on = true;

	if (value != NULL)
		*value++ = '\0';
	env->opt = opt_find(env->tool, word);
	if (env->opt == NULL) {
		env->opt = find_negated(env->tool, word);
		on = false;
	}
	if (env->opt == NULL)
		return (unknown_long(env, word));
	if (env->opt->arg != NULL)
		return (apply_argument(env, value));
	if (value != NULL)
		return (opt_error(env, "takes no value"));
	return (apply_flag(env, on));
}

/* "-d", "-dv", "-p1883", "-p 1883", "-dp 1883"; word is past the "-". */
static int
parse_cluster(struct opt_env *env, char *word)
{
	int	 err = 0;

	while (*word != '\0' && err == 0) {
		env->opt = find_letter(env->tool, *word);
		if (env->opt == NULL)
			return (opt_error(env, "unknown option -%c", *word));
		word++;
		if (env->opt->arg != NULL) {
			return (apply_argument(env,
			    *word != '\0' ? word : NULL));
		}
		err = apply_flag(env, true);
	}
	return (err);
}

static int
parse_operand(struct opt_env *env, const char *word)
{
	if (env->tool->operand == NULL) {
		return (opt_error(env, "'%s' is not an option, and %s takes "
		    "nothing else", word, env->tool->name));
	}
	return (env->tool->operand(env, word));
}

static int
parse_words(struct opt_env *env)
{
	bool	 only_operands = false;
	char	*word;
	int	 err = 0;

	while (err == 0 && (word = *env->argv) != NULL) {
		env->argv++;
		env->opt = NULL;
		if (only_operands || word[0] != '-' || word[1] == '\0')
			err = parse_operand(env, word);
		else if (word[1] != '-')
			err = parse_cluster(env, word + 1);
		else if (word[2] != '\0')
			err = parse_long(env, word + 2);
		else
			only_operands = true;
	}
	env->opt = NULL;
	return (err);
}

static int
set_defaults(struct opt_env *env)
{
	struct row_walk	 w = { env->tool->groups, NULL };
	int	 err = 0;

	while (err == 0 && (env->opt = next_row(&w)) != NULL) {
		if (env->opt->dflt == NULL)
			continue;
		if (env->opt->kind == OPT_CALL)
			err = env->opt->call(env, env->opt->dflt);
		else
			err = opt_assign(env, env->opt->dflt);
	}
	return (err);
}

static int
run_checks(struct opt_env *env)
{
	int	 err = 0;

	for (size_t i = 0; err == 0 && env->tool->groups[i] != NULL; i++) {
		if (env->tool->groups[i]->check != NULL)
			err = env->tool->groups[i]->check(env);
	}
	return (err);
}

/* Nothing is left to do but to see that --help has come out. */
static int
stop_status(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return (STATUS_OK);
	diag_say("standard output: %s", strerror(errno));
	return (STATUS_OUTPUT);
}

int
opt_parse(const struct tool *tool, int argc, char **argv,
    struct config *config)
{
	struct opt_env	 env = { .tool = tool, .config = config };
	int		 err;

	env.argv = argc > 0 ? argv + 1 : argv;
	err = set_defaults(&env);
	if (err == 0)
		err = parse_words(&env);
	if (err == 0)
		err = run_checks(&env);
	free(env.given);
	if (err == 0)
		return (-1);
	return (err == OPT_STOP ? stop_status() : STATUS_USAGE);
}

void
opt_free(const struct tool *tool, struct config *config)
{
	struct row_walk	 w = { tool->groups, NULL };
	const struct opt *o;

	while ((o = next_row(&w)) != NULL)
		opt_release(o, config);
	for (size_t i = 0; tool->groups[i] != NULL; i++) {
		if (tool->groups[i]->fini != NULL)
			tool->groups[i]->fini(config);
	}
}
