/* SPDX-License-Identifier: MIT */

#include "unit/mempipe.h"

#include <stdio.h>
#include <string.h>

static struct mempipe *
mem_of(struct pipe *p)
{
	return ((struct mempipe *)p);
}

static int
mem_open(struct pipe *p, int64_t now, struct error *e)
{
	(void)p;
	(void)now;
	(void)e;
	return (MQK_OK);
}

static ssize_t
mem_read(struct pipe *p, void *to, size_t size, struct error *e)
{
	struct mempipe	*m = mem_of(p);
	size_t		 n = buf_len(&m->in) < size ? buf_len(&m->in) : size;

	if (n == 0)
		return (m->ended ? errf(e, MQK_ECLOSED, "closed") : 0);
	memcpy(to, buf_data(&m->in), n);
	buf_consume(&m->in, n);
	return ((ssize_t)n);
}

static ssize_t
mem_write(struct pipe *p, const void *from, size_t len, struct error *e)
{
	struct mempipe	*m = mem_of(p);

	(void)e;
	if (len > m->room)
		len = m->room;
	m->room -= len;
	buf_append(&m->out, from, len);
	return ((ssize_t)len);
}

static void
mem_wait(const struct pipe *p, struct pipe_wait *w)
{
	(void)p;
	w->fd = 7;
	w->want = MQK_READ;
	w->deadline = INT64_MAX;
}

static bool
mem_pending(const struct pipe *p)
{
	(void)p;
	return (false);
}

static int
mem_shut(struct pipe *p)
{
	(void)p;
	return (MQK_OK);
}

static void
mem_text(const struct pipe *p, char *text, size_t size)
{
	(void)p;
	snprintf(text, size, "memory");
}

static void
mem_free(struct pipe *p)
{
	mem_of(p)->freed = true;
}

static enum mqk_stage
mem_reached(const struct pipe *p)
{
	(void)p;
	return (MQK_STAGE_CONNECT);
}

static const struct pipe_ops ops = {
	.name = "memory",
	.open = mem_open,
	.read = mem_read,
	.write = mem_write,
	.wait = mem_wait,
	.pending = mem_pending,
	.shut = mem_shut,
	.reached = mem_reached,
	.stage = mem_text,
	.address = mem_text,
	.free = mem_free,
};

void
mempipe_init(struct mempipe *m)
{
	memset(m, 0, sizeof(*m));
	m->pipe.ops = &ops;
	m->room = SIZE_MAX;
	buf_init(&m->in, 1u << 24);
	buf_init(&m->out, 1u << 24);
}

void
mempipe_fini(struct mempipe *m)
{
	buf_fini(&m->in);
	buf_fini(&m->out);
}

void
mempipe_renew(struct mempipe *m)
{
	buf_consume(&m->in, buf_len(&m->in));
	buf_consume(&m->out, buf_len(&m->out));
	m->room = SIZE_MAX;
	m->ended = false;
	m->freed = false;
}

void
mempipe_say(struct mempipe *m, const void *data, size_t len)
{
	buf_append(&m->in, data, len);
}
