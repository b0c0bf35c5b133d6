/* SPDX-License-Identifier: MIT */

/* Every option and exit status of a tool as one JSON object. */

#include <inttypes.h>
#include <stdio.h>

#include "common/exitcode.h"
#include "mqgen/gen.h"

static const char *const kind_names[] = {
	[OPT_FLAG] = "flag", [OPT_STRING] = "string", [OPT_LIST] = "list",
	[OPT_INT] = "int", [OPT_DURATION] = "duration", [OPT_SIZE] = "size",
	[OPT_RATE] = "rate", [OPT_CHOICE] = "choice", [OPT_CALL] = "special"
};

/* The tables hold neither control characters nor invalid UTF-8 but \n. */
static void
put_string(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			printf("\\n");
		else if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void
put_member(const char *name, const char *value)
{
	if (value == NULL)
		return;
	printf(", \"%s\": ", name);
	put_string(value);
}

static void
put_choice_array(const struct opt_choice *c)
{
	printf(", \"choices\": [");
	for (size_t i = 0; c[i].name != NULL; i++) {
		printf("%s", i > 0 ? ", " : "");
		put_string(c[i].name);
	}
	putchar(']');
}

static void
put_option(const struct tool *tool, const struct opt *o)
{
	char	 letter[2] = { opt_letter(tool, o), '\0' };

	printf("{ \"name\": ");
	put_string(o->name);
	if (letter[0] != '\0')
		put_member("letter", letter);
	put_member("kind", kind_names[o->kind]);
	put_member("argument", o->arg);
	put_member("default", o->dflt);
	if (o->kind == OPT_INT || o->kind == OPT_DURATION ||
	    o->kind == OPT_SIZE || o->kind == OPT_RATE)
		printf(", \"min\": %" PRId64, o->min);
	if (o->max != 0)
		printf(", \"max\": %" PRId64, o->max);
	if (o->choices != NULL)
		put_choice_array(o->choices);
	printf(", \"negatable\": %s",
	    (o->flags & OPT_NEGATABLE) != 0 ? "true" : "false");
	put_member("help", o->help);
	printf(" }");
}

static void
put_group(const struct tool *tool, const struct opt_group *g)
{
	bool	 first = true;

	printf("    { \"name\": ");
	put_string(g->name);
	put_member("title", g->title);
	printf(", \"options\": [\n");
	for (const struct opt *o = g->rows; o->name != NULL; o++) {
		if ((o->flags & OPT_HIDDEN) != 0)
			continue;
		printf("%s      ", first ? "" : ",\n");
		put_option(tool, o);
		first = false;
	}
	printf("\n    ] }");
}

static void
put_exit_rows(const struct tool *tool)
{
	bool	 first = true;

	for (const struct exit_row *r = exit_rows; r->name != NULL; r++) {
		if ((r->tools & tool->bit) == 0)
			continue;
		printf("%s    { \"first\": %d, \"last\": %d",
		    first ? "" : ",\n", r->first, r->last);
		put_member("name", r->name);
		put_member("text", r->text);
		printf(" }");
		first = false;
	}
}

void
gen_json(const struct tool *tool)
{
	printf("{\n  \"name\": ");
	put_string(tool->name);
	printf(",\n  \"summary\": ");
	put_string(tool->summary);
	printf(",\n  \"groups\": [\n");
	for (size_t i = 0; tool->groups[i] != NULL; i++) {
		printf("%s", i > 0 ? ",\n" : "");
		put_group(tool, tool->groups[i]);
	}
	printf("\n  ],\n  \"exit\": [\n");
	put_exit_rows(tool);
	printf("\n  ]\n}\n");
}
