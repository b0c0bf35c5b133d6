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
put_pattern(const struct tool *tool, const struct opt *o)
{
	if (opt_letter(tool, o) != 0)
		printf("-%c | ", o->letter);
	printf("--%s", o->name);
}

/* Is there anything to offer for the value of that option? */
static bool
has_words(const struct opt *o)
{
	return (o->choices != NULL || o->hint != HINT_NONE);
}

/* Patterns of the options whose values are anybody's guess. */
static void
put_free(const struct tool *tool, const struct opt *o)
{
	if (o->arg == NULL || has_words(o))
		return;
	put_pattern(tool, o);
	printf(" | \\\n\t");
}

static void
put_files(const char *action)
{
	printf("\t\tcompopt -o filenames 2>/dev/null\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen %s -- \"$cur\")\n"
	    "\t\treturn\n", action);
}

static void
put_value_words(const struct tool *tool, const struct opt *o)
{
	printf("\t\twords=\"");
	if (o->choices != NULL)
		put_choices(o->choices);
	else if (o->hint == HINT_GROUP)
		put_groups(tool);
	else if (o->hint == HINT_PROPERTY)
		put_commands();
	else
		printf("$(compgen -A hostname)");
	printf("\"\n");
}

/* The arm of the case statement for an option whose values are known. */
static void
put_arm(const struct tool *tool, const struct opt *o)
{
	if (o->arg == NULL || !has_words(o))
		return;
	printf("\t");
	put_pattern(tool, o);
	printf(")\n");
	if (o->hint == HINT_FILE)
		put_files("-f");
	else if (o->hint == HINT_DIR)
		put_files("-d");
	else
		put_value_words(tool, o);
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
	printf("\t");
	each_option(tool, put_free);
	printf("=)\n\t\treturn\n\t\t;;\n");
	printf("\tesac\n");
	put_property_names();
	put_words_of(tool);
	printf("\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	    "\"$cur\")\n}\n\ncomplete -F _%s %s\n", tool->name, tool->name);
}
