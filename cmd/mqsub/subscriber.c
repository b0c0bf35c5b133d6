/* SPDX-License-Identifier: MIT */

/*
 * The loop of mqsub.  While the reader of standard output is behind, the
 * broker is not read from, but still talked to; so memory stays bounded and
 * the connection alive.
 */

#include "mqsub/subscriber.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "common/deadline.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/loop.h"
#include "common/signals.h"
#include "mqsub/filters.h"

enum { POLL_SIGNAL, POLL_CLIENT, POLL_OUTPUT, POLL_N };

enum { FLUSH_AT = 256 * 1024 };		/* even in the middle of a turn */

void
subscriber_end(struct subscriber *s, int status)
{
	if (s->ending)
		return;
	s->ending = true;
	if (s->status == STATUS_OK)
		s->status = status;
}

/* ---- messages ------------------------------------------------------- */

static bool
is_filtered_out(const struct subscriber *s, const struct mqk_message *message)
{
	const struct opt_list	*list = &s->config->sub.filtered_out;

	for (size_t i = 0; i < list->n; i++) {
		if (mqk_topic_matches(list->v[i], message->topic))
			return (true);
	}
	return (false);
}

/*
 * Write, and acknowledge what has left our hands.  The last message of each
 * QoS counts, since a QoS 1 token is void after a reconnect (the broker sends
 * that message again) and a QoS 2 token is not.
 */
static void
flush(struct subscriber *s)
{
	if (!output_flush(&s->output))
		return;
	for (int i = 0; i < 2; i++) {
		if (s->last[i].qos == 0)
			continue;
		mqk_ack_through(s->client, s->last[i]);
		s->last[i].qos = 0;
	}
}

static void
print(struct subscriber *s, const struct mqk_message *message)
{
	s->printer.print(&s->printer, &s->output.buf, message);
	if (message->qos > 0)
		s->last[message->qos - 1] = message->ack;
	if (s->output.buf.len >= FLUSH_AT)
		flush(s);
	if (++s->printed == (uint64_t)s->config->sub.count)
		subscriber_end(s, STATUS_OK);
}

/* 0 acknowledges; what is neither printed nor skipped is left to come again. */
static int
on_message(struct mqk_client *client, const struct mqk_message *message,
    void *user)
{
	struct subscriber	*s = user;

	(void)client;
	if (!s->ending && s->config->sub.retained_only && !message->retain)
		subscriber_end(s, STATUS_OK);
	if (s->ending)
		return (MQK_ACK_LATER);
	if ((s->config->sub.skip_retained && message->retain) ||
	    is_filtered_out(s, message))
		return (0);
	print(s, message);
	return (MQK_ACK_LATER);
}

/* Messages may come between them, so time must show that it works again. */
static enum mqk_policy
before_reconnect(struct mqk_client *client, struct mqk_attempt *attempt,
    void *user)
{
	enum { FORGIVEN_MS = 5 * 60 * 1000 };
	struct subscriber	*s = user;

	(void)client;
	if (deadline_passed(s->forgiven_at))
		violations_forget(&s->violations);
	s->forgiven_at = deadline_in(FORGIVEN_MS);
	return (violations_exceed(&s->violations, attempt->last_error) ?
	    MQK_GIVE_UP : MQK_RETRY);
}

/* ---- the loop ------------------------------------------------------- */

/* End even if the reader of standard output does not take what is there. */
static void
end_soon(struct subscriber *s, int status)
{
	subscriber_end(s, status);
	if (s->give_up_at == DEADLINE_NONE)
		s->give_up_at = deadline_in(SIGNALS_GRACE_MS);
}

static void
leave(struct subscriber *s)
{
	s->leaving = true;
	s->up.leaving = true;
	s->give_up_at = signals_farewell(s->give_up_at);
	setup_disconnect(s->config, s->client);
}

static void
wait_for_something(struct subscriber *s, int signal_fd, struct pollfd *fds)
{
	struct mqk_interest	interest;
	int			timeout;

	mqk_interest(s->client, &interest);
	if (s->output.blocked)
		interest.want &= ~(unsigned)MQK_READ;
	fds[POLL_SIGNAL] = (struct pollfd){ signal_fd, POLLIN, 0 };
	fds[POLL_CLIENT] = (struct pollfd){
		interest.fd, loop_poll_events(interest.want), 0
	};
	fds[POLL_OUTPUT] = (struct pollfd){
		output_is_dead(&s->output) ? -1 : s->output.fd,
		output_poll_events(&s->output), 0
	};
	timeout = deadline_cut(s->give_up_at, interest.timeout_ms);
	timeout = deadline_cut(s->end_at, timeout);
	loop_wait(fds, POLL_N, timeout);
}

/* A reader that has left has had enough; a full disk is a failure. */
static void
check_output(struct subscriber *s)
{
	if (!output_is_dead(&s->output) || s->leaving)
		return;
	if (s->output.error != 0) {
		diag_warn("standard output: %s", strerror(s->output.error));
		s->status = STATUS_OUTPUT;
	}
	subscriber_end(s, STATUS_OK);
}

/*
 * QoS 2 is done when the broker knows that we know; else it would send the
 * messages again, to a session that is kept, or count them as lost.
 */
static bool
is_completing(struct subscriber *s)
{
	struct mqk_stats	stats;

	mqk_stats(s->client, &stats);
	if (stats.unreleased_in == 0 || mqk_state(s->client) != MQK_UP)
		return (false);
	if (s->give_up_at == DEADLINE_NONE)
		s->give_up_at = deadline_in(SIGNALS_GRACE_MS);
	return (!deadline_passed(s->give_up_at));
}

/* Ending, and nothing is left that could still be done in time. */
static bool
may_leave(struct subscriber *s)
{
	if (!s->ending || s->leaving)
		return (false);
	if (deadline_passed(s->give_up_at))
		return (true);
	return ((!s->output.blocked || output_is_dead(&s->output)) &&
	    !is_completing(s));
}

/* What else may have happened while waiting. */
static void
look_around(struct subscriber *s, const struct pollfd *fds)
{
	output_polled(&s->output, fds[POLL_OUTPUT].revents);
	if (fds[POLL_SIGNAL].revents != 0 && signals_pending() != 0)
		end_soon(s, STATUS_OK);
	if (deadline_passed(s->end_at)) {
		s->end_at = DEADLINE_NONE;
		end_soon(s, STATUS_WAITED);
	}
}

/* One turn; false: the client is idle for good, or time is up. */
static bool
turn(struct subscriber *s, int signal_fd)
{
	struct pollfd	fds[POLL_N];

	wait_for_something(s, signal_fd, fds);
	look_around(s, fds);
	if (mqk_ready(s->client,
	    loop_ready_events(fds[POLL_CLIENT].revents)) != MQK_OK)
		return (false);
	flush(s);
	check_output(s);
	if (may_leave(s))
		leave(s);
	return (!s->leaving || (mqk_state(s->client) != MQK_IDLE &&
	    !deadline_passed(s->give_up_at)));
}

/* The connection is gone, but its last messages are still to be written. */
static void
drain(struct subscriber *s, int signal_fd)
{
	struct pollfd	fds[POLL_N];

	flush(s);
	while (s->output.blocked && !output_is_dead(&s->output) &&
	    !deadline_passed(s->give_up_at)) {
		wait_for_something(s, signal_fd, fds);
		look_around(s, fds);
		flush(s);
	}
	check_output(s);
}

/* What was refused is told by the status, unless that has worse to say. */
static int
final_status(const struct subscriber *s)
{
	if (!s->ending)
		return (s->up.status);
	return (s->status == STATUS_OK && s->refused ?
	    STATUS_SUBSCRIBE_REFUSED : s->status);
}

int
subscriber_run(struct subscriber *s)
{
	int	signal_fd = signals_open();
	int	err = filters_request(s);

	if (err == MQK_OK)
		err = mqk_connect(s->client);
	if (err != MQK_OK) {
		diag_warn("%s", mqk_last_error_text(s->client));
		return (exitcode_of(err, 0, false));
	}
	while (turn(s, signal_fd))
		continue;
	drain(s, signal_fd);
	return (final_status(s));
}

/* ---- open and close ------------------------------------------------- */

int
subscriber_open(struct subscriber *s, struct config *config)
{
	static const struct mqk_handlers	handlers = {
		.on_connected = filters_on_connected,
		.on_message = on_message,
		.on_subscribed = filters_on_subscribed,
		.on_unsubscribed = filters_on_unsubscribed,
		.before_reconnect = before_reconnect
	};

	*s = (struct subscriber){
		.config = config,
		.violations.most = VIOLATIONS_MOST,
		.forgiven_at = DEADLINE_NONE,
		.end_at = DEADLINE_NONE,
		.give_up_at = DEADLINE_NONE
	};
	if (config->sub.wait_ms != 0)
		s->end_at = deadline_in(config->sub.wait_ms);
	printer_init(&s->printer, &config->output);
	if (output_open(&s->output) != MQK_OK) {
		diag_warn("standard output: %s", strerror(errno));
		return (STATUS_OUTPUT);
	}
	return (setup_client(config, &s->up, &handlers, &s->client));
}

void
subscriber_close(struct subscriber *s)
{
	mqk_client_free(s->client);
	output_close(&s->output);
}
