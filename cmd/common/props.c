/* SPDX-License-Identifier: MIT */

/*
 * --property: finds the packet, the property and the kind of value by the
 * library's own table, so that nothing about single properties stands here.
 */

#include "common/props.h"

#include <string.h>
#include <strings.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/units.h"

const struct props_command props_commands[] = {
	{ "connect", PROPS_CONNECT, MQK_CONNECT, false },
	{ "publish", PROPS_PUBLISH, MQK_PUBLISH, false },
	{ "subscribe", PROPS_SUBSCRIBE, MQK_SUBSCRIBE, false },
	{ "unsubscribe", PROPS_UNSUBSCRIBE, MQK_UNSUBSCRIBE, false },
	{ "disconnect", PROPS_DISCONNECT, MQK_DISCONNECT, false },
	{ "will", PROPS_WILL, MQK_CONNECT, true },
	{ NULL, PROPS_N, MQK_CONNECT, false }
};

static const struct props_command *
find_command(const char *name)
{
	const struct props_command *c = props_commands;

	while (c->name != NULL && strcasecmp(c->name, name) != 0)
		c++;
	return (c->name != NULL ? c : NULL);
}

/* Only a broker may send these in packets that a client sends too. */
bool
props_settable(const struct props_command *c, enum mqk_prop prop)
{
	if (c->packet == MQK_PUBLISH && prop == MQK_P_SUBSCRIPTION_IDENTIFIER)
		return (false);
	if (c->packet == MQK_DISCONNECT && prop == MQK_P_SERVER_REFERENCE)
		return (false);
	return (mqk_prop_allowed(prop, c->packet, c->will));
}

static struct mqk_bytes
bytes_of(const char *text)
{
	return ((struct mqk_bytes){ text, strlen(text) });
}

static int
add_number(struct opt_env *env, struct mqk_props *props, enum mqk_prop prop,
    const char *text)
{
	static const uint32_t	 max[] = {
		[MQK_T_BYTE] = UINT8_MAX,
		[MQK_T_U16] = UINT16_MAX,
		[MQK_T_U32] = UINT32_MAX,
		[MQK_T_VARINT] = 268435455,
	};
	const char	*name = mqk_prop_name(prop);
	uint32_t	 limit = max[mqk_prop_type(prop)];
	int64_t		 n;
	int		 err;

	err = units_scan_int(text, &n);
	if (err == UNITS_BAD) {
		return (opt_error(env, "%s: '%s' is not a whole number", name,
		    text));
	}
	if (err == UNITS_RANGE || n < 0 || n > limit) {
		return (opt_error(env, "%s: %s is not between 0 and %lu",
		    name, text, (unsigned long)limit));
	}
	return (mqk_props_add_num(props, prop, (uint32_t)n));
}

static int
add_pair(struct opt_env *env, struct mqk_props *props, const char *key)
{
	const char	*value = opt_word(env, "the user property's value");

	if (value == NULL)
		return (OPT_BAD);
	return (mqk_props_add_pair(props, bytes_of(key), bytes_of(value)));
}

static int
add_value(struct opt_env *env, struct mqk_props *props, enum mqk_prop prop,
    const char *text)
{
	switch (mqk_prop_type(prop)) {
	case MQK_T_PAIR:
		return (add_pair(env, props, text));
	case MQK_T_STRING:
	case MQK_T_BINARY:
		return (mqk_props_add_str(props, prop, bytes_of(text)));
	default:
		return (add_number(env, props, prop, text));
	}
}

struct mqk_props *
props_of(struct config *config, enum config_props at)
{
	struct mqk_props **to = &config->session.props[at];

	if (*to == NULL)
		*to = mqk_props_new();
	if (*to == NULL)
		diag_die(STATUS_INTERNAL, "out of memory");
	return (*to);
}

static int
find_property(struct opt_env *env, const struct props_command *c,
    enum mqk_prop *to)
{
	const char	*name = opt_word(env, "the name of the property");
	struct mqk_value earlier;
	int		 prop;

	if (name == NULL)
		return (OPT_BAD);
	prop = mqk_prop_by_name(name);
	if (prop < 0)
		return (opt_error(env, "unknown property '%s'", name));
	*to = (enum mqk_prop)prop;
	if (!props_settable(c, *to)) {
		return (opt_error(env, "%s cannot be set for %s",
		    mqk_prop_name(*to), c->name));
	}
	if (*to != MQK_P_USER_PROPERTY && mqk_props_get(
	    opt_config(env)->session.props[c->at], *to, &earlier)) {
		return (opt_error(env, "%s can be set only once for %s",
		    mqk_prop_name(*to), c->name));
	}
	return (0);
}

int
opt_call_property(struct opt_env *env, const char *command)
{
	const struct props_command *c = find_command(command);
	enum mqk_prop	 prop = MQK_P_USER_PROPERTY;
	const char	*text;
	int		 err;

	if (c == NULL) {
		return (opt_error(env, "'%s' is not one of connect, publish, "
		    "subscribe, unsubscribe, disconnect, will", command));
	}
	err = find_property(env, c, &prop);
	if (err != 0)
		return (err);
	text = opt_word(env, "the value of the property");
	if (text == NULL)
		return (OPT_BAD);
	err = add_value(env, props_of(opt_config(env), c->at), prop, text);
	if (err == MQK_ENOMEM)
		diag_die(STATUS_INTERNAL, "out of memory");
	if (err == MQK_EINVAL) {
		return (opt_error(env, "%s: '%s' is not a possible value",
		    mqk_prop_name(prop), text));
	}
	return (err);
}
