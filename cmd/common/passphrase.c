/* SPDX-License-Identifier: MIT */

/*
 * Secrets that are not in argv.  The terminal is read key by key, with its
 * signals off, so that it is never left without echo.
 */

#include "common/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/diag.h"

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, DEL = 127 };

static void
say(int tty, const char *text)
{
	ssize_t	 n = write(tty, text, strlen(text));

	(void)n;	/* who can't see it can still type */
}

/* The line's length so far after one more key; -1: given up. */
static int
edit(char *to, int len, size_t size, unsigned char key)
{
	switch (key) {
	case CTRL_C:
	case CTRL_D:
		return (-1);
	case BACKSPACE:
	case DEL:
		return (len > 0 ? len - 1 : 0);
	case CTRL_U:
		return (0);
	}
	if ((size_t)len < size)
		to[len++] = (char)key;
	return (len);
}

static int
read_line(int tty, char *to, size_t size)
{
	unsigned char	 key;
	int		 len = 0;

	while (len >= 0) {
		if (read(tty, &key, 1) != 1)
			return (-1);
		if (key == '\n' || key == '\r')
			break;
		len = edit(to, len, size, key);
	}
	return (len);
}

int
passphrase_ask(const char *prompt, char *to, size_t size)
{
	struct termios	 before, quiet;
	int		 len = -1, tty = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (tty == -1)
		return (-1);
	if (tcgetattr(tty, &before) == 0) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
		quiet.c_cc[VMIN] = 1;
		quiet.c_cc[VTIME] = 0;
		tcsetattr(tty, TCSAFLUSH, &quiet);
		say(tty, prompt);
		len = read_line(tty, to, size);
		say(tty, "\n");
		tcsetattr(tty, TCSAFLUSH, &before);
	}
	close(tty);
	return (len);
}

int
passphrase_read(const char *path, char *to, size_t size)
{
	size_t	 len = 0, end;
	ssize_t	 n = 0;
	int	 fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd != -1 && len < size &&
	    (n = read(fd, to + len, size - len)) > 0)
		len += (size_t)n;
	if (fd == -1 || n == -1)
		diag_say("%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	if (fd == -1 || n == -1)
		return (-1);
	for (end = 0; end < len && to[end] != '\n'; end++)
		continue;
	if (end > 0 && to[end - 1] == '\r')
		end--;
	return ((int)end);
}
