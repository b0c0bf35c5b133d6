/* SPDX-License-Identifier: MIT */

/* Which numbers a run has and how they come about; no output. */

#include "summary.h"

#define AT_(field)	offsetof(struct summary, field)
#define PUB		(1u << BENCH_PUB)
#define SUB		(1u << BENCH_SUB)
#define PUBSUB		(1u << BENCH_PUBSUB)
#define CONN		(1u << BENCH_CONN)
#define SENDS		(PUB | PUBSUB)
#define RECEIVES	(SUB | PUBSUB)
#define ALL		(SENDS | RECEIVES | CONN)

/* clang-format off */
const struct summary_row summary_rows[] = {
	{ "time", "seconds", SUMMARY_AMOUNT, AT_(seconds), "s", ALL, false },
	{ "clients connected", "connected", SUMMARY_COUNT, AT_(connected),
	  NULL, ALL, false },
	{ "clients failed", "failed", SUMMARY_COUNT, AT_(failed),
	  NULL, ALL, true },
	{ "connections lost", "lost_connections", SUMMARY_COUNT,
	  AT_(lost_connections), NULL, ALL, true },
	{ "wanted", "wanted_rate", SUMMARY_RATE, AT_(wanted_rate),
	  NULL, SENDS | CONN, true },
	{ "connect rate", "connect_rate", SUMMARY_RATE, AT_(connect_rate),
	  NULL, CONN, false },
	{ "sent", "sent", SUMMARY_COUNT, AT_(sent), NULL, SENDS, false },
	{ "send rate", "send_rate", SUMMARY_RATE, AT_(send_rate),
	  NULL, SENDS, false },
	{ "planned, not sent", "unsent", SUMMARY_COUNT, AT_(unsent),
	  NULL, SENDS, true },
	{ "answered", "answered", SUMMARY_COUNT, AT_(answered),
	  NULL, SENDS, true },
	{ "answer rate", "answer_rate", SUMMARY_RATE, AT_(answer_rate),
	  NULL, SENDS, true },
	{ "refused", "refused", SUMMARY_COUNT, AT_(refused),
	  NULL, SENDS, true },
	{ "to be received", "expected", SUMMARY_COUNT, AT_(expected),
	  NULL, PUBSUB, false },
	{ "received", "received", SUMMARY_COUNT, AT_(received),
	  NULL, RECEIVES, false },
	{ "receive rate", "receive_rate", SUMMARY_RATE, AT_(receive_rate),
	  NULL, RECEIVES, false },
	{ "of other origin", "foreign", SUMMARY_COUNT, AT_(foreign),
	  NULL, RECEIVES, true },
	{ "without usable time", "untimed", SUMMARY_COUNT, AT_(untimed),
	  NULL, RECEIVES, true },
	{ "lost", "lost", SUMMARY_COUNT, AT_(lost),
	  NULL, SENDS | RECEIVES, false },
	{ "duplicated", "duplicated", SUMMARY_COUNT, AT_(duplicated),
	  NULL, RECEIVES, false },
	{ "reordered", "reordered", SUMMARY_COUNT, AT_(reordered),
	  NULL, RECEIVES, false },
	{ "not audited", "unaudited", SUMMARY_COUNT, AT_(unaudited),
	  NULL, RECEIVES, true },
	{ "CPU time", "cpu_seconds", SUMMARY_AMOUNT, AT_(cpu_s),
	  "s", ALL, false },
	{ "CPU per message", "cpu_us_per_message", SUMMARY_AMOUNT,
	  AT_(cpu_us_per_message), "us", SENDS | RECEIVES, false },
	{ "memory", "memory_kib", SUMMARY_COUNT, AT_(memory_kib),
	  "KiB", ALL, false },
	{ "latencies measured", "measured", SUMMARY_COUNT, AT_(measured),
	  NULL, ALL, true },
	{ "above one hour", "over_one_hour", SUMMARY_COUNT, AT_(over),
	  NULL, ALL, true },
	{ .label = NULL }
};
/* clang-format on */

bool
summary_has(const struct summary_row *row, const struct bench *b)
{
	return ((row->modes >> (b->role - bench_roles) & 1) != 0);
}

const char *
summary_latency(const struct bench *b)
{
	if (b->role->connects)
		return ("connection begun to CONNACK");
	if (b->role->subscribes)
		return ("message sent to message received");
	return (b->qos == 0 ? "message due to message handed to the socket" :
	    b->qos == 1 ? "message sent to PUBACK" :
	    "message sent to PUBCOMP");
}

static void
fill_rates(struct summary *s, const struct bench *b, const struct tally *t)
{
	if (plan_is_open(&b->plan))
		s->wanted_rate = (double)b->plan.num * 1e9 /
		    (double)b->plan.den;
	s->send_rate = flow_rate(&t->sent);
	s->receive_rate = flow_rate(&t->received);
	if (b->role->connects)
		s->connect_rate = flow_rate(&t->answered);
	else
		s->answer_rate = flow_rate(&t->answered);
}

static void
fill_audit(struct summary *s, const struct bench *b, const struct outcome *o)
{
	const struct audit_counts *a = &o->tally.audit;

	s->expected = bench_expected(b, s->sent, s->subscribed);
	s->lost = bench_lost(b, o);
	s->duplicated = a->duplicated;
	s->reordered = a->reordered;
	s->unaudited = a->unaudited;
}

static void
fill_costs(struct summary *s, const struct outcome *o)
{
	uint64_t messages = s->sent + s->received;

	s->seconds = o->seconds;
	s->cpu_s = o->cpu_s;
	if (messages > 0)
		s->cpu_us_per_message = o->cpu_s * 1e6 / (double)messages;
	s->memory_kib = (uint64_t)o->memory_kib;
}

void
summary_make(struct summary *s, const struct bench *b,
    const struct outcome *o)
{
	const struct tally *t = &o->tally;

	*s = (struct summary){
	    .connected = t->connected,
	    .failed = t->failed,
	    .lost_connections = t->lost_connections,
	    .subscribed = t->subscribed,
	    .sent = t->sent.all,
	    .answered = t->answered.all,
	    .refused = t->refused,
	    .received = t->received.all,
	    .foreign = t->foreign,
	    .untimed = t->untimed,
	    .measured = t->corrected.total,
	    .over = t->corrected.over
	};
	if (o->planned != PLAN_ENDLESS && o->planned > s->sent + s->refused)
		s->unsent = o->planned - s->sent - s->refused;
	fill_rates(s, b, t);
	fill_audit(s, b, o);
	fill_costs(s, o);
}
