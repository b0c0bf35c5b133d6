/* SPDX-License-Identifier: MIT */

/* Options of mqpub alone, and its list of groups. */

#include "mqk.h"

#include "common/config.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/opts_store.h"

enum { DAY_MS = 86400000 };

/* The long names of the options that say what to send. */
static const char *const payloads[] = {
	"message", "file", "stdin-file", "stdin-line", "null-message"
};

static int
check_payload(struct opt_env *env)
{
	size_t	n = 0;

	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
		n += opt_given(env, payloads[i]);
	if (n == 0)
		return (opt_error(env, "nothing to send: one of -m, -f, -s, "
		    "-l and -n is needed"));
	if (n > 1)
		return (opt_error(env, "only one of -m, -f, -s, -l and -n can "
		    "be given"));
	if (opt_config(env)->pub.file != NULL &&
	    *opt_config(env)->pub.file == '\0')
		return (opt_error(env, "--file: the name is empty"));
	return (0);
}

/* --url may bring the topic. */
static int
check_topic(struct opt_env *env)
{
	struct config	*config = opt_config(env);

	if (config->pub.topic == NULL)
		opt_set_string(&config->pub.topic, config->connect.url_topic);
	if (config->pub.topic == NULL)
		return (opt_error(env, "--topic is missing"));
	if (!mqk_topic_valid(config->pub.topic))
		return (opt_error(env, "--topic: '%s' is no topic to publish "
		    "to", config->pub.topic));
	return (0);
}

/* A script waits for a single message; lines may wait for their broker. */
static void
limit_retries(struct opt_env *env)
{
	enum { SINGLE_MS = 10000 };
	struct config		*config = opt_config(env);
	struct config_pub	*pub = &config->pub;

	if (!pub->stdin_lines && !opt_given(env, "reconnect-time") &&
	    !opt_given(env, "reconnect-tries"))
		pub->reconnect_time_ms = SINGLE_MS;
}

static int
check_pub(struct opt_env *env)
{
	int	err = check_payload(env);

	if (err != 0)
		return (err);
	if (opt_given(env, "store") && opt_config(env)->pub.qos == 0)
		return (opt_error(env, "--store is for messages of QoS 1 and "
		    "2: --qos"));
	limit_retries(env);
	return (check_topic(env));
}

/* clang-format off */
static const struct opt rows[] = {
	{ 't', "topic", "topic", OPT_STRING, AT(pub.topic),
	  .help = "topic to publish to",
	  .man = "Topic to publish to; without wildcards." },
	{ 'm', "message", "text", OPT_STRING, AT(pub.message),
	  .help = "send this text",
	  .man = "Send this text as one message." },
	{ 'f', "file", "file", OPT_STRING, AT(pub.file), .hint = HINT_FILE,
	  .help = "send the contents of a file",
	  .man = "Send the contents of\n.Ar file\n"
	    "as one message.\n"
	    "It may be a pipe or a device; these are read to their end "
	    "first.\n"
	    "A large file is read while it is sent, so it needs no memory\n"
	    "and must not change meanwhile." },
	{ 's', "stdin-file", NULL, OPT_FLAG, AT(pub.stdin_whole),
	  .help = "send all of standard input as one message",
	  .man = "Send all of standard input as one message.\n"
	    "No input at all is an error." },
	{ 'l', "stdin-line", NULL, OPT_FLAG, AT(pub.stdin_lines),
	  .help = "send each line of standard input as a message",
	  .man = "Send each line of standard input as a message.\n"
	    "A line ends with a newline, may have any length, and may hold\n"
	    "every other byte; an empty line is an empty message, and the\n"
	    "last line needs no newline.\n"
	    "Input is read no faster than the broker takes it, and not "
	    "while\n"
	    "there is no connection; with\n"
	    ".Fl -store\n"
	    "it is read as fast as it comes.\n"
	    "The program ends when every message has been acknowledged." },
	{ 'n', "null-message", NULL, OPT_FLAG, AT(pub.empty),
	  .help = "send an empty message",
	  .man = "Send a message without payload." },
	{ 'q', "qos", "0|1|2", OPT_INT, AT(pub.qos), .max = 2, .dflt = "0",
	  .help = "quality of service",
	  .man = "Quality of service: at most once (0), at least once (1)\n"
	    "or exactly once (2).\n"
	    "Exactly once needs a session that outlives a connection: with\n"
	    "2 and MQTT 5 the broker is asked to keep it for an hour, unless\n"
	    ".Fl c\nor\n"
	    ".Fl -session-expiry-interval\n"
	    "says otherwise.\n"
	    "It is given up when all is done; only when the program ends\n"
	    "without saying good-bye it stays that long." },
	{ 'r', "retain", NULL, OPT_FLAG, AT(pub.retain),
	  .help = "let the broker retain the message",
	  .man = "Let the broker keep the message for later subscribers." },
	{ 0, "repeat", "number", OPT_INT, AT(pub.repeat), .min = 1,
	  .max = UINT32_MAX, .dflt = "1",
	  .help = "send the message this often",
	  .man = "Send the message this often.\n"
	    "Has no effect with\n"
	    ".Fl l ." },
	{ 0, "repeat-delay", "time", OPT_DURATION, AT(pub.repeat_delay_ms),
	  .dflt = "0",
	  .help = "wait between repeated messages",
	  .man = "Wait this long between the completion of one message (it\n"
	    "has been written, or with QoS 1 and 2 acknowledged) and the "
	    "next." },
	{ 0, "reconnect-time", "time", OPT_DURATION,
	  AT(pub.reconnect_time_ms), .max = DAY_MS,
	  .help = "give up when no message gets through for so long",
	  .man = "Give up when a connection has been lost and no message has\n"
	    "got through for this time; 0 is no limit.\n"
	    "Without this option and\n"
	    ".Fl -reconnect-tries\n"
	    "it is 10 seconds, with\n.Fl l\nno limit.\n"
	    "A broker that violates the protocol is not tried again, with\n"
	    ".Fl l\n"
	    "not after three times without an acknowledgement in between." },
	{ .name = NULL }
};

static const struct opt_group group_pub = {
	"publish", "Publishing", rows, check_pub, NULL
};

static const struct opt_group *const groups[] = {
	&group_pub, &group_connect, &group_transport, &group_tls,
	&group_store, &group_session, &group_general, NULL
};

const struct tool tool_mqpub = {
	.name = "mqpub",
	.summary = "publish messages to an MQTT broker",
	.synopsis = "-t topic {-m text | -f file | -s | -l | -n} [options]",
	.bit = TOOL_MQPUB,
	.groups = groups
};
/* clang-format on */
