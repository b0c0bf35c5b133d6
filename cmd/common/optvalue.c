/* SPDX-License-Identifier: MIT */

/*
 * Values: from text to the field of struct config that a row names, by kind,
 * with the row's limits.  Knows nothing of argv.
 */

#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "common/config.h"
#include "common/diag.h"
#include "common/optenv.h"
#include "common/units.h"
#include "common/utf8.h"

static void *
field(const struct opt *o, struct config *config)
{
	return ((char *)config + o->at);
}

void
opt_set_string(char **to, const char *text)
{
	char	*copy = text != NULL ? xstrdup(text) : NULL;

	wipe_free(*to);
	*to = copy;
}

void
opt_list_add(struct opt_list *list, const char *text)
{
	list->v = xrealloc(list->v, (list->n + 2) * sizeof(*list->v));
	list->v[list->n++] = xstrdup(text);
	list->v[list->n] = NULL;
}

static void
release_list(struct opt_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		wipe_free(list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

void
opt_release(const struct opt *o, struct config *config)
{
	if (o->kind == OPT_STRING)
		opt_set_string(field(o, config), NULL);
	else if (o->kind == OPT_LIST)
		release_list(field(o, config));
}

static int
assign_flag(struct opt_env *env, const char *text)
{
	bool	*to = field(env->opt, env->config);

	*to = strcmp(text, "on") == 0;
	return (0);
}

static bool
is_utf8(const char *text)
{
	const uint8_t	*p = (const uint8_t *)text;
	size_t		 left = strlen(text), n;

	for (; left > 0; p += n, left -= n) {
		n = *p < 0x80 ? 1 : utf8_sequence(p, left);
		if (n == 0)
			return (false);
	}
	return (true);
}

static int
assign_string(struct opt_env *env, const char *text)
{
	const struct opt *o = env->opt;

	if (o->max != 0 && strlen(text) > (size_t)o->max)
		return (opt_error(env, "longer than %lld bytes",
		    (long long)o->max));
	if ((o->flags & OPT_UTF8) != 0 && !is_utf8(text))
		return (opt_error(env, "not UTF-8"));
	opt_set_string(field(env->opt, env->config), text);
	return (0);
}

static int
assign_list(struct opt_env *env, const char *text)
{
	opt_list_add(field(env->opt, env->config), text);
	return (0);
}

/* How a kind of number is scanned, and its limits written. */
struct number {
	int		(*scan)(const char *, int64_t *);
	void		(*format)(int64_t, char *, size_t);
	const char	*what;
};

static void
format_int(int64_t n, char *to, size_t cap)
{
	snprintf(to, cap, "%lld", (long long)n);
}

static const struct number integers = {
	units_scan_int, format_int, "a whole number"
};
static const struct number durations = {
	units_scan_duration, units_format_duration,
	"a time such as 10, 1.5s, 250ms or 2m"
};
static const struct number sizes = {
	units_scan_size, units_format_size,
	"a size such as 512, 64k, 1.5M or 1MiB"
};

static int
refuse_range(struct opt_env *env, const struct number *kind, const char *text,
    bool too_big)
{
	const struct opt *o = env->opt;
	char	 min[32], max[32];

	kind->format(o->min, min, sizeof(min));
	kind->format(o->max, max, sizeof(max));
	if (o->max == 0 && too_big)
		return (opt_error(env, "%s is too large", text));
	if (o->max == 0)
		return (opt_error(env, "%s is less than %s", text, min));
	return (opt_error(env, "%s is not between %s and %s", text, min, max));
}

static int
assign_number(struct opt_env *env, const struct number *kind, const char *text)
{
	const struct opt *o = env->opt;
	int64_t	*to = field(o, env->config);
	int64_t	 max = o->max != 0 ? o->max : INT64_MAX;
	int64_t	 n;
	int	 err;

	err = kind->scan(text, &n);
	if (err == UNITS_BAD)
		return (opt_error(env, "'%s' is not %s", text, kind->what));
	if (err == UNITS_RANGE || n < o->min || n > max)
		return (refuse_range(env, kind, text, err != 0));
	*to = n;
	return (0);
}

static int
assign_int(struct opt_env *env, const char *text)
{
	return (assign_number(env, &integers, text));
}

static int
assign_duration(struct opt_env *env, const char *text)
{
	return (assign_number(env, &durations, text));
}

static int
assign_size(struct opt_env *env, const char *text)
{
	return (assign_number(env, &sizes, text));
}

static int
assign_rate(struct opt_env *env, const char *text)
{
	const struct opt *o = env->opt;
	double	*to = field(o, env->config);
	double	 max = o->max != 0 ? (double)o->max : (double)INT64_MAX;
	double	 rate;
	int	 err;

	err = units_scan_rate(text, &rate);
	if (err == UNITS_BAD) {
		return (opt_error(env, "'%s' is not a rate such as 200, "
		    "10k/s or 30/m", text));
	}
	if (err == UNITS_RANGE || rate < (double)o->min || rate > max)
		return (refuse_range(env, &integers, text, err != 0));
	*to = rate;
	return (0);
}

static int
refuse_choice(struct opt_env *env, const char *text)
{
	const struct opt_choice *c;
	char	 names[256] = "";
	size_t	 n = 0;

	for (c = env->opt->choices; c->name != NULL; c++) {
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
		    n > 0 ? ", " : "", c->name);
		if (n >= sizeof(names))
			break;
	}
	return (opt_error(env, "'%s' is not one of %s", text, names));
}

static int
assign_choice(struct opt_env *env, const char *text)
{
	const struct opt_choice *c;
	int	*to = field(env->opt, env->config);

	for (c = env->opt->choices; c->name != NULL; c++) {
		if (strcmp(c->name, text) == 0) {
			*to = c->value;
			return (0);
		}
	}
	return (refuse_choice(env, text));
}

int
opt_assign(struct opt_env *env, const char *text)
{
	static int (*const assign[])(struct opt_env *, const char *) = {
		[OPT_FLAG] = assign_flag,
		[OPT_STRING] = assign_string,
		[OPT_LIST] = assign_list,
		[OPT_INT] = assign_int,
		[OPT_DURATION] = assign_duration,
		[OPT_SIZE] = assign_size,
		[OPT_RATE] = assign_rate,
		[OPT_CHOICE] = assign_choice,
	};

	return (assign[env->opt->kind](env, text));
}
