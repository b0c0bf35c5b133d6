/* SPDX-License-Identifier: MIT */

/* From options to a run, and from a run's outcome to a verdict. */

#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/setup.h"
#include "mqbench/clock.h"
#include "mqbench/payload.h"
#include "mqbench/template.h"

#define MS 1000000			/* nanoseconds */

const struct bench_role bench_roles[] = {
	[BENCH_PUB] = { .name = "pub", .publishes = true },
	[BENCH_SUB] = { .name = "sub", .subscribes = true },
	[BENCH_PUBSUB] = { .name = "pubsub", .publishes = true,
	    .subscribes = true },
	[BENCH_CONN] = { .name = "conn", .connects = true }
};

/* Which messages are of this run: as good as unique on one broker. */
static uint32_t
run_number(void)
{
	uint32_t number = 0;
	ssize_t n = 0;
	int fd;

	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, &number, sizeof(number));
		close(fd);
	}
	if (n != (ssize_t)sizeof(number))
		number = (uint32_t)clock_ns() ^ (uint32_t)getpid() << 16;
	return (number);
}

/* --id, --id-prefix or our own, made different for each client. */
static char *
id_template(const struct config *config)
{
	const struct config_connect *c = &config->connect;
	const char *stem = "mqb", *tail = "%r-%c";
	size_t len;
	char *id;

	if (c->id != NULL) {
		stem = c->id;
		tail = template_is_individual(stem) ||
		    config->bench.clients == 1 ? "" : "-%c";
	} else if (c->id_prefix != NULL) {
		stem = c->id_prefix;
	}
	len = strlen(stem) + strlen(tail) + 1;
	id = xmalloc(len);
	snprintf(id, len, "%s%s", stem, tail);
	return (id);
}

static void
init_plan(struct plan *p, const struct config_bench *c, bool connects)
{
	*p = (struct plan){
	    .limit = (uint64_t)(connects ? c->clients : c->count),
	    .warmup_ns = connects ? 0 : c->warmup_ms * MS,
	    .measure_ns = c->duration_ms * MS,
	    .clients = (uint32_t)c->clients,
	    .workers = (uint32_t)(c->threads < c->clients ?
		c->threads : c->clients)
	};
	plan_set_rate(p, c->rate);
}

void
bench_init(struct bench *b, const struct config *config)
{
	const struct config_bench *c = &config->bench;

	*b = (struct bench){
	    .config = config,
	    .role = &bench_roles[c->mode],
	    .run = run_number(),
	    .clock = clock_id(),
	    .size = (size_t)c->size,
	    .qos = (uint8_t)c->qos,
	    .carries = payload_carries((size_t)c->size),
	    .id = id_template(config)
	};
	init_plan(&b->plan, c, b->role->connects);
	setup_options(config, &b->options);
	/* A message in the library's queue would count as sent. */
	if (c->qos > 0)
		b->options.max_queue = 1;
}

void
bench_fini(struct bench *b)
{
	free(b->id);
	free(b->host);
}

bool
bench_has_latency(const struct bench *b)
{
	return (!b->role->publishes || b->role->subscribes || b->qos > 0 ||
	    plan_is_open(&b->plan));
}

uint64_t
bench_expected(const struct bench *b, uint64_t sent, uint64_t subscribers)
{
	if (!b->role->publishes || !b->role->subscribes)
		return (0);
	return (template_is_individual(b->config->bench.topic) ? sent :
	    sent * subscribers);
}

static uint64_t
less(uint64_t all, uint64_t part)
{
	return (all > part ? all - part : 0);
}

uint64_t
bench_lost(const struct bench *b, const struct outcome *o)
{
	const struct tally *t = &o->tally;

	if (b->role->connects)
		return (0);
	if (!b->role->publishes)
		return (t->audit.missing);
	if (!b->role->subscribes)
		return (b->qos == 0 ? 0 :
		    less(t->sent.all, t->answered.all + t->refused));
	return (less(bench_expected(b, t->sent.all, t->subscribed),
	    b->carries == 0 ? t->received.all : t->audit.unique));
}

/* Duplicates break QoS 2 only, order is promised to every stream. */
static bool
is_broken(const struct bench *b, const struct outcome *o)
{
	const struct audit_counts *a = &o->tally.audit;

	return (bench_lost(b, o) > 0 || (b->qos == 2 && a->duplicated > 0));
}

int
bench_verdict(const struct bench *b, const struct outcome *o)
{
	const struct tally *t = &o->tally;
	bool has_end = b->plan.measure_ns != 0 ||
	    (b->plan.limit != 0 && !b->role->connects);

	if (t->failed > 0)
		return (t->fail_status);
	if (t->refused > 0)
		return (STATUS_PUBLISH_REFUSED);
	if (b->qos > 0 && is_broken(b, o))
		return (STATUS_VERDICT);
	if (t->down > 0)
		return (STATUS_LOST);
	if (o->interrupted && has_end)
		return (STATUS_INTERRUPTED);
	return (o->stalled ? STATUS_TIMEOUT : STATUS_OK);
}
