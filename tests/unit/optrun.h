/* SPDX-License-Identifier: MIT */

/* Runs of the option parser on a line of words, with what it says on stderr. */

#ifndef UNIT_OPTRUN_H
#define UNIT_OPTRUN_H

#include "common/config.h"
#include "common/opt.h"

enum { OPTRUN_WORDS = 16 };

struct run {
	struct config	*config;	/* the caller's, cleared before */
	int		 status;	/* of opt_parse() */
	char		 said[2048];	/* on stderr */
	char		 words[1024];	/* argv, blanked where it was */
	char		*argv[OPTRUN_WORDS + 1];
};

/* Words are separated by blanks; "_" stands for an empty one. */
void	run_tool(struct run *, const struct tool *, struct config *,
	    const char *line);

/*
 * The line is a usage error with exactly that message, followed by one that
 * points to --help.  The config is the caller's and is released.
 */
void	assert_refused(const struct tool *, struct config *, const char *line,
	    const char *why);

#endif
