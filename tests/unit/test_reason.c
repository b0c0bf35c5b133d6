/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <string.h>

#include "codec/reason.h"

static void
codes_are_named_by_packet(void **state)
{
	(void)state;
	assert_string_equal(mqk_reason_name(MQK_CONNACK, 0), "Success");
	assert_string_equal(mqk_reason_name(MQK_DISCONNECT, 0),
	    "Normal disconnection");
	assert_string_equal(mqk_reason_name(MQK_SUBACK, 0), "Granted QoS 0");
	assert_string_equal(mqk_reason_name(MQK_SUBACK, 1), "Granted QoS 1");
	assert_string_equal(mqk_reason_name(MQK_CONNACK, 5), "Not authorized");
	assert_string_equal(mqk_reason_name(MQK_CONNACK, 4),
	    "Bad user name or password");
	assert_string_equal(mqk_reason_name(MQK_DISCONNECT, 4),
	    "Disconnect with Will Message");
	assert_string_equal(mqk_reason_name(MQK_PUBREL, 0x92),
	    "Packet Identifier not found");
}

static void
codes_a_packet_cannot_carry_are_not_allowed(void **state)
{
	(void)state;
	assert_true(reason_allowed(MQK_CONNACK, 0x84));
	assert_false(reason_allowed(MQK_CONNACK, 0x05));
	assert_false(reason_allowed(MQK_PUBACK, 0x92));
	assert_true(reason_allowed(MQK_PUBCOMP, 0x92));
	assert_false(reason_allowed(MQK_PUBLISH, 0));
	assert_false(reason_allowed(MQK_UNSUBACK, 0x01));
	assert_true(reason_allowed(MQK_SUBACK, 0x01));
	assert_false(reason_allowed(MQK_CONNACK, 0xff));
}

/*
 * How many codes each packet has in sections 3.2 to 3.15.  DISCONNECT has one
 * more, 0x8c, which only the table of section 2.4 gives it, and PUBACK and
 * PUBREC have 0x95, which Mosquitto sends.
 */
static void
every_packet_has_the_codes_of_its_table(void **state)
{
	static const struct {
		enum mqk_packet_type	 type;
		int			 n;
	} want[] = {
		{ MQK_CONNECT, 0 }, { MQK_CONNACK, 22 }, { MQK_PUBACK, 10 },
		{ MQK_PUBREC, 10 }, { MQK_PUBREL, 2 }, { MQK_PUBCOMP, 2 },
		{ MQK_SUBACK, 12 }, { MQK_UNSUBACK, 7 },
		{ MQK_DISCONNECT, 30 }, { MQK_AUTH, 3 },
	};
	int	 n;

	(void)state;
	for (size_t i = 0; i < N(want); i++) {
		n = 0;
		for (int code = 0; code < 256; code++)
			n += reason_allowed(want[i].type, (uint8_t)code);
		assert_int_equal(n, want[i].n);
	}
}

static void
every_code_has_a_name_and_a_sentence(void **state)
{
	const char	*text;

	(void)state;
	for (int type = 0; type < 17; type++) {
		for (int code = 0; code < 256; code++) {
			assert_non_null(mqk_reason_name(
			    (enum mqk_packet_type)type, (uint8_t)code));
			text = mqk_reason_text((enum mqk_packet_type)type,
			    (uint8_t)code);
			assert_int_equal(text[strlen(text) - 1], '.');
		}
	}
}

static void
errors_have_the_reason_that_tells_the_peer(void **state)
{
	(void)state;
	assert_int_equal(reason_of_error(MQK_EMALFORMED), 0x81);
	assert_int_equal(reason_of_error(MQK_EPROTOCOL), 0x82);
	assert_int_equal(reason_of_error(MQK_ETOOBIG), 0x95);
	assert_int_equal(reason_of_error(MQK_ENOMEM), 0x80);
}

static void
packets_have_names(void **state)
{
	(void)state;
	assert_string_equal(mqk_packet_name(MQK_CONNECT), "CONNECT");
	assert_string_equal(mqk_packet_name(MQK_AUTH), "AUTH");
	assert_string_equal(mqk_packet_name((enum mqk_packet_type)0), "?");
	assert_string_equal(mqk_packet_name((enum mqk_packet_type)16), "?");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(codes_are_named_by_packet),
		cmocka_unit_test(codes_a_packet_cannot_carry_are_not_allowed),
		cmocka_unit_test(every_packet_has_the_codes_of_its_table),
		cmocka_unit_test(every_code_has_a_name_and_a_sentence),
		cmocka_unit_test(errors_have_the_reason_that_tells_the_peer),
		cmocka_unit_test(packets_have_names),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
