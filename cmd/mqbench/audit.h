/* SPDX-License-Identifier: MIT */

/*
 * Lost, duplicated and reordered messages, told from the sequence numbers a
 * subscriber sees.  Every publisher is a stream of its own.  What has not come
 * is kept as a short list of gaps, so a stream in order costs 40 bytes and any
 * stream is bounded: past AUDIT_GAPS gaps the oldest is given up, what comes
 * from it later counts as a duplicate and it stays missing.
 */

#ifndef MQBENCH_AUDIT_H
#define MQBENCH_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#define AUDIT_GAPS	256		/* of one stream */
#define AUDIT_STREAMS	65536		/* of one subscriber */

/* Sums over any number of audits. */
struct audit_counts {
	uint64_t	 unique;	/* messages that came at least once */
	uint64_t	 duplicated;	/* came again */
	uint64_t	 reordered;	/* came after a later one */
	uint64_t	 missing;	/* before the latest, not come (yet) */
	uint64_t	 unaudited;	/* of streams past AUDIT_STREAMS */
};

struct audit_gap {
	uint64_t	 from, to;	/* from <= number < to */
};

struct audit_stream {
	uint64_t	 key;		/* the publisher */
	uint64_t	 first;		/* where the stream is taken to begin */
	uint64_t	 next;		/* behind the highest number seen; 0:
					   the slot is free */
	struct audit_gap *gaps;		/* in order; NULL: none so far */
	uint32_t	 ngaps, cap;
};

/* One subscriber's streams; cleared to zero it is empty. */
struct audit {
	struct audit_stream one;	/* most have no other */
	struct audit_stream *table;	/* hashed by key */
	uint32_t	 n, cap;
};

/*
 * Message number seq of stream key has come.  from_start: the stream begins
 * with 0, so a higher first number means loss; else it begins where it is
 * first seen.
 */
void	 audit_see(struct audit *, struct audit_counts *, uint64_t key,
	    uint64_t seq, bool from_start);
void	 audit_fini(struct audit *);

void	 audit_counts_add(struct audit_counts *,
	    const struct audit_counts *);

#endif
