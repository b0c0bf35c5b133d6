/* SPDX-License-Identifier: MIT */

/*
 * Messages to JSON.  The hot path of `mqsub --json': no allocation, no printf,
 * the time stamp's text is made once a second.
 */

#include "common/record.h"

#include <string.h>

#include "common/base64.h"
#include "common/json.h"

/* Length of a literal known to the compiler. */
#define ADD(out, literal)	outbuf_add(out, literal, sizeof literal - 1)

/* As a string, else as base64 in one.  True: base64. */
static bool
print_bytes(struct outbuf *out, struct mqk_bytes bytes)
{
	if (json_string(out, bytes.data, bytes.len))
		return (false);
	outbuf_char(out, '"');
	base64_encode(out, bytes.data, bytes.len);
	outbuf_char(out, '"');
	return (true);
}

static void
print_number(struct outbuf *out, const struct mqk_value *value)
{
	outbuf_decimal(out, value->num);
}

static void
print_string(struct outbuf *out, const struct mqk_value *value)
{
	print_bytes(out, value->str);
}

static void
print_binary(struct outbuf *out, const struct mqk_value *value)
{
	if (print_bytes(out, value->str))
		ADD(out, ",\"correlation-data-encoding\":\"base64\"");
}

/* The properties that stand once, in mosquitto's order. */
static const struct single {
	enum mqk_prop	 id;
	const char	*key;
	void		(*print)(struct outbuf *, const struct mqk_value *);
} singles[] = {
	{ MQK_P_PAYLOAD_FORMAT_INDICATOR, "payload-format-indicator",
	    print_number },
	{ MQK_P_MESSAGE_EXPIRY_INTERVAL, "message-expiry-interval",
	    print_number },
	{ MQK_P_CONTENT_TYPE, "content-type", print_string },
	{ MQK_P_RESPONSE_TOPIC, "response-topic", print_string },
	{ MQK_P_CORRELATION_DATA, "correlation-data", print_binary },
	{ MQK_P_TOPIC_ALIAS, "topic-alias", print_number }
};

/* Keys are written behind a comma; the first one's becomes the brace. */
static void
print_key(struct outbuf *out, const char *key)
{
	ADD(out, ",\"");
	outbuf_text(out, key);
	ADD(out, "\":");
}

static void
print_singles(struct outbuf *out, const struct mqk_props *props)
{
	struct mqk_value	value;

	for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
		if (!mqk_props_get(props, singles[i].id, &value))
			continue;
		print_key(out, singles[i].key);
		singles[i].print(out, &value);
	}
}

static size_t
count_props(const struct mqk_props *props, enum mqk_prop wanted)
{
	struct mqk_value	 value;
	enum mqk_prop		 id;
	size_t			 cursor = 0, n = 0;

	while (mqk_props_next(props, &cursor, &id, &value))
		n += id == wanted;
	return (n);
}

/* A number; an array when several subscriptions matched. */
static void
print_subscription_ids(struct outbuf *out, const struct mqk_props *props)
{
	size_t			 n = count_props(props,
				    MQK_P_SUBSCRIPTION_IDENTIFIER);
	size_t			 cursor = 0;
	const char		*separator = n > 1 ? "[" : "";
	struct mqk_value	 value;
	enum mqk_prop		 id;

	if (n == 0)
		return;
	print_key(out, "subscription-identifier");
	while (mqk_props_next(props, &cursor, &id, &value)) {
		if (id != MQK_P_SUBSCRIPTION_IDENTIFIER)
			continue;
		outbuf_text(out, separator);
		outbuf_decimal(out, value.num);
		separator = ",";
	}
	if (n > 1)
		outbuf_char(out, ']');
}

/* An array of objects with one pair each: order and repeats are kept. */
static void
print_user_properties(struct outbuf *out, const struct mqk_props *props)
{
	struct mqk_value	 value;
	enum mqk_prop		 id;
	size_t			 cursor = 0, n = 0;

	while (mqk_props_next(props, &cursor, &id, &value)) {
		if (id != MQK_P_USER_PROPERTY)
			continue;
		if (n++ == 0) {
			print_key(out, "user-properties");
			outbuf_char(out, '[');
		} else
			outbuf_char(out, ',');
		outbuf_char(out, '{');
		print_bytes(out, value.key);
		outbuf_char(out, ':');
		print_bytes(out, value.str);
		outbuf_char(out, '}');
	}
	if (n != 0)
		outbuf_char(out, ']');
}

static void
print_properties(struct outbuf *out, const struct mqk_props *props)
{
	size_t	start, before = out->len;

	ADD(out, ",\"properties\":");
	start = out->len;
	print_singles(out, props);
	print_subscription_ids(out, props);
	print_user_properties(out, props);
	if (out->len == start) {
		out->len = before;
		return;
	}
	out->mem[start] = '{';
	outbuf_char(out, '}');
}

static void
print_payload(struct outbuf *out, struct mqk_bytes payload,
    enum record_payload style)
{
	ADD(out, ",\"payload\":");
	if (payload.len == 0)
		ADD(out, "null,\"encoding\":\"utf8\"}");
	else if (style == RECORD_VALUE &&
	    json_embed(out, payload.data, payload.len))
		ADD(out, ",\"encoding\":\"json\"}");
	else if (print_bytes(out, payload))
		ADD(out, ",\"encoding\":\"base64\"}");
	else
		ADD(out, ",\"encoding\":\"utf8\"}");
}

void
record_print(struct outbuf *out, const struct mqk_message *message,
    const struct timestamp *time, enum record_payload style)
{
	ADD(out, "{\"tst\":\"");
	timestamp_print(time, out, 6);
	ADD(out, "\",\"topic\":");
	print_bytes(out,
	    (struct mqk_bytes){ message->topic, message->topic_len });
	ADD(out, ",\"qos\":");
	outbuf_char(out, (char)('0' + message->qos));
	if (message->retain)
		ADD(out, ",\"retain\":true,\"payloadlen\":");
	else
		ADD(out, ",\"retain\":false,\"payloadlen\":");
	outbuf_decimal(out, message->payload.len);
	if (message->qos > 0) {
		ADD(out, ",\"mid\":");
		outbuf_decimal(out, message->mid);
	}
	if (message->props != NULL)
		print_properties(out, message->props);
	print_payload(out, message->payload, style);
}
