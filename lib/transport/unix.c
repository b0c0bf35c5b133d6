/* SPDX-License-Identifier: MIT */

/*
 * A socket in the file system.  Connecting to one succeeds or fails at once,
 * except that a listener whose queue is full must be asked again: no event
 * tells when there is room.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/socket.h"
#include "transport/transport.h"

#define RETRY_MS	20

struct unix_pipe {
	struct pipe	 pipe;
	int		 fd;
	bool		 up;
	int64_t		 retry_at;	/* 0: not begun */
	struct sockaddr_un peer;
};

static struct unix_pipe *
unix_of(struct pipe *p)
{
	return ((struct unix_pipe *)p);
}

static const struct unix_pipe *
unix_of_const(const struct pipe *p)
{
	return ((const struct unix_pipe *)p);
}

static void
unix_address(const struct pipe *p, char *text, size_t size)
{
	snprintf(text, size, "%s", unix_of_const(p)->peer.sun_path);
}

static void
unix_stage(const struct pipe *p, char *text, size_t size)
{
	const struct unix_pipe	*u = unix_of_const(p);

	snprintf(text, size, "%s%s", u->up ? "" : "connect to ",
	    u->peer.sun_path);
}

static enum mqk_stage
unix_reached(const struct pipe *p)
{
	(void)p;
	return (MQK_STAGE_CONNECT);
}

static void
unix_wait(const struct pipe *p, struct pipe_wait *w)
{
	const struct unix_pipe	*u = unix_of_const(p);

	w->fd = u->up ? u->fd : -1;
	w->want = u->up ? MQK_READ : 0;
	w->deadline = u->up ? INT64_MAX : u->retry_at;
}

static int
unix_open(struct pipe *p, int64_t now, struct error *e)
{
	struct unix_pipe	*u = unix_of(p);
	int			 err;

	if (u->fd == -1)
		u->fd = socket_open(AF_UNIX);
	if (u->fd != -1 && connect(u->fd, (const struct sockaddr *)&u->peer,
	    sizeof(u->peer)) == 0) {
		u->up = true;
		return (MQK_OK);
	}
	if (errno == EAGAIN || errno == EINTR) {
		u->retry_at = now + RETRY_MS;
		return (MQK_EAGAIN);
	}
	err = errno;
	errf(e, MQK_EDIAL, "connect to %s: %s", u->peer.sun_path,
	    strerror(err));
	e->os_error = err;
	return (MQK_EDIAL);
}

static ssize_t
unix_read(struct pipe *p, void *to, size_t size, struct error *e)
{
	return (socket_read(p, unix_of(p)->fd, to, size, e));
}

static ssize_t
unix_write(struct pipe *p, const void *from, size_t len, struct error *e)
{
	return (socket_write(p, unix_of(p)->fd, from, len, e));
}

static bool
unix_pending(const struct pipe *p)
{
	(void)p;
	return (false);
}

static int
unix_shut(struct pipe *p)
{
	return (socket_shut(unix_of(p)->fd));
}

static void
unix_free(struct pipe *p)
{
	if (unix_of(p)->fd != -1)
		close(unix_of(p)->fd);
	free(p);
}

static const struct pipe_ops unix_ops = {
	.name = "unix",
	.open = unix_open,
	.read = unix_read,
	.write = unix_write,
	.wait = unix_wait,
	.pending = unix_pending,
	.shut = unix_shut,
	.reached = unix_reached,
	.stage = unix_stage,
	.address = unix_address,
	.free = unix_free,
};

int
unix_new(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	size_t			 len = strlen(o->url->host) + 1;
	struct unix_pipe	*u;

	(void)port;
	if (len > sizeof(u->peer.sun_path))
		return (errf(e, MQK_EINVAL, "%s: longer than the %zu bytes "
		    "that the path of a socket may have", o->url->host,
		    sizeof(u->peer.sun_path) - 1));
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return (errf(e, MQK_ENOMEM, "connect: out of memory"));
	u->pipe.ops = &unix_ops;
	u->fd = -1;
	u->peer.sun_family = AF_UNIX;
	memcpy(u->peer.sun_path, o->url->host, len);
	*pipe = &u->pipe;
	return (MQK_OK);
}
