/* SPDX-License-Identifier: MIT */

/*
 * usage: dns [NAME PRIORITY WEIGHT PORT TARGET]...
 * A name server for the tests, on 127.0.0.1:53 of a network of their own,
 * whose loopback it brings up.  It knows the SRV records it is given, and that
 * every name below "test" has the address 127.0.0.1, except "gone.test".
 * Writes "ready" when it can be asked, and ends with its standard input.
 */

#define _DEFAULT_SOURCE		/* struct ifreq */

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 12, TYPE_A = 1, TYPE_SRV = 33, ROOM = 300, FIELDS = 5 };

struct message {
	uint8_t		 mem[4096];
	size_t		 len;
	uint16_t	 answers;
};

static void
put(struct message *m, const void *from, size_t len)
{
	if (len > sizeof(m->mem) - m->len)
		errx(1, "the answer is too long");
	memcpy(m->mem + m->len, from, len);
	m->len += len;
}

static void
put16(struct message *m, unsigned long n)
{
	const uint8_t	 bytes[] = { (uint8_t)(n >> 8), (uint8_t)n };

	put(m, bytes, sizeof(bytes));
}

/* Labels of a name with dots; "." is the root. */
static void
put_name(struct message *m, const char *name)
{
	while (*name != '\0' && *name != '.') {
		size_t	 n = strcspn(name, ".");
		uint8_t	 len = (uint8_t)n;

		put(m, &len, 1);
		put(m, name, n);
		name += n + (name[n] == '.');
	}
	put(m, "", 1);
}

/* The question's name with dots; how many bytes it takes, 0: none. */
static size_t
read_name(const uint8_t *at, size_t size, char *to)
{
	size_t	 n = 0;

	while (n < size && at[n] != 0) {
		if (at[n] > 63 || n + 1 + at[n] >= size || n + at[n] > 250)
			return (0);
		memcpy(to + n, at + n + 1, at[n]);
		n += 1u + at[n];
		to[n - 1] = '.';
	}
	to[n > 0 ? n - 1 : 0] = '\0';
	return (n < size ? n + 1 : 0);
}

/* The head of a record for the name that was asked for. */
static void
put_record(struct message *m, unsigned type)
{
	put16(m, 0xc000 | HEADER);
	put16(m, type);
	put16(m, 1);
	put(m, "\0\0\0\0", 4);
	m->answers++;
}

static void
put_service(struct message *m, char *const *field)
{
	size_t	 length_at;

	put_record(m, TYPE_SRV);
	length_at = m->len;
	put16(m, 0);
	for (int i = 1; i <= 3; i++)
		put16(m, strtoul(field[i], NULL, 10));
	put_name(m, field[4]);
	m->mem[length_at + 1] = (uint8_t)(m->len - length_at - 2);
}

static void
put_address(struct message *m)
{
	put_record(m, TYPE_A);
	put16(m, 4);
	put(m, "\177\0\0\1", 4);
}

static bool
has_address(const char *name)
{
	size_t	 n = strlen(name);

	return (n > 5 && strcmp(name + n - 5, ".test") == 0 &&
	    strcmp(name, "gone.test") != 0);
}

/* The question as it came becomes the beginning of its answer. */
static void
answer(struct message *m, size_t asked, char *const *records)
{
	char	 name[256];
	size_t	 n = read_name(m->mem + HEADER, asked - HEADER, name);
	unsigned type;
	bool	 known;

	if (n == 0 || HEADER + n + 4 > asked)
		return;
	m->len = HEADER + n + 4;
	type = m->mem[HEADER + n + 1];
	known = has_address(name);
	for (; *records != NULL; records += FIELDS) {
		if (strcmp(*records, name) != 0)
			continue;
		known = true;
		if (type == TYPE_SRV && m->len < sizeof(m->mem) - ROOM)
			put_service(m, records);
	}
	if (type == TYPE_A && has_address(name))
		put_address(m);
	m->mem[2] = 0x81;
	m->mem[3] = known ? 0x80 : 0x83;
	memset(m->mem + 4, 0, HEADER - 4);
	m->mem[5] = 1;
	m->mem[7] = (uint8_t)m->answers;
}

static void
bring_up(int fd)
{
	struct ifreq	 r = { .ifr_name = "lo" };

	if (ioctl(fd, SIOCGIFFLAGS, &r) == -1)
		err(1, "lo");
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &r) == -1)
		err(1, "lo");
}

static void
serve(int fd, char *const *records)
{
	struct sockaddr_in	 from;
	socklen_t		 len = sizeof(from);
	struct message		 m = { .len = 0 };
	ssize_t			 n = recvfrom(fd, m.mem, 512, 0,
				    (struct sockaddr *)&from, &len);

	if (n < HEADER)
		return;
	answer(&m, (size_t)n, records);
	if (m.len > 0)
		(void)sendto(fd, m.mem, m.len, 0, (struct sockaddr *)&from,
		    len);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in	 here = { .sin_family = AF_INET,
				    .sin_port = htons(53) };
	struct pollfd		 p[] = {
		{ .events = POLLIN }, { STDIN_FILENO, POLLIN, 0 }
	};

	if ((argc - 1) % FIELDS != 0)
		errx(2, "usage: dns [NAME PRIORITY WEIGHT PORT TARGET]...");
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p[0].fd = socket(AF_INET, SOCK_DGRAM, 0);
	bring_up(p[0].fd);
	if (bind(p[0].fd, (struct sockaddr *)&here, sizeof(here)) == -1)
		err(1, "127.0.0.1:53");
	puts("ready");
	fflush(stdout);
	while (poll(p, 2, -1) > 0 && p[1].revents == 0)
		serve(p[0].fd, argv + 1);
	return (0);
}
