/* SPDX-License-Identifier: MIT */

/* Parts of a manual page in mdoc: OPTIONS, EXIT STATUS, FORMAT. */

#include <ctype.h>
#include <stdio.h>

#include "common/exitcode.h"
#include "mqgen/gen.h"

/* ".It Fl p , Fl -port Ar number" */
static void
put_item(const struct tool *tool, const struct opt *o)
{
	printf(".It ");
	if (opt_letter(tool, o) != 0)
		printf("Fl %c , ", o->letter);
	printf("Fl -%s", o->name);
	if ((o->flags & OPT_NEGATABLE) != 0)
		printf(" , Fl -no-%s", o->name);
	if (o->arg != NULL) {
		printf((o->flags & OPT_MAYBE) != 0 ? " Op Ar %s" : " Ar %s",
		    o->arg);
	}
	putchar('\n');
}

static void
put_default(const struct opt *o)
{
	if (o->dflt != NULL && o->kind != OPT_FLAG)
		printf("The default is\n.Cm %s .\n", o->dflt);
}

static void
put_choice_list(const struct opt_choice *c)
{
	printf("Possible values:\n");
	for (; c->name != NULL; c++)
		printf(".Cm %s%s\n", c->name, c[1].name != NULL ? " ," : " .");
}

static void
put_option(const struct tool *tool, const struct opt *o)
{
	put_item(tool, o);
	printf("%s\n", o->man);
	if (o->choices != NULL)
		put_choice_list(o->choices);
	put_default(o);
}

void
gen_options(const struct tool *tool)
{
	for (size_t i = 0; tool->groups[i] != NULL; i++) {
		const struct opt *o = tool->groups[i]->rows;

		printf(".Ss %s\n.Bl -tag -width Ds\n", tool->groups[i]->title);
		for (; o->name != NULL; o++) {
			if ((o->flags & OPT_HIDDEN) == 0)
				put_option(tool, o);
		}
		printf(".El\n");
	}
}

void
gen_exit(const struct tool *tool)
{
	printf(".Bl -tag -width \"128 to 162\"\n");
	for (const struct exit_row *r = exit_rows; r->name != NULL; r++) {
		if ((r->tools & tool->bit) == 0)
			continue;
		printf(".It %d", r->first);
		if (r->last != r->first)
			printf(" to %d", r->last);
		printf("\n%c%s.\n", toupper((unsigned char)r->text[0]),
		    r->text + 1);
	}
	printf(".El\n");
}

void
gen_format(const struct tool *tool)
{
	if (tool->format_section != NULL)
		tool->format_section();
}
