/* SPDX-License-Identifier: MIT */

/* The first connection, made alone. */

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/explain.h"
#include "common/setup.h"
#include "common/signals.h"
#include "mqbench/bench.h"
#include "mqbench/template.h"

#define TURN_MS 100

struct preflight {
	struct bench	*bench;
	int		 status;
};

/* "10.0.0.1:1883" or "[::1]:1883" without the port and the brackets. */
static char *
host_of(const char *address)
{
	size_t len = strlen(address);
	const char *colon = strrchr(address, ':');
	char *host;

	if (colon != NULL)
		len = (size_t)(colon - address);
	if (len >= 2 && address[0] == '[') {
		address++;
		len -= 2;
	}
	host = xmalloc(len + 1);
	memcpy(host, address, len);
	host[len] = '\0';
	return (host);
}

static void
on_connected(struct mqk_client *client, const struct mqk_connected *what,
    void *user)
{
	struct preflight *p = user;

	p->bench->host = host_of(what->address);
	p->bench->version = what->version;
	mqk_disconnect(client, 0, NULL);
}

static void
on_disconnected(struct mqk_client *client,
    const struct mqk_disconnected *what, void *user)
{
	struct preflight *p = user;
	char text[256];

	(void)client;
	if (what->was_up)
		return;
	setup_explain(what, text, sizeof(text));
	diag_warn("%s", text);
	if (p->bench->config->general.explain)
		explain(what->post_mortem);
	p->status = exitcode_of(what->error, what->reason, false);
}

static enum mqk_policy
before_reconnect(struct mqk_client *client, struct mqk_attempt *attempt,
    void *user)
{
	(void)client;
	(void)attempt;
	(void)user;
	return (MQK_GIVE_UP);
}

/* Turns until it is over, one way or the other. */
static int
run(const struct config *config, struct mqk_client *client)
{
	int err;

	err = setup_identity(config, client);
	if (err == MQK_OK)
		err = mqk_connect(client);
	while (err == MQK_OK && signals_pending() == 0)
		err = mqk_step(client, TURN_MS);
	return (err);
}

int
bench_preflight(struct bench *b)
{
	static const struct mqk_handlers handlers = {
	    .on_connected = on_connected,
	    .on_disconnected = on_disconnected,
	    .before_reconnect = before_reconnect
	};
	struct preflight p = { .bench = b };
	const struct template_values first = { 0, b->run };
	struct mqk_options opts = b->options;
	struct mqk_client *client;
	char *id, why[256];
	int err;

	id = template_expand(b->id, &first);
	opts.client_id = id;
	opts.user = &p;
	err = mqk_client_new(&client, &opts);
	free(id);
	if (err == MQK_OK) {
		mqk_set_handlers(client, &handlers);
		err = run(b->config, client);
	}
	(void)mqk_last_error_text_r(client, why, sizeof(why));
	mqk_client_free(client);
	if (b->host != NULL) {
		/* Other transports need the name, not only its address. */
		if (b->options.scheme == NULL && b->options.tls == NULL &&
		    b->options.proxy == NULL && b->options.nbrokers == 0 &&
		    !b->options.srv)
			b->options.host = b->host;
		b->options.version = b->version;
		return (STATUS_OK);
	}
	if (p.status != STATUS_OK)
		return (p.status);
	if (err == MQK_OK)
		return (STATUS_INTERRUPTED);
	diag_warn("cannot connect: %s", why);
	return (exitcode_of(err, 0, false));
}
