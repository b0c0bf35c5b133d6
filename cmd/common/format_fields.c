/* SPDX-License-Identifier: MIT */

/*
 * What a format can print: one function and one row per field.  Width and
 * padding are format.c's; a precision that means more than cutting is applied
 * here.
 */

#include "common/format_item.h"

#include <stdio.h>
#include <string.h>

#include "common/record.h"

static bool
print_bytes(struct outbuf *out, struct mqk_bytes bytes)
{
	outbuf_add(out, bytes.data, bytes.len);
	return (true);
}

static bool
print_topic(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_add(out, source->message->topic, source->message->topic_len);
	return (true);
}

static bool
print_payload(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	return (print_bytes(out, source->message->payload));
}

static bool
print_length(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_decimal(out, source->message->payload.len);
	return (true);
}

static bool
print_hex(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	const uint8_t	*p = source->message->payload.data;
	size_t		 len = source->message->payload.len;
	const char	*digits = item->field->letter == 'x' ?
			    "0123456789abcdef" : "0123456789ABCDEF";
	size_t		 group = item->precision;

	for (size_t i = 0; i < 2 * len; i++) {
		if (group != 0 && i != 0 && i % group == 0)
			outbuf_char(out, item->separator);
		outbuf_char(out, digits[i % 2 == 0 ? p[i / 2] >> 4 :
		    p[i / 2] & 15]);
	}
	return (true);
}

static bool
print_qos(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_decimal(out, source->message->qos);
	return (true);
}

static bool
print_retain(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_char(out, source->message->retain ? '1' : '0');
	return (true);
}

static bool
print_mid(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_decimal(out, source->message->mid);
	return (true);
}

/* The property that a letter stands for. */
static bool
get_property(struct mqk_value *value, const struct format_source *source,
    const struct format_item *item)
{
	static const struct {
		char		 letter;
		enum mqk_prop	 id;
	} letters[] = {
		{ 'A', MQK_P_TOPIC_ALIAS },
		{ 'C', MQK_P_CONTENT_TYPE },
		{ 'D', MQK_P_CORRELATION_DATA },
		{ 'E', MQK_P_MESSAGE_EXPIRY_INTERVAL },
		{ 'F', MQK_P_PAYLOAD_FORMAT_INDICATOR },
		{ 'R', MQK_P_RESPONSE_TOPIC },
		{ 'S', MQK_P_SUBSCRIPTION_IDENTIFIER }
	};

	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		if (letters[i].letter == item->field->letter)
			return (mqk_props_get(source->message->props,
			    letters[i].id, value));
	}
	return (false);
}

static bool
print_number_property(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	struct mqk_value	value;

	if (!get_property(&value, source, item))
		return (false);
	outbuf_decimal(out, value.num);
	return (true);
}

static bool
print_string_property(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	struct mqk_value	value;

	return (get_property(&value, source, item) &&
	    print_bytes(out, value.str));
}

static bool
print_user_properties(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	const struct mqk_props	*props = source->message->props;
	struct mqk_value	 value;
	enum mqk_prop		 id;
	size_t			 cursor = 0, n = 0;

	(void)item;
	while (props != NULL && mqk_props_next(props, &cursor, &id, &value)) {
		if (id != MQK_P_USER_PROPERTY)
			continue;
		if (n++ != 0)
			outbuf_char(out, ' ');
		print_bytes(out, value.key);
		outbuf_char(out, ':');
		print_bytes(out, value.str);
	}
	return (n != 0);
}

static bool
print_double(struct outbuf *out, double value, const struct format_item *item)
{
	int	decimals = item->has_precision ? (int)item->precision : 6;
	int	n = snprintf(NULL, 0, "%.*f", decimals, value);

	if (n < 0)
		return (false);
	snprintf(outbuf_reserve(out, (size_t)n + 1), (size_t)n + 1, "%.*f",
	    decimals, value);
	outbuf_commit(out, (size_t)n);
	return (true);
}

static bool
print_float32(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	float	value;

	if (source->message->payload.len != sizeof value) {
		source->problem = "%f needs a payload of 4 bytes";
		return (false);
	}
	memcpy(&value, source->message->payload.data, sizeof value);
	return (print_double(out, value, item));
}

static bool
print_float64(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	double	value;

	if (source->message->payload.len != sizeof value) {
		source->problem = "%d needs a payload of 8 bytes";
		return (false);
	}
	memcpy(&value, source->message->payload.data, sizeof value);
	return (print_double(out, value, item));
}

static bool
print_local_time(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	timestamp_print(source->time, out, 0);
	return (true);
}

static bool
print_unix_time(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_decimal(out, (uint64_t)source->time->at.tv_sec);
	outbuf_char(out, '.');
	outbuf_digits(out, (uint32_t)source->time->at.tv_nsec, 9);
	return (true);
}

static bool
print_json(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	record_print(out, source->message, source->time,
	    item->field->letter == 'j' ? RECORD_STRING : RECORD_VALUE);
	return (true);
}

/* clang-format off */
const struct format_field format_fields[] = {
	{ 't', "topic", print_topic, FORMAT_CUT | FORMAT_TEXT,
	    "The topic." },
	{ 'p', "payload", print_payload, FORMAT_CUT,
	    "The payload, byte for byte." },
	{ 'x', "hex", print_hex, FORMAT_GROUPS,
	    "The payload in lower-case hexadecimal digits.\n"
	    "A precision of\n.Ar n\nputs a separator after every\n.Ar n\n"
	    "digits: a blank, or the punctuation character that follows\n"
	    ".Ar n ,\nas in\n.Ql %.2:x ." },
	{ 'X', "HEX", print_hex, FORMAT_GROUPS,
	    "The same in upper case." },
	{ 'l', "length", print_length, 0,
	    "The number of bytes in the payload." },
	{ 'q', "qos", print_qos, 0,
	    "The QoS the message came with." },
	{ 'r', "retain", print_retain, 0,
	    "The retain flag, 0 or 1." },
	{ 'm', "mid", print_mid, 0,
	    "The packet identifier, 0 with QoS 0." },
	{ 'A', "topic-alias", print_number_property, FORMAT_BLANKS,
	    "The topic alias." },
	{ 'C', "content-type", print_string_property,
	    FORMAT_CUT | FORMAT_BLANKS | FORMAT_TEXT,
	    "The content type." },
	{ 'D', "correlation-data", print_string_property, FORMAT_TEXT,
	    "The correlation data, byte for byte." },
	{ 'E', "message-expiry-interval", print_number_property, FORMAT_BLANKS,
	    "The message expiry interval in seconds." },
	{ 'F', "payload-format-indicator", print_number_property,
	    FORMAT_BLANKS,
	    "The payload format indicator: 1 if the payload is said to be "
	    "text." },
	{ 'P', "user-properties", print_user_properties, FORMAT_TEXT,
	    "The user properties as\n.Ar key : Ns Ar value ,\n"
	    "with a blank in between." },
	{ 'R', "response-topic", print_string_property,
	    FORMAT_CUT | FORMAT_TEXT,
	    "The response topic." },
	{ 'S', "subscription-identifier", print_number_property, FORMAT_BLANKS,
	    "The first subscription identifier." },
	{ 'f', "float32", print_float32, FORMAT_SIGNED,
	    "The payload's 4 bytes as a floating-point number of the "
	    "machine.\nThe precision is the number of decimals, 6 by "
	    "default." },
	{ 'd', "float64", print_float64, FORMAT_SIGNED,
	    "The same with 8 bytes." },
	{ 'I', "time", print_local_time,
	    FORMAT_CUT | FORMAT_TIME | FORMAT_TEXT,
	    "Local time of arrival as in\n.Ql 2016-08-10T09:47:38+0100 ." },
	{ 'U', "unix-time", print_unix_time, FORMAT_TIME,
	    "Seconds since the epoch, with nine decimals." },
	{ 'j', "json", print_json, FORMAT_TIME | FORMAT_TEXT,
	    "The whole message as a line of JSON, as with\n"
	    ".Fl Fl json ." },
	{ 'J', "json-value", print_json, FORMAT_TIME | FORMAT_TEXT,
	    "The same, but a payload that is JSON itself stands as a value, "
	    "with\n.Ql \\(dqencoding\\(dq:\\(dqjson\\(dq ." },
	{ 0, NULL, NULL, 0, NULL }
};
/* clang-format on */
