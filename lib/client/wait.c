/* SPDX-License-Identifier: MIT */

/*
 * Calls that block until something has happened.  They run the loop, or wait
 * for the thread that does.  What they look at is settled at the end of a turn
 * only: in the middle of one there may be answers that no callback has seen.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "client/internal.h"

#define REFUSALS	64		/* a power of two */

struct refusal {
	uint64_t	 until;		/* session_id_clock(): about another
					   request from then on */
	uint16_t	 mid;
	int16_t		 said;
};

void
waits_fini(struct waits *w)
{
	free(w->refused);
}

/* ---- answers that came before somebody waits for them ---------------- */

int
waits_refused(struct waits *w, uint16_t mid, int said, uint64_t until)
{
	struct refusal	*r;

	if (w->refused == NULL)
		w->refused = calloc(REFUSALS, sizeof(*r));
	if (w->refused == NULL)
		return (MQK_ENOMEM);
	r = &w->refused[w->nrefused++ % REFUSALS];
	*r = (struct refusal){ .mid = mid, .said = (int16_t)said,
	    .until = until };
	return (MQK_OK);
}

/* What was said last about that packet id, once; MQK_OK: no refusal.  Free
 * places have the id 0, about which nothing is said. */
static int
recall(struct waits *w, uint16_t mid, uint64_t now)
{
	struct refusal	*r;
	int		 said = MQK_OK;

	if (w->refused == NULL)
		return (MQK_OK);
	for (unsigned i = 0; i < REFUSALS; i++) {
		r = &w->refused[(w->nrefused + i) % REFUSALS];
		if (r->mid != mid)
			continue;
		said = now < r->until ? r->said : MQK_OK;
		r->mid = 0;
	}
	return (said);
}

/* ---- what to wait for ------------------------------------------------ */

/* The result of a wait, or MQK_EAGAIN: not yet. */
typedef int over_fn(struct mqk_client *, uint32_t arg);

static int
unless_idle(const struct mqk_client *c)
{
	return (c->state == MQK_IDLE ? c->idle_error : MQK_EAGAIN);
}

static int
is_connected(struct mqk_client *c, uint32_t arg)
{
	(void)arg;
	if (c->state == MQK_UP)
		return (c->session_present ? 1 : 0);
	return (unless_idle(c));
}

static int
is_disconnected(struct mqk_client *c, uint32_t arg)
{
	(void)arg;
	return (c->state == MQK_IDLE ? MQK_OK : MQK_EAGAIN);
}

static int
is_answered(struct mqk_client *c, uint32_t mid)
{
	int	 said = recall(&c->waits, (uint16_t)mid,
		    session_id_clock(c->session));

	return (session_pending(c->session, (uint16_t)mid) ? unless_idle(c) :
	    said);
}

static int
is_given(struct mqk_client *c, uint32_t before)
{
	return (c->waits.given != before ? MQK_OK : unless_idle(c));
}

/* ---- waiting --------------------------------------------------------- */

static int
left_ms(int64_t until)
{
	int64_t	 left;

	if (until == INT64_MAX)
		return (-1);
	left = until - clock_ms();
	return (left < 0 ? 0 : (int)left);
}

/* The lock is held, but not while it waits. */
static void
wait_for_turn(struct threads *t, int64_t until)
{
	struct timespec	 ts = {
		.tv_sec = (time_t)(until / 1000),
		.tv_nsec = (long)(until % 1000) * 1000000,
	};

	t->waiting++;
	if (until == INT64_MAX)
		pthread_cond_wait(&t->changed, &t->mutex);
	else
		pthread_cond_timedwait(&t->changed, &t->mutex, &ts);
	t->waiting--;
}

/* At least one turn is given the chance, also if there is no time. */
static int
wait_until(struct mqk_client *c, over_fn *over, uint32_t arg, int64_t until)
{
	uint32_t stops = c->waits.stops;
	int	 result = MQK_EAGAIN, left = -1;

	while (!c->dying && c->waits.stops == stops) {
		if (!c->in_turn)
			result = over(c, arg);
		if (result != MQK_EAGAIN)
			return (result);
		if (left == 0)
			return (MQK_ETIMEOUT);
		left = left_ms(until);
		if (c->running)
			wait_for_turn(c->threads, until);
		else if (loop_once(c, left))
			break;
	}
	return (c->dying ? MQK_EFREED : MQK_ESTOPPED);
}

/* While there is no connection, why there is none belongs to it. */
static int
fail_late(struct mqk_client *c, const char *what, int timeout_ms)
{
	const struct mqk_post_mortem *pm = c->dial.tries == 0 ? NULL :
			    post_mortem_show(c->post_mortem);
	struct error	 e;

	(void)errf(&e, MQK_ETIMEOUT, "no %s within %d ms%s%s", what,
	    timeout_ms, pm != NULL ? "; " : "", pm != NULL ? pm->text : "");
	return (client_failed(c, e.code, e.text));
}

static int
fail(struct mqk_client *c, int err, const char *what, int timeout_ms)
{
	struct error	 e;

	if (err == MQK_ETIMEOUT)
		return (fail_late(c, what, timeout_ms));
	if (c->state == MQK_IDLE && err == c->idle_error)
		return (client_is_idle(c));
	if (err == MQK_ESTOPPED)
		return (client_failed(c, err, "mqk_stop() was called"));
	(void)errf(&e, err, "no %s: %s", what, mqk_strerror(err));
	return (client_failed(c, err, e.text));
}

static int
wait_for(struct mqk_client *c, over_fn *over, uint32_t arg, const char *what,
    int timeout_ms)
{
	int	 result;
	bool	 orphan;

	result = wait_until(c, over, arg, timeout_ms < 0 ? INT64_MAX :
	    clock_ms() + timeout_ms);
	if (result < 0 && !c->dying)
		(void)fail(c, result, what, timeout_ms);
	orphan = client_orphaned(c);
	client_unlock(c);
	if (orphan)
		client_destroy(c);
	return (result);
}

/* The lock is held if, and only if, the result is true. */
static bool
enter(struct mqk_client *c)
{
	bool	 inside;

	client_lock(c);
	inside = client_inside(c);
	if (inside) {
		(void)client_is_busy(c);
		client_unlock(c);
	}
	return (!inside);
}

int
mqk_wait_connected(struct mqk_client *c, int timeout_ms)
{
	return (enter(c) ? wait_for(c, is_connected, 0, "connection",
	    timeout_ms) : MQK_ESTATE);
}

int
mqk_wait_disconnected(struct mqk_client *c, int timeout_ms)
{
	return (enter(c) ? wait_for(c, is_disconnected, 0, "end of it",
	    timeout_ms) : MQK_ESTATE);
}

int
mqk_wait_answer(struct mqk_client *c, int mid, int timeout_ms)
{
	char	 what[32];

	if (mid < 0)
		return (mid);
	if (!enter(c))
		return (MQK_ESTATE);
	if (mid > UINT16_MAX) {
		(void)client_failed(c, MQK_EINVAL, "packet ids end at 65535");
		client_unlock(c);
		return (MQK_EINVAL);
	}
	snprintf(what, sizeof(what), mid == 0 ? "answer to all packets" :
	    "answer to packet %d", mid);
	return (wait_for(c, is_answered, (uint32_t)mid, what, timeout_ms));
}

int
mqk_wait_message(struct mqk_client *c, int timeout_ms)
{
	return (enter(c) ? wait_for(c, is_given, c->waits.given, "message",
	    timeout_ms) : MQK_ESTATE);
}
