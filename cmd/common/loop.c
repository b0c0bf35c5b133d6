/* SPDX-License-Identifier: MIT */

/* What the loops of mqpub and mqsub share. */

#include "common/loop.h"

#include <errno.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"

short
loop_poll_events(unsigned want)
{
	short	events = 0;

	if ((want & MQK_READ) != 0)
		events |= POLLIN;
	if ((want & MQK_WRITE) != 0)
		events |= POLLOUT;
	return (events);
}

/* A broken connection is noticed by reading from it. */
unsigned
loop_ready_events(short revents)
{
	unsigned	events = 0;

	if ((revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0)
		events |= MQK_READ;
	if ((revents & POLLOUT) != 0)
		events |= MQK_WRITE;
	return (events);
}

void
loop_wait(struct pollfd *fds, size_t n, int timeout_ms)
{
	if (poll(fds, (nfds_t)n, timeout_ms) >= 0)
		return;
	if (errno != EINTR)
		diag_die(STATUS_INTERNAL, "poll: %s", strerror(errno));
	for (size_t i = 0; i < n; i++)
		fds[i].revents = 0;
}
