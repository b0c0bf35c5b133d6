/* SPDX-License-Identifier: MIT */

/* mqpub: publish messages to an MQTT broker. */

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/streams.h"
#include "mqpub/lines.h"
#include "mqpub/publisher.h"
#include "mqpub/repeat.h"

static int
publish(struct config *config, struct feed *feed)
{
	struct publisher	p;
	int			status;

	status = publisher_open(&p, config, feed);
	if (status == STATUS_OK)
		status = publisher_run(&p);
	publisher_close(&p);
	return (status);
}

static int
publish_lines(struct config *config)
{
	struct lines	l;
	int		status;

	lines_open(&l);
	status = publish(config, &l.feed);
	lines_close(&l);
	return (status);
}

static int
publish_one(struct config *config)
{
	struct repeat	r;
	int		status;

	status = repeat_open(&r, &config->pub);
	if (status == STATUS_OK)
		status = publish(config, &r.feed);
	repeat_close(&r);
	return (status);
}

int
main(int argc, char **argv)
{
	struct config	config = { 0 };
	int		status;

	streams_hold();
	diag_init("mqpub");
	status = opt_parse(&tool_mqpub, argc, argv, &config);
	if (status < 0 && config.pub.stdin_lines)
		status = publish_lines(&config);
	else if (status < 0)
		status = publish_one(&config);
	opt_free(&tool_mqpub, &config);
	return (status);
}
