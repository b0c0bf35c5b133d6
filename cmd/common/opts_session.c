/* SPDX-License-Identifier: MIT */

/* Options: the MQTT session, its will, and MQTT 5 properties. */

#include <string.h>

#include "mqk.h"

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/props.h"
#include "common/units.h"

static const struct opt_choice versions[] = {
	{ "auto", MQK_V_AUTO },
	{ "5", MQK_V5 }, { "mqttv5", MQK_V5 },
	{ "311", MQK_V311 }, { "mqttv311", MQK_V311 },
	{ "31", MQK_V31 }, { "mqttv31", MQK_V31 },
	{ NULL, 0 }
};

/* Seconds, a time with a unit, or one of the words for "never". */
static int
call_expiry(struct opt_env *env, const char *arg)
{
	static const char *const never[] = { "-1", "never", "\u221e" };
	struct config_session *s = &opt_config(env)->session;
	int64_t	 ms;
	int	 err;

	s->has_expiry = true;
	s->expiry_s = UINT32_MAX;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		if (strcmp(arg, never[i]) == 0)
			return (0);
	}
	err = units_scan_duration(arg, &ms);
	if (err == UNITS_BAD || (err == 0 && ms % 1000 != 0)) {
		return (opt_error(env, "'%s' is neither a time in whole "
		    "seconds nor 'never'", arg));
	}
	if (err == UNITS_RANGE || ms / 1000 > UINT32_MAX)
		return (opt_error(env, "%s is more than %lu seconds", arg,
		    (unsigned long)UINT32_MAX));
	s->expiry_s = (uint32_t)(ms / 1000);
	return (0);
}

/* What of that was given exists in MQTT 5 only; NULL: nothing. */
static const char *
wants_v5(const struct opt_env *env)
{
	const struct config *config = opt_config(env);

	if (opt_given(env, "session-expiry-interval"))
		return ("--session-expiry-interval");
	if (opt_given(env, "property"))
		return ("--property");
	if (config->connect.auth_method != 0)
		return ("--auth-method");
	if (config->connect.password != NULL &&
	    config->connect.username == NULL)
		return ("--pw without --username");
	return (NULL);
}

static int
check_version(struct opt_env *env)
{
	struct config_session *s = &opt_config(env)->session;
	const char	*what = wants_v5(env);

	if (what == NULL)
		return (0);
	if (s->version == MQK_V31 || s->version == MQK_V311) {
		return (opt_error(env, "%s needs MQTT 5, not "
		    "--protocol-version 3.x", what));
	}
	s->version = MQK_V5;
	return (0);
}

/* An empty one is none: the broker makes one up. */
static bool
has_id(const struct config *config)
{
	return (config->connect.id != NULL && *config->connect.id != '\0');
}

/* The session's expiry becomes a property, whichever option asked for it. */
static int
check_resume(struct opt_env *env)
{
	struct config_session *s = &opt_config(env)->session;
	struct mqk_value given;

	if (!s->has_expiry && mqk_props_get(s->props[PROPS_CONNECT],
	    MQK_P_SESSION_EXPIRY_INTERVAL, &given)) {
		s->has_expiry = true;
		s->expiry_s = given.num;
	}
	if (s->resume && !s->has_expiry)
		s->expiry_s = UINT32_MAX;
	if (s->expiry_s == UINT32_MAX && s->store == NULL &&
	    !has_id(opt_config(env))) {
		return (opt_error(env, "%s needs --id: without it nobody "
		    "could find the session again", s->resume ?
		    "--disable-clean-session" :
		    "a session that never expires"));
	}
	if (s->version == MQK_V31 || s->version == MQK_V311 ||
	    (!s->has_expiry && !s->resume))
		return (0);
	if (mqk_props_add_num(props_of(opt_config(env), PROPS_CONNECT),
	    MQK_P_SESSION_EXPIRY_INTERVAL, s->expiry_s) != MQK_OK)
		diag_die(STATUS_INTERNAL, "out of memory");
	return (0);
}

/* DISCONNECT can't give a session a life that CONNECT did not [3.14.2.2.2]. */
static int
check_last_expiry(struct opt_env *env)
{
	const struct config_session *s = &opt_config(env)->session;
	struct mqk_value last;

	if (s->expiry_s != 0 || !mqk_props_get(s->props[PROPS_DISCONNECT],
	    MQK_P_SESSION_EXPIRY_INTERVAL, &last) || last.num == 0)
		return (0);
	return (opt_error(env, "--property disconnect session-expiry-interval "
	    "needs --session-expiry-interval"));
}

static int
check_auth_data(struct opt_env *env)
{
	const struct mqk_props *props =
	    opt_config(env)->session.props[PROPS_CONNECT];
	struct mqk_value given;

	if (!mqk_props_get(props, MQK_P_AUTHENTICATION_DATA, &given) ||
	    mqk_props_get(props, MQK_P_AUTHENTICATION_METHOD, &given))
		return (0);
	return (opt_error(env, "--property connect authentication-data needs "
	    "authentication-method"));
}

static int
check_will(struct opt_env *env)
{
	static const char *const dependent[] = {
		"will-payload", "will-qos", "will-retain"
	};
	const struct config_session *s = &opt_config(env)->session;

	if (s->will.topic != NULL) {
		if (mqk_topic_valid(s->will.topic))
			return (0);
		return (opt_error(env, "--will-topic: '%s' is not a valid "
		    "topic", s->will.topic));
	}
	for (size_t i = 0; i < sizeof(dependent) / sizeof(dependent[0]); i++) {
		if (opt_given(env, dependent[i])) {
			return (opt_error(env, "--%s needs --will-topic",
			    dependent[i]));
		}
	}
	if (s->props[PROPS_WILL] != NULL)
		return (opt_error(env, "--property will needs --will-topic"));
	return (0);
}

static int
check_session(struct opt_env *env)
{
	int	 err;

	err = check_version(env);
	if (err == 0)
		err = check_resume(env);
	if (err == 0)
		err = check_last_expiry(env);
	if (err == 0)
		err = check_auth_data(env);
	if (err == 0)
		err = check_will(env);
	return (err);
}

static void
fini_session(struct config *config)
{
	for (size_t i = 0; i < PROPS_N; i++) {
		mqk_props_free(config->session.props[i]);
		config->session.props[i] = NULL;
	}
}

/* clang-format off */
static const struct opt rows[] = {
	{ 'V', "protocol-version", "version", OPT_CHOICE, AT(session.version),
	  .choices = versions, .dflt = "auto",
	  .help = "MQTT version: auto, 5, 311 or 31",
	  .man = "Version of MQTT to speak.\n"
	    "With\n.Cm auto\n"
	    "MQTT 5.0 is tried first, and 3.1.1 when the broker does not\n"
	    "know it." },
	{ 'k', "keepalive", "time", OPT_DURATION, AT(session.keepalive_ms),
	  .max = 65535000, .dflt = "60",
	  .help = "longest silence on the connection (0: off)",
	  .man = "Exchange at least one packet in this time, and take the\n"
	    "broker for dead when it does not answer.\n"
	    "0 turns that off.\n"
	    "The broker may impose another time." },
	{ 'c', "disable-clean-session", NULL, OPT_FLAG, AT(session.resume),
	  .help = "resume the session, and let the broker keep it",
	  .man = "Resume the session that the broker kept for this client id,\n"
	    "and have it kept for ever, or as\n"
	    ".Fl -session-expiry-interval\n"
	    "says.\n"
	    "Needs\n.Fl -id ." },
	{ 'x', "session-expiry-interval", "time", OPT_CALL,
	  .call = call_expiry,
	  .help = "how long the broker keeps the session",
	  .man = "Have the broker keep the session for this time after the\n"
	    "connection ended: seconds, a time such as\n.Li 2h ,\n"
	    "or\n.Cm never\n(also -1 and 4294967295), which needs\n"
	    ".Fl -id .\n"
	    "Implies MQTT 5." },
	{ 'M', "max-inflight", "count", OPT_INT, AT(session.max_inflight),
	  .min = 1, .max = 65535,
	  .help = "most QoS 1 and 2 messages awaiting an answer",
	  .man = "Have at most so many QoS 1 and 2 messages under way.\n"
	    "Unless given, the limit is the broker's, with MQTT 3.x 1000." },
	{ 'D', "property", "command name value", OPT_CALL,
	  .call = opt_call_property, .hint = HINT_PROPERTY,
	  .help = "add an MQTT 5 property to a packet",
	  .man = "Add a property to the packets of that kind:\n"
	    ".Cm connect , publish , subscribe , unsubscribe , disconnect\n"
	    "or\n.Cm will .\n"
	    "The property\n.Cm user-property\n"
	    "takes two values, a key and a value:\n"
	    ".Fl D Cm connect user-property Ar key value .\n"
	    "A\n.Cm session-expiry-interval\n"
	    "for\n.Cm disconnect\nneeds\n.Fl x .\n"
	    "May be repeated, with other properties or packets; implies\n"
	    "MQTT 5." },
	{ 0, "will-topic", "topic", OPT_STRING, AT(session.will.topic),
	  .help = "topic of the will",
	  .man = "Have the broker publish a message to this topic, the will,\n"
	    "when the connection ends without a proper good-bye." },
	{ 0, "will-payload", "text", OPT_STRING, AT(session.will.payload),
	  .max = UINT16_MAX,
	  .help = "payload of the will (empty)",
	  .man = "Payload of the will; empty unless given." },
	{ 0, "will-qos", "qos", OPT_INT, AT(session.will.qos),
	  .max = 2, .dflt = "0",
	  .help = "QoS of the will: 0, 1 or 2",
	  .man = "QoS of the will." },
	{ 0, "will-retain", NULL, OPT_FLAG, AT(session.will.retain),
	  .help = "have the will retained",
	  .man = "Have the broker retain the will." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_session = {
	"session", "Session", rows, check_session, fini_session
};
