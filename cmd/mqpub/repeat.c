/* SPDX-License-Identifier: MIT */

/* One payload as often as asked for, with a pause between if asked for. */

#include "mqpub/repeat.h"

#include <string.h>

#include "common/deadline.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/signals.h"

static bool
send_one(struct repeat *r, struct publisher *p)
{
	if (r->whole.streamed)
		return (publisher_send_source(p, &r->whole.source));
	return (publisher_send(p, &r->text, 1) == 1);
}

/* The pause counts from the completion of the message before. */
static bool
may_send(struct repeat *r, const struct publisher *p)
{
	if (r->delay_ms == 0 || p->offered == 0)
		return (true);
	if (!publisher_is_idle(p))
		return (false);
	if (!r->pausing) {
		r->pausing = true;
		r->feed.due = deadline_in(r->delay_ms);
	}
	return (deadline_passed(r->feed.due));
}

static void
run(struct feed *feed, struct publisher *p, bool readable)
{
	struct repeat	*r = (struct repeat *)feed;

	(void)readable;
	while (r->left > 0 && may_send(r, p)) {
		if (!send_one(r, p))
			return;
		r->left--;
		r->pausing = false;
		feed->due = DEADLINE_NONE;
	}
	feed->ended = r->left == 0;
}

static int
open_whole(struct repeat *r, const struct config_pub *pub)
{
	int	status = whole_open(&r->whole, pub->file, signals_open());

	r->text = r->whole.bytes;
	if (status == STATUS_OK && pub->stdin_whole && !r->whole.streamed &&
	    r->text.len == 0) {
		diag_warn("standard input is empty; -n sends an empty "
		    "message");
		return (STATUS_INPUT);
	}
	return (status);
}

int
repeat_open(struct repeat *r, const struct config_pub *pub)
{
	*r = (struct repeat){
		.feed = { .run = run, .fd = -1, .due = DEADLINE_NONE },
		.whole = { .fd = -1 },
		.left = pub->repeat,
		.delay_ms = pub->repeat_delay_ms
	};
	if (pub->file != NULL || pub->stdin_whole)
		return (open_whole(r, pub));
	if (pub->message != NULL)
		r->text = (struct mqk_bytes){
			pub->message, strlen(pub->message)
		};
	return (STATUS_OK);
}

void
repeat_close(struct repeat *r)
{
	whole_fini(&r->whole);
}
