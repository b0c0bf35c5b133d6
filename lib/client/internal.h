/* SPDX-License-Identifier: MIT */

/*
 * struct mqk_client, for this folder only.  Who may touch what: the session,
 * the configuration, filters, hooks and everything else here is guarded by
 * the lock, once locking is on; the pipe and the receive buffer belong to the
 * loop's thread.  Callbacks are wrapped in call_begin() and call_end(), which
 * let go of the lock.
 */

#ifndef CLIENT_INTERNAL_H
#define CLIENT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "client/auth.h"
#include "client/brokers.h"
#include "client/hooks.h"
#include "client/post_mortem.h"
#include "client/subs.h"
#include "client/wait.h"
#include "codec/packet.h"
#include "mqk.h"
#include "session/session.h"
#include "transport/transport.h"

struct will {
	char		*topic;
	struct mqk_bytes payload;	/* data is allocated */
	struct mqk_props props;
	uint8_t		 qos;
	bool		 retain;
};

/* How to get to a broker if not straight. */
struct route {
	char		*bind_address;
	struct mqk_url	*proxy;		/* NULL: none */
	char		*ws_path;
	char		*ws_fields;	/* lines with CRLF */
};

/* Deep copies of what the user has set; defaults filled in. */
struct config {
	struct brokers	 brokers;
	struct brokers	*new_brokers;	/* take over with the next attempt;
					   NULL: there are none */
	char		*client_id;
	char		*user;
	struct mqk_bytes password;	/* data is allocated */
	struct will	*will;
	struct route	*route;		/* NULL: straight to the broker */
	struct mqk_tls	*tls;		/* NULL: none needed so far */
	struct mqk_props props;
	struct mqk_reconnect reconnect;
	struct mqk_tcp	 tcp;
	enum mqk_version version;
	uint32_t	 connect_timeout_ms;
	uint32_t	 address_timeout_ms;
	uint16_t	 keepalive_s;
	bool		 srv;
	bool		 follow;
	bool		 resume;
	bool		 manual_ack;
	bool		 background;
};

enum ask {				/* requests to the loop */
	ASK_REDIAL = 1,
	ASK_CANCEL = 2
};

struct dial {
	int64_t		 deadline;	/* attempt, pause or farewell ends */
	uint64_t	 count;
	uint32_t	 failures;	/* rounds in a row, losses count too */
	uint32_t	 tries;		/* rounds in a row without CONNACK */
	size_t		 spoken_to;	/* the broker that version is for */
	enum mqk_version version;	/* for the next attempt */
	unsigned	 asked;		/* enum ask bits */
	struct stage_times *times;	/* of the attempt under way */
	char		*id;		/* made up or assigned */
	char		*older_story;	/* why 5.0 failed; 3.1.1 is tried */
	bool		 proven;	/* a broker has accepted that version */
	bool		 again;		/* connected before: resume */
	bool		 shut;		/* LEAVING: nothing left to write */
};

/* What a CONNACK or DISCONNECT that ended it said; a view on the packet. */
struct ending {
	uint8_t		 reason;
	struct mqk_props props;
};

/* What has been read of a streamed payload and not been written yet. */
struct body {
	size_t		 off, end;
	uint8_t		 mem[];
};

/* What it takes to live beside other threads; see thread.c. */
struct threads {
	pthread_mutex_t	 mutex;
	pthread_cond_t	 changed;	/* a turn has ended, or the loop */
	unsigned	 waiting;	/* for that */
	pthread_t	 thread;	/* in the background */
	int		 result;	/* of it */
};

struct mqk_client {
	struct config	 config;
	struct session	*session;
	struct mqk_handlers on;
	void		*user;
	struct subs	 subs;
	struct hooks	*hooks;		/* NULL: never had one */
	struct waits	 waits;

	enum mqk_state	 state;
	uint32_t	 second;	/* of the last turn */
	struct dial	 dial;
	struct auth	*auth;		/* NULL: none */
	struct pipe	*pipe;
	struct ending	 ending;
	struct post_mortem *post_mortem;	/* NULL: none failed so far */

	struct buf	 rx;
	size_t		 rx_need;	/* length of the packet at its front */
	size_t		 seen_out;	/* output shown to hooks and log */
	struct body	*body;		/* NULL: none */

	uint64_t	 bytes_in, bytes_out;

	int		 last_error;
	int		 idle_error;	/* why it is idle */
	char		*last_text;	/* NULL: that of the code */
	uint8_t		 last_reason;

	bool		 rx_filled;	/* the last read took all the room */
	bool		 blocked;	/* the socket is full */
	bool		 session_present;	/* said the last CONNACK */
	bool		 durable;	/* there is a store */
	bool		 told_unheard;	/* in the log, of this connection */
	bool		 told_reason;

	uint8_t		 turns;		/* in this second, up to QUIET_TURNS */
	bool		 in_turn;
	bool		 running;	/* runner is at it */
	bool		 dying;		/* freed in a callback */
	bool		 sleeping;	/* the loop waits and must be woken */
	bool		 has_thread;
	atomic_bool	 stop;
	atomic_int	 wake_to;	/* -1: none */
	int		 wake_from;
	pthread_t	 runner;
	struct threads	*threads;	/* NULL: no locking */
};

static inline void
client_lock(struct mqk_client *c)
{
	if (c->threads != NULL)
		pthread_mutex_lock(&c->threads->mutex);
}

static inline void
client_unlock(struct mqk_client *c)
{
	if (c->threads != NULL)
		pthread_mutex_unlock(&c->threads->mutex);
}

/* Freed in a callback, and nobody else is left who would destroy it. */
static inline bool
client_orphaned(const struct mqk_client *c)
{
	return (c->dying && !c->running &&
	    (c->threads == NULL || c->threads->waiting == 0));
}

/* Lock; that is no change to a client that is only looked at. */
static inline struct mqk_client *
client_look(const struct mqk_client *c)
{
	struct mqk_client	*locked = (struct mqk_client *)(uintptr_t)c;

	client_lock(locked);
	return (locked);
}

/* Around every call into the user's code. */
static inline void
call_begin(struct mqk_client *c)
{
	client_unlock(c);
}

static inline void
call_end(struct mqk_client *c)
{
	client_lock(c);
}

/* In a callback of this client, on the thread of its loop? */
static inline bool
client_inside(const struct mqk_client *c)
{
	return (c->in_turn && (!c->running ||
	    pthread_equal(c->runner, pthread_self()) != 0));
}

/* May the turn go on after a callback? */
static inline bool
client_interrupted(const struct mqk_client *c)
{
	return (c->dying || c->dial.asked != 0);
}

/* client.c */
void	 client_destroy(struct mqk_client *);
void	 client_log(struct mqk_client *, enum mqk_log, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* failure.c */
/* For this thread: why mqk_client_new() fails. */
struct error *failure_stillborn(void);
/* Remember a failure for the getters, and return it; NULL: its code's text. */
int	 client_failed(struct mqk_client *, int err, const char *text);
/* The same for why it is idle, and for a call that must not be made here. */
int	 client_is_idle(struct mqk_client *);
int	 client_is_busy(struct mqk_client *);

/* config.c */
MQK_USE int config_init(struct config *, const struct mqk_options *,
	    struct error *);
void	 config_fini(struct config *);
/* User and password for the broker that is tried, lent. */
void	 config_credentials(const struct config *, const char **user,
	    struct mqk_bytes *password);
MQK_USE int config_copy_bytes(struct mqk_bytes *to, struct mqk_bytes from);
void	 config_wipe_bytes(struct mqk_bytes *);
bool	 config_credentials_ok(const char *user, struct mqk_bytes password);

/* durable.c: a payload that a store needs whole. */
MQK_USE int durable_publish(struct mqk_client *, const struct mqk_publish *);

/* dial.c: one step of the connection's life; the lock is held. */
void	 dial_turn(struct mqk_client *, int64_t now);
/* Make up a client id. */
MQK_USE int dial_make_id(struct mqk_client *, struct error *);
/* CONNACK accepted us. */
void	 dial_up(struct mqk_client *, const struct packet_connack *);
/* The connection or the attempt is over; e->code MQK_OK: as asked for. */
void	 dial_down(struct mqk_client *, int64_t now, const struct error *e);
/* LEAVING: all output is written, say so and wait for the peer. */
void	 dial_farewell(struct mqk_client *, int64_t now);
bool	 dial_has_wire(const struct mqk_client *);

/* pump.c: read, handle and write what there is; MQK_OK or the failure. */
MQK_USE int pump_turn(struct mqk_client *, unsigned events, int64_t now,
    struct error *);
/* Try to get the last output out before a connection is closed. */
void	 pump_last_words(struct mqk_client *, int64_t now);
void	 pump_reset(struct mqk_client *);
/* There is little to do: give back what is empty. */
void	 pump_rest(struct mqk_client *);
bool	 pump_wants_write(struct mqk_client *);
bool	 pump_may_read(struct mqk_client *);

/*
 * dispatch.c: events to callbacks.  Negative: the connection must end; while
 * it is ending already that says nothing.
 */
int	 dispatch_events(struct mqk_client *, struct error *);
/* There is no callback for it.  The result is how to acknowledge it. */
int	 dispatch_unheard(struct mqk_client *, const struct mqk_message *);
/* PUBLISHes that were answered with success. */
/* A message for the application, or MQK_ENOMEM when it is acknowledged. */
int	 dispatch_message(struct mqk_client *, const struct packet_publish *,
	    struct mqk_bytes topic, struct mqk_ack, struct error *);
void	 dispatch_answers(struct mqk_client *, const struct session_answer *,
	    size_t n);
/* The client ends: only sources of payloads are told. */
void	 dispatch_last(struct mqk_client *);
void	 dispatch_disconnected(struct mqk_client *,
	    const struct mqk_disconnected *);
const struct mqk_props *props_or_null(const struct mqk_props *);

/* watch.c: hooks and packet log for both directions. */
static inline bool
watch_wanted(const struct mqk_client *c)
{
	return ((c->hooks != NULL && c->hooks->n > 0) ||
	    c->on.on_log != NULL);
}

/* MQK_DROP: the session must not see it. */
enum mqk_verdict watch_in(struct mqk_client *, const struct packet *);
void	 watch_out(struct mqk_client *, struct buf *);

/* loop.c: turns until idle or stopped; the lock is held. */
MQK_USE int loop_run(struct mqk_client *);
/* Wait and do one turn, as nobody else does.  True: mqk_stop() was called. */
MQK_USE bool loop_once(struct mqk_client *, int limit_ms);

/* thread.c */
/* A turn or the loop is over.  The lock is held. */
static inline void
thread_tell(struct mqk_client *c)
{
	if (c->threads != NULL && c->threads->waiting > 0)
		pthread_cond_broadcast(&c->threads->changed);
}

MQK_USE int thread_enable(struct mqk_client *);
/* Have a thread of its own that there is to be run.  The lock is held. */
MQK_USE int thread_ensure(struct mqk_client *);
void	 thread_wake_loop(struct mqk_client *);

/* Something was queued: the loop must not sleep on.  The lock is held. */
static inline void
thread_wake(struct mqk_client *c)
{
	if (c->sleeping)
		thread_wake_loop(c);
}

/* The loop has been woken. */
void	 thread_drain(const struct mqk_client *);
/* Stop and join the background thread; false: none, or we are it. */
bool	 thread_end(struct mqk_client *);
void	 thread_fini(struct mqk_client *);

#endif
