/* SPDX-License-Identifier: MIT */

/*
 * The mark at the start of each payload: who sent it, which of the sender's
 * messages it is, when it was due and how late it left.  Small payloads carry
 * a shorter mark that tells less:
 *
 *	32 bytes	everything
 *	16 bytes	no lateness, 32 bits of sequence, 16 of run, time in
 *			microseconds that begin again after 71 minutes
 *	 8 bytes	publisher and 32 bits of sequence
 *	less		nothing
 */

#ifndef MQBENCH_PAYLOAD_H
#define MQBENCH_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_PUBLISHERS	(1u << 24)	/* numbers below fit any mark */

enum payload_has { PAYLOAD_SEQ = 1, PAYLOAD_DUE = 2, PAYLOAD_LATE = 4 };

struct payload {
	unsigned	 has;		/* enum payload_has; 0: no mark */
	uint16_t	 clock;		/* of the sender's host */
	uint32_t	 run;
	uint32_t	 run_mask;	/* the bits of run that are known */
	uint32_t	 publisher;
	uint64_t	 seq;		/* from 0 for each publisher */
	int64_t		 due_ns;	/* on that clock */
	int64_t		 late_ns;	/* kept in whole microseconds */
};

/* What a payload of that size can carry. */
unsigned payload_carries(size_t size);

/* Write the mark that fits into size bytes; what follows is left alone. */
void	 payload_put(const struct payload *, void *to, size_t size);

/* Read the mark, at now_ns on the same clock; has is 0 when there is none. */
void	 payload_get(struct payload *, const void *from, size_t size,
	    int64_t now_ns);

#endif
