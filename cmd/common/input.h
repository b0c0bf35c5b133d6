/* SPDX-License-Identifier: MIT */

/*
 * Records from a descriptor, one per line.  Reading and cutting are apart, so
 * that the owner decides when to read: it polls the descriptor, calls
 * input_fill() once, and then takes every complete record.  Records may hold
 * any byte but the newline, and have any length up to a limit; the last one
 * needs no newline.
 */

#ifndef COMMON_INPUT_H
#define COMMON_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct input {
	int		 fd;
	size_t		 max;		/* longest record */
	uint8_t		*mem;
	size_t		 cap;
	size_t		 begin;		/* of the next record */
	size_t		 end;		/* behind the last byte read */
	size_t		 searched;	/* no newline from begin up to here */
	bool		 ended;		/* end of file was seen */
	uint64_t	 taken;		/* records so far */
};

/* The descriptor stays the caller's. */
void	input_init(struct input *, int fd, size_t max);
void	input_fini(struct input *);

/*
 * One read(2), of up to 128 KiB.  Only when input_peek() shows nothing.
 * MQK_OK, also when nothing came; MQK_EIO with errno set; MQK_ETOOBIG: the
 * record at hand is longer than the limit.
 */
MQK_USE int input_fill(struct input *);

/*
 * The next complete records, at most n: how many there are.  They stay until
 * the first of them, n > 0, are taken.
 */
size_t	input_peek(struct input *, struct mqk_bytes *records, size_t n);
void	input_take(struct input *, const struct mqk_bytes *records, size_t n);

#endif
