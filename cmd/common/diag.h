/* SPDX-License-Identifier: MIT */

/*
 * Messages to the user: the only place that writes to stderr, one line each,
 * "mqpub: text".  Each call is one write, so lines of several processes don't
 * mix.  The allocators that don't return without memory are here too.
 */

#ifndef COMMON_DIAG_H
#define COMMON_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DIAG_PRINTF(n) __attribute__((format(printf, n, n + 1)))

/* The name in front of every line; static storage. */
void	diag_init(const char *tool);

/* Suppress diag_warn() from now on. */
void	diag_set_quiet(bool);

/* stderr by default; for tests. */
void	diag_set_stream(FILE *);

/* A run-time message; quiet silences it. */
void	diag_warn(const char *fmt, ...) DIAG_PRINTF(1);

/* Not silenced by quiet: usage errors and what --debug asked for. */
void	diag_say(const char *fmt, ...) DIAG_PRINTF(1);

/* The same without the tool's name in front. */
void	diag_plain(const char *fmt, ...) DIAG_PRINTF(1);

/* A line on a terminal that the next one overwrites; NULL clears it. */
void	diag_progress(const char *line);

_Noreturn void diag_die(int status, const char *fmt, ...) DIAG_PRINTF(2);

/* As their namesakes; out of memory ends the program (STATUS_INTERNAL). */
void	*xmalloc(size_t);
void	*xcalloc(size_t n, size_t size);
void	*xrealloc(void *, size_t);
char	*xstrdup(const char *);

/* Overwrite, so that neither ps nor a core dump shows it. */
void	wipe(void *, size_t);

/* Overwrite and free a string; NULL is fine. */
void	wipe_free(char *);

#endif
