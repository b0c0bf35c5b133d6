/* SPDX-License-Identifier: MIT */

/*
 * The time of day for output.  Broken-down local time is worked out once a
 * second; in between only the clock is read.
 */

#ifndef COMMON_TIMESTAMP_H
#define COMMON_TIMESTAMP_H

#include <stdbool.h>
#include <time.h>

#include "common/outbuf.h"

/* Zeroed before the first timestamp_read(). */
struct timestamp {
	struct timespec	 at;		/* since the epoch */
	struct tm	 local;
	char		 date[24];	/* "2016-08-10T09:47:38" */
	char		 zone[8];	/* "+0100" */
	bool		 known;		/* the texts belong to that second */
};

/* Read the clock. */
void	timestamp_read(struct timestamp *);

/* "2016-08-10T09:47:38.123456+0100"; digits of the second: 0 to 9. */
void	timestamp_print(const struct timestamp *, struct outbuf *,
	    unsigned digits);

#endif
