/* SPDX-License-Identifier: MIT */

#include "unit/optrun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/diag.h"
#include "common/exitcode.h"

static int
split(struct run *r, const char *line)
{
	char	*p = r->words;
	int	 argc = 0;

	snprintf(r->words, sizeof(r->words), "probe %s", line);
	while (*p != '\0' && argc < OPTRUN_WORDS) {
		size_t	 len = strcspn(p, " ");

		r->argv[argc++] = p;
		if (len == 1 && *p == '_')
			*p = '\0';
		p += len;
		if (*p != '\0')
			*p++ = '\0';
	}
	r->argv[argc] = NULL;
	return (argc);
}

void
run_tool(struct run *r, const struct tool *tool, struct config *config,
    const char *line)
{
	FILE	*said = tmpfile();
	int	 argc;
	size_t	 n;

	assert_non_null(said);
	memset(r, 0, sizeof(*r));
	r->config = config;
	argc = split(r, line);
	diag_init("probe");
	diag_set_stream(said);
	r->status = opt_parse(tool, argc, r->argv, config);
	diag_set_stream(NULL);
	rewind(said);
	n = fread(r->said, 1, sizeof(r->said) - 1, said);
	r->said[n] = '\0';
	fclose(said);
}

void
assert_refused(const struct tool *tool, struct config *config,
    const char *line, const char *why)
{
	struct run	 r;
	char		 expected[1024];

	snprintf(expected, sizeof(expected),
	    "probe: %s\nTry '%s --help' for the options.\n", why, tool->name);
	run_tool(&r, tool, config, line);
	if (r.status != STATUS_USAGE || strcmp(r.said, expected) != 0)
		fail_msg("'%s': %d, %s", line, r.status, r.said);
	opt_free(tool, config);
}
