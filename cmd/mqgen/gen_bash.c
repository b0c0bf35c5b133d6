/* SPDX-License-Identifier: MIT */

/* Completion for bash, without the bash-completion package. */

#include <stdio.h>

#include "mqgen/gen.h"

static void
put_long_name(const struct tool *tool, const struct opt *o)
{
	(void)tool;
	printf("\n\t\t--%s", o->name);
	if ((o->flags & OPT_NEGATABLE) != 0)
		printf(" --no-%s", o->name);
}

static void
open_words(void)
{
	printf("\t\twords=\"");
}

/* The arm of the case statement for an option that takes a value. */
static void
put_arm(const struct tool *tool, const struct opt *o)
{
	if (o->arg == NULL)
		return;
	printf("\t");
	if (o->letter != 0)
		printf("-%c | ", o->letter);
	printf("--%s)\n", o->name);
	if (o->choices != NULL) {
		open_words();
		put_choices(o->choices);
		printf("\"\n");
	} else if (o->hint == HINT_GROUP) {
		open_words();
		put_groups(tool);
		printf("\"\n");
	} else if (o->hint == HINT_PROPERTY) {
		open_words();
		put_commands();
		printf("\"\n");
	} else if (o->hint == HINT_FILE || o->hint == HINT_DIR) {
		printf("\t\tcompopt -o filenames\n"
		    "\t\tmapfile -t COMPREPLY < <(compgen %s -- \"$cur\")\n"
		    "\t\treturn\n", o->hint == HINT_FILE ? "-f" : "-d");
	} else if (o->hint == HINT_HOST) {
		open_words();
		printf("$(compgen -A hostname)\"\n");
	} else {
		printf("\t\treturn\n");
	}
	printf("\t\t;;\n");
}

/* The second word of --property depends on the first. */
static void
put_property_names(void)
{
	printf("\tcase ${COMP_WORDS[COMP_CWORD - 2]-}:$prev in\n");
	for (size_t i = 0; props_commands[i].name != NULL; i++) {
		printf("\t-D:%s | --property:%s)\n\t\twords=\"",
		    props_commands[i].name, props_commands[i].name);
		put_properties(&props_commands[i]);
		printf("\"\n\t\t;;\n");
	}
	printf("\tesac\n");
}

static void
put_words_of(const struct tool *tool)
{
	printf("\tif [[ -z $words && $cur == -* ]]; then\n"
	    "\t\twords=\"");
	each_option(tool, put_long_name);
	printf("\"\n\tfi\n");
	if (tool->operands != NULL) {
		printf("\tif [[ -z $words ]]; then\n\t\twords=\"%s\"\n"
		    "\tfi\n", tool->operands);
	}
}

void
gen_bash(const struct tool *tool)
{
	printf("# bash completion for %s; generated from its options\n\n"
	    "_%s()\n{\n", tool->name, tool->name);
	printf("\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\"\"\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]}\n\n"
	    "\tCOMPREPLY=()\n"
	    "\t# bash splits --name=value at the equals sign\n"
	    "\tif [[ $cur == = ]]; then\n"
	    "\t\tcur=\"\"\n"
	    "\telif [[ $prev == = ]]; then\n"
	    "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	    "\tfi\n");
	printf("\tcase $prev in\n");
	each_option(tool, put_arm);
	printf("\tesac\n");
	put_property_names();
	put_words_of(tool);
	printf("\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	    "\"$cur\")\n}\n\ncomplete -F _%s %s\n", tool->name, tool->name);
}
