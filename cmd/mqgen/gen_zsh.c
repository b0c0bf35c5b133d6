/* SPDX-License-Identifier: MIT */

/* Completion for zsh, as specifications for _arguments. */

#include <stdio.h>

#include "mqgen/gen.h"

/* Inside single quotes and brackets of a specification. */
static void
put_help(const char *prefix, const char *text)
{
	printf("[%s", prefix);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			printf("'\\'");
		else if (*text == '[' || *text == ']' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar(']');
}

/* ":message:action", behind the help text. */
static void
put_value(const struct tool *tool, const struct opt *o)
{
	if (o->hint == HINT_PROPERTY) {
		printf(":command:(");
		put_commands();
		printf("):property:_%s_property:value: ", tool->name);
		return;
	}
	printf("%s:%s:", (o->flags & OPT_MAYBE) != 0 ? ":" : "", o->arg);
	if (o->choices != NULL) {
		putchar('(');
		put_choices(o->choices);
		putchar(')');
	} else if (o->hint == HINT_GROUP) {
		putchar('(');
		put_groups(tool);
		putchar(')');
	} else if (o->hint == HINT_FILE) {
		printf("_files");
	} else if (o->hint == HINT_DIR) {
		printf("_files -/");
	} else if (o->hint == HINT_HOST) {
		printf("_hosts");
	} else {
		putchar(' ');
	}
}

static void
put_negation(const struct opt *o)
{
	printf(" \\\n\t\t'(--%s)--no-%s", o->name, o->name);
	put_help("do not: ", o->help);
	putchar('\'');
}

/* '(-p --port)'{-p+,--port=}'[help]:number: ' */
static void
put_spec(const struct tool *tool, const struct opt *o)
{
	const char	*glue = "", *join = "";
	char		 letter = opt_letter(tool, o);
	bool		 repeats = o->kind == OPT_LIST ||
			    o->hint == HINT_PROPERTY;

	if (o->arg != NULL && o->hint != HINT_PROPERTY &&
	    (o->flags & OPT_MAYBE) == 0) {
		glue = "+";
		join = "=";
	}
	printf(" \\\n\t\t");
	if (repeats)
		printf("'*'");
	else if (letter != 0)
		printf("'(-%c --%s)'", letter, o->name);
	if (letter != 0)
		printf("{-%c%s,--%s%s}'", letter, glue, o->name, join);
	else
		printf("'--%s%s", o->name, join);
	put_help("", o->help);
	if (o->arg != NULL)
		put_value(tool, o);
	putchar('\'');
	if ((o->flags & OPT_NEGATABLE) != 0)
		put_negation(o);
}

static void
put_property_function(const struct tool *tool)
{
	printf("_%s_property()\n{\n\tcase $words[CURRENT-1] in\n", tool->name);
	for (size_t i = 0; props_commands[i].name != NULL; i++) {
		printf("\t%s)\n\t\tcompadd -- ", props_commands[i].name);
		put_properties(&props_commands[i]);
		printf("\n\t\t;;\n");
	}
	printf("\tesac\n}\n\n");
}

void
gen_zsh(const struct tool *tool)
{
	printf("#compdef %s\n# generated from its options\n\n", tool->name);
	put_property_function(tool);
	printf("_%s()\n{\n\t_arguments -s -S", tool->name);
	each_option(tool, put_spec);
	if (tool->operands != NULL)
		printf(" \\\n\t\t'1:command:(%s)'", tool->operands);
	printf("\n}\n\n_%s \"$@\"\n", tool->name);
}
