/* SPDX-License-Identifier: MIT */

/*
 * One line of JSON per message: read back with cJSON, every byte must be what
 * went in.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "common/record.h"

static const struct timestamp arrival = {
	.at = { .tv_sec = 1588802520, .tv_nsec = 1234567 },
	.date = "2020-05-06T22:02:00", .zone = "+0100", .known = true
};

#define BYTES(literal)	{ literal, sizeof literal - 1 }

static char *
print(const struct mqk_message *message, enum record_payload style)
{
	struct outbuf	out = { 0 };

	record_print(&out, message, &arrival, style);
	outbuf_char(&out, '\0');
	assert_int_equal(strlen(out.mem) + 1, out.len);
	return (out.mem);
}

static struct mqk_message
message_of(const void *payload, size_t len)
{
	return ((struct mqk_message){
		.topic = "a/b", .topic_len = 3, .payload = { payload, len }
	});
}

static int
sextet(char c)
{
	static const char	 alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char		*at = strchr(alphabet, c);

	assert_non_null(at);
	return ((int)(at - alphabet));
}

static size_t
decode_base64(const char *text, uint8_t *to)
{
	size_t	n = 0;

	for (; *text != '\0'; text += 4) {
		unsigned	bits = 0;

		for (int i = 0; i < 4; i++)
			bits = bits << 6 |
			    (unsigned)(text[i] == '=' ? 0 : sextet(text[i]));
		to[n++] = (uint8_t)(bits >> 16);
		if (text[2] != '=')
			to[n++] = (uint8_t)(bits >> 8);
		if (text[3] != '=')
			to[n++] = (uint8_t)bits;
	}
	return (n);
}

static const char *
text_at(const cJSON *object, const char *key)
{
	const cJSON	*item = cJSON_GetObjectItemCaseSensitive(object, key);

	assert_non_null(item);
	assert_true(cJSON_IsString(item));
	return (item->valuestring);
}

static double
number_at(const cJSON *object, const char *key)
{
	const cJSON	*item = cJSON_GetObjectItemCaseSensitive(object, key);

	assert_non_null(item);
	assert_true(cJSON_IsNumber(item));
	return (item->valuedouble);
}

/* Print, read back, compare; the result is the encoding that was chosen. */
static bool
comes_back(const uint8_t *payload, size_t len)
{
	struct mqk_message	 message = message_of(payload, len);
	char			*line = print(&message, RECORD_STRING);
	cJSON			*object = cJSON_Parse(line);
	uint8_t			*got = malloc(len + 3);
	size_t			 n;
	bool			 base64;

	assert_non_null(object);
	base64 = strcmp(text_at(object, "encoding"), "base64") == 0;
	if (base64)
		n = decode_base64(text_at(object, "payload"), got);
	else {
		assert_string_equal(text_at(object, "encoding"), "utf8");
		n = strlen(text_at(object, "payload"));
		assert_int_equal(n, len);
		memcpy(got, text_at(object, "payload"), n);
	}
	assert_int_equal(n, len);
	assert_memory_equal(got, payload, len);
	assert_int_equal(number_at(object, "payloadlen"), len);
	free(got);
	cJSON_Delete(object);
	free(line);
	return (base64);
}

static void
the_line_is_as_documented(void **state)
{
	struct mqk_message	 message = message_of("hi", 2);
	char			*line = print(&message, RECORD_STRING);

	(void)state;
	assert_string_equal(line,
	    "{\"tst\":\"2020-05-06T22:02:00.001234+0100\",\"topic\":\"a/b\","
	    "\"qos\":0,\"retain\":false,\"payloadlen\":2,"
	    "\"payload\":\"hi\",\"encoding\":\"utf8\"}");
	free(line);
	message.qos = 2;
	message.mid = 65535;
	message.retain = true;
	line = print(&message, RECORD_STRING);
	assert_string_equal(line,
	    "{\"tst\":\"2020-05-06T22:02:00.001234+0100\",\"topic\":\"a/b\","
	    "\"qos\":2,\"retain\":true,\"payloadlen\":2,\"mid\":65535,"
	    "\"payload\":\"hi\",\"encoding\":\"utf8\"}");
	free(line);
}

static void
an_empty_payload_is_null(void **state)
{
	struct mqk_message	 message = message_of(NULL, 0);
	char			*line = print(&message, RECORD_VALUE);

	(void)state;
	assert_non_null(strstr(line,
	    "\"payloadlen\":0,\"payload\":null,\"encoding\":\"utf8\"}"));
	free(line);
}

static void
every_single_byte_comes_back(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t	byte = (uint8_t)c;

		assert_int_equal(comes_back(&byte, 1), c == 0 || c >= 0x80);
	}
}

static void
every_length_of_binary_comes_back(void **state)
{
	uint8_t	payload[300];

	(void)state;
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (uint8_t)(i ^ 0xa5);
	for (size_t len = 1; len <= sizeof payload; len++)
		assert_true(comes_back(payload, len));
}

static void
text_of_all_planes_stays_text(void **state)
{
	static const char	*texts[] = {
		"\xe2\x80\xa8\xe2\x80\xa9", "\xf0\x9f\x98\x80",
		"caf\xc3\xa9 \"quoted\" \\back\\ /slash/",
		"\x01\x02\x1f\x7f\b\t\n\v\f\r", "\xef\xbf\xbe\xef\xbb\xbf",
		"{\"looks\":\"like json\"}"
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(comes_back((const uint8_t *)texts[i],
		    strlen(texts[i])));
}

static void
surrogates_and_nul_become_base64(void **state)
{
	(void)state;
	assert_true(comes_back((const uint8_t *)"\xed\xa0\xbd\xed\xb8\x80", 6));
	assert_true(comes_back((const uint8_t *)"a\0b", 3));
	assert_true(comes_back((const uint8_t *)"12345678\xff", 9));
}

static void
a_json_payload_can_stand_as_a_value(void **state)
{
	struct mqk_message	 message = message_of("{ \"a\": [1, 2] }", 15);
	char			*line = print(&message, RECORD_VALUE);

	(void)state;
	assert_non_null(strstr(line,
	    "\"payload\":{\"a\":[1,2]},\"encoding\":\"json\"}"));
	free(line);
	message = message_of("not json", 8);
	line = print(&message, RECORD_VALUE);
	assert_non_null(strstr(line,
	    "\"payload\":\"not json\",\"encoding\":\"utf8\"}"));
	free(line);
}

static void
every_property_is_there_in_order(void **state)
{
	struct mqk_message	 message = message_of("x", 1);
	struct mqk_props	*props = mqk_props_new();
	char			*line;

	(void)state;
	assert_int_equal(mqk_props_add_pair(props,
	    (struct mqk_bytes)BYTES("k"), (struct mqk_bytes)BYTES("1")), 0);
	assert_int_equal(mqk_props_add_pair(props,
	    (struct mqk_bytes)BYTES("k"), (struct mqk_bytes)BYTES("\"2\"")),
	    0);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_PAYLOAD_FORMAT_INDICATOR, 1), 0);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_MESSAGE_EXPIRY_INTERVAL, 4294967295u), 0);
	assert_int_equal(mqk_props_add_str(props, MQK_P_CONTENT_TYPE,
	    (struct mqk_bytes)BYTES("text/plain")), 0);
	assert_int_equal(mqk_props_add_str(props, MQK_P_RESPONSE_TOPIC,
	    (struct mqk_bytes)BYTES("r/t")), 0);
	assert_int_equal(mqk_props_add_str(props, MQK_P_CORRELATION_DATA,
	    (struct mqk_bytes)BYTES("\xff\0")), 0);
	assert_int_equal(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS, 7), 0);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER, 268435455), 0);
	message.props = props;
	line = print(&message, RECORD_STRING);
	assert_non_null(strstr(line, ",\"properties\":{"
	    "\"payload-format-indicator\":1,"
	    "\"message-expiry-interval\":4294967295,"
	    "\"content-type\":\"text/plain\",\"response-topic\":\"r/t\","
	    "\"correlation-data\":\"/wA=\","
	    "\"correlation-data-encoding\":\"base64\","
	    "\"topic-alias\":7,\"subscription-identifier\":268435455,"
	    "\"user-properties\":[{\"k\":\"1\"},{\"k\":\"\\\"2\\\"\"}]},"
	    "\"payload\":"));
	free(line);
	mqk_props_free(props);
}

static void
several_subscription_identifiers_are_an_array(void **state)
{
	struct mqk_message	 message = message_of("x", 1);
	struct mqk_props	*props = mqk_props_new();
	char			*line;

	(void)state;
	for (uint32_t id = 1; id <= 3; id++)
		assert_int_equal(mqk_props_add_num(props,
		    MQK_P_SUBSCRIPTION_IDENTIFIER, id), 0);
	message.props = props;
	line = print(&message, RECORD_STRING);
	assert_non_null(strstr(line,
	    "\"properties\":{\"subscription-identifier\":[1,2,3]},"));
	free(line);
	mqk_props_free(props);
}

static void
no_properties_no_object(void **state)
{
	struct mqk_message	 message = message_of("x", 1);
	struct mqk_props	*props = mqk_props_new();
	char			*line;

	(void)state;
	message.props = props;
	line = print(&message, RECORD_STRING);
	assert_null(strstr(line, "properties"));
	free(line);
	mqk_props_free(props);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(the_line_is_as_documented),
		cmocka_unit_test(an_empty_payload_is_null),
		cmocka_unit_test(every_single_byte_comes_back),
		cmocka_unit_test(every_length_of_binary_comes_back),
		cmocka_unit_test(text_of_all_planes_stays_text),
		cmocka_unit_test(surrogates_and_nul_become_base64),
		cmocka_unit_test(a_json_payload_can_stand_as_a_value),
		cmocka_unit_test(every_property_is_there_in_order),
		cmocka_unit_test(several_subscription_identifiers_are_an_array),
		cmocka_unit_test(no_properties_no_object)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
