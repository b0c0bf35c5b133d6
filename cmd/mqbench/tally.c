/* SPDX-License-Identifier: MIT */

/* Adding up. */

#include "tally.h"

void
flow_add(struct flow *f, int64_t at, bool measured)
{
	f->all++;
	if (!measured)
		return;
	if (f->measured++ == 0)
		f->first = at;
	f->last = at;
}

double
flow_rate(const struct flow *f)
{
	if (f->measured < 2 || f->last <= f->first)
		return (0);
	return ((double)(f->measured - 1) * 1e9 /
	    (double)(f->last - f->first));
}

static void
flow_merge(struct flow *to, const struct flow *from)
{
	to->all += from->all;
	if (from->measured == 0)
		return;
	if (to->measured == 0 || from->first < to->first)
		to->first = from->first;
	if (to->measured == 0 || from->last > to->last)
		to->last = from->last;
	to->measured += from->measured;
}

void
tally_merge(struct tally *to, const struct tally *from)
{
	to->connected += from->connected;
	to->failed += from->failed;
	to->down += from->down;
	if (to->fail_status == 0)
		to->fail_status = from->fail_status;
	to->lost_connections += from->lost_connections;
	to->subscribed += from->subscribed;
	to->unsubscribable += from->unsubscribable;
	to->refused += from->refused;
	to->foreign += from->foreign;
	to->untimed += from->untimed;
	flow_merge(&to->sent, &from->sent);
	flow_merge(&to->answered, &from->answered);
	flow_merge(&to->received, &from->received);
	audit_counts_add(&to->audit, &from->audit);
	hist_merge(&to->corrected, &from->corrected);
	hist_merge(&to->uncorrected, &from->uncorrected);
	failures_merge(&to->failures, &from->failures);
}
