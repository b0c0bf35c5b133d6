/* SPDX-License-Identifier: MIT */

#include "fuzz/broker.h"

#include <string.h>

#include "fuzz/must.h"

/* ---- anything -------------------------------------------------------- */

static void
add_num(struct mqk_props *props, enum mqk_prop id, uint32_t num)
{
	must(mqk_props_add_num(props, id, num) == MQK_OK);
}

static void
fill_connack(struct packet *p, struct mqk_props *props, uint8_t how,
    uint8_t more)
{
	p->u.connack.session_present = (how & 1) != 0;
	p->u.connack.reason = (how & 0x0e) == 0x0e ? 0x87 : 0;
	if ((how & 0x10) != 0)
		add_num(props, MQK_P_RECEIVE_MAXIMUM, 1 + (how >> 5));
	if ((more & 1) != 0)
		add_num(props, MQK_P_MAXIMUM_PACKET_SIZE, 20 + more);
	if ((more & 2) != 0)
		add_num(props, MQK_P_TOPIC_ALIAS_MAXIMUM, 3);
	if ((more & 4) != 0)
		add_num(props, MQK_P_MAXIMUM_QOS, more >> 3 & 1);
	p->u.connack.props = *props;
}

static void
fill_publish(struct packet *p, struct mqk_props *props, uint8_t how,
    uint8_t more)
{
	p->u.publish.qos = how & 3;
	p->u.publish.mid = p->u.publish.qos > 0 ? 1 + more % 8 : 0;
	p->u.publish.topic = (struct mqk_bytes){ "t", how >> 7 };
	if ((how & 0x10) != 0)
		add_num(props, MQK_P_TOPIC_ALIAS, 1 + (more >> 4) % 4);
	p->u.publish.props = *props;
}

static void
fill_list(struct packet *p, struct mqk_props *props, uint8_t how,
    uint8_t more)
{
	static const uint8_t	 reasons[] = { 0, 0x80, 1 };

	(void)props;
	p->u.suback.mid = more;
	p->u.suback.reasons = (struct mqk_bytes){ reasons, 1 + how % 3 };
}

static void
fill_bye(struct packet *p, struct mqk_props *props, uint8_t how, uint8_t more)
{
	(void)props;
	(void)more;
	p->u.bye.reason = how;
}

static void
fill_auth(struct packet *p, struct mqk_props *props, uint8_t how, uint8_t more)
{
	static const uint8_t	 reasons[] = { 0x00, 0x18, 0x19 };
	static const char *const methods[] = { "m", "SCRAM-SHA-256" };
	const char		*method = methods[more & 1];

	p->u.bye.reason = reasons[how % 3];
	if ((more & 2) == 0)
		must(mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
		    (struct mqk_bytes){ method, strlen(method) }) == MQK_OK);
	if ((more & 4) != 0)
		must(mqk_props_add_str(props, MQK_P_AUTHENTICATION_DATA,
		    (struct mqk_bytes){ "e=no", 4 }) == MQK_OK);
	p->u.bye.props = *props;
}

static void
fill_answer(struct packet *p, struct mqk_props *props, uint8_t how,
    uint8_t more)
{
	(void)props;
	p->u.answer.mid = more;
	p->u.answer.reason = (how & 0x80) != 0 ? 0x92 : 0;
	if (p->type == MQK_PUBREC && (how & 0x40) != 0)
		p->u.answer.reason = 0x97;
}

static const struct {
	enum mqk_packet_type type;
	void		(*fill)(struct packet *, struct mqk_props *,
			    uint8_t how, uint8_t more);
} kinds[] = {
	{ MQK_CONNACK, fill_connack },
	{ MQK_PUBLISH, fill_publish },
	{ MQK_PUBACK, fill_answer },
	{ MQK_PUBREC, fill_answer },
	{ MQK_PUBREL, fill_answer },
	{ MQK_PUBCOMP, fill_answer },
	{ MQK_SUBACK, fill_list },
	{ MQK_UNSUBACK, fill_list },
	{ MQK_PINGRESP, fill_answer },
	{ MQK_DISCONNECT, fill_bye },
	{ MQK_AUTH, fill_auth },
};

void
broker_any(struct buf *to, enum mqk_version version, struct input *in)
{
	unsigned	 kind = input_byte(in) %
			    (sizeof(kinds) / sizeof(kinds[0]));
	struct packet	 p = { .type = kinds[kind].type };
	struct mqk_props *props = mqk_props_new();
	size_t		 before = buf_len(to);
	uint8_t		 how = input_byte(in), more = input_byte(in);

	must(props != NULL);
	kinds[kind].fill(&p, props, how, more);
	if (packet_encode(to, version, &p) != MQK_OK)
		buf_truncate(to, before);
	mqk_props_free(props);
}

/* ---- what is right --------------------------------------------------- */

#define FILTERS_MAX	128

static bool
answer_publish(struct packet *a, const struct packet *p)
{
	a->type = p->u.publish.qos == 1 ? MQK_PUBACK : MQK_PUBREC;
	a->u.answer.mid = p->u.publish.mid;
	return (p->u.publish.qos > 0);
}

static bool
answer_pubrel(struct packet *a, const struct packet *p)
{
	a->type = MQK_PUBCOMP;
	a->u.answer.mid = p->u.answer.mid;
	return (true);
}

/* All is granted, at QoS 0. */
static bool
answer_list(struct packet *a, const struct packet *p)
{
	static const uint8_t	 granted[FILTERS_MAX];
	bool			 sub = p->type == MQK_SUBSCRIBE;
	size_t			 n = sub ? p->u.subscribe.n :
				    p->u.unsubscribe.n;

	must(n > 0 && n <= FILTERS_MAX);
	a->type = sub ? MQK_SUBACK : MQK_UNSUBACK;
	a->u.suback.mid = sub ? p->u.subscribe.mid : p->u.unsubscribe.mid;
	a->u.suback.reasons = (struct mqk_bytes){ granted, n };
	return (true);
}

static bool
answer_ping(struct packet *a, const struct packet *p)
{
	(void)p;
	a->type = MQK_PINGRESP;
	return (true);
}

static bool (*const answers[16])(struct packet *, const struct packet *) = {
	[MQK_PUBLISH] = answer_publish,
	[MQK_PUBREL] = answer_pubrel,
	[MQK_SUBSCRIBE] = answer_list,
	[MQK_UNSUBSCRIBE] = answer_list,
	[MQK_PINGREQ] = answer_ping,
};

void
broker_answer(struct buf *to, enum mqk_version version, bool present,
    const struct packet *p)
{
	struct packet	 a = { .type = MQK_CONNACK };
	bool		 answer = p->type == MQK_CONNECT;

	if (answer)
		a.u.connack.session_present = present && !p->u.connect.clean;
	else if (answers[p->type] != NULL)
		answer = answers[p->type](&a, p);
	if (answer)
		must(packet_encode(to, version, &a) == MQK_OK);
}
