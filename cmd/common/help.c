/* SPDX-License-Identifier: MIT */

/* --help: usage, then the rows of one group or of all. */

#include "common/help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 32 };

void
help_placeholder(const struct opt *o, char *to, size_t cap)
{
	size_t	 i;

	for (i = 0; o->arg[i] != '\0' && i + 1 < cap; i++)
		to[i] = (char)toupper((unsigned char)o->arg[i]);
	to[i] = '\0';
}

/* "-p, --port NUMBER" */
static void
spell(const struct tool *tool, const struct opt *o, char *to, size_t cap)
{
	char	 letter[8] = "    ", arg[64] = "", value[80] = "";

	if (opt_letter(tool, o) != 0)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	if (o->arg != NULL) {
		help_placeholder(o, arg, sizeof(arg));
		snprintf(value, sizeof(value),
		    (o->flags & OPT_MAYBE) != 0 ? " [%s]" : " %s", arg);
	}
	snprintf(to, cap, "%s--%s%s%s", letter,
	    (o->flags & OPT_NEGATABLE) != 0 ? "[no-]" : "", o->name, value);
}

static void
print_row(const struct tool *tool, const struct opt *o)
{
	char	 left[128], dflt[64] = "";

	spell(tool, o, left, sizeof(left));
	if (o->dflt != NULL && o->kind != OPT_FLAG)
		snprintf(dflt, sizeof(dflt), " [%s]", o->dflt);
	if (strlen(left) + 3 > HELP_COLUMN)
		printf("  %s\n%*s", left, HELP_COLUMN, "");
	else
		printf("  %-*s", HELP_COLUMN - 2, left);
	printf("%s%s\n", o->help, dflt);
}

static void
print_group(const struct tool *tool, const struct opt_group *g)
{
	printf("\n%s:\n", g->title);
	for (const struct opt *o = g->rows; o->name != NULL; o++) {
		if ((o->flags & OPT_HIDDEN) == 0)
			print_row(tool, o);
	}
}

static void
print_usage(const struct tool *tool)
{
	printf("Usage: %s %s\n%c%s.\n", tool->name, tool->synopsis,
	    toupper((unsigned char)tool->summary[0]), tool->summary + 1);
}

static void
print_groups(const struct tool *tool)
{
	printf("\nMore: %s --help all, or one of", tool->name);
	for (size_t i = 0; tool->groups[i] != NULL; i++)
		printf(" %s", tool->groups[i]->name);
	printf(".\nThe manual: man %s\n", tool->name);
}

static const struct opt_group *
find_group(const struct tool *tool, const char *name)
{
	size_t	 i = 0;

	while (tool->groups[i] != NULL &&
	    strcmp(tool->groups[i]->name, name) != 0)
		i++;
	return (tool->groups[i]);
}

int
help_call(struct opt_env *env, const char *name)
{
	const struct tool *tool = opt_tool(env);
	const struct opt_group *g = tool->groups[0];

	if (name != NULL && strcmp(name, "all") == 0) {
		print_usage(tool);
		for (size_t i = 0; tool->groups[i] != NULL; i++)
			print_group(tool, tool->groups[i]);
		return (OPT_STOP);
	}
	if (name != NULL)
		g = find_group(tool, name);
	if (g == NULL)
		return (opt_error(env, "there is no group '%s'", name));
	print_usage(tool);
	print_group(tool, g);
	print_groups(tool);
	return (OPT_STOP);
}
