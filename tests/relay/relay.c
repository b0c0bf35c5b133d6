/* SPDX-License-Identifier: MIT */

/*
 * usage: relay ws|socks|http|cut|spoil PORT_FILE BROKER_PORT [SECRET|BYTES]
 *
 * A way to a broker on this host, for the tests: a WebSocket server, a SOCKS5
 * or an HTTP proxy on a free loopback port, which is written to PORT_FILE.
 * Serves one connection after another, each in a child, until it is killed.
 *
 * The WebSocket server sends what the broker says in pieces of a few bytes,
 * each a fragment, with pings between them.  With SECRET a client must show it:
 * "Authorization: Bearer SECRET", or for the proxies "Basic" of, or the log-in
 * with, the user name and password "user:SECRET".
 *
 * "cut" is a line that breaks: it passes on everything until BYTES bytes have
 * gone either way, and then both sides are reset.
 *
 * "spoil" makes each SUBACK end with a reason code that there is not.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "transport/ws_lib.h"
#include "transport/ws_mask.h"

#define PIECE		1000

static const char	*secret;
static uint16_t		 broker_port;

/* ---- sockets --------------------------------------------------------- */

static void
write_all(int fd, const void *data, size_t len)
{
	const char	*at = data;
	ssize_t		 n;

	for (; len > 0; at += n, len -= (size_t)n) {
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			_exit(0);
	}
}

static void
read_all(int fd, void *to, size_t len)
{
	if (len > 0 && recv(fd, to, len, MSG_WAITALL) != (ssize_t)len)
		_exit(0);
}

static void
send_at_once(int fd)
{
	int	 on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int
dial(uint16_t port)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET };
	int			 fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(port);
	if (fd == -1 || connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		err(1, "port %u", (unsigned)port);
	send_at_once(fd);
	return (fd);
}

/* Until one side ends; to_client and to_broker move what there is. */
static void
pump(int client, int broker, void (*to_client)(int, int),
    void (*to_broker)(int, int))
{
	struct pollfd	 fds[] = { { .fd = client, .events = POLLIN },
			    { .fd = broker, .events = POLLIN } };

	for (;;) {
		if (poll(fds, 2, -1) <= 0)
			continue;
		if (fds[0].revents != 0)
			to_broker(client, broker);
		if (fds[1].revents != 0)
			to_client(broker, client);
	}
}

static size_t
copy_some(int from, int to, size_t max)
{
	char	 data[65536];
	size_t	 want = max < sizeof(data) ? max : sizeof(data);
	ssize_t	 n = recv(from, data, want, 0);

	if (n <= 0)
		_exit(0);
	write_all(to, data, (size_t)n);
	return ((size_t)n);
}

static void
copy(int from, int to)
{
	copy_some(from, to, SIZE_MAX);
}

/* ---- HTTP ------------------------------------------------------------ */

/* Byte by byte up to the blank line: what is behind it is not ours. */
static void
read_head(int fd, char *to, size_t size)
{
	size_t	 n = 0;

	while (n < size - 1 && (n < 4 || memcmp(to + n - 4, "\r\n\r\n", 4))) {
		read_all(fd, to + n, 1);
		n++;
	}
	to[n] = '\0';
}

static void
answer(int fd, const char *text)
{
	write_all(fd, text, strlen(text));
}

static void
refuse(int fd, const char *text)
{
	answer(fd, text);
	_exit(0);
}

/* ---- WebSocket ------------------------------------------------------- */

static void
send_frame(int fd, uint8_t first, const void *data, size_t len)
{
	uint8_t	 frame[4 + PIECE] = { first };
	size_t	 n = 2;

	frame[1] = (uint8_t)len;
	if (len > 125) {
		frame[1] = 126;
		frame[2] = (uint8_t)(len >> 8);
		frame[3] = (uint8_t)len;
		n = 4;
	}
	memcpy(frame + n, data, len);
	write_all(fd, frame, n + len);
}

/* Two fragments, a ping between them; now and then only one byte. */
static void
ws_to_client(int broker, int client)
{
	uint8_t	 data[PIECE];
	ssize_t	 n = recv(broker, data, sizeof(data), 0);
	size_t	 half;

	if (n <= 0) {
		send_frame(client, 0x88, "\x03\xe9" "bye", 5);
		_exit(0);
	}
	half = (size_t)n / 3;
	send_frame(client, 0x02, data, half);
	send_frame(client, 0x89, "are you there", 13);
	send_frame(client, 0x80, data + half, (size_t)n - half);
}

static size_t
frame_length(int client, uint8_t second)
{
	uint8_t	 more[8];
	size_t	 n = 0, bytes = second == 126 ? 2 : second == 127 ? 8 : 0;

	read_all(client, more, bytes);
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | more[i];
	return (bytes == 0 ? second : n);
}

static void
ws_to_broker(int client, int broker)
{
	static uint8_t	 data[1u << 20], plain[1u << 20];
	uint8_t		 head[2], key[WS_KEY_SIZE];
	size_t		 len;

	read_all(client, head, sizeof(head));
	if ((head[1] & 0x80) == 0)
		errx(1, "a frame without mask");
	len = frame_length(client, head[1] & 0x7f);
	read_all(client, key, sizeof(key));
	if (len > sizeof(data))
		errx(1, "a frame of %zu bytes", len);
	read_all(client, data, len);
	for (size_t i = 0; i < len; i++)
		plain[i] = data[i] ^ key[i % WS_KEY_SIZE];
	if (head[0] == 0x82)
		write_all(broker, plain, len);
	else if (head[0] == 0x88)
		send_frame(client, 0x88, plain, len);
	else if (head[0] != 0x8a || len != 13)
		errx(1, "an unexpected frame 0x%02x", head[0]);
}

static void
ws_accept(int client, const char *head)
{
	unsigned char	 digest[SHA1_SIZE];
	char		 key[64], text[128], proof[BASE64_SIZE(SHA1_SIZE)];
	const char	*field = strstr(head, "Sec-WebSocket-Key: ");
	struct error	 e;

	if (field == NULL || sscanf(field, "%*s %63s", key) != 1 ||
	    ws_lib_load(&e) < 0)
		refuse(client, "HTTP/1.1 400 Bad Request\r\n\r\n");
	snprintf(text, sizeof(text),
	    "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	wslay.sha1((unsigned char *)text, strlen(text), digest);
	base64(proof, digest, sizeof(digest));
	answer(client, "HTTP/1.1 101 Switching Protocols\r\n"
	    "upgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\n"
	    "sec-websocket-protocol: mqtt\r\nsec-websocket-accept: ");
	answer(client, proof);
	answer(client, "\r\n\r\n");
}

static void
serve_ws(int client)
{
	char	 head[8192], bearer[200];

	read_head(client, head, sizeof(head));
	snprintf(bearer, sizeof(bearer), "\r\nAuthorization: Bearer %s\r\n",
	    secret != NULL ? secret : "");
	if (secret != NULL && strstr(head, bearer) == NULL)
		refuse(client, "HTTP/1.1 401 Unauthorized\r\n"
		    "Content-Length: 21\r\n\r\nshow me your token,\r\n");
	if (strncmp(head, "GET /mqtt HTTP/1.1\r\n", 20) != 0)
		refuse(client, "HTTP/1.1 404 Not Found\r\n\r\nno such path");
	if (strstr(head, "\r\nSec-WebSocket-Protocol: mqtt\r\n") == NULL)
		refuse(client, "HTTP/1.1 400 Bad Request\r\n\r\n");
	ws_accept(client, head);
	pump(client, dial(broker_port), ws_to_client, ws_to_broker);
}

/* ---- proxies --------------------------------------------------------- */

/* The broker, whatever its name; "refused.test" is nowhere. */
static int
find_broker(const char *host)
{
	return (strcmp(host, "refused.test") == 0 ? -1 : dial(broker_port));
}

/* A byte of length and so many bytes, as text. */
static size_t
read_counted(int fd, char to[256])
{
	uint8_t	 len;

	read_all(fd, &len, 1);
	read_all(fd, to, len);
	to[len] = '\0';
	return (len);
}

/* RFC 1929 */
static void
socks_log_in(int client)
{
	char	 user[256], password[256], version;

	read_all(client, &version, 1);
	read_counted(client, user);
	read_counted(client, password);
	if (version != 1 || strcmp(user, "user") != 0 ||
	    strcmp(password, secret) != 0) {
		write_all(client, "\1\1", 2);
		_exit(0);
	}
	write_all(client, "\1\0", 2);
}

static void
serve_socks(int client)
{
	char	 head[4], methods[256], host[256];
	size_t	 n;
	int	 broker;

	read_all(client, head, 1);
	n = read_counted(client, methods);
	if (memchr(methods, secret != NULL ? 2 : 0, n) == NULL) {
		write_all(client, "\5\xff", 2);
		_exit(0);
	}
	write_all(client, secret != NULL ? "\5\2" : "\5\0", 2);
	if (secret != NULL)
		socks_log_in(client);
	read_all(client, head, 4);
	if (memcmp(head, "\5\1\0\3", 4) != 0)
		errx(1, "no SOCKS request for a name");
	read_counted(client, host);
	read_all(client, head, 2);
	broker = find_broker(host);
	write_all(client, broker == -1 ? "\5\5\0\1\0\0\0\0\0\0" :
	    "\5\0\0\3\4here\0\7", broker == -1 ? 10 : 11);
	if (broker != -1)
		pump(client, broker, copy, copy);
}

static void
check_basic(int client, const char *head)
{
	char	 login[200], coded[BASE64_SIZE(200)], want[400];

	snprintf(login, sizeof(login), "user:%s", secret);
	base64(coded, login, strlen(login));
	snprintf(want, sizeof(want), "\r\nProxy-Authorization: Basic %s\r\n",
	    coded);
	if (strstr(head, want) == NULL)
		refuse(client, "HTTP/1.1 407 Proxy Authentication Required"
		    "\r\nContent-Length: 0\r\n\r\n");
}

static void
serve_http(int client)
{
	char	 head[8192], host[256];
	int	 broker;

	read_head(client, head, sizeof(head));
	if (secret != NULL)
		check_basic(client, head);
	if (sscanf(head, "CONNECT %255[^:]:", host) != 1)
		refuse(client, "HTTP/1.1 405 Method Not Allowed\r\n\r\n");
	broker = find_broker(host);
	if (broker == -1)
		refuse(client, "HTTP/1.1 502 Bad Gateway\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n"
		    "d\r\nno such host.\r\n0\r\n\r\n");
	answer(client, "HTTP/1.1 200 Connection established\r\n\r\n");
	pump(client, broker, copy, copy);
}

/* ---- a line that breaks ---------------------------------------------- */

static size_t	 until_cut;

static void
reset(int fd)
{
	struct linger	 none = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static void
copy_until_cut(int from, int to)
{
	until_cut -= copy_some(from, to, until_cut);
	if (until_cut > 0)
		return;
	reset(from);
	reset(to);
	_exit(0);
}

static void
serve_cut(int client)
{
	until_cut = strtoul(secret, NULL, 10);
	pump(client, dial(broker_port), copy_until_cut, copy_until_cut);
}

/* ---- a broker that talks nonsense ------------------------------------ */

/* The broker writes SUBACK by itself, for the client asks for nothing else. */
static void
copy_spoiled(int from, int to)
{
	enum { SUBACK = 0x90, NO_REASON = 0x55 };
	unsigned char	 data[4096];
	ssize_t		 n = recv(from, data, sizeof(data), 0);

	if (n <= 0)
		_exit(0);
	if (data[0] == SUBACK)
		data[n - 1] = NO_REASON;
	write_all(to, data, (size_t)n);
}

static void
serve_spoil(int client)
{
	pump(client, dial(broker_port), copy_spoiled, copy);
}

/* ---- the program ----------------------------------------------------- */

static const struct service {
	const char	*name;
	void		(*serve)(int);
} services[] = {
	{ "ws", serve_ws },
	{ "socks", serve_socks },
	{ "http", serve_http },
	{ "cut", serve_cut },
	{ "spoil", serve_spoil },
};

static int
listen_anywhere(const char *port_file)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(a);
	int			 fd = socket(AF_INET, SOCK_STREAM, 0);
	FILE			*f;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, len) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		err(1, "listen");
	f = fopen(port_file, "w");
	if (f == NULL || fprintf(f, "%u\n", (unsigned)ntohs(a.sin_port)) < 0 ||
	    fclose(f) != 0)
		err(1, "%s", port_file);
	return (fd);
}

static void
serve_all(int listener, void (*serve)(int))
{
	int	 client;

	for (;;) {
		client = accept(listener, NULL, NULL);
		if (client == -1)
			continue;
		if (fork() == 0) {
			close(listener);
			send_at_once(client);
			serve(client);
			_exit(0);
		}
		close(client);
	}
}

int
main(int argc, char **argv)
{
	if (argc < 4)
		errx(64, "usage: relay ws|socks|http|cut|spoil PORT_FILE "
		    "BROKER_PORT [SECRET|BYTES]");
	broker_port = (uint16_t)strtoul(argv[3], NULL, 10);
	secret = argv[4];
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i].name, argv[1]) == 0)
			serve_all(listen_anywhere(argv[2]), services[i].serve);
	errx(64, "no service '%s'", argv[1]);
}
