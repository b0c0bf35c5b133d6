/* SPDX-License-Identifier: MIT */

/*
 * A reply is walked here; names in it, which may be compressed and refer to
 * themselves, are left to the C library.  ns_parserr() would do all of it, but
 * no program should load another library for what it may never do.
 */

#define _DEFAULT_SOURCE		/* h_errno */

#include "transport/srv.h"

#include <sys/types.h>

#include <netinet/in.h>

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "transport/url.h"

#define REPLY_MAX	65535

/* RFC 1035, section 4.1; RFC 2782 */
#define HEADER_LEN	12	/* with the numbers of … */
#define QUESTIONS_AT	4
#define ANSWERS_AT	6
#define QUESTION_LEN	4	/* behind its name: type, class */
#define RECORD_LEN	10	/* behind its name: type, class, TTL, length */
#define LENGTH_AT	8
#define TARGET_AT	6	/* behind priority, weight and port */

struct reply {
	const uint8_t	*begin;
	const uint8_t	*at;
	const uint8_t	*end;
};

static uint16_t
get16(const uint8_t *at)
{
	return ((uint16_t)(at[0] << 8 | at[1]));
}

static size_t
left(const struct reply *r)
{
	return ((size_t)(r->end - r->at));
}

/* Over a name; false unless len bytes follow it. */
static bool
skip_name(struct reply *r, size_t len)
{
	int	 n = dn_skipname(r->at, r->end);

	if (n < 0 || (size_t)n > left(r))
		return (false);
	r->at += n;
	return (left(r) >= len);
}

/* A name of hosts, without the dot at its end; false: none of use. */
static bool
read_target(struct srv *to, const struct reply *r)
{
	size_t	 len;

	if (dn_expand(r->begin, r->end, r->at + TARGET_AT, to->target,
	    sizeof(to->target)) < 0)
		return (false);
	len = strlen(to->target);
	if (len > 0 && to->target[len - 1] == '.')
		to->target[len - 1] = '\0';
	return (url_host_valid(to->target));
}

static bool
read_data(struct srv *to, const struct reply *r, size_t len)
{
	if (len <= TARGET_AT)
		return (false);
	to->priority = get16(r->at);
	to->weight = get16(r->at + 2);
	to->port = get16(r->at + 4);
	return (to->port != 0 && read_target(to, r));
}

/* One more record, of any type: 1 if it is one of ours and of use. */
static int
read_record(struct srv *to, struct reply *r)
{
	const uint8_t	*head;
	size_t		 len;
	bool		 is_srv, use;

	if (!skip_name(r, RECORD_LEN))
		return (MQK_EMALFORMED);
	head = r->at;
	r->at += RECORD_LEN;
	len = get16(head + LENGTH_AT);
	if (len > left(r))
		return (MQK_EMALFORMED);
	is_srv = get16(head) == ns_t_srv && get16(head + 2) == ns_c_in;
	use = is_srv && read_data(to, r, len);
	r->at += len;
	return (use ? 1 : 0);
}

int
srv_parse(struct srv to[SRV_MAX], const uint8_t *reply, size_t len)
{
	struct reply	 r = { reply, reply, reply + len };
	int		 n = 0, got;

	if (len < HEADER_LEN)
		return (MQK_EMALFORMED);
	r.at += HEADER_LEN;
	for (unsigned i = get16(reply + QUESTIONS_AT); i > 0; i--) {
		if (!skip_name(&r, QUESTION_LEN))
			return (MQK_EMALFORMED);
		r.at += QUESTION_LEN;
	}
	for (unsigned i = get16(reply + ANSWERS_AT); i > 0 && n < SRV_MAX;
	    i--) {
		got = read_record(&to[n], &r);
		if (got < 0)
			return (got);
		n += got;
	}
	return (n);
}

/* ---- order ----------------------------------------------------------- */

/* By priority; in each those of weight 0 first, as RFC 2782 wants it. */
static int
compare(const void *a, const void *b)
{
	const struct srv	*x = a, *y = b;

	if (x->priority != y->priority)
		return (x->priority < y->priority ? -1 : 1);
	return ((y->weight == 0) - (x->weight == 0));
}

/* Which of n of one priority, with the probability of its weight. */
static size_t
draw(const struct srv *v, size_t n, uint32_t (*below)(uint32_t))
{
	uint32_t	 sum = 0, at;
	size_t		 i;

	for (i = 0; i < n; i++)
		sum += v[i].weight;
	at = below(sum + 1);
	for (i = 0; i < n - 1 && at > v[i].weight; i++)
		at -= v[i].weight;
	return (i);
}

/* The one drawn comes first, the others keep their order. */
static void
bring_first(struct srv *v, size_t i)
{
	struct srv	 chosen = v[i];

	memmove(v + 1, v, i * sizeof(*v));
	v[0] = chosen;
}

void
srv_order(struct srv *v, size_t n, uint32_t (*below)(uint32_t))
{
	size_t	 same;

	qsort(v, n, sizeof(*v), compare);
	for (; n > 1; v++, n--) {
		for (same = 1; same < n && v[same].priority == v->priority;)
			same++;
		bring_first(v, draw(v, same, below));
	}
}

/* ---- asking ---------------------------------------------------------- */

static const char *
reason(int code)
{
	return (code == HOST_NOT_FOUND ? "there is no such name" :
	    code == NO_DATA ? "there is no SRV record" :
	    "no name server answered");
}

int
srv_query(struct srv to[SRV_MAX], const char *name, const char **why)
{
	uint8_t	*reply = malloc(REPLY_MAX);
	int	 n;

	if (reply == NULL)
		return (MQK_ENOMEM);
	n = res_query(name, ns_c_in, ns_t_srv, reply, REPLY_MAX);
	*why = n < 0 ? reason(h_errno) : "the service is not offered";
	if (n >= 0) {
		n = srv_parse(to, reply,
		    (size_t)(n < REPLY_MAX ? n : REPLY_MAX));
		if (n < 0)
			*why = "the answer is malformed";
	}
	free(reply);
	if (n <= 0)
		return (MQK_ERESOLVE);
	srv_order(to, (size_t)n, random_below);
	return (n);
}
