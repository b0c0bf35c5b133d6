/* SPDX-License-Identifier: MIT */

/* The outcome as text and as JSON, from the same tables. */

#include "report.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/units.h"
#include "mqbench/summary.h"

#define LABEL_WIDTH	22
#define NUMBER_WIDTH	14

/* The lines of a latency table, in parts per million; two have no such. */
static const struct quantile {
	const char	*name;
	uint32_t	 per_million;
} quantiles[] = {
	{ "p50", 500000 },
	{ "p90", 900000 },
	{ "p95", 950000 },
	{ "p99", 990000 },
	{ "p99.9", 999000 },
	{ "p99.99", 999900 },
	{ NULL, 0 }
};

/* Is there a measurement beyond it?  Otherwise it is just the maximum. */
static bool
is_supported(const struct quantile *q, uint64_t n)
{
	return (n >= 1000000 / (1000000 - q->per_million));
}

static const char *
version_name(enum mqk_version version)
{
	switch (version) {
	case MQK_V5:
		return ("5.0");
	case MQK_V311:
		return ("3.1.1");
	case MQK_V31:
		return ("3.1");
	default:
		return ("?");
	}
}

static bool
has_two_histograms(const struct outcome *o)
{
	return (o->tally.uncorrected.total > 0);
}

/* ---- progress ---- */

void
report_progress(const struct bench *b, const struct progress *p, char *to,
    size_t cap)
{
	int n;

	n = snprintf(to, cap, "%.1f s, %" PRIu64 " of %" PRIu32 " connected",
	    p->seconds, p->connected, b->plan.clients);
	if (b->role->publishes && n > 0 && (size_t)n < cap)
		n += snprintf(to + n, cap - (size_t)n, ", %" PRIu64 " sent",
		    p->sent);
	if (b->role->publishes && b->qos > 0 && n > 0 && (size_t)n < cap)
		n += snprintf(to + n, cap - (size_t)n,
		    ", %" PRIu64 " answered", p->answered);
	if (b->role->subscribes && n > 0 && (size_t)n < cap)
		snprintf(to + n, cap - (size_t)n, ", %" PRIu64 " received",
		    p->received);
}

/* ---- text ---- */

static const char *
plural(uint64_t n)
{
	return (n == 1 ? "" : "s");
}

static const char *
loop_text(const struct bench *b)
{
	if (plan_is_open(&b->plan))
		return ("open loop: times are planned, latency counts from "
		    "the plan\n");
	if (!bench_has_latency(b))
		return ("closed loop: as fast as the socket takes them; no "
		    "latency, because nothing\nanswers QoS 0\n");
	return ("closed loop: as fast as answers come; delays by the broker "
	    "slow it down\nand so hide from the latency; use --rate to see "
	    "them\n");
}

static void
print_head(const struct bench *b, FILE *to)
{
	const struct config_bench *c = &b->config->bench;

	fprintf(to, "mqbench %s to %s, MQTT %s\n", b->role->name,
	    b->host, version_name(b->version));
	fprintf(to, "%" PRIu32 " client%s on %" PRIu32 " thread%s",
	    b->plan.clients, plural(b->plan.clients),
	    b->plan.workers, plural(b->plan.workers));
	if (c->threads > b->plan.workers)
		fputs(" (no more threads than clients)", to);
	if (!b->role->connects)
		fprintf(to, ", QoS %d, topic %s", b->qos, c->topic);
	if (b->role->publishes)
		fprintf(to, ", %zu bytes", b->size);
	fputc('\n', to);
	if (!b->role->publishes && !b->role->connects)
		return;
	fputs(loop_text(b), to);
}

static void
print_row(const struct summary_row *row, const void *at, FILE *to)
{
	const char *unit = row->unit == NULL ? "" : row->unit;

	fprintf(to, "%-*s", LABEL_WIDTH, row->label);
	switch (row->kind) {
	case SUMMARY_COUNT:
		fprintf(to, "%*" PRIu64, NUMBER_WIDTH, *(const uint64_t *)at);
		break;
	case SUMMARY_RATE:
		fprintf(to, "%*.1f", NUMBER_WIDTH, *(const double *)at);
		unit = "/s";
		break;
	case SUMMARY_AMOUNT:
		fprintf(to, "%*.3f", NUMBER_WIDTH, *(const double *)at);
		break;
	}
	fprintf(to, "%s%s\n", *unit == '\0' ? "" : " ", unit);
}

static bool
is_zero(const struct summary_row *row, const void *at)
{
	return (row->kind == SUMMARY_COUNT ? *(const uint64_t *)at == 0 :
	    *(const double *)at == 0);
}

static void
print_summary(const struct bench *b, const struct summary *s, FILE *to)
{
	const struct summary_row *row;

	for (row = summary_rows; row->label != NULL; row++) {
		const void *at = (const char *)s + row->at;

		if (!summary_has(row, b) || (row->only_if && is_zero(row, at)))
			continue;
		print_row(row, at, to);
	}
}

static void
print_ns(double ns, FILE *to)
{
	char text[32];

	units_format_ns(ns, text, sizeof(text));
	fprintf(to, "%*s", NUMBER_WIDTH, text);
}

static void
print_latency(const char *name, double corrected, double uncorrected,
    bool both, FILE *to)
{
	fprintf(to, "  %-*s", LABEL_WIDTH - 2, name);
	print_ns(corrected, to);
	if (both)
		print_ns(uncorrected, to);
	fputc('\n', to);
}

static void
print_latencies(const struct bench *b, const struct outcome *o, FILE *to)
{
	const struct hist *c = &o->tally.corrected;
	const struct hist *u = &o->tally.uncorrected;
	bool both = has_two_histograms(o);
	const struct quantile *q;

	if (c->total == 0)
		return;
	fprintf(to, "\n%s\n%-*s%*s%s\n", summary_latency(b), LABEL_WIDTH,
	    "latency", NUMBER_WIDTH, "corrected",
	    both ? "   uncorrected" : "");
	print_latency("min", (double)c->min, (double)u->min, both, to);
	print_latency("mean", hist_mean(c), hist_mean(u), both, to);
	for (q = quantiles; q->name != NULL; q++) {
		if (!is_supported(q, c->total))
			break;
		print_latency(q->name,
		    (double)hist_quantile(c, q->per_million),
		    (double)hist_quantile(u, q->per_million), both, to);
	}
	print_latency("max", (double)c->max, (double)u->max, both, to);
}

static void
print_failures(const struct failures *f)
{
	for (unsigned i = 0; i < f->n; i++)
		diag_warn("%s (%" PRIu64 " time%s)", f->kinds[i].text,
		    f->kinds[i].count, plural(f->kinds[i].count));
}

/* Rates and latencies of nothing look like those of a broken broker. */
static bool
is_all_warmup(const struct bench *b, const struct tally *t)
{
	return (b->plan.warmup_ns > 0 &&
	    t->sent.all + t->received.all > 0 &&
	    t->sent.measured + t->received.measured == 0);
}

void
report_text(const struct bench *b, const struct outcome *o, FILE *to)
{
	struct summary s;

	summary_make(&s, b, o);
	print_failures(&o->tally.failures);
	if (o->stalled)
		diag_warn("nothing moved any more: given up");
	if (is_all_warmup(b, &o->tally))
		diag_warn("nothing was measured: the run was over before "
		    "--warmup was");
	print_head(b, to);
	print_summary(b, &s, to);
	print_latencies(b, o, to);
}

/* ---- JSON ---- */

static cJSON *
must(cJSON *item)
{
	if (item == NULL)
		diag_die(STATUS_INTERNAL, "out of memory");
	return (item);
}

static cJSON *
add_object(cJSON *to, const char *key)
{
	return (must(cJSON_AddObjectToObject(to, key)));
}

static void
add_number(cJSON *to, const char *key, double value)
{
	must(cJSON_AddNumberToObject(to, key, value));
}

static void
add_string(cJSON *to, const char *key, const char *value)
{
	must(cJSON_AddStringToObject(to, key, value));
}

static void
add_config(cJSON *to, const struct bench *b)
{
	const struct config_bench *c = &b->config->bench;

	add_string(to, "mode", b->role->name);
	add_string(to, "broker", b->host);
	add_string(to, "version", version_name(b->version));
	add_string(to, "loop", plan_is_open(&b->plan) ? "open" : "closed");
	add_string(to, "topic", c->topic);
	add_number(to, "clients", b->plan.clients);
	add_number(to, "threads", b->plan.workers);
	add_number(to, "qos", b->qos);
	add_number(to, "size", (double)b->size);
	add_number(to, "rate", c->rate);
	add_number(to, "count", (double)c->count);
	add_number(to, "duration_ms", (double)c->duration_ms);
	add_number(to, "warmup_ms", (double)b->plan.warmup_ns / 1e6);
}

static void
add_summary(cJSON *to, const struct bench *b, const struct summary *s)
{
	const struct summary_row *row;

	for (row = summary_rows; row->label != NULL; row++) {
		const void *at = (const char *)s + row->at;

		if (!summary_has(row, b))
			continue;
		add_number(to, row->key, row->kind == SUMMARY_COUNT ?
		    (double)*(const uint64_t *)at : *(const double *)at);
	}
}

static void
add_latency(cJSON *to, const struct hist *h)
{
	const struct quantile *q;

	add_number(to, "count", (double)h->total);
	add_number(to, "min", (double)h->min);
	add_number(to, "mean", hist_mean(h));
	for (q = quantiles; q->name != NULL; q++) {
		if (!is_supported(q, h->total))
			break;
		add_number(to, q->name,
		    (double)hist_quantile(h, q->per_million));
	}
	add_number(to, "max", (double)h->max);
}

static void
add_failures(cJSON *to, const struct failures *f)
{
	cJSON *list = must(cJSON_AddArrayToObject(to, "failures"));

	for (unsigned i = 0; i < f->n; i++) {
		cJSON *item = must(cJSON_CreateObject());

		cJSON_AddItemToArray(list, item);
		add_string(item, "text", f->kinds[i].text);
		add_number(item, "count", (double)f->kinds[i].count);
	}
}

static cJSON *
make_json(const struct bench *b, const struct outcome *o)
{
	cJSON *root = must(cJSON_CreateObject()), *latency;
	struct summary s;

	summary_make(&s, b, o);
	add_config(add_object(root, "config"), b);
	add_summary(add_object(root, "result"), b, &s);
	latency = add_object(root, "latency_ns");
	add_string(latency, "of", summary_latency(b));
	add_latency(add_object(latency, "corrected"), &o->tally.corrected);
	if (has_two_histograms(o))
		add_latency(add_object(latency, "uncorrected"),
		    &o->tally.uncorrected);
	add_failures(root, &o->tally.failures);
	must(cJSON_AddBoolToObject(root, "interrupted", o->interrupted));
	return (root);
}

int
report_json(const struct bench *b, const struct outcome *o, FILE *to)
{
	cJSON *root = make_json(b, o);
	char *text;
	int err = 0, saved;

	text = cJSON_Print(root);
	cJSON_Delete(root);
	if (text == NULL)
		diag_die(STATUS_INTERNAL, "out of memory");
	if (fprintf(to, "%s\n", text) < 0 || fflush(to) != 0)
		err = -1;
	saved = errno;
	cJSON_free(text);
	errno = saved;
	return (err);
}
