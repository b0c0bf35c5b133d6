/* SPDX-License-Identifier: MIT */

/* One function per style of output; the style is chosen once, at the start. */

#include "mqsub/printer.h"

#include "common/diag.h"
#include "common/format.h"
#include "common/record.h"

static void
end_line(const struct printer *p, struct outbuf *out)
{
	if (!p->config->no_newline)
		outbuf_char(out, '\n');
}

/* Nothing at all for an empty payload, as mosquitto_sub does. */
static void
print_payload(struct printer *p, struct outbuf *out,
    const struct mqk_message *message)
{
	if (message->payload.len == 0)
		return;
	outbuf_add(out, message->payload.data, message->payload.len);
	end_line(p, out);
}

static void
print_topic_and_payload(struct printer *p, struct outbuf *out,
    const struct mqk_message *message)
{
	if (message->payload.len == 0 && p->config->no_newline)
		return;
	outbuf_add(out, message->topic, message->topic_len);
	outbuf_char(out, ' ');
	if (message->payload.len == 0)
		outbuf_text(out, "(null)");
	else
		outbuf_add(out, message->payload.data, message->payload.len);
	end_line(p, out);
}

static void
print_json(struct printer *p, struct outbuf *out,
    const struct mqk_message *message)
{
	timestamp_read(&p->time);
	record_print(out, message, &p->time, RECORD_STRING);
	end_line(p, out);
}

static void
print_format(struct printer *p, struct outbuf *out,
    const struct mqk_message *message)
{
	struct format_source	source = {
		.message = message, .time = &p->time
	};

	if (format_needs_time(p->config->format))
		timestamp_read(&p->time);
	format_print(p->config->format, out, &source);
	if (source.problem != NULL)
		diag_warn("%.*s: %s", (int)message->topic_len, message->topic,
		    source.problem);
	end_line(p, out);
}

void
printer_init(struct printer *p, const struct config_output *config)
{
	*p = (struct printer){ .print = print_payload, .config = config };
	if (config->json)
		p->print = print_json;
	else if (config->format != NULL)
		p->print = print_format;
	else if (config->verbose)
		p->print = print_topic_and_payload;
}
