/* SPDX-License-Identifier: MIT */

/*
 * Three kinds of standard output.  Files take everything at once.  Pipes and
 * terminals are opened anew where the system allows it, because O_NONBLOCK on
 * the descriptor we were given would hit everyone who shares it.  Elsewhere
 * poll(2) is asked before each write of at most PIPE_BUF bytes, which a pipe
 * that is writable takes without waiting.
 */

#include "mqsub/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

/* Can a write to it wait for somebody? */
static bool
can_block(const struct stat *sb)
{
	return (S_ISFIFO(sb->st_mode) || S_ISSOCK(sb->st_mode) ||
	    isatty(STDOUT_FILENO));
}

/* Linux: the same pipe or terminal with flags of its own; -1 elsewhere. */
static int
open_anew(const struct stat *sb)
{
	if (S_ISSOCK(sb->st_mode))
		return (-1);
	return (open("/proc/self/fd/1",
	    O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

/* Sets errno if not: it may have been closed when we began. */
static bool
is_writable(int fd)
{
	int	flags = fcntl(fd, F_GETFL);

	if (flags != -1 && (flags & O_ACCMODE) != O_RDONLY)
		return (true);
	errno = EBADF;
	return (false);
}

int
output_open(struct output *o)
{
	struct stat	sb;
	int		fd;

	*o = (struct output){ .fd = STDOUT_FILENO, .at_once = SIZE_MAX };
	if (!is_writable(STDOUT_FILENO) || fstat(STDOUT_FILENO, &sb) != 0)
		return (MQK_EIO);
	if (!can_block(&sb))
		return (MQK_OK);
	fd = open_anew(&sb);
	if (fd >= 0) {
		o->fd = fd;
		o->own_fd = true;
	} else {
		o->ask_first = true;
		o->at_once = PIPE_BUF;
	}
	return (MQK_OK);
}

void
output_close(struct output *o)
{
	if (o->own_fd)
		close(o->fd);
	outbuf_fini(&o->buf);
}

static bool
has_room(const struct output *o)
{
	struct pollfd	pfd = { o->fd, POLLOUT, 0 };

	return (!o->ask_first || poll(&pfd, 1, 0) > 0);
}

static void
failed(struct output *o, int error)
{
	if (error == EAGAIN)
		o->blocked = true;
	else if (error == EPIPE)
		o->closed = true;
	else if (error != EINTR)
		o->error = error;
}

/* False: no more for now. */
static bool
write_some(struct output *o)
{
	size_t	n = o->buf.len - o->written;
	ssize_t	done;

	if (!has_room(o)) {
		o->blocked = true;
		return (false);
	}
	done = write(o->fd, o->buf.mem + o->written,
	    n < o->at_once ? n : o->at_once);
	if (done < 0)
		failed(o, errno);
	else
		o->written += (size_t)done;
	return (!o->blocked && !output_is_dead(o));
}

bool
output_flush(struct output *o)
{
	if (o->blocked || output_is_dead(o))
		return (false);
	while (o->written < o->buf.len) {
		if (!write_some(o))
			return (false);
	}
	o->buf.len = o->written = 0;
	outbuf_trim(&o->buf);
	return (true);
}

short
output_poll_events(const struct output *o)
{
	return (o->blocked ? POLLOUT : 0);
}

void
output_polled(struct output *o, short revents)
{
	if ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
		o->closed = true;
	if ((revents & POLLOUT) != 0)
		o->blocked = false;
}
