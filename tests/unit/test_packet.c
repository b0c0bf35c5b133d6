/* SPDX-License-Identifier: MIT */

/*
 * Packets as rows: decoded, described and encoded again they must be the same
 * bytes; cut anywhere they must fail cleanly; and what the specification
 * forbids must fail with the right kind of error and a sentence.
 */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "codec/describe.h"
#include "codec/frame.h"
#include "codec/packet.h"

struct row {
	const char	*name;
	enum mqk_version version;
	const char	*bytes;
	const char	*text;		/* description */
	const char	*again;		/* encoded again, NULL: bytes */
};

struct bad_row {
	const char	*name;
	enum mqk_version version;
	const char	*bytes;
	int		 err;
	const char	*why;
};

#define V5	MQK_V5
#define V4	MQK_V311
#define V3	MQK_V31
#define BAD	MQK_EMALFORMED
#define WRONG	MQK_EPROTOCOL

/* clang-format off */
static const struct row rows[] = {
{ "connect", V5, "10 0e 0004'MQTT' 05 02 003c 00 0001'x'",
  "CONNECT v=5 clean=1 keepalive=60 id=\"x\"", NULL },
{ "connect, empty id", V4, "10 0c 0004'MQTT' 04 02 0000 0000",
  "CONNECT v=4 clean=1 keepalive=0 id=\"\"", NULL },
{ "connect 3.1", V3, "10 0f 0006'MQIsdp' 03 02 000a 0001'x'",
  "CONNECT v=3 clean=1 keepalive=10 id=\"x\"", NULL },
{ "connect with all", V5,
  "10 2e 0004'MQTT' 05 f6 003c 05 11 0000000a 0001'x'"
  "0c 18 00000005 01 01 02 00000007 0001'w' 0003'bye' 0001'u' 0001'p'",
  "CONNECT v=5 clean=1 keepalive=60 id=\"x\" user=\"u\" password=*** "
  "will-topic=\"w\" will-payload=3 will-qos=2 will-retain=1 "
  "will-delay-interval=5 will-payload-format-indicator=1 "
  "will-message-expiry-interval=7 session-expiry-interval=10", NULL },
{ "connect with will 3.1.1", V4,
  "10 1b 0004'MQTT' 04 ee 003c 0001'x' 0001'w' 0001'm' 0001'u' 0003'pwd'",
  "CONNECT v=4 clean=1 keepalive=60 id=\"x\" user=\"u\" password=*** "
  "will-topic=\"w\" will-payload=1 will-qos=1 will-retain=1", NULL },
{ "connect 3.1, announced credentials missing", V3,
  "10 0f 0006'MQIsdp' 03 c2 000a 0001'x'",
  "CONNECT v=3 clean=1 keepalive=10 id=\"x\"",
  "10 0f 0006'MQIsdp' 03 02 000a 0001'x'" },
{ "connect with password only", V5,
  "10 11 0004'MQTT' 05 42 003c 00 0001'x' 0001'p'",
  "CONNECT v=5 clean=1 keepalive=60 id=\"x\" password=***", NULL },
{ "connack", V5, "20 03 00 00 00", "CONNACK sp=0 reason=0", NULL },
{ "connack refusing", V5, "20 03 00 87 00", "CONNACK sp=0 reason=0x87", NULL },
{ "connack with properties", V5,
  "20 24 01 00 21 11 00000001 12 0001'i' 13 001e 21 000a 22 0005 24 01 25 00"
  "27 00000100 28 00 29 01 2a 01",
  "CONNACK sp=1 reason=0 session-expiry-interval=1 "
  "assigned-client-identifier=\"i\" server-keep-alive=30 receive-maximum=10 "
  "topic-alias-maximum=5 maximum-qos=1 retain-available=0 "
  "maximum-packet-size=256 wildcard-subscription-available=0 "
  "subscription-identifier-available=1 shared-subscription-available=1",
  NULL },
{ "connack of a broker without MQTT 5", V5, "20 02 00 01",
  "CONNACK sp=0 reason=1", NULL },
{ "connack 3.1.1", V4, "20 02 01 00", "CONNACK sp=1 reason=0", NULL },
{ "connack 3.1.1 refusing", V4, "20 02 00 05", "CONNACK sp=0 reason=5", NULL },
{ "connack 3.1 with reserved byte", V3, "20 02 ff 04",
  "CONNACK sp=0 reason=4", "20 02 00 04" },
{ "publish qos 0", V5, "30 05 0001'a' 00 'x'",
  "PUBLISH qos=0 dup=0 retain=0 topic=\"a\" payload=1", NULL },
{ "publish qos 1", V4, "32 06 0001'a' 0007 'x'",
  "PUBLISH qos=1 dup=0 retain=0 mid=7 topic=\"a\" payload=1", NULL },
{ "publish qos 2 dup retain", V3, "3d 08 0003'a/b' ffff 'x'",
  "PUBLISH qos=2 dup=1 retain=1 mid=65535 topic=\"a/b\" payload=1", NULL },
{ "publish without payload", V4, "30 03 0001'a'",
  "PUBLISH qos=0 dup=0 retain=0 topic=\"a\" payload=0", NULL },
{ "publish with properties", V5,
  "32 2e 0001'a' 0007 23 01 01 02 0000000a 03 0001'x' 08 0001'r' 09 0002 00ff"
  "0b 8001 0b 02 26 0001'k' 0001'v' 23 0001 'hello'",
  "PUBLISH qos=1 dup=0 retain=0 mid=7 topic=\"a\" payload=5 "
  "payload-format-indicator=1 message-expiry-interval=10 content-type=\"x\" "
  "response-topic=\"r\" correlation-data=\"\\x00\\xff\" "
  "subscription-identifier=128 subscription-identifier=2 "
  "user-property=\"k\":\"v\" topic-alias=1", NULL },
{ "publish with alias", V5, "30 06 0000 03 23 0001",
  "PUBLISH qos=0 dup=0 retain=0 topic=\"\" payload=0 topic-alias=1", NULL },
{ "publish with alias 0", V5, "30 06 0000 03 23 0000",
  "PUBLISH qos=0 dup=0 retain=0 topic=\"\" payload=0 topic-alias=0", NULL },
{ "publish 3.1, dup with qos 0", V3, "38 03 0001'a'",
  "PUBLISH qos=0 dup=0 retain=0 topic=\"a\" payload=0", "30 03 0001'a'" },
{ "publish, quotes and controls in the topic", V4,
  "30 0a 0008'a\"\\' 01 c3a9 c29b",
  "PUBLISH qos=0 dup=0 retain=0 topic=\"a\\\"\\\\\\x01\xc3\xa9\\xc2\\x9b\" "
  "payload=0", NULL },
{ "puback", V5, "40 02 0001", "PUBACK mid=1 reason=0", NULL },
{ "puback with reason", V5, "40 03 0001 10", "PUBACK mid=1 reason=0x10", NULL },
{ "puback spelled out", V5, "40 04 0001 00 00", "PUBACK mid=1 reason=0",
  "40 02 0001" },
{ "puback with text", V5, "40 08 0001 87 04 1f 0001'n'",
  "PUBACK mid=1 reason=0x87 reason-string=\"n\"", NULL },
{ "puback 3.1.1", V4, "40 02 0001", "PUBACK mid=1", NULL },
{ "pubrec", V5, "50 02 0102", "PUBREC mid=258 reason=0", NULL },
{ "pubrel", V5, "62 02 0001", "PUBREL mid=1 reason=0", NULL },
{ "pubrel unknown id", V5, "62 03 0001 92", "PUBREL mid=1 reason=0x92", NULL },
{ "pubrel 3.1 with dup", V3, "6a 02 0001", "PUBREL mid=1", "62 02 0001" },
{ "pubcomp", V4, "70 02 0001", "PUBCOMP mid=1", NULL },
{ "subscribe", V5, "82 0f 0001 02 0b 05 0003'a/#' 2d 0001'+' 02",
  "SUBSCRIBE mid=1 filter=\"a/#\" qos=1 nl=1 rap=1 rh=2 "
  "filter=\"+\" qos=2 nl=0 rap=0 rh=0 subscription-identifier=5", NULL },
{ "subscribe 3.1.1", V4, "82 08 0001 0003'a/#' 01",
  "SUBSCRIBE mid=1 filter=\"a/#\" qos=1", NULL },
{ "suback", V5, "90 06 0001 00 00 01 80",
  "SUBACK mid=1 reasons=0,1,0x80", NULL },
{ "suback 3.1.1", V4, "90 04 0001 02 80", "SUBACK mid=1 reasons=2,0x80", NULL },
{ "unsubscribe", V5, "a2 0b 0001 00 0003'a/b' 0001'c'",
  "UNSUBSCRIBE mid=1 filter=\"a/b\" filter=\"c\"", NULL },
{ "unsuback", V5, "b0 05 0001 00 00 11", "UNSUBACK mid=1 reasons=0,0x11",
  NULL },
{ "unsuback 3.1.1", V4, "b0 02 0001", "UNSUBACK mid=1", NULL },
{ "pingreq", V5, "c0 00", "PINGREQ", NULL },
{ "pingresp", V3, "d0 00", "PINGRESP", NULL },
{ "disconnect", V5, "e0 00", "DISCONNECT reason=0", NULL },
{ "disconnect with reason", V5, "e0 01 8e", "DISCONNECT reason=0x8e", NULL },
{ "disconnect with everything", V5,
  "e0 0c 9d 0a 1c 0001's' 26 0001'k' 0000",
  "DISCONNECT reason=0x9d server-reference=\"s\" user-property=\"k\":\"\"",
  NULL },
{ "disconnect 3.1.1", V4, "e0 00", "DISCONNECT", NULL },
{ "auth", V5, "f0 0a 18 08 15 0001'm' 16 0001 00",
  "AUTH reason=0x18 authentication-method=\"m\" authentication-data=***",
  NULL },
{ "auth, success in short", V5, "f0 00", "AUTH reason=0", NULL },
{ "long form of a length 3.1.1", V4, "40 8200 0001", "PUBACK mid=1",
  "40 02 0001" },
};

static const struct bad_row bad_rows[] = {
{ "type 0", V5, "00 00", BAD, "fixed header: packet type 0" },
{ "length too large", V5, "40 03 0001", BAD,
  "fixed header: wrong remaining length" },
{ "length too small", V5, "40 01 0001", BAD,
  "fixed header: wrong remaining length" },
{ "length not in short form", V5, "40 8200 0001", BAD,
  "fixed header: length not in short form" },
{ "length of five bytes", V4, "40 8280808000 0001", BAD,
  "fixed header: wrong remaining length" },
{ "connect, unknown name", V5, "10 0e 0004'MQXX' 05 02 003c 00 0001'x'",
  WRONG, "CONNECT: unknown protocol name or level" },
{ "connect, unknown level", V5, "10 0e 0004'MQTT' 06 02 003c 00 0001'x'",
  WRONG, "CONNECT: unknown protocol name or level" },
{ "connect, first byte", V5, "11 0e 0004'MQTT' 05 02 003c 00 0001'x'",
  BAD, "CONNECT: wrong flags in first byte" },
{ "connect, reserved flag", V5, "10 0e 0004'MQTT' 05 03 003c 00 0001'x'",
  BAD, "CONNECT: reserved flag is set" },
{ "connect, will flags", V5, "10 0e 0004'MQTT' 05 22 003c 00 0001'x'",
  BAD, "CONNECT: will flags without a will" },
{ "connect, will qos", V4,
  "10 13 0004'MQTT' 04 1e 003c 0001'x' 0001'w' 0001'm'",
  BAD, "CONNECT: will QoS 3" },
{ "connect, will topic", V4,
  "10 13 0004'MQTT' 04 06 003c 0001'x' 0001'#' 0001'm'",
  BAD, "CONNECT: invalid will topic" },
{ "connect, password alone", V4,
  "10 10 0004'MQTT' 04 42 003c 0001'x' 0001'p'",
  BAD, "CONNECT: password without user name" },
{ "connect 3.1, password alone", V3,
  "10 12 0006'MQIsdp' 03 42 003c 0001'x' 0001'p'",
  BAD, "CONNECT: password without user name" },
{ "connect, id with NUL", V5, "10 0e 0004'MQTT' 05 02 003c 00 0001 00",
  BAD, "CONNECT: client id is not valid UTF-8" },
{ "connect, user not UTF-8", V4, "10 10 0004'MQTT' 04 82 003c 0001'x' 0001 ff",
  BAD, "CONNECT: user name is not valid UTF-8" },
{ "connect, trailing", V4, "10 0e 0004'MQTT' 04 02 003c 0001'x' 00",
  BAD, "CONNECT: bytes behind its end" },
{ "connect, receive maximum 0", V5,
  "10 11 0004'MQTT' 05 02 003c 03 210000 0001'x'",
  WRONG, "property receive-maximum: value out of range" },
{ "connack, reserved flag", V5, "20 03 02 00 00", BAD,
  "CONNACK: reserved flag is set" },
{ "connack, session present in a refusal", V4, "20 02 01 05", WRONG,
  "CONNACK: session present in a refusal" },
{ "connack, reason", V5, "20 03 00 10 00", WRONG,
  "CONNACK: reason code not allowed" },
{ "connack, old refusal with properties", V5, "20 03 00 01 00", WRONG,
  "CONNACK: reason code not allowed" },
{ "connack, code 6", V4, "20 02 00 06", WRONG,
  "CONNACK: unknown return code" },
{ "connack, no properties", V5, "20 02 00 00", BAD,
  "CONNACK: ends too early" },
{ "connack, maximum qos 2", V5, "20 05 00 00 02 24 02", WRONG,
  "property maximum-qos: value out of range" },
{ "connack, data without method", V5, "20 06 00 00 03 16 0000", WRONG,
  "property authentication-data: without authentication-method" },
{ "publish, qos 3", V5, "36 06 0001'a' 0001 00", BAD, "PUBLISH: QoS 3" },
{ "publish, dup with qos 0", V5, "38 04 0001'a' 00", BAD,
  "PUBLISH: DUP with QoS 0" },
{ "publish, mid 0", V4, "32 05 0001'a' 0000", WRONG,
  "PUBLISH: packet id 0" },
{ "publish, wildcard", V4, "30 05 0003'a/+'", BAD,
  "PUBLISH: topic has a wildcard or is not valid UTF-8" },
{ "publish, topic not UTF-8", V4, "30 04 0002 c328", BAD,
  "PUBLISH: topic has a wildcard or is not valid UTF-8" },
{ "publish, topic with NUL", V4, "30 04 0002'a' 00", BAD,
  "PUBLISH: topic has a wildcard or is not valid UTF-8" },
{ "publish, empty topic", V4, "30 02 0000", BAD, "PUBLISH: empty topic" },
{ "publish, no topic no alias", V5, "30 03 0000 00", WRONG,
  "PUBLISH: neither topic nor topic alias" },
{ "publish, topic longer than the packet", V4, "30 03 0002'a'", BAD,
  "PUBLISH: ends too early" },
{ "publish, properties longer than the packet", V5, "30 04 0001'a' 05", BAD,
  "PUBLISH: ends too early" },
{ "publish, property length in long form", V5, "30 05 0001'a' 8000", BAD,
  "PUBLISH: ends too early" },
{ "publish, property cut", V5, "30 06 0001'a' 02 0200", BAD,
  "properties: a value is cut off" },
{ "publish, property unknown", V5, "30 06 0001'a' 02 7f00", BAD,
  "properties: unknown identifier" },
{ "publish, property out of place", V5, "30 07 0001'a' 03 210001", BAD,
  "property receive-maximum: not allowed in this packet" },
{ "publish, property twice", V5, "30 08 0001'a' 04 0101 0101", WRONG,
  "property payload-format-indicator: given twice" },
{ "publish, payload format 2", V5, "30 06 0001'a' 02 0102", WRONG,
  "property payload-format-indicator: value out of range" },
{ "publish, response topic with wildcard", V5, "30 08 0001'a' 04 08 0001'#'",
  BAD, "property response-topic: not well-formed text" },
{ "publish, content type not UTF-8", V5, "30 08 0001'a' 04 03 0001 ff", BAD,
  "property content-type: not well-formed text" },
{ "publish, subscription id 0", V5, "30 06 0001'a' 02 0b00", WRONG,
  "property subscription-identifier: value out of range" },
{ "puback, flags", V5, "41 02 0001", BAD, "PUBACK: wrong flags in first byte" },
{ "puback, mid 0", V5, "40 02 0000", WRONG, "PUBACK: packet id 0" },
{ "puback, reason", V5, "40 03 0001 01", WRONG,
  "PUBACK: reason code not allowed" },
{ "puback 3.1.1 with reason", V4, "40 03 0001 00", BAD,
  "PUBACK: bytes behind its end" },
{ "puback, trailing", V5, "40 05 0001 00 00 00", BAD,
  "PUBACK: bytes behind its end" },
{ "puback, too short", V5, "40 01 00", BAD, "PUBACK: ends too early" },
{ "pubrel, flags", V5, "60 02 0001", BAD, "PUBREL: wrong flags in first byte" },
{ "pubcomp, reason of another", V5, "70 03 0001 10", WRONG,
  "PUBCOMP: reason code not allowed" },
{ "subscribe, flags", V5, "80 07 0001 00 0001'a' 00", BAD,
  "SUBSCRIBE: wrong flags in first byte" },
{ "subscribe, no filter", V5, "82 03 0001 00", WRONG,
  "SUBSCRIBE: no topic filter" },
{ "subscribe, filter", V5, "82 08 0001 00 0002'a#' 00", BAD,
  "SUBSCRIBE: invalid topic filter" },
{ "subscribe, qos 3", V5, "82 07 0001 00 0001'a' 03", WRONG,
  "SUBSCRIBE: QoS 3" },
{ "subscribe, reserved option", V5, "82 07 0001 00 0001'a' 40", BAD,
  "SUBSCRIBE: reserved option is set" },
{ "subscribe, option of MQTT 5", V4, "82 06 0001 0001'a' 04", BAD,
  "SUBSCRIBE: reserved option is set" },
{ "subscribe, retain handling 3", V5, "82 07 0001 00 0001'a' 30", WRONG,
  "SUBSCRIBE: retain handling 3" },
{ "subscribe, shared with no-local", V5,
  "82 10 0001 00 000a'$share/g/a' 04", WRONG,
  "SUBSCRIBE: no-local with a shared subscription" },
{ "subscribe, id twice", V5, "82 0b 0001 04 0b01 0b02 0001'a' 00", WRONG,
  "property subscription-identifier: given twice" },
{ "subscribe, options cut", V5, "82 06 0001 00 0001'a'", BAD,
  "SUBSCRIBE: ends too early" },
{ "suback, none", V5, "90 03 0001 00", WRONG, "SUBACK: no reason code" },
{ "suback, code 3", V4, "90 03 0001 03", WRONG,
  "SUBACK: reason code not allowed" },
{ "unsubscribe, none", V4, "a2 02 0001", WRONG,
  "UNSUBSCRIBE: no topic filter" },
{ "unsuback 3.1.1 with reasons", V4, "b0 03 0001 00", BAD,
  "UNSUBACK: bytes behind its end" },
{ "pingresp, not empty", V5, "d0 01 00", BAD,
  "PINGRESP: bytes behind its end" },
{ "disconnect, reason", V5, "e0 01 10", WRONG,
  "DISCONNECT: reason code not allowed" },
{ "disconnect 3.1.1 with reason", V4, "e0 01 00", BAD,
  "DISCONNECT: bytes behind its end" },
{ "auth 3.1.1", V4, "f0 00", BAD, "AUTH: not a packet of MQTT 3" },
{ "auth without method", V5, "f0 02 18 00", WRONG,
  "AUTH: no authentication-method" },
};
/* clang-format on */

static const size_t varint_edges[] = {
	127, 128, 16383, 16384, 2097151, 2097152, PACKET_MAX_REMAINING
};

/* Decode in memory of exactly that size. */
static int
decode(struct packet *p, enum mqk_version version, const uint8_t *at,
    size_t len, const char **why)
{
	*why = NULL;
	return (packet_decode(p, version, at, len, why));
}

static void
assert_encodes_to(const struct row *row, const struct packet *p)
{
	struct buf	 b;
	uint8_t		*want;
	size_t		 len;

	want = bytes_of(row->again != NULL ? row->again : row->bytes, &len);
	buf_init(&b, PACKET_MAX);
	assert_int_equal(packet_encode(&b, row->version, p), MQK_OK);
	if (buf_len(&b) != len || memcmp(buf_data(&b), want, len) != 0)
		fail_msg("%s: encoded bytes differ", row->name);
	buf_fini(&b);
	free(want);
}

static void
every_packet_survives_decode_describe_encode(void **state)
{
	char		 text[1024];
	struct packet	 p;
	const char	*why;
	uint8_t		*at;
	size_t		 len, cut;

	(void)state;
	for (const struct row *r = rows; r < rows + N(rows); r++) {
		at = bytes_of(r->bytes, &len);
		assert_int_equal(frame_next(at, len, PACKET_MAX, &cut), 1);
		assert_int_equal(cut, len);
		if (decode(&p, r->version, at, len, &why) != MQK_OK)
			fail_msg("%s: %s", r->name, why);
		packet_describe(&p, r->version, text, sizeof(text));
		assert_string_equal(text, r->text);
		assert_encodes_to(r, &p);
		free(at);
	}
}

static void
description_is_cut_to_any_size(void **state)
{
	char		 whole[1024], *part;
	struct packet	 p;
	const char	*why;
	uint8_t		*at;
	size_t		 len, n;

	(void)state;
	for (const struct row *r = rows; r < rows + N(rows); r++) {
		at = bytes_of(r->bytes, &len);
		assert_int_equal(decode(&p, r->version, at, len, &why), MQK_OK);
		n = packet_describe(&p, r->version, whole, sizeof(whole));
		for (size_t size = 1; size <= n; size++) {
			part = malloc(size);
			assert_non_null(part);
			assert_true(packet_describe(&p, r->version, part,
			    size) < size);
			assert_int_equal(strlen(part), size - 1);
			free(part);
		}
		free(at);
	}
}

/* One of our two errors, and a sentence. */
static void
assert_clean_failure(const char *name, int err, const char *why)
{
	if ((err != MQK_EMALFORMED && err != MQK_EPROTOCOL) || why == NULL)
		fail_msg("%s: result %d without a sentence", name, err);
}

static void
every_cut_packet_asks_for_more_and_does_not_decode(void **state)
{
	struct packet	 p;
	const char	*why;
	uint8_t		*at, *part;
	size_t		 len, need;
	int		 err;

	(void)state;
	for (const struct row *r = rows; r < rows + N(rows); r++) {
		at = bytes_of(r->bytes, &len);
		for (size_t n = 0; n < len; n++) {
			part = exact_copy(at, n);
			assert_int_equal(frame_next(part, n, PACKET_MAX,
			    &need), 0);
			assert_true(need == 0 || need == len);
			err = decode(&p, r->version, part, n, &why);
			assert_clean_failure(r->name, err, why);
			free(part);
		}
		free(at);
	}
}

/* The remaining length says that the cut body is all there is. */
static void
every_cut_body_fails_or_is_another_packet(void **state)
{
	char		 text[1024];
	struct packet	 p;
	const char	*why;
	uint8_t		*at, *part;
	size_t		 len;
	int		 err;

	(void)state;
	for (const struct row *r = rows; r < rows + N(rows); r++) {
		at = bytes_of(r->bytes, &len);
		for (size_t n = 2; n < len && at[1] < 128; n++) {
			part = exact_copy(at, n);
			part[1] = (uint8_t)(n - 2);
			err = decode(&p, r->version, part, n, &why);
			if (err == MQK_OK)
				packet_describe(&p, r->version, text,
				    sizeof(text));
			else
				assert_clean_failure(r->name, err, why);
			free(part);
		}
		free(at);
	}
}

static void
what_the_specification_forbids_is_named(void **state)
{
	struct packet	 p;
	const char	*why;
	uint8_t		*at;
	size_t		 len;
	int		 err;

	(void)state;
	for (const struct bad_row *r = bad_rows; r < bad_rows + N(bad_rows);
	    r++) {
		at = bytes_of(r->bytes, &len);
		err = decode(&p, r->version, at, len, &why);
		if (err != r->err || why == NULL || strcmp(why, r->why) != 0)
			fail_msg("%s: %d %s", r->name, err,
			    why == NULL ? "(nothing)" : why);
		free(at);
	}
}

static void
publish_of_every_length_edge_survives(void **state)
{
	struct packet	 in = { .type = MQK_PUBLISH }, out;
	const char	*why;
	struct buf	 b;
	size_t		 len;
	uint8_t		*payload = calloc(1, PACKET_MAX_REMAINING);

	(void)state;
	assert_non_null(payload);
	in.u.publish.topic = text_bytes("a");
	for (size_t i = 0; i < N(varint_edges); i++) {
		buf_init(&b, PACKET_MAX);
		in.u.publish.payload = (struct mqk_bytes){ payload,
		    varint_edges[i] - 3 };
		assert_int_equal(packet_encode(&b, V4, &in), MQK_OK);
		assert_int_equal(frame_next(buf_data(&b), buf_len(&b),
		    PACKET_MAX, &len), 1);
		assert_int_equal(len, buf_len(&b));
		assert_int_equal(decode(&out, V4, buf_data(&b), len, &why),
		    MQK_OK);
		assert_int_equal(out.u.publish.payload.len,
		    varint_edges[i] - 3);
		buf_fini(&b);
	}
	free(payload);
}

/* SUBACK, as its body is of any length and goes the general way. */
static void
suback_of_every_length_edge_survives(void **state)
{
	struct packet	 in = { .type = MQK_SUBACK }, out;
	const char	*why;
	struct buf	 b;
	uint8_t		*reasons = calloc(1, 2097152);

	(void)state;
	assert_non_null(reasons);
	in.u.suback.mid = 1;
	for (size_t i = 0; i < N(varint_edges) - 1; i++) {
		buf_init(&b, PACKET_MAX);
		in.u.suback.reasons = (struct mqk_bytes){ reasons,
		    varint_edges[i] - 2 };
		assert_int_equal(packet_encode(&b, V4, &in), MQK_OK);
		assert_int_equal(decode(&out, V4, buf_data(&b), buf_len(&b),
		    &why), MQK_OK);
		assert_int_equal(out.u.suback.reasons.len,
		    varint_edges[i] - 2);
		buf_fini(&b);
	}
	free(reasons);
}

static void
failed_encode_leaves_the_buffer_as_it_was(void **state)
{
	static char	 big[65536];
	struct packet	 bad[] = {
		{ .type = MQK_PUBLISH, .u.publish = { .qos = 1 } },
		{ .type = MQK_PUBLISH, .u.publish = { .qos = 3, .mid = 1 } },
		{ .type = MQK_PUBLISH, .u.publish = {
		    .topic = { big, sizeof(big) } } },
		{ .type = MQK_PUBACK },
		{ .type = MQK_SUBSCRIBE, .u.subscribe = { .mid = 1 } },
		{ .type = MQK_AUTH },
		{ .type = MQK_CONNECT, .u.connect = { .version = V4,
		    .client_id = { big, sizeof(big) } } },
		{ .type = MQK_CONNECT },
	};
	struct buf	 b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_append(&b, "before", 6);
	for (size_t i = 0; i < N(bad); i++) {
		assert_true(packet_encode(&b, V4, &bad[i]) < 0);
		assert_int_equal(buf_len(&b), 6);
		assert_int_equal(b.err, 0);
	}
	buf_fini(&b);
	buf_init(&b, 4);
	bad[0] = (struct packet){ .type = MQK_PUBACK, .u.answer.mid = 1 };
	assert_int_equal(packet_encode(&b, V4, &bad[0]), MQK_ETOOBIG);
	assert_int_equal(buf_len(&b), 0);
	buf_fini(&b);
}

static void
publish_head_counts_a_payload_that_follows_by_other_means(void **state)
{
	struct packet_publish	 m = { .topic = { "a", 1 },
				    .payload = { NULL, 100 } };
	struct buf		 b;

	(void)state;
	buf_init(&b, 1024);
	assert_int_equal(packet_encode_publish(&b, V4, &m), MQK_OK);
	assert_int_equal(buf_len(&b), 5);
	assert_memory_equal(buf_data(&b), "\x30\x67\x00\x01" "a", 5);
	buf_fini(&b);
}

static void
filters_given_as_values_are_encoded_as_decoded(void **state)
{
	static const struct mqk_filter	 filters[] = {
		{ .topic = "a/#", .qos = 1, .no_local = true,
		    .retain_as_published = true, .retain_handling = 2 },
		{ .topic = "+" },
	};
	struct packet	 p = { .type = MQK_SUBSCRIBE, .u.subscribe = {
			    .mid = 1, .filters = filters, .n = 2 } };
	struct buf	 b;
	uint8_t		*want;
	size_t		 len;

	(void)state;
	buf_init(&b, 1024);
	want = bytes_of("82 0d 0001 00 0003'a/#' 2d 0001'+' 00", &len);
	assert_int_equal(packet_encode(&b, V5, &p), MQK_OK);
	assert_int_equal(buf_len(&b), len);
	assert_memory_equal(buf_data(&b), want, len);
	buf_fini(&b);
	free(want);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(every_packet_survives_decode_describe_encode),
		cmocka_unit_test(description_is_cut_to_any_size),
		cmocka_unit_test(
		    every_cut_packet_asks_for_more_and_does_not_decode),
		cmocka_unit_test(every_cut_body_fails_or_is_another_packet),
		cmocka_unit_test(what_the_specification_forbids_is_named),
		cmocka_unit_test(publish_of_every_length_edge_survives),
		cmocka_unit_test(suback_of_every_length_edge_survives),
		cmocka_unit_test(failed_encode_leaves_the_buffer_as_it_was),
		cmocka_unit_test(
		    publish_head_counts_a_payload_that_follows_by_other_means),
		cmocka_unit_test(
		    filters_given_as_values_are_encoded_as_decoded),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
