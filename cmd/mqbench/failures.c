/* SPDX-License-Identifier: MIT */

/* A list that is searched by text; no output. */

#include "failures.h"

#include <stdio.h>
#include <string.h>

static const char rest[] = "further failures of other kinds";

static struct failure *
kind_of(struct failures *f, const char *text)
{
	unsigned i;

	for (i = 0; i < f->n; i++)
		if (strncmp(f->kinds[i].text, text,
		    sizeof(f->kinds[i].text) - 1) == 0)
			return (&f->kinds[i]);
	if (i == FAILURES_KINDS)
		return (&f->kinds[i - 1]);
	if (i == FAILURES_KINDS - 1)
		text = rest;
	f->n++;
	snprintf(f->kinds[i].text, sizeof(f->kinds[i].text), "%s", text);
	return (&f->kinds[i]);
}

void
failures_add(struct failures *f, int status, uint64_t count, const char *text)
{
	struct failure *kind;

	kind = kind_of(f, text);
	kind->count += count;
	kind->status = status;
}

void
failures_merge(struct failures *to, const struct failures *from)
{
	for (unsigned i = 0; i < from->n; i++)
		failures_add(to, from->kinds[i].status, from->kinds[i].count,
		    from->kinds[i].text);
}
