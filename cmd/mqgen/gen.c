/* SPDX-License-Identifier: MIT */

/* What the generators share: walks over the tables and quoting. */

#include "mqgen/gen.h"

#include <stdio.h>
#include <string.h>

enum { LAST_PROP = MQK_P_SHARED_SUBSCRIPTION_AVAILABLE };

void
each_option(const struct tool *tool,
    void (*fn)(const struct tool *, const struct opt *))
{
	for (size_t i = 0; tool->groups[i] != NULL; i++) {
		const struct opt *o = tool->groups[i]->rows;

		for (; o->name != NULL; o++) {
			if ((o->flags & OPT_HIDDEN) == 0)
				fn(tool, o);
		}
	}
}

static void
put_word(const char *word, bool first)
{
	printf("%s%s", first ? "" : " ", word);
}

void
put_commands(void)
{
	for (size_t i = 0; props_commands[i].name != NULL; i++)
		put_word(props_commands[i].name, i == 0);
}

void
put_groups(const struct tool *tool)
{
	put_word("all", true);
	for (size_t i = 0; tool->groups[i] != NULL; i++)
		put_word(tool->groups[i]->name, false);
}

void
put_choices(const struct opt_choice *choices)
{
	for (size_t i = 0; choices[i].name != NULL; i++)
		put_word(choices[i].name, i == 0);
}

void
put_properties(const struct props_command *c)
{
	bool	 first = true;

	for (int id = 1; id <= LAST_PROP; id++) {
		const char	*name = mqk_prop_name((enum mqk_prop)id);

		if (name == NULL || !props_settable(c, (enum mqk_prop)id))
			continue;
		put_word(name, first);
		first = false;
	}
}

void
put_escaped(const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (strchr(special, *text) != NULL)
			putchar('\\');
		putchar(*text);
	}
}
