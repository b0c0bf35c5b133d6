/* SPDX-License-Identifier: MIT */

#include "transport/report.h"

#include <string.h>

#include "transport/transport.h"

void
report_first(struct pipe_report *r, const void *at, size_t len)
{
	r->nfirst = len < sizeof(r->first) ? len : sizeof(r->first);
	if (r->nfirst > 0)
		memcpy(r->first, at, r->nfirst);
}

void
report_pipes(struct pipe_report *r, const struct pipe *p)
{
	memset(r, 0, sizeof(*r));
	for (; p != NULL; p = p->below)
		if (p->ops->report != NULL)
			p->ops->report(p, r);
}
