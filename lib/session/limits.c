/* SPDX-License-Identifier: MIT */

/* What CONNECT and CONNACK allow the other side, and requests beyond it. */

#include <string.h>

#include "codec/topic.h"
#include "session/internal.h"

void
limits_none(struct limits *l)
{
	memset(l, 0, sizeof(*l));
	l->max_packet = PACKET_MAX;
	l->receive_max = UINT16_MAX;
	l->max_qos = 2;
}

void
limits_of(struct limits *l, const struct mqk_props *p)
{
	limits_none(l);
	if (p->len == 0)
		return;
	l->max_packet = prop_num(p, MQK_P_MAXIMUM_PACKET_SIZE, PACKET_MAX);
	l->receive_max = (uint16_t)prop_num(p, MQK_P_RECEIVE_MAXIMUM,
	    UINT16_MAX);
	l->alias_max = (uint16_t)prop_num(p, MQK_P_TOPIC_ALIAS_MAXIMUM, 0);
	l->max_qos = (uint8_t)prop_num(p, MQK_P_MAXIMUM_QOS, 2);
	l->no_retain = prop_num(p, MQK_P_RETAIN_AVAILABLE, 1) == 0;
	l->no_wildcard =
	    prop_num(p, MQK_P_WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 0;
	l->no_sub_ids =
	    prop_num(p, MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) == 0;
	l->no_shared =
	    prop_num(p, MQK_P_SHARED_SUBSCRIPTION_AVAILABLE, 1) == 0;
}

int
limits_filter(const struct limits *l, const char *filter, size_t len)
{
	if (l->no_shared && filter_is_shared(filter, len))
		return (MQK_ENOTSUP);
	if (l->no_wildcard && (memchr(filter, '+', len) != NULL ||
	    memchr(filter, '#', len) != NULL))
		return (MQK_ENOTSUP);
	return (MQK_OK);
}

static int
limits_subscribe(const struct limits *l, const struct packet *p)
{
	struct mqk_bytes filter;
	size_t		 cursor = 0;
	uint8_t		 options;
	int		 err = MQK_OK;

	if (l->no_sub_ids &&
	    prop_num(&p->u.subscribe.props, MQK_P_SUBSCRIPTION_IDENTIFIER, 0))
		return (MQK_ENOTSUP);
	while (err == MQK_OK && subscribe_next(p, &cursor, &filter, &options))
		err = limits_filter(l, filter.data, filter.len);
	return (err);
}

int
limits_entry(const struct limits *l, enum mqk_version version, struct entry *e)
{
	struct packet	 p;
	const char	*why;
	uint8_t		 first = entry_wire(e)[0];
	int		 err;

	if (entry_size(e) > l->max_packet)	/* [MQTT-3.2.2-15] */
		return (MQK_ETOOBIG);
	if (e->type == MQK_PUBLISH)
		return (limits_publish(l, (first >> 1) & 3,
		    (first & PUBLISH_RETAIN) != 0));
	if (e->type != MQK_SUBSCRIBE ||
	    !(l->no_wildcard || l->no_shared || l->no_sub_ids))
		return (MQK_OK);
	err = packet_decode(&p, version, entry_wire(e), e->len, &why);
	return (err < 0 ? err : limits_subscribe(l, &p));
}
