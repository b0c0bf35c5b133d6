/* SPDX-License-Identifier: MIT */

/* The broker's limits, in words that name the option at fault. */

#include "mqpub/limits.h"

#include <stdio.h>

enum { HIGHEST_QOS = 2 };

void
limits_learn(struct limits *l, const struct mqk_props *props)
{
	struct mqk_value	 v;

	l->qos = mqk_props_get(props, MQK_P_MAXIMUM_QOS, &v) ? v.num :
	    HIGHEST_QOS;
	l->no_retain = mqk_props_get(props, MQK_P_RETAIN_AVAILABLE, &v) &&
	    v.num == 0;
	l->packet = mqk_props_get(props, MQK_P_MAXIMUM_PACKET_SIZE, &v) ?
	    v.num : 0;
	l->alias = mqk_props_get(props, MQK_P_TOPIC_ALIAS_MAXIMUM, &v) ?
	    v.num : 0;
}

bool
limits_drop_alias(const struct limits *l, const struct mqk_props *props)
{
	struct mqk_value	 v;

	return (mqk_props_get(props, MQK_P_TOPIC_ALIAS, &v) &&
	    v.num > l->alias);
}

bool
limits_explain(const struct limits *l, int error,
    const struct mqk_publish *message, char *to, size_t cap)
{
	if (error == MQK_ETOOBIG && l->packet != 0)
		snprintf(to, cap, "larger than the broker takes: %u bytes "
		    "with topic and properties", (unsigned)l->packet);
	else if (error != MQK_ENOTSUP)
		return (false);
	else if (message->qos > l->qos)
		snprintf(to, cap, "the broker takes QoS %u at most (--qos)",
		    l->qos);
	else if (message->retain && l->no_retain)
		snprintf(to, cap,
		    "the broker keeps no retained messages (--retain)");
	else
		return (false);
	return (true);
}
