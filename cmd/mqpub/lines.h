/* SPDX-License-Identifier: MIT */

#ifndef MQPUB_LINES_H
#define MQPUB_LINES_H

#include "common/input.h"
#include "mqpub/publisher.h"

/* mqpub -l: each line of standard input is a message. */
struct lines {
	struct feed	 feed;		/* first */
	struct input	 in;
};

void	lines_open(struct lines *);
void	lines_close(struct lines *);

#endif
