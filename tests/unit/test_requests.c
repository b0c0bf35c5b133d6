/* SPDX-License-Identifier: MIT */

/* What an application may ask of a client, and what becomes of it in bytes. */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/packet.h"
#include "unit/memclient.h"

static const enum mqk_version versions[] = { MQK_V5, MQK_V311, MQK_V31 };

/* Text that is none: a cut character, a surrogate, an overlong form. */
static const char *const ill_formed[] = { "a\xc3", "\xed\xa0\x80", "\xc0\xaf" };

static int
client_new(struct mqk_client **c, enum mqk_version version, const char *id)
{
	struct mqk_options	 o = { .version = version, .client_id = id,
				    .reconnect.off = true };

	return (mqk_client_new(c, &o));
}

/* The next packet the client has written; the views live until the next. */
static void
take_packet(struct packet *p, enum mqk_version version)
{
	static uint8_t	 wire[1000];
	struct buf	*out = &memclient_pipe.out;
	const char	*why;
	size_t		 len;

	assert_int_equal(frame_next(buf_data(out), buf_len(out), sizeof(wire),
	    &len), 1);
	memcpy(wire, buf_data(out), len);
	buf_consume(out, len);
	assert_int_equal(packet_decode(p, version, wire, len, &why), MQK_OK);
}

static void
connect_as(struct mqk_client *c, struct packet *p)
{
	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	take_packet(p, MQK_V5);
	assert_int_equal(p->type, MQK_CONNECT);
}

/* ---- CONNECT --------------------------------------------------------- */

static void
text_of_connect_must_be_text(void **state)
{
	struct mqk_bytes	 none = { NULL, 0 };
	struct mqk_client	*c;

	(void)state;
	assert_int_equal(client_new(&c, MQK_V_AUTO, "x"), MQK_OK);
	for (size_t i = 0; i < N(ill_formed); i++) {
		struct mqk_client	*other = NULL;

		assert_int_equal(client_new(&other, MQK_V_AUTO,
		    ill_formed[i]), MQK_EINVAL);
		assert_null(other);
		assert_int_equal(mqk_set_credentials(c, ill_formed[i], none),
		    MQK_EINVAL);
	}
	mqk_client_free(c);
}

static void
a_will_that_no_packet_can_carry_is_refused(void **state)
{
	static char		 big[65536];
	struct mqk_publish	 will = { .topic = "w" };
	struct mqk_client	*c;
	struct packet		 p;

	(void)state;
	assert_int_equal(client_new(&c, MQK_V5, "x"), MQK_OK);
	will.qos = 3;
	assert_int_equal(mqk_set_will(c, &will), MQK_EINVAL);
	will.qos = 2;
	will.payload = (struct mqk_bytes){ big, sizeof(big) };
	assert_int_equal(mqk_set_will(c, &will), MQK_EINVAL);
	will.payload.len = 3;
	for (size_t i = 0; i < N(ill_formed); i++) {
		will.topic = ill_formed[i];
		assert_int_equal(mqk_set_will(c, &will), MQK_ETOPIC);
	}
	will.topic = "w/#";
	assert_int_equal(mqk_set_will(c, &will), MQK_ETOPIC);
	will.topic = "w";
	assert_int_equal(mqk_set_will(c, &will), MQK_OK);
	connect_as(c, &p);
	assert_true(p.u.connect.will.set);
	assert_int_equal(p.u.connect.will.qos, 2);
	assert_int_equal(p.u.connect.will.payload.len, 3);
	mqk_client_free(c);
}

/* With 3.x an empty user name goes along. */
static void
a_password_alone_needs_version_5(void **state)
{
	struct mqk_bytes	 secret = { "s", 1 };
	struct mqk_client	*c;
	struct packet		 p;

	(void)state;
	for (size_t i = 0; i < N(versions); i++) {
		assert_int_equal(client_new(&c, versions[i], "x"), MQK_OK);
		assert_int_equal(mqk_set_credentials(c, NULL, secret), MQK_OK);
		connect_as(c, &p);
		assert_int_equal(p.u.connect.password.len, 1);
		assert_int_equal(p.u.connect.user.data != NULL,
		    versions[i] != MQK_V5);
		assert_int_equal(p.u.connect.user.len, 0);
		mqk_client_free(c);
	}
}

/* With 3.x, where there is no session without an id; 3.1 always has one. */
static void
an_empty_id_means_a_clean_session(void **state)
{
	struct mqk_options	 o = { .reconnect.off = true };
	struct mqk_client	*c;
	struct packet		 p;

	(void)state;
	for (int resume = 0; resume < 2; resume++) {
		for (size_t i = 0; i < N(versions); i++) {
			o.version = versions[i];
			o.resume = resume != 0;
			assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
			connect_as(c, &p);
			assert_int_equal(p.u.connect.clean, resume == 0);
			if (versions[i] != MQK_V5 && !p.u.connect.clean)
				assert_true(p.u.connect.client_id.len > 0);
			if (versions[i] == MQK_V31)
				assert_in_range(p.u.connect.client_id.len, 1,
				    23);
			mqk_client_free(c);
		}
	}
}

/* What we take at most, or what the user says if that is less. */
static void
a_limit_on_packets_is_told_to_the_broker(void **state)
{
	static const struct {
		uint32_t	 option, prop, told;
	} cases[] = {
		{ 0, 0, 0 }, { 1000, 0, 1000 }, { 1000, 500, 500 },
		{ 1000, 2000, 1000 }, { 0, 2000, 2000 }
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct mqk_props	*props = mqk_props_new();
		struct mqk_options	 o = {
			.max_packet = cases[i].option, .props = props,
			.version = MQK_V5, .client_id = "x",
		};
		struct mqk_client	*c;
		struct packet		 p;

		assert_non_null(props);
		if (cases[i].prop != 0)
			assert_int_equal(mqk_props_add_num(props,
			    MQK_P_MAXIMUM_PACKET_SIZE, cases[i].prop),
			    MQK_OK);
		assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
		mqk_props_free(props);
		connect_as(c, &p);
		assert_int_equal(prop_num(&p.u.connect.props,
		    MQK_P_MAXIMUM_PACKET_SIZE, 0), cases[i].told);
		mqk_client_free(c);
	}
}

/* ---- SUBSCRIBE and UNSUBSCRIBE --------------------------------------- */

static void
a_list_of_no_filters_is_refused(void **state)
{
	static const struct mqk_filter	 filters[] = { { .topic = "a" } };
	static const char *const	 topics[] = { "a" };
	struct mqk_client		*c;

	(void)state;
	assert_int_equal(client_new(&c, MQK_V_AUTO, "x"), MQK_OK);
	assert_int_equal(mqk_subscribe(c, filters, 0, NULL), MQK_EINVAL);
	assert_int_equal(mqk_unsubscribe(c, topics, 0, NULL), MQK_EINVAL);
	mqk_client_free(c);
}

/* ---- DISCONNECT ------------------------------------------------------ */

static void
the_connection_is_closed_after_disconnect(void **state)
{
	struct mqk_publish	 m = { .topic = "t" };
	struct mqk_client	*c;
	struct packet		 p;

	(void)state;
	for (size_t i = 0; i < N(versions); i++) {
		assert_int_equal(client_new(&c, versions[i], "x"), MQK_OK);
		connect_as(c, &p);
		memclient_hear_text(c, versions[i] == MQK_V5 ?
		    "20 03 00 00 00" : "20 02 00 00");
		assert_int_equal(mqk_disconnect(c, 0, NULL), MQK_OK);
		assert_int_equal(mqk_publish(c, &m), 0);
		assert_int_equal(memclient_turn(c), MQK_OK);
		take_packet(&p, versions[i]);
		assert_int_equal(p.type, MQK_DISCONNECT);
		memclient_hear_text(c, "40 02 0001 d0 00");
		assert_int_equal(buf_len(&memclient_pipe.out), 0);
		memclient_pipe.ended = true;
		assert_int_equal(memclient_turn(c), MQK_ESTOPPED);
		assert_true(memclient_pipe.freed);
		mqk_client_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_connect_must_be_text),
		cmocka_unit_test(a_will_that_no_packet_can_carry_is_refused),
		cmocka_unit_test(a_password_alone_needs_version_5),
		cmocka_unit_test(an_empty_id_means_a_clean_session),
		cmocka_unit_test(a_limit_on_packets_is_told_to_the_broker),
		cmocka_unit_test(a_list_of_no_filters_is_refused),
		cmocka_unit_test(the_connection_is_closed_after_disconnect),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
