/* SPDX-License-Identifier: MIT */

/* What went wrong, by text, each with how often: the list stays short. */

#ifndef MQBENCH_FAILURES_H
#define MQBENCH_FAILURES_H

#include <stdint.h>

#define FAILURES_KINDS	16

struct failure {
	uint64_t	 count;
	int		 status;	/* exit status it leads to */
	char		 text[256];
};

/* Cleared to zero it is empty; the last kind takes what does not fit. */
struct failures {
	struct failure	 kinds[FAILURES_KINDS];
	unsigned	 n;
};

void	failures_add(struct failures *, int status, uint64_t count,
	    const char *text);
void	failures_merge(struct failures *, const struct failures *from);

#endif
