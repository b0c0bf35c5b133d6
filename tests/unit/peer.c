/* SPDX-License-Identifier: MIT */

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/frame.h"
#include "codec/packet.h"
#include "unit/peer.h"

void
peer_init(struct peer *p)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(a);

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(p->listener, 8), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &len),
	    0);
	fcntl(p->listener, F_SETFL, O_NONBLOCK);
	p->port = ntohs(a.sin_port);
}

void
peer_fini(struct peer *p)
{
	peer_hang_up(p);
	close(p->listener);
}

void
peer_hang_up(struct peer *p)
{
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

void
peer_turn(struct peer *p)
{
	int	 fd = accept(p->listener, NULL, NULL);
	ssize_t	 n;

	if (fd != -1) {
		peer_hang_up(p);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		p->fd = fd;
		p->n = 0;
		p->ended = false;
		p->accepted++;
	}
	if (p->fd == -1 || p->n == sizeof(p->in))
		return;
	n = recv(p->fd, p->in + p->n, sizeof(p->in) - p->n, 0);
	if (n > 0)
		p->n += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		p->ended = true;
}

static uint8_t
digit(char c)
{
	return ((uint8_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10));
}

void
peer_send(struct peer *p, const char *hex)
{
	uint8_t	 out[1024];
	size_t	 n = 0;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		assert_true(n < sizeof(out));
		out[n++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
		hex++;
	}
	assert_int_equal(send(p->fd, out, n, MSG_NOSIGNAL), (ssize_t)n);
}

bool
peer_packet(struct peer *p, uint8_t *to, size_t *len)
{
	if (frame_next(p->in, p->n, PACKET_MAX, len) != 1)
		return (false);
	memcpy(to, p->in, *len);
	p->n -= *len;
	memmove(p->in, p->in + *len, p->n);
	return (true);
}
