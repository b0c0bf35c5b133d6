/* SPDX-License-Identifier: MIT */

#include "unit/busysession.h"

#include <stdlib.h>

#include "codec/frame.h"
#include "unit/fixture.h"

#define CONNACK_BY	1000

const char *
busy_connack(enum mqk_version version)
{
	return (version == MQK_V5 ? "20 03 00 00 00" : "20 02 00 00");
}

const char *
busy_talk(enum mqk_version version)
{
	return (version == MQK_V5 ? "50 02 0003 34 06 0001't' 0007 00" :
	    "50 02 0003 34 05 0001't' 0007");
}

struct mqk_props *
busy_props(unsigned busy)
{
	static const struct mqk_bytes method = { "m", 1 };
	struct mqk_props	*p = mqk_props_new();
	int			 err;

	assert_non_null(p);
	err = mqk_props_add_num(p, MQK_P_RECEIVE_MAXIMUM, 2);
	if (err == MQK_OK)
		err = mqk_props_add_num(p, MQK_P_TOPIC_ALIAS_MAXIMUM, 2);
	if (err == MQK_OK)
		err = mqk_props_add_num(p, MQK_P_MAXIMUM_PACKET_SIZE, 100);
	if (err == MQK_OK && (busy & BUSY_AUTH) != 0)
		err = mqk_props_add_str(p, MQK_P_AUTHENTICATION_METHOD,
		    method);
	if (err == MQK_OK && (busy & BUSY_TERSE) != 0)
		err = mqk_props_add_num(p, MQK_P_REQUEST_PROBLEM_INFORMATION,
		    0);
	assert_int_equal(err, MQK_OK);
	return (p);
}

static void
send_all(struct session *s)
{
	session_sent(s, 0, buf_len(session_output(s)));
}

static void
pull_all(struct session *s)
{
	while (session_event(s) != NULL)
		continue;
}

static void
ask_for_everything(struct session *s)
{
	static const struct mqk_filter	 filters[] = {
		{ .topic = "a" }, { .topic = "b" }
	};
	static const char *const	 topics[] = { "a" };
	struct mqk_publish		 m = { .topic = "t", .qos = 1 };

	assert_int_equal(session_publish(s, &m), 1);
	m.qos = 2;
	assert_int_equal(session_publish(s, &m), 2);
	assert_int_equal(session_publish(s, &m), 3);
	assert_int_equal(session_subscribe(s, filters, 2, NULL), 4);
	assert_int_equal(session_unsubscribe(s, topics, 1, NULL), 5);
	send_all(s);
}

struct session *
busy_new(enum mqk_version version, unsigned busy)
{
	struct session_options	 o = { 0 };
	struct mqk_props	*props = busy_props(busy);
	struct packet_connect	 c = { .version = version, .keepalive_s = 60 };
	struct session		*s;

	assert_int_equal(session_new(&s, &o), MQK_OK);
	c.props = *props;
	assert_int_equal(session_open(s, 0, &c, CONNACK_BY), MQK_OK);
	mqk_props_free(props);
	send_all(s);
	if ((busy & BUSY_GREETING) != 0)
		return (s);
	assert_int_equal(busy_hear_text(s, busy_connack(version)), MQK_OK);
	ask_for_everything(s);
	assert_int_equal(busy_hear_text(s, busy_talk(version)), MQK_OK);
	send_all(s);
	return (s);
}

static int
hear_one(struct session *s, const uint8_t *wire, size_t len)
{
	struct packet	 p;
	const char	*why;
	int		 err;

	err = packet_decode(&p, session_version(s), wire, len, &why);
	if (err < 0) {
		assert_non_null(why);
		return (session_bad_packet(s, 0, err, why));
	}
	err = session_receive(s, 0, &p);
	pull_all(s);
	return (err);
}

int
busy_hear(struct session *s, const uint8_t *wire, size_t n)
{
	size_t	 len;
	int	 err;

	for (; n > 0; wire += len, n -= len) {
		err = frame_next(wire, n, session_max_packet(s), &len);
		if (err < 0)
			return (session_bad_packet(s, 0, err, "header"));
		if (err == 0) {
			session_heard(s, 0);
			return (MQK_OK);
		}
		err = hear_one(s, wire, len);
		if (err < 0)
			return (err);
	}
	return (MQK_OK);
}

int
busy_hear_text(struct session *s, const char *text)
{
	size_t	 len;
	uint8_t	*wire = bytes_of(text, &len);
	int	 err = busy_hear(s, wire, len);

	free(wire);
	return (err);
}
