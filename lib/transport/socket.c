/* SPDX-License-Identifier: MIT */

#include "transport/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/compat.h"

int
socket_open(int family)
{
	int	 fd = socket(family, SOCK_STREAM, 0);

	if (fd == -1)
		return (-1);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return (fd);
}

/* Why recv() or send() moved nothing; 0: only for the moment. */
static ssize_t
io_error(const struct pipe *p, const char *what, int err, struct error *e)
{
	char	 address[PIPE_ADDRESS_MAX];
	bool	 gone = err == ECONNRESET || err == EPIPE;

	if (err == EAGAIN || err == EWOULDBLOCK || err == EINTR)
		return (0);
	p->ops->address(p, address, sizeof(address));
	errf(e, gone ? MQK_ECLOSED : MQK_EIO, "%s %s: %s", what, address,
	    strerror(err));
	e->os_error = err;
	return (e->code);
}

ssize_t
socket_read(const struct pipe *p, int fd, void *to, size_t size,
    struct error *e)
{
	ssize_t	 n = recv(fd, to, size, 0);
	char	 address[PIPE_ADDRESS_MAX];

	if (n > 0)
		return (n);
	if (n == -1)
		return (io_error(p, "read from", errno, e));
	p->ops->address(p, address, sizeof(address));
	return (errf(e, MQK_ECLOSED, "%s: connection closed by peer",
	    address));
}

ssize_t
socket_write(const struct pipe *p, int fd, const void *from, size_t len,
    struct error *e)
{
	ssize_t	 n = send(fd, from, len, MSG_NOSIGNAL);

	if (n >= 0)
		return (n);
	return (io_error(p, "write to", errno, e));
}

int
socket_shut(int fd)
{
	/* A connection that is gone already needs no farewell. */
	(void)shutdown(fd, SHUT_WR);
	return (MQK_OK);
}
