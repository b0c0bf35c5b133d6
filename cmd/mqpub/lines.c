/* SPDX-License-Identifier: MIT */

/* Lines of standard input as messages: mqpub's hot path. */

#include "mqpub/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/deadline.h"
#include "common/diag.h"
#include "common/exitcode.h"

enum { MOST = 268435455 };		/* the largest MQTT packet */

static void
end_with(struct lines *l, const char *why)
{
	diag_warn("standard input, line %llu: %s",
	    (unsigned long long)l->in.taken + 1, why);
	l->feed.ended = true;
	l->feed.status = STATUS_INPUT;
}

static void
fill(struct lines *l)
{
	int	err = input_fill(&l->in);

	if (err == MQK_EIO)
		end_with(l, strerror(errno));
	else if (err == MQK_ETOOBIG)
		end_with(l, "longer than an MQTT message can be");
}

/* False: the publisher is full. */
static bool
send_lines(struct lines *l, struct publisher *p)
{
	struct mqk_bytes	lines[PUBLISHER_BATCH];
	size_t			n, sent;

	while ((n = input_peek(&l->in, lines, PUBLISHER_BATCH)) > 0) {
		sent = publisher_send(p, lines, n);
		if (sent > 0)
			input_take(&l->in, lines, sent);
		if (sent < n)
			return (false);
	}
	return (true);
}

static bool
send_all(struct lines *l, struct publisher *p)
{
	uint64_t	first = l->in.taken + 1;
	bool		all;

	publisher_begin(p);
	all = send_lines(l, p);
	if (!publisher_commit(p)) {
		diag_warn("standard input is not kept from line %llu on",
		    (unsigned long long)first);
		return (false);
	}
	if (all && l->in.ended)
		l->feed.ended = true;
	return (all);
}

static void
run(struct feed *feed, struct publisher *p, bool readable)
{
	struct lines	*l = (struct lines *)feed;

	if (!send_all(l, p) || feed->ended || !readable)
		return;
	fill(l);
	if (!feed->ended)
		send_all(l, p);
}

void
lines_open(struct lines *l)
{
	l->feed = (struct feed){
		.run = run, .fd = STDIN_FILENO, .due = DEADLINE_NONE
	};
	input_init(&l->in, STDIN_FILENO, MOST);
}

void
lines_close(struct lines *l)
{
	input_fini(&l->in);
}
