/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "codec/prop.h"

/* One legal value for each property, by its type. */
static int
add_some_value(struct mqk_props *props, enum mqk_prop id)
{
	enum mqk_prop_type	 type = mqk_prop_type(id);

	if (type <= MQK_T_VARINT)
		return (mqk_props_add_num(props, id, 1));
	if (type == MQK_T_PAIR)
		return (mqk_props_add_pair(props, text_bytes("k"),
		    text_bytes("v")));
	return (mqk_props_add_str(props, id, text_bytes("text")));
}

static void
every_property_is_read_as_it_was_added(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_value	 v;
	enum mqk_prop		 id;
	size_t			 cursor = 0;
	int			 n = 0;

	(void)state;
	assert_non_null(props);
	for (int i = 0; i < 256; i++) {
		if (mqk_prop_name((enum mqk_prop)i) == NULL)
			continue;
		assert_int_equal(add_some_value(props, (enum mqk_prop)i),
		    MQK_OK);
		n++;
	}
	assert_int_equal(n, 27);
	for (; mqk_props_next(props, &cursor, &id, &v); n--) {
		if (mqk_prop_type(id) <= MQK_T_VARINT)
			assert_int_equal(v.num, 1);
		else
			assert_memory_equal(v.str.data, "text",
			    mqk_prop_type(id) == MQK_T_PAIR ? 0 : 4);
	}
	assert_int_equal(n, 0);
	assert_int_equal(cursor, props->len);
	mqk_props_free(props);
}

/* Where each may stand, by the columns of table 2-4; W: will. */
static void
every_property_stands_where_table_2_4_allows(void **state)
{
	static const struct {
		enum mqk_prop	 id;
		unsigned	 packets;	/* bit 0: will */
	} want[] = {
#define T(t)	MQK_TYPE(MQK_##t)
		{ MQK_P_PAYLOAD_FORMAT_INDICATOR, T(PUBLISH) | 1 },
		{ MQK_P_MESSAGE_EXPIRY_INTERVAL, T(PUBLISH) | 1 },
		{ MQK_P_CONTENT_TYPE, T(PUBLISH) | 1 },
		{ MQK_P_RESPONSE_TOPIC, T(PUBLISH) | 1 },
		{ MQK_P_CORRELATION_DATA, T(PUBLISH) | 1 },
		{ MQK_P_SUBSCRIPTION_IDENTIFIER, T(PUBLISH) | T(SUBSCRIBE) },
		{ MQK_P_SESSION_EXPIRY_INTERVAL,
		    T(CONNECT) | T(CONNACK) | T(DISCONNECT) },
		{ MQK_P_ASSIGNED_CLIENT_IDENTIFIER, T(CONNACK) },
		{ MQK_P_SERVER_KEEP_ALIVE, T(CONNACK) },
		{ MQK_P_AUTHENTICATION_METHOD,
		    T(CONNECT) | T(CONNACK) | T(AUTH) },
		{ MQK_P_AUTHENTICATION_DATA,
		    T(CONNECT) | T(CONNACK) | T(AUTH) },
		{ MQK_P_REQUEST_PROBLEM_INFORMATION, T(CONNECT) },
		{ MQK_P_WILL_DELAY_INTERVAL, 1 },
		{ MQK_P_REQUEST_RESPONSE_INFORMATION, T(CONNECT) },
		{ MQK_P_RESPONSE_INFORMATION, T(CONNACK) },
		{ MQK_P_SERVER_REFERENCE, T(CONNACK) | T(DISCONNECT) },
		{ MQK_P_REASON_STRING, T(CONNACK) | T(PUBACK) | T(PUBREC) |
		    T(PUBREL) | T(PUBCOMP) | T(SUBACK) | T(UNSUBACK) |
		    T(DISCONNECT) | T(AUTH) },
		{ MQK_P_RECEIVE_MAXIMUM, T(CONNECT) | T(CONNACK) },
		{ MQK_P_TOPIC_ALIAS_MAXIMUM, T(CONNECT) | T(CONNACK) },
		{ MQK_P_TOPIC_ALIAS, T(PUBLISH) },
		{ MQK_P_MAXIMUM_QOS, T(CONNACK) },
		{ MQK_P_RETAIN_AVAILABLE, T(CONNACK) },
		{ MQK_P_USER_PROPERTY, 1 | (0xfffe & ~(T(PINGREQ) |
		    T(PINGRESP))) },
		{ MQK_P_MAXIMUM_PACKET_SIZE, T(CONNECT) | T(CONNACK) },
		{ MQK_P_WILDCARD_SUBSCRIPTION_AVAILABLE, T(CONNACK) },
		{ MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE, T(CONNACK) },
		{ MQK_P_SHARED_SUBSCRIPTION_AVAILABLE, T(CONNACK) },
#undef T
	};

	(void)state;
	assert_int_equal(N(want), 27);
	for (size_t i = 0; i < N(want); i++) {
		assert_int_equal(mqk_prop_allowed(want[i].id, MQK_CONNECT,
		    true), want[i].packets & 1);
		for (unsigned t = 1; t <= MQK_AUTH; t++)
			assert_int_equal(mqk_prop_allowed(want[i].id,
			    (enum mqk_packet_type)t, false),
			    want[i].packets >> t & 1);
	}
	assert_false(mqk_prop_allowed(MQK_P_USER_PROPERTY,
	    (enum mqk_packet_type)0, false));
	assert_false(mqk_prop_allowed((enum mqk_prop)4, MQK_PUBLISH, false));
}

static void
names_go_both_ways(void **state)
{
	const char	*name;

	(void)state;
	for (int id = 0; id < 256; id++) {
		name = mqk_prop_name((enum mqk_prop)id);
		if (name != NULL)
			assert_int_equal(mqk_prop_by_name(name), id);
	}
	assert_int_equal(mqk_prop_by_name("Content-TYPE"),
	    MQK_P_CONTENT_TYPE);
	assert_int_equal(mqk_prop_by_name("content"), -1);
	assert_int_equal(mqk_prop_by_name(""), -1);
}

static void
wrong_values_are_refused_and_nothing_is_added(void **state)
{
	static char		 big[65536];
	struct mqk_bytes	 long_text = { big, sizeof(big) };
	struct mqk_props	*p = mqk_props_new();

	(void)state;
	assert_non_null(p);
	memset(big, 'a', sizeof(big));
#define BAD(call)	assert_int_equal(call, MQK_EINVAL)
	BAD(mqk_props_add_num(p, MQK_P_RECEIVE_MAXIMUM, 0));
	BAD(mqk_props_add_num(p, MQK_P_TOPIC_ALIAS, 0));
	BAD(mqk_props_add_num(p, MQK_P_RECEIVE_MAXIMUM, 65536));
	BAD(mqk_props_add_num(p, MQK_P_MAXIMUM_QOS, 2));
	BAD(mqk_props_add_num(p, MQK_P_SUBSCRIPTION_IDENTIFIER, 268435456));
	BAD(mqk_props_add_num(p, MQK_P_CONTENT_TYPE, 1));
	BAD(mqk_props_add_num(p, (enum mqk_prop)0, 1));
	BAD(mqk_props_add_num(p, (enum mqk_prop)43, 1));
	BAD(mqk_props_add_str(p, MQK_P_CONTENT_TYPE, text_bytes("\xff")));
	BAD(mqk_props_add_str(p, MQK_P_RESPONSE_TOPIC, text_bytes("a/#")));
	BAD(mqk_props_add_str(p, MQK_P_RESPONSE_TOPIC, text_bytes("")));
	BAD(mqk_props_add_str(p, MQK_P_CONTENT_TYPE, long_text));
	BAD(mqk_props_add_str(p, MQK_P_CORRELATION_DATA, long_text));
	BAD(mqk_props_add_str(p, MQK_P_USER_PROPERTY, text_bytes("a")));
	BAD(mqk_props_add_str(p, MQK_P_TOPIC_ALIAS, text_bytes("a")));
	BAD(mqk_props_add_pair(p, text_bytes("\x80"), text_bytes("")));
#undef BAD
	assert_int_equal(p->len, 0);
	mqk_props_free(p);
}

static void
a_second_value_replaces_the_first_unless_it_may_repeat(void **state)
{
	struct mqk_props	*p = mqk_props_new();
	struct mqk_value	 v;
	uint32_t		 len;

	(void)state;
	assert_non_null(p);
	assert_int_equal(mqk_props_add_str(p, MQK_P_CONTENT_TYPE,
	    text_bytes("long text")), MQK_OK);
	assert_int_equal(mqk_props_add_num(p, MQK_P_TOPIC_ALIAS, 3), MQK_OK);
	assert_int_equal(mqk_props_add_str(p, MQK_P_CONTENT_TYPE,
	    text_bytes("x")), MQK_OK);
	assert_int_equal(p->len, 3 + 4);
	assert_true(mqk_props_get(p, MQK_P_CONTENT_TYPE, &v));
	assert_memory_equal(v.str.data, "x", 1);
	len = p->len;
	for (int i = 0; i < 2; i++)
		assert_int_equal(mqk_props_add_pair(p, text_bytes("k"),
		    text_bytes("v")), MQK_OK);
	assert_int_equal(p->len, len + 2 * 7);
	prop_remove(p, MQK_P_USER_PROPERTY);
	assert_int_equal(p->len, len);
	assert_int_equal(prop_num(p, MQK_P_TOPIC_ALIAS, 0), 3);
	assert_int_equal(prop_num(p, MQK_P_SERVER_KEEP_ALIVE, 9), 9);
	mqk_props_free(p);
}

static void
a_property_that_is_not_there_leaves_the_value_alone(void **state)
{
	struct mqk_props	*p = mqk_props_new();
	struct mqk_value	 v = { .num = 7, .str = { "before", 6 } };

	(void)state;
	assert_non_null(p);
	assert_int_equal(mqk_props_add_num(p, MQK_P_TOPIC_ALIAS, 3), MQK_OK);
	assert_int_equal(mqk_props_add_str(p, MQK_P_SERVER_REFERENCE,
	    text_bytes("other:")), MQK_OK);
	assert_false(mqk_props_get(p, MQK_P_REASON_STRING, &v));
	assert_int_equal(v.num, 7);
	assert_int_equal(v.str.len, 6);
	assert_memory_equal(v.str.data, "before", 6);
	mqk_props_free(p);
}

static void
a_list_fits_only_packets_that_take_all_of_it(void **state)
{
	struct mqk_props	*p = mqk_props_new();
	enum mqk_prop		 bad;

	(void)state;
	assert_non_null(p);
	assert_int_equal(prop_fits(NULL, MQK_PUBLISH, &bad), MQK_OK);
	for (uint32_t i = 1; i <= 2; i++)
		assert_int_equal(mqk_props_add_num(p,
		    MQK_P_SUBSCRIPTION_IDENTIFIER, i), MQK_OK);
	assert_int_equal(prop_fits(p, MQK_PUBLISH, &bad), MQK_OK);
	assert_int_equal(prop_fits(p, MQK_SUBSCRIBE, &bad), MQK_EINVAL);
	assert_int_equal(prop_fits(p, MQK_CONNECT, &bad), MQK_EINVAL);
	assert_int_equal(bad, MQK_P_SUBSCRIPTION_IDENTIFIER);
	prop_remove(p, MQK_P_SUBSCRIPTION_IDENTIFIER);
	assert_int_equal(mqk_props_add_str(p, MQK_P_AUTHENTICATION_DATA,
	    text_bytes("d")), MQK_OK);
	assert_int_equal(prop_fits(p, MQK_CONNECT, &bad), MQK_EINVAL);
	assert_int_equal(mqk_props_add_str(p, MQK_P_AUTHENTICATION_METHOD,
	    text_bytes("m")), MQK_OK);
	assert_int_equal(prop_fits(p, MQK_CONNECT, &bad), MQK_OK);
	mqk_props_free(p);
}

static void
a_window_is_copied_before_it_is_changed(void **state)
{
	uint8_t			*wire;
	size_t			 len;
	struct mqk_props	 window, copy;

	(void)state;
	wire = bytes_of("01 01 23 0005", &len);
	window = (struct mqk_props){ wire, (uint32_t)len, 0 };
	assert_int_equal(prop_copy(&copy, &window), MQK_OK);
	assert_int_equal(mqk_props_add_num(&window, MQK_P_TOPIC_ALIAS, 6),
	    MQK_OK);
	assert_int_equal(wire[4], 5);
	assert_int_equal(prop_num(&window, MQK_P_TOPIC_ALIAS, 0), 6);
	assert_int_equal(prop_num(&copy, MQK_P_TOPIC_ALIAS, 0), 5);
	prop_fini(&window);
	prop_fini(&copy);
	assert_int_equal(prop_copy(&copy, NULL), MQK_OK);
	assert_int_equal(copy.len, 0);
	free(wire);
}

/* Every property, cut anywhere, is malformed and never read past its end. */
static void
a_cut_list_is_malformed(void **state)
{
	struct mqk_props	*p;
	const char		*why;
	uint8_t			*part;
	unsigned		 packet;

	(void)state;
	for (int id = 0; id < 43; id++) {
		if (mqk_prop_name((enum mqk_prop)id) == NULL)
			continue;
		p = mqk_props_new();
		assert_non_null(p);
		assert_int_equal(add_some_value(p, (enum mqk_prop)id), MQK_OK);
		for (packet = PROP_WILL; packet <= MQK_AUTH; packet++) {
			for (uint32_t n = 1; n < p->len; n++) {
				part = exact_copy(p->data, n);
				assert_int_equal(prop_check(part, n, packet,
				    &why), MQK_EMALFORMED);
				free(part);
			}
		}
		mqk_props_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(every_property_is_read_as_it_was_added),
		cmocka_unit_test(every_property_stands_where_table_2_4_allows),
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(wrong_values_are_refused_and_nothing_is_added),
		cmocka_unit_test(
		    a_second_value_replaces_the_first_unless_it_may_repeat),
		cmocka_unit_test(
		    a_property_that_is_not_there_leaves_the_value_alone),
		cmocka_unit_test(a_list_fits_only_packets_that_take_all_of_it),
		cmocka_unit_test(a_window_is_copied_before_it_is_changed),
		cmocka_unit_test(a_cut_list_is_malformed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
