/* SPDX-License-Identifier: MIT */

#include "unit/memclient.h"

#include <stdlib.h>

#include "unit/fixture.h"

struct mempipe	 memclient_pipe;
unsigned	 memclient_dials;

/* What the linker calls in place of transport_new(). */
int	 __wrap_transport_new(struct pipe **, const struct transport_options *,
	    struct error *);

int
__wrap_transport_new(struct pipe **to, const struct transport_options *o,
    struct error *e)
{
	(void)o;
	(void)e;
	mempipe_fini(&memclient_pipe);
	mempipe_init(&memclient_pipe);
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
