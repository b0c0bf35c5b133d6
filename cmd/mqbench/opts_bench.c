/* SPDX-License-Identifier: MIT */

/* Options of mqbench: the load, and the words that choose it. */

#include <stddef.h>
#include <string.h>

#include "common/config.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "mqbench/bench.h"
#include "mqbench/payload.h"
#include "mqbench/template.h"

static int
take_mode(struct opt_env *env, const char *word)
{
	struct config_bench *c = &opt_config(env)->bench;

	if (c->has_mode)
		return (opt_error(env, "'%s' is one word too many", word));
	for (int mode = BENCH_PUB; mode <= BENCH_CONN; mode++) {
		if (strcmp(word, bench_roles[mode].name) != 0)
			continue;
		c->mode = mode;
		c->has_mode = true;
		return (0);
	}
	return (opt_error(env, "'%s' is not one of pub, sub, pubsub and conn",
	    word));
}

static int
check_template(struct opt_env *env, const char *name, const char *text)
{
	char bad;

	bad = text == NULL ? 0 : template_bad(text);
	if (bad == 0)
		return (0);
	return (opt_error(env, "--%s: %%%c is no placeholder; there are %%c "
	    "(client number), %%r (run) and %%%%", name,
	    bad == '%' ? ' ' : bad));
}

static int
check_topic(struct opt_env *env, const struct config_bench *c)
{
	bool publishes = bench_roles[c->mode].publishes;

	if (publishes ? mqk_topic_valid(c->topic) :
	    mqk_filter_valid(c->topic))
		return (check_template(env, "topic", c->topic));
	return (opt_error(env, "--topic: '%s' is not a valid %s", c->topic,
	    publishes ? "topic" : "filter"));
}

static int
check(struct opt_env *env)
{
	const struct config *config = opt_config(env);
	const struct config_bench *c = &config->bench;
	int err;

	if (!c->has_mode)
		return (opt_error(env, "what to do is missing: one of pub, "
		    "sub, pubsub and conn"));
	if (c->mode == BENCH_SUB && opt_given(env, "rate"))
		return (opt_error(env, "--rate is the publishers'; sub has "
		    "none"));
	if (c->mode == BENCH_CONN && opt_given(env, "count"))
		return (opt_error(env, "--count is of messages; conn has "
		    "none, use --clients"));
	if (opt_given(env, "rate") && c->rate <= 0)
		return (opt_error(env, "--rate: nothing would ever be due"));
	err = check_template(env, "id", config->connect.id);
	if (err == 0)
		err = check_template(env, "id-prefix",
		    config->connect.id_prefix);
	return (err != 0 ? err : check_topic(env, c));
}

/* clang-format off */
static const struct opt rows[] = {
	{ 'c', "clients", "count", OPT_INT, AT(bench.clients),
	  .min = 1, .max = PAYLOAD_PUBLISHERS - 1, .dflt = "1",
	  .help = "clients, each with a connection of its own",
	  .man = "Number of clients.\n"
	    "Each has a connection of its own; in mode\n.Cm pubsub\n"
	    "each both publishes and subscribes." },
	{ 'r', "rate", "rate", OPT_RATE, AT(bench.rate),
	  .max = 1000000000,
	  .help = "messages (conn: connections) per second in all",
	  .man = "Messages per second of all clients together, in mode\n"
	    ".Cm conn\n"
	    "connections.\n"
	    "Each gets its time beforehand, and its latency counts from\n"
	    "then, also when it could only be sent later.\n"
	    "What is overdue at the end is still sent for the time of\n"
	    ".Fl -drain ,\n"
	    "and what is left then is reported as planned, not sent.\n"
	    "Without this option each client sends as fast as the broker\n"
	    "answers, and latency says little." },
	{ 'd', "duration", "time", OPT_DURATION, AT(bench.duration_ms),
	  .min = 1,
	  .help = "how long to measure (until interrupted)",
	  .man = "Measure for this time, after the warm-up.\n"
	    "The default is until\n.Fl -count\nis reached or a signal comes.\n"
	    "Mode\n.Cm conn\n"
	    "holds its connections until then." },
	{ 'n', "count", "count", OPT_INT, AT(bench.count), .min = 1,
	  .help = "messages in all, warm-up included",
	  .man = "Stop after so many messages of all clients together, those\n"
	    "of the warm-up included: sent ones, in mode\n.Cm sub\n"
	    "received ones.\n"
	    "Publishers that get nowhere for 30 seconds give up, unless\n"
	    ".Fl -duration\n"
	    "says when to." },
	{ 's', "size", "size", OPT_SIZE, AT(bench.size),
	  .max = 255 << 20, .dflt = "100",
	  .help = "payload size in bytes",
	  .man = "Size of the payload.\n"
	    "It begins with a mark of 32 bytes that names publisher, sequence\n"
	    "number and times.\n"
	    "From 31 bytes down there is no uncorrected latency,\n"
	    "from 15 down no latency of received messages,\n"
	    "from 7 down messages are only counted." },
	{ 'q', "qos", "qos", OPT_INT, AT(bench.qos), .max = 2, .dflt = "0",
	  .help = "QoS of messages and subscriptions: 0, 1 or 2",
	  .man = "QoS of messages and subscriptions.\n"
	    "In mode\n.Cm pub\n"
	    "latency is the time to the final acknowledgement.\n"
	    "With QoS 0, which has none, and without\n.Fl -rate\n"
	    "there is no latency, and the send rate counts until the\n"
	    "sockets have taken everything." },
	{ 't', "topic", "topic", OPT_STRING, AT(bench.topic),
	  .dflt = "mqbench/%c",
	  .help = "topic; %c is the client's number, %r the run's",
	  .man = "Topic to publish to, filter to subscribe to.\n"
	    ".Li %c\n(or\n.Li %i )\n"
	    "becomes the number of the client, from 0,\n"
	    ".Li %r\n"
	    "a number of the run, and\n.Li %%\n"
	    "a percent sign, also in\n.Fl -id\nand\n.Fl -id-prefix .\n"
	    "A topic without the client's number is shared: in mode\n"
	    ".Cm pubsub\n"
	    "every client gets the messages of all." },
	{ 0, "threads", "count", OPT_INT, AT(bench.threads),
	  .min = 1, .max = 256, .dflt = "1",
	  .help = "threads, each with its share of the clients",
	  .man = "Number of threads.\n"
	    "Each has an event loop of its own and its share of the\n"
	    "clients, so there are never more threads than clients." },
	{ 0, "warmup", "time", OPT_DURATION, AT(bench.warmup_ms),
	  .help = "time at the start that is not measured",
	  .man = "Time at the start whose messages are sent and checked for\n"
	    "loss, but not measured." },
	{ 0, "drain", "time", OPT_DURATION, AT(bench.drain_ms),
	  .dflt = "5",
	  .help = "longest wait at the end for what is under way",
	  .man = "At the end wait at most this time for messages that are\n"
	    "overdue, and for messages and acknowledgements that are\n"
	    "still under way.\n"
	    "Where\n.Fl -count\n"
	    "is the end, acknowledgements may take longer, as long as the\n"
	    "next one comes within this time.\n"
	    "What has not come by then is lost." },
	{ 0, "json", "file", OPT_STRING, AT(bench.json), .hint = HINT_FILE,
	  .help = "write the report as JSON too",
	  .man = "Write the report to this file, as one JSON object, in\n"
	    "addition to the text;\n.Cm -\n"
	    "is standard output, which the text then stays away from.\n"
	    "Times in\n.Li latency_ns\n"
	    "are nanoseconds." },
	{ .name = NULL }
};
/* clang-format on */

static const struct opt_group group_bench = {
	"load", "Load", rows, check, NULL
};

static const struct opt_group *const groups[] = {
	&group_bench, &group_connect, &group_transport, &group_tls,
	&group_session, &group_general, NULL
};

const struct tool tool_mqbench = {
	.name = "mqbench",
	.summary = "load an MQTT broker and measure it",
	.synopsis = "pub|sub|pubsub|conn [options]",
	.bit = TOOL_MQBENCH,
	.groups = groups,
	.operand = take_mode,
	.operands = "pub sub pubsub conn"
};
