/* SPDX-License-Identifier: MIT */

/*
 * usage: link CONTROL_FIFO
 *
 * A bad line, for the tests, in the network namespace that it is started in.
 * What is sent to 10.9.0.2 comes back to 10.9.0.1 as if the other end of the
 * line had sent it, so that one namespace has both ends: the broker listens on
 * 10.9.0.1, and clients dial 10.9.0.2.  All other addresses of 10.9.0.0/24
 * swallow what they get.
 *
 * "DELAY_MS LOSS_PERCENT", written into the FIFO, changes the line; "0 100"
 * cuts it.  Whoever writes has to wait until the line is up.
 */

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	PACKET_MAX = 1500,
	QUEUE = 4096,			/* packets on the line at a time */
	IP_SOURCE = 12, IP_TARGET = 16, IP_HEADER = 20
};

#define NEAR	0x0a090001u
#define FAR	0x0a090002u

struct packet {
	int64_t		 due;
	size_t		 len;
	uint8_t		 data[PACKET_MAX];
};

static struct packet	 queue[QUEUE];
static unsigned		 head, tail;	/* next to leave, next free */
static int		 delay_ms;
static unsigned		 loss_percent;

/* ---- the device ------------------------------------------------------ */

static void
set_address(int fd, unsigned long request, const char *name, uint32_t address)
{
	struct ifreq		 r = { .ifr_flags = 0 };
	struct sockaddr_in	 a = { .sin_family = AF_INET };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	a.sin_addr.s_addr = htonl(address);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	if (ioctl(fd, request, &r) == -1)
		err(1, "address of %s", name);
}

static void
set_up(int fd, const char *name)
{
	struct ifreq	 r = { .ifr_flags = 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &r) == -1)
		err(1, "%s", name);
	r.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) == -1)
		err(1, "%s up", name);
}

static int
open_line(void)
{
	struct ifreq	 r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int		 tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	int		 fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "line");
	if (tun == -1 || fd == -1 || ioctl(tun, TUNSETIFF, &r) == -1)
		err(1, "/dev/net/tun");
	set_address(fd, SIOCSIFADDR, "line", NEAR);
	set_address(fd, SIOCSIFNETMASK, "line", 0xffffff00u);
	set_up(fd, "line");
	set_up(fd, "lo");
	close(fd);
	return (tun);
}

/* ---- the line -------------------------------------------------------- */

/* The same losses every time. */
static bool
is_lost(void)
{
	static uint32_t	 state = 1;

	state = state * 1664525 + 1013904223;
	return ((state >> 16) % 100 < loss_percent);
}

/*
 * Both checksums are sums over both addresses, and stay right when those
 * change places.
 */
static bool
turn_round(uint8_t *data, size_t len)
{
	const uint32_t	 far = htonl(FAR);
	uint8_t		 source[4];

	if (len < IP_HEADER || memcmp(data + IP_TARGET, &far, 4) != 0)
		return (false);
	memcpy(source, data + IP_SOURCE, 4);
	memcpy(data + IP_SOURCE, data + IP_TARGET, 4);
	memcpy(data + IP_TARGET, source, 4);
	return (true);
}

static void
take_packets(int tun, int64_t now)
{
	struct packet	*p;
	ssize_t		 n;

	for (;;) {
		p = &queue[tail % QUEUE];
		n = read(tun, p->data, sizeof(p->data));
		if (n <= 0)
			return;
		if (tail - head == QUEUE - 1 ||
		    !turn_round(p->data, (size_t)n) || is_lost())
			continue;
		p->len = (size_t)n;
		p->due = now + delay_ms;
		tail++;
	}
}

/* Milliseconds until the next one is due; -1: there is none. */
static int
deliver(int tun, int64_t now)
{
	const struct packet	*p;

	for (; head != tail; head++) {
		p = &queue[head % QUEUE];
		if (p->due > now)
			return ((int)(p->due - now));
		(void)!write(tun, p->data, p->len);
	}
	return (-1);
}

static void
read_orders(int fifo)
{
	char	 text[64];
	ssize_t	 n = read(fifo, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	if (sscanf(text, "%d %u", &delay_ms, &loss_percent) != 2)
		errx(64, "what is '%s'?", text);
}

int
main(int argc, char **argv)
{
	struct pollfd	 fds[2];

	if (argc != 2)
		errx(64, "usage: link CONTROL_FIFO");
	fds[0] = (struct pollfd){ .fd = open_line(), .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = open(argv[1], O_RDWR),
	    .events = POLLIN };
	if (fds[1].fd == -1)
		err(1, "%s", argv[1]);
	for (;;) {
		if (poll(fds, 2, deliver(fds[0].fd, clock_ms())) < 0)
			err(1, "poll");
		if (fds[1].revents != 0)
			read_orders(fds[1].fd);
		if (fds[0].revents != 0)
			take_packets(fds[0].fd, clock_ms());
	}
}
