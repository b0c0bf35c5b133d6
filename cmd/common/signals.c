/* SPDX-License-Identifier: MIT */

/* The self-pipe, and the end of a process that is told to stop twice. */

#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/deadline.h"
#include "common/diag.h"
#include "common/exitcode.h"

static int		 pipe_in = -1, pipe_out = -1;
static volatile sig_atomic_t stop_signal;

static void
on_signal(int sig)
{
	unsigned char	 byte = (unsigned char)sig;
	int		 saved = errno;
	ssize_t		 n;

	if (stop_signal != 0)
		_exit(STATUS_INTERRUPTED);
	stop_signal = sig;
	n = write(pipe_in, &byte, 1);	/* full: it is readable anyway */
	(void)n;
	errno = saved;
}

static void
set_action(int sig, void (*handler)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sigemptyset(&sa.sa_mask);
	if (sigaction(sig, &sa, NULL) != 0)
		diag_die(STATUS_INTERNAL, "sigaction: %s", strerror(errno));
}

static void
prepare(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		diag_die(STATUS_INTERNAL, "fcntl: %s", strerror(errno));
}

int
signals_open(void)
{
	int	 fds[2];

	if (pipe_out >= 0)
		return (pipe_out);
	if (pipe(fds) != 0)
		diag_die(STATUS_INTERNAL, "pipe: %s", strerror(errno));
	prepare(fds[0]);
	prepare(fds[1]);
	pipe_out = fds[0];
	pipe_in = fds[1];
	set_action(SIGPIPE, SIG_IGN);
	set_action(SIGINT, on_signal);
	set_action(SIGTERM, on_signal);
	return (pipe_out);
}

int
signals_pending(void)
{
	unsigned char	 bytes[16];

	while (read(pipe_out, bytes, sizeof(bytes)) > 0)
		continue;
	return (stop_signal);
}

int64_t
signals_farewell(int64_t give_up_at)
{
	enum { FAREWELL_MS = 100 };
	int64_t	least = deadline_in(FAREWELL_MS);

	if (give_up_at == DEADLINE_NONE)
		return (deadline_in(SIGNALS_GRACE_MS));
	return (give_up_at > least ? give_up_at : least);
}
