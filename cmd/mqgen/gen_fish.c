/* SPDX-License-Identifier: MIT */

/* Completion for fish. */

#include <stdio.h>

#include "mqgen/gen.h"

static void
put_quoted(const char *text)
{
	putchar('\'');
	put_escaped(text, "'\\");
	putchar('\'');
}

/* How the value completes: nothing, files, or a list of words. */
static void
put_value(const struct opt *o)
{
	if (o->hint == HINT_FILE) {
		printf(" -r -F");
	} else if (o->hint == HINT_DIR) {
		printf(" -x -a '(__fish_complete_directories)'");
	} else if (o->hint == HINT_HOST) {
		printf(" -x -a '(__fish_print_hostnames)'");
	} else if (o->choices != NULL) {
		printf(" -x -a '");
		put_choices(o->choices);
		putchar('\'');
	} else if (o->hint == HINT_PROPERTY) {
		printf(" -x -a '");
		put_commands();
		putchar('\'');
	} else if ((o->flags & OPT_MAYBE) == 0) {
		printf(" -x");
	}
}

/* A value that may be missing is a word of its own to fish. */
static void
put_group_names(const struct tool *tool, const struct opt *o)
{
	printf("complete -c %s -n 'test (commandline -opc)[-1] = --%s' -a '",
	    tool->name, o->name);
	put_groups(tool);
	printf("'\n");
}

static void
put_option(const struct tool *tool, const struct opt *o)
{
	printf("complete -c %s", tool->name);
	if (opt_letter(tool, o) != 0)
		printf(" -s %c", o->letter);
	printf(" -l %s", o->name);
	if (o->arg != NULL)
		put_value(o);
	printf(" -d ");
	put_quoted(o->help);
	putchar('\n');
	if ((o->flags & OPT_NEGATABLE) != 0) {
		printf("complete -c %s -l no-%s -d 'do not: ", tool->name,
		    o->name);
		put_escaped(o->help, "'\\");
		printf("'\n");
	}
	if (o->hint == HINT_GROUP)
		put_group_names(tool, o);
}

/* Property names, where the two words before are -D and a command. */
static void
put_property_names(const struct tool *tool)
{
	printf("\nfunction __%s_property_of\n"
	    "\tset -l words (commandline -opc)\n"
	    "\ttest (count $words) -ge 3\n"
	    "\tand contains -- $words[-2] -D --property\n"
	    "\tand test $words[-1] = $argv[1]\n"
	    "end\n\n", tool->name);
	for (size_t i = 0; props_commands[i].name != NULL; i++) {
		printf("complete -c %s -n '__%s_property_of %s' -a '",
		    tool->name, tool->name, props_commands[i].name);
		put_properties(&props_commands[i]);
		printf("'\n");
	}
}

void
gen_fish(const struct tool *tool)
{
	printf("# fish completion for %s; generated from its options\n\n"
	    "complete -c %s -f\n", tool->name, tool->name);
	each_option(tool, put_option);
	if (tool->operands != NULL) {
		printf("complete -c %s -n '__fish_is_first_arg' -a '%s'\n",
		    tool->name, tool->operands);
	}
	put_property_names(tool);
}
