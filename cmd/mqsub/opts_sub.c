/* SPDX-License-Identifier: MIT */

/* Options of mqsub alone, and its list of groups. */

#include "mqk.h"

#include "common/config.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/opts_output.h"
#include "common/opts_store.h"
#include "mqsub/format_section.h"

static const struct opt_choice retain_handling[] = {
	{ "always", 0 }, { "new", 1 }, { "never", 2 }, { NULL, 0 }
};

static int
check_filters(struct opt_env *env, const struct opt_list *list,
    const char *option)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!mqk_filter_valid(list->v[i]))
			return (opt_error(env, "%s: '%s' is no topic filter",
			    option, list->v[i]));
	}
	return (0);
}

static int
check_sub(struct opt_env *env)
{
	struct config		*config = opt_config(env);
	struct config_sub	*sub = &config->sub;
	int			 err;

	if (config->connect.url_topic != NULL)
		opt_list_add(&sub->topics, config->connect.url_topic);
	if (sub->topics.n == 0 && sub->unsubscribe.n == 0)
		return (opt_error(env, "--topic is missing"));
	if (sub->skip_retained && sub->retained_only)
		return (opt_error(env, "--skip-retained and --retained-only "
		    "exclude each other"));
	err = check_filters(env, &sub->topics, "--topic");
	if (err == 0)
		err = check_filters(env, &sub->unsubscribe, "--unsubscribe");
	if (err == 0)
		err = check_filters(env, &sub->filtered_out, "--filter-out");
	return (err);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 't', "topic", "filter", OPT_LIST, AT(sub.topics),
	  .help = "topics to subscribe to (repeatable)",
	  .man = "Subscribe to the topics that match\n.Ar filter .\n"
	    "May be given several times." },
	{ 'T', "filter-out", "filter", OPT_LIST, AT(sub.filtered_out),
	  .help = "don't print messages with these topics",
	  .man = "Don't print messages whose topic matches\n.Ar filter .\n"
	    "They are acknowledged, but not counted.\n"
	    "May be given several times." },
	{ 'U', "unsubscribe", "filter", OPT_LIST, AT(sub.unsubscribe),
	  .help = "end this subscription of a kept session",
	  .man = "Unsubscribe from\n.Ar filter ,\n"
	    "which a session that was kept may still have.\n"
	    "May be given several times, also without\n"
	    ".Fl t ." },
	{ 'q', "qos", "0|1|2", OPT_INT, AT(sub.qos), .max = 2, .dflt = "0",
	  .help = "highest quality of service to receive with",
	  .man = "Highest quality of service to receive messages with, for\n"
	    "all subscriptions.\n"
	    "With 1 and 2 a message is acknowledged when it has been "
	    "written\n"
	    "to standard output, not before." },
	{ 'C', "count", "number", OPT_INT, AT(sub.count), .min = 1,
	  .help = "exit after printing this many messages",
	  .man = "Exit after printing this many messages.\n"
	    "Those that come later are not acknowledged." },
	{ 'W', "wait", "time", OPT_DURATION, AT(sub.wait_ms), .min = 1,
	  .help = "exit after this time",
	  .man = "Exit with status 27 after this time.\n"
	    "A number without unit means seconds." },
	{ 'E', "subscribe-only", NULL, OPT_FLAG, AT(sub.subscribe_only),
	  .help = "exit once subscribed",
	  .man = "Exit as soon as the broker has answered the subscription.\n"
	    "With\n.Fl c\n"
	    "it prepares a session that collects messages." },
	{ 'R', "skip-retained", NULL, OPT_FLAG, AT(sub.skip_retained),
	  .help = "don't print retained messages",
	  .man = "Don't print retained messages, and with MQTT 5 ask the\n"
	    "broker not to send them." },
	{ 0, "retained-only", NULL, OPT_FLAG, AT(sub.retained_only),
	  .help = "print retained messages, then exit",
	  .man = "Print retained messages only, and exit when the first\n"
	    "other one comes." },
	{ 0, "retain-as-published", NULL, OPT_FLAG,
	  AT(sub.retain_as_published),
	  .help = "show the retain flag as it was published",
	  .man = "Ask for the retain flag as the publisher set it, "
	    "MQTT 5 only." },
	{ 0, "retain-handling", "when", OPT_CHOICE, AT(sub.retain_handling),
	  .choices = retain_handling, .dflt = "always",
	  .help = "when to get retained messages",
	  .man = "Get retained messages\n"
	    ".Cm always ,\n"
	    "with a\n"
	    ".Cm new\n"
	    "subscription only, or\n"
	    ".Cm never ;\n"
	    "MQTT 5 only." },
	{ .name = NULL }
};

static const struct opt_group group_sub = {
	"subscribe", "Subscribing", rows, check_sub, NULL
};

static const struct opt_group *const groups[] = {
	&group_sub, &group_output, &group_connect, &group_transport,
	&group_tls, &group_store, &group_session, &group_general, NULL
};

const struct tool tool_mqsub = {
	.name = "mqsub",
	.summary = "print messages from an MQTT broker",
	.synopsis = "-t filter [options]",
	.bit = TOOL_MQSUB,
	.groups = groups,
	.format_section = format_section
};
/* clang-format on */
