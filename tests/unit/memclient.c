/* SPDX-License-Identifier: MIT */

#include "unit/memclient.h"

#include <stdlib.h>

#include "unit/fixture.h"

#define ROOM	(256u * 1024)

struct mempipe	 memclient_pipe;
unsigned	 memclient_dials;

/* What the linker calls in place of transport_new(). */
int	 __wrap_transport_new(struct pipe **, const struct transport_options *,
	    struct error *);

void
memclient_init(void)
{
	mempipe_init(&memclient_pipe);
	assert_non_null(buf_reserve(&memclient_pipe.in, ROOM));
	assert_non_null(buf_reserve(&memclient_pipe.out, ROOM));
}

int
__wrap_transport_new(struct pipe **to, const struct transport_options *o,
    struct error *e)
{
	(void)o;
	(void)e;
	if (memclient_pipe.pipe.ops == NULL)
		memclient_init();
	mempipe_renew(&memclient_pipe);
	memclient_dials++;
	*to = &memclient_pipe.pipe;
	return (MQK_OK);
}

int
memclient_turn(struct mqk_client *c)
{
	return (mqk_ready(c, MQK_READ | MQK_WRITE));
}

int
memclient_hear(struct mqk_client *c, const void *data, size_t len)
{
	mempipe_say(&memclient_pipe, data, len);
	return (memclient_turn(c));
}

int
memclient_hear_text(struct mqk_client *c, const char *text)
{
	size_t	 len;
	uint8_t	*data = bytes_of(text, &len);
	int	 err = memclient_hear(c, data, len);

	free(data);
	return (err);
}
