/* SPDX-License-Identifier: MIT */

/*
 * Messages to the user: the only place that writes to stderr, one line each,
 * "mqpub: text".  Each call is one write, so lines of several processes don't
 * mix.  The allocators that don't return without memory are here too.
 */

#ifndef COMMON_DIAG_H
#define COMMON_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DIAG_PRINTF(n) __attribute__((format(printf, n, n + 1)))

/* The name in front of every line; static storage. */
void	diag_init(const char *tool);

/* Suppress diag_warn() and diag_note() from now on. */
void	diag_set_quiet(bool);

/* stderr by default; for tests. */
void	diag_set_stream(FILE *);

/* A run-time message: something failed, or something worth knowing. */
void	diag_warn(const char *fmt, ...) DIAG_PRINTF(1);
void	diag_note(const char *fmt, ...) DIAG_PRINTF(1);

/* A usage error or what --debug asked for: not silenced by quiet. */
void	diag_usage(const char *fmt, ...) DIAG_PRINTF(1);
void	diag_debug(const char *fmt, ...) DIAG_PRINTF(1);
void	diag_vusage(const char *fmt, va_list);

/* A line that is written over by the next, on a terminal; NULL clears it. */
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
