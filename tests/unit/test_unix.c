/* SPDX-License-Identifier: MIT */

/* Sockets in the file system. */

#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/transport.h"
#include "unit/fixture.h"

struct place {
	char		 dir[32];
	struct sockaddr_un at;
	int		 listener;
	struct pipe	*pipe;
	struct error	 e;
};

static int
set_up(void **state)
{
	struct place	*p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "/tmp/mqk-unix-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->at.sun_family = AF_UNIX;
	snprintf(p->at.sun_path, sizeof(p->at.sun_path), "%s/s", p->dir);
	p->listener = -1;
	*state = p;
	return (0);
}

static int
tear_down(void **state)
{
	struct place	*p = *state;

	if (p->pipe != NULL)
		p->pipe->ops->free(p->pipe);
	if (p->listener != -1)
		close(p->listener);
	unlink(p->at.sun_path);
	rmdir(p->dir);
	free(p);
	return (0);
}

static void
listen_there(struct place *p, int backlog)
{
	p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&p->at,
	    sizeof(p->at)), 0);
	assert_int_equal(listen(p->listener, backlog), 0);
}

static int
make(struct place *p, struct pipe **to, char *path)
{
	struct mqk_url	 url = { .scheme = (char[]){ "unix" }, .host = path };
	struct transport_options o = { .url = &url };

	return (transport_new(to, &o, &p->e));
}

static void
bytes_go_both_ways_until_one_side_ends(void **state)
{
	struct place	*p = *state;
	struct pipe_wait w;
	char		 text[PIPE_ADDRESS_MAX + 16], want[160];
	int		 fd;

	listen_there(p, 1);
	assert_int_equal(make(p, &p->pipe, p->at.sun_path), MQK_OK);
	p->pipe->ops->stage(p->pipe, text, sizeof(text));
	snprintf(want, sizeof(want), "connect to %s", p->at.sun_path);
	assert_string_equal(text, want);
	assert_int_equal(p->pipe->ops->open(p->pipe, 1, &p->e), MQK_OK);
	fd = accept(p->listener, NULL, NULL);
	assert_int_not_equal(fd, -1);
	p->pipe->ops->wait(p->pipe, &w);
	assert_int_not_equal(w.fd, -1);
	assert_int_equal(w.want, MQK_READ);
	assert_int_equal(p->pipe->ops->read(p->pipe, text, 9, &p->e), 0);
	assert_int_equal(p->pipe->ops->write(p->pipe, "hello", 5, &p->e), 5);
	assert_int_equal(read(fd, text, 9), 5);
	assert_int_equal(write(fd, "you", 3), 3);
	assert_int_equal(p->pipe->ops->read(p->pipe, text, 9, &p->e), 3);
	assert_int_equal(p->pipe->ops->shut(p->pipe), MQK_OK);
	assert_int_equal(read(fd, text, 9), 0);
	close(fd);
	assert_int_equal(p->pipe->ops->read(p->pipe, text, 9, &p->e),
	    MQK_ECLOSED);
	assert_non_null(strstr(p->e.text, p->at.sun_path));
}

static void
what_is_not_there_is_named(void **state)
{
	struct place	*p = *state;

	assert_int_equal(make(p, &p->pipe, p->at.sun_path), MQK_OK);
	assert_int_equal(p->pipe->ops->open(p->pipe, 1, &p->e), MQK_EDIAL);
	assert_non_null(strstr(p->e.text, p->at.sun_path));
	assert_non_null(strstr(p->e.text, "No such file"));
}

static void
a_path_has_a_limit(void **state)
{
	struct place	*p = *state;
	char		 path[sizeof(p->at.sun_path) + 1];

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(make(p, &p->pipe, path), MQK_EINVAL);
	assert_null(p->pipe);
	path[sizeof(path) - 2] = '\0';
	assert_int_equal(make(p, &p->pipe, path), MQK_OK);
}

/* As far as the system lets connections wait, the next must, too. */
static void
a_full_listener_is_asked_again(void **state)
{
	enum { MANY = 16 };
	struct place	*p = *state;
	struct pipe	*early[MANY];
	struct pipe_wait w;
	int		 n = 0, err;

	listen_there(p, 0);
	do {
		assert_int_equal(make(p, &early[n], p->at.sun_path), MQK_OK);
		err = early[n]->ops->open(early[n], 100, &p->e);
		n++;
	} while (err == MQK_OK && n < MANY);
	assert_int_equal(err, MQK_EAGAIN);
	early[n - 1]->ops->wait(early[n - 1], &w);
	assert_int_equal(w.fd, -1);
	assert_true(w.deadline > 100 && w.deadline < 200);
	close(accept(p->listener, NULL, NULL));
	assert_int_equal(early[n - 1]->ops->open(early[n - 1], w.deadline,
	    &p->e), MQK_OK);
	while (n > 0) {
		n--;
		early[n]->ops->free(early[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(
		    bytes_go_both_ways_until_one_side_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_named,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_path_has_a_limit, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_full_listener_is_asked_again,
		    set_up, tear_down),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
