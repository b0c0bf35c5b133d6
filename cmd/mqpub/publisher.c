/* SPDX-License-Identifier: MIT */

/*
 * The loop of mqpub.  It knows when to read, when to wait and when all is
 * done; it does not know where payloads come from.
 */

#include "mqpub/publisher.h"

#include <poll.h>
#include <stdio.h>

#include "common/deadline.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/loop.h"
#include "common/props.h"
#include "common/signals.h"
#include "mqpub/refusal.h"

enum { POLL_SIGNAL, POLL_CLIENT, POLL_FEED, POLL_N };

enum { KEPT_SESSION_S = 3600 };

/* ---- what became of the messages ------------------------------------ */

/* For each message: what follows a success is short. */
static void
on_published(struct mqk_client *client, const struct mqk_result *result,
    void *user)
{
	struct publisher	*p = user;

	(void)client;
	p->answered++;
	if (result->error != MQK_OK)
		refusal_unsent(p, (uint64_t)(uintptr_t)result->tag,
		    result->error, mqk_strerror(result->error));
	else if (result->nreasons > 0 && result->reasons[0] >= MQK_REFUSAL)
		refusal_answered(p, result);
	else
		retry_progress(&p->retry);
}

static void
on_writable(struct mqk_client *client, void *user)
{
	struct publisher	*p = user;

	(void)client;
	p->full = false;
}

/* Nothing answers QoS 0, so that the broker is there must do. */
static void
on_connected(struct mqk_client *client, const struct mqk_connected *connected,
    void *user)
{
	struct publisher	*p = user;

	(void)client;
	limits_learn(&p->limits, connected->props);
	if (!p->alias_told && limits_drop_alias(&p->limits, p->message.props)) {
		p->alias_told = true;
		diag_warn("topic-alias left out: the broker takes %u at most",
		    (unsigned)p->limits.alias);
	}
	if (p->message.qos == 0)
		retry_connected(&p->retry);
}

static enum mqk_policy
before_reconnect(struct mqk_client *client, struct mqk_attempt *attempt,
    void *user)
{
	struct publisher	*p = user;

	(void)client;
	return (retry_ask(&p->retry, attempt));
}

/* Nothing can be accepted any more. */
static void
store_failed(struct publisher *p)
{
	if (!p->broken)
		diag_warn("--store: %s", mqk_last_error_text(p->client));
	p->broken = true;
}

/* What the library did not accept: false, and it is not done with. */
static bool
give_up(struct publisher *p, int err)
{
	if (err == MQK_EAGAIN) {
		p->full = true;
		return (false);
	}
	if (p->durable && (err == MQK_ESTORE || err == MQK_ENOMEM)) {
		store_failed(p);
		return (false);
	}
	refusal_unsent(p, ++p->offered, err, mqk_last_error_text(p->client));
	return (true);
}

static size_t
send_messages(struct publisher *p, const struct mqk_publish *m, size_t n)
{
	size_t	done = 0;
	int	k;

	while (done < n) {
		k = mqk_publish_many(p->client, &m[done], n - done);
		if (k < 0 && !give_up(p, k))
			break;
		if (k > 0) {
			p->offered += (uint64_t)k;
			p->sent += (uint64_t)k;
		}
		done += k < 0 ? 1 : (size_t)k;
	}
	return (done);
}

size_t
publisher_send(struct publisher *p, const struct mqk_bytes *payloads, size_t n)
{
	struct mqk_publish	batch[PUBLISHER_BATCH];

	for (size_t i = 0; i < n; i++) {
		batch[i] = p->message;
		batch[i].payload = payloads[i];
		batch[i].tag = (void *)(uintptr_t)(p->offered + 1 + i);
	}
	return (send_messages(p, batch, n));
}

bool
publisher_send_source(struct publisher *p, const struct mqk_source *source)
{
	struct mqk_publish	m = p->message;

	m.source = source;
	m.tag = (void *)(uintptr_t)(p->offered + 1);
	return (send_messages(p, &m, 1) == 1);
}

void
publisher_begin(struct publisher *p)
{
	p->sent_before = p->sent;
	if (p->durable && mqk_begin(p->client) != MQK_OK)
		store_failed(p);
}

bool
publisher_commit(struct publisher *p)
{
	if (!p->durable || mqk_commit(p->client) == MQK_OK)
		return (true);
	p->sent = p->sent_before;
	store_failed(p);
	return (false);
}

bool
publisher_is_idle(const struct publisher *p)
{
	struct mqk_stats	stats;

	if (p->message.qos > 0)
		return (p->answered == p->sent);
	mqk_stats(p->client, &stats);
	return (mqk_state(p->client) == MQK_UP && stats.queued == 0 &&
	    stats.bytes_unsent == 0);
}

/* ---- the loop ------------------------------------------------------- */

static void
leave(struct publisher *p)
{
	p->leaving = true;
	p->up.leaving = true;
	p->give_up_at = signals_farewell(p->give_up_at);
	setup_disconnect(p->config, p->client);
}

/* No more input; what is in flight gets a moment. */
static void
stop(struct publisher *p)
{
	if (signals_pending() == 0 || p->stopped)
		return;
	p->stopped = true;
	p->give_up_at = deadline_in(SIGNALS_GRACE_MS);
}

static bool
wants_feed(const struct publisher *p)
{
	return (!p->full && !p->stopped && !p->leaving && !p->feed->ended &&
	    (p->durable || mqk_state(p->client) == MQK_UP));
}

static void
wait_for_something(struct publisher *p, int signal_fd, struct pollfd *fds)
{
	struct mqk_interest	interest;
	bool			feeding = wants_feed(p);
	int			timeout;

	mqk_interest(p->client, &interest);
	fds[POLL_SIGNAL] = (struct pollfd){ signal_fd, POLLIN, 0 };
	fds[POLL_CLIENT] = (struct pollfd){
		interest.fd, loop_poll_events(interest.want), 0
	};
	fds[POLL_FEED] = (struct pollfd){
		feeding ? p->feed->fd : -1, POLLIN, 0
	};
	timeout = deadline_cut(p->give_up_at, interest.timeout_ms);
	if (feeding)
		timeout = deadline_cut(p->feed->due, timeout);
	loop_wait(fds, POLL_N, timeout);
}

/* The work is done, or as much of it as a signal leaves time for. */
static bool
is_finished(const struct publisher *p)
{
	return ((p->feed->ended || p->stopped) && p->up.ever_up &&
	    publisher_is_idle(p));
}

/* One turn; false: the client is idle for good, or time is up. */
static bool
turn(struct publisher *p, int signal_fd)
{
	struct pollfd	fds[POLL_N];

	wait_for_something(p, signal_fd, fds);
	if (fds[POLL_SIGNAL].revents != 0)
		stop(p);
	if (mqk_ready(p->client,
	    loop_ready_events(fds[POLL_CLIENT].revents)) != MQK_OK)
		return (false);
	if (wants_feed(p))
		p->feed->run(p->feed, p, fds[POLL_FEED].revents != 0);
	if (!p->leaving && (p->broken || is_finished(p) || (p->stopped &&
	    (!p->up.ever_up || deadline_passed(p->give_up_at)))))
		leave(p);
	return (!p->leaving || (mqk_state(p->client) != MQK_IDLE &&
	    !deadline_passed(p->give_up_at)));
}

static uint64_t
count_open(const struct publisher *p)
{
	struct mqk_stats	stats;

	if (p->message.qos > 0)
		return (p->sent - p->answered);
	mqk_stats(p->client, &stats);
	return (stats.queued);
}

/* What is still open when the connection is gone for good. */
static void
report(const struct publisher *p)
{
	uint64_t	open = count_open(p);

	if (p->up.lost && !p->feed->ended)
		diag_warn("not everything has been sent");
	if (open > 0 && p->durable)
		diag_warn("%llu message%s kept in %s, to be sent when it is "
		    "used again", (unsigned long long)open,
		    open == 1 ? " is" : "s are", p->config->session.store);
	else if (open > 0 && p->offered == 1)
		diag_warn("the message is not known to have arrived");
	else if (open > 0)
		diag_warn("%llu of %llu messages are not known to have "
		    "arrived", (unsigned long long)open,
		    (unsigned long long)p->offered);
	if (p->refused > 1)
		diag_warn("%llu of %llu messages were refused",
		    (unsigned long long)p->refused,
		    (unsigned long long)p->offered);
}

static int
final_status(const struct publisher *p)
{
	if (p->broken)
		return (STATUS_STORE);
	if (p->up.status != STATUS_OK)
		return (p->up.status);
	if (p->feed->status != STATUS_OK)
		return (p->feed->status);
	if (p->refused > 0)
		return (STATUS_PUBLISH_REFUSED);
	if (p->stopped && (!p->feed->ended || p->answered < p->sent))
		return (STATUS_INTERRUPTED);
	return (STATUS_OK);
}

int
publisher_run(struct publisher *p)
{
	int	signal_fd = signals_open();
	int	err = mqk_connect(p->client);

	if (err != MQK_OK) {
		diag_warn("%s", mqk_last_error_text(p->client));
		return (exitcode_of(err, 0, false));
	}
	while (turn(p, signal_fd))
		continue;
	report(p);
	return (final_status(p));
}

/* ---- open and close ------------------------------------------------- */

/* Unless the user has set it. */
static int
set_expiry(struct config *config, enum config_props at, uint32_t seconds)
{
	struct mqk_props	*props = props_of(config, at);
	struct mqk_value	 given;

	if (mqk_props_get(props, MQK_P_SESSION_EXPIRY_INTERVAL, &given))
		return (MQK_OK);
	return (mqk_props_add_num(props, MQK_P_SESSION_EXPIRY_INTERVAL,
	    seconds));
}

/*
 * Exactly once needs a session that outlives a lost connection.  When all is
 * done, DISCONNECT gives it up.
 */
static int
keep_session(struct config *config)
{
	const struct config_session	*s = &config->session;
	int				 err;

	if (config->pub.qos < 2 || s->resume || s->has_expiry ||
	    s->version == MQK_V31 || s->version == MQK_V311)
		return (MQK_OK);
	err = set_expiry(config, PROPS_CONNECT, KEPT_SESSION_S);
	if (err == MQK_OK)
		err = set_expiry(config, PROPS_DISCONNECT, 0);
	return (err);
}

/* What is left of earlier runs is to be sent as well. */
static void
take_over(struct publisher *p)
{
	struct mqk_stats	stats;

	mqk_stats(p->client, &stats);
	p->sent = (uint64_t)stats.queued + stats.inflight;
	p->durable = true;
	p->up.patient = true;
}

int
publisher_open(struct publisher *p, struct config *config, struct feed *feed)
{
	static const struct mqk_handlers	handlers = {
		.on_connected = on_connected,
		.on_published = on_published,
		.on_writable = on_writable,
		.before_reconnect = before_reconnect
	};
	int	status;

	if (keep_session(config) != MQK_OK)
		diag_die(STATUS_INTERNAL, "out of memory");
	*p = (struct publisher){
		.config = config,
		.feed = feed,
		.give_up_at = DEADLINE_NONE,
		.message = {
			.topic = config->pub.topic,
			.qos = (uint8_t)config->pub.qos,
			.retain = config->pub.retain,
			.props = config->session.props[PROPS_PUBLISH]
		}
	};
	retry_init(&p->retry, &config->pub);
	status = setup_client(config, &p->up, &handlers, &p->client);
	if (status == STATUS_OK && config->session.store != NULL)
		take_over(p);
	return (status);
}

void
publisher_close(struct publisher *p)
{
	mqk_client_free(p->client);
}
