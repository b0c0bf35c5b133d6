/* SPDX-License-Identifier: MIT */

/* The generators: each prints one text about one tool on stdout. */

#ifndef MQGEN_GEN_H
#define MQGEN_GEN_H

#include "common/opt.h"
#include "common/props.h"

/* Parts of the manual page, in mdoc. */
void	gen_options(const struct tool *);
void	gen_exit(const struct tool *);
void	gen_format(const struct tool *);

/* Completions. */
void	gen_bash(const struct tool *);
void	gen_zsh(const struct tool *);
void	gen_fish(const struct tool *);

/* Every row, for other programs. */
void	gen_json(const struct tool *);

/* ---- what they share ---- */

/* Call fn for each option that is not hidden, in the order of --help. */
void	each_option(const struct tool *,
	    void (*fn)(const struct tool *, const struct opt *));

/* Print words separated by blanks. */
void	put_commands(void);
void	put_groups(const struct tool *);
void	put_choices(const struct opt_choice *);
void	put_properties(const struct props_command *);

/* Print text with a backslash before every character of special. */
void	put_escaped(const char *text, const char *special);

#endif
