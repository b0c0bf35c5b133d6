/* SPDX-License-Identifier: MIT */

/* mqgen WHAT TOOL: manual page parts and completions from the option tables. */

#include <stdio.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "mqgen/gen.h"

static const struct {
	const char	*name;
	void		(*run)(const struct tool *);
} generators[] = {
	{ "options", gen_options },
	{ "exit", gen_exit },
	{ "format", gen_format },
	{ "bash", gen_bash },
	{ "zsh", gen_zsh },
	{ "fish", gen_fish },
	{ "json", gen_json },
};

static const struct tool *const tools[] = {
	&tool_mqpub, &tool_mqsub, &tool_mqbench
};

static const struct tool *
find_tool(const char *name)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (strcmp(tools[i]->name, name) == 0)
			return (tools[i]);
	}
	diag_die(STATUS_USAGE, "no tool '%s'", name);
}

int
main(int argc, char **argv)
{
	diag_init("mqgen");
	if (argc != 3) {
		diag_die(STATUS_USAGE, "usage: mqgen "
		    "options|exit|format|bash|zsh|fish|json TOOL");
	}
	for (size_t i = 0; i < sizeof(generators) / sizeof(generators[0]);
	    i++) {
		if (strcmp(generators[i].name, argv[1]) != 0)
			continue;
		generators[i].run(find_tool(argv[2]));
		if (fflush(stdout) != 0)
			diag_die(STATUS_OUTPUT, "cannot write");
		return (STATUS_OK);
	}
	diag_die(STATUS_USAGE, "nothing called '%s' to generate", argv[1]);
}
