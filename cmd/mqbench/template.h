/* SPDX-License-Identifier: MIT */

/*
 * Topics and client ids with placeholders:
 *
 *	%c, %i	the client's number, from 0
 *	%r	the run's number, 8 hexadecimal digits
 *	%%	a percent sign
 */

#ifndef MQBENCH_TEMPLATE_H
#define MQBENCH_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

struct template_values {
	uint32_t	 client;
	uint32_t	 run;
};

/* The first character behind a % that is no placeholder ('%' when nothing
 * follows); 0: all is well. */
char	 template_bad(const char *text);

/* Does the text differ from client to client? */
bool	 template_is_individual(const char *text);

/* The text with values put in; xmalloc()ed.  The text must not be bad. */
char	*template_expand(const char *text, const struct template_values *);

#endif
