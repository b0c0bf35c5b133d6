/* SPDX-License-Identifier: MIT */

/* Inside the option engine only: the state of one run of the parser. */

#ifndef COMMON_OPTENV_H
#define COMMON_OPTENV_H

#include "common/opt.h"

struct opt_env {
	const struct tool *tool;
	struct config	*config;
	char		**argv;		/* what is left of it */
	const struct opt *opt;		/* being handled; NULL: none */
	const struct opt **given;	/* rows used so far, repeats included */
	size_t		 ngiven;
};

/* Assign by kind; text is "on" or "off" for a flag.  0, or opt_error()'s. */
int	opt_assign(struct opt_env *, const char *text);

/* Release the value of one row, if it is of a kind that owns memory. */
void	opt_release(const struct opt *, struct config *);

/* The nearest long name of the tool, or NULL if none is near. */
const char *opt_suggest(const struct tool *, const char *name);

#endif
