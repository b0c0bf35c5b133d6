/* SPDX-License-Identifier: MIT */

#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>

#include "mqk.h"

/* NULL gives NULL; also NULL when out of memory. */
char	*str_dup(const char *);

/* len bytes and a NUL behind them. */
char	*str_ndup(const void *, size_t len);

/* Replace *to by a copy of from (NULL: by NULL).  MQK_ENOMEM: unchanged. */
MQK_USE int str_set(char **to, const char *from);

/* Overwrite, and really; for secrets. */
void	 str_clear(void *, size_t len);

/* The same, then free.  NULL is fine. */
void	 str_wipe(void *, size_t len);

#endif
