/* SPDX-License-Identifier: MIT */

#include "transport/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define REQUEST_MAX	(64u * 1024)
#define PATIENCE_MS	500

struct exchange *
exchange_new(const char *what, int code, int wanted)
{
	struct exchange	*x = calloc(1, sizeof(*x));

	if (x == NULL)
		return (NULL);
	x->what = what;
	x->code = code;
	x->wanted = wanted;
	buf_init(&x->out, REQUEST_MAX);
	return (x);
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	str_clear(x->out.mem, x->out.cap);
	buf_fini(&x->out);
	free(x);
}

void
exchange_add(struct exchange *x, const char *text)
{
	buf_append(&x->out, text, strlen(text));
}

int
exchange_fail(const struct exchange *x, const struct pipe *below,
    const char *why, struct error *e)
{
	char	 address[PIPE_ADDRESS_MAX];

	below->ops->address(below, address, sizeof(address));
	return (errf(e, x->code, "%s with %s: %s", x->what, address, why));
}

void
exchange_wait(const struct exchange *x, struct pipe_wait *w)
{
	if (buf_len(&x->out) > 0)
		w->want |= MQK_WRITE;
	if (x->patience != 0)
		w->deadline = x->patience;
}

/* ---- a refusal ------------------------------------------------------- */

/* The length of the body, as far as it is known and of interest. */
static size_t
body_len(const struct exchange *x)
{
	struct mqk_bytes value;
	const char	*digits;
	size_t		 len = 0;

	if (!http_field(&x->head, "Content-Length", &value))
		return (EXCHANGE_BODY);
	digits = value.data;
	for (size_t i = 0; i < value.len && len < EXCHANGE_BODY; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return (EXCHANGE_BODY);
		len = len * 10 + (size_t)(digits[i] - '0');
	}
	return (len < EXCHANGE_BODY ? len : EXCHANGE_BODY);
}

/* What there is of the body in one line of plain text. */
static void
quote_body(const struct exchange *x, char *to, size_t size)
{
	struct mqk_bytes coding;
	const char	*at = x->in + x->end, *end = x->in + x->n, *lf;
	size_t		 n = 0;

	if (http_field(&x->head, "Transfer-Encoding", &coding) &&
	    http_has_token(coding, "chunked")) {
		lf = memchr(at, '\n', (size_t)(end - at));
		at = lf != NULL ? lf + 1 : end;
	}
	for (; at < end && n < size - 1; at++) {
		if (*at > ' ' && *at < 0x7f)
			to[n++] = *at;
		else if (n > 0 && to[n - 1] != ' ')
			to[n++] = ' ';
	}
	while (n > 0 && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
}

static int
refused(const struct exchange *x, const struct pipe *below, struct error *e)
{
	char	 body[EXCHANGE_BODY + 1], why[EXCHANGE_BODY + 100];

	quote_body(x, body, sizeof(body));
	snprintf(why, sizeof(why), "%.*s%s%s",
	    x->head.line.len < 80 ? (int)x->head.line.len : 80,
	    (const char *)x->head.line.data, body[0] != '\0' ? ": " : "",
	    body);
	return (exchange_fail(x, below, why, e));
}

/* ---- the answer ------------------------------------------------------ */

static int
parse(struct exchange *x, const struct pipe *below, size_t known,
    struct error *e)
{
	int	 len = http_parse(&x->head, x->in, x->n, known);

	if (len == MQK_ETOOBIG)
		return (exchange_fail(x, below,
		    "the head of the answer is too long", e));
	if (len < 0)
		return (exchange_fail(x, below,
		    "the answer is not HTTP", e));
	x->end = (size_t)len;
	return (MQK_OK);
}

static bool
is_wanted(const struct exchange *x)
{
	return (x->head.status / 100 == x->wanted / 100);
}

/* Is there no more of a refusal to wait for? */
static bool
has_all(struct exchange *x, bool ended, int64_t now)
{
	if (x->patience == 0)
		x->patience = now + PATIENCE_MS;
	return (ended || now >= x->patience ||
	    x->n - x->end >= body_len(x));
}

static int
read_answer(struct exchange *x, struct pipe *below, int64_t now,
    struct error *e)
{
	size_t	 known = x->n;
	ssize_t	 n;
	int	 err;

	n = below->ops->read(below, x->in + x->n, sizeof(x->in) - x->n, e);
	if (n < 0 && x->end == 0)
		return ((int)n);
	if (n > 0)
		x->n += (size_t)n;
	if (x->end == 0 && n > 0) {
		err = parse(x, below, known, e);
		if (err < 0)
			return (err);
	}
	if (x->end == 0)
		return (MQK_EAGAIN);
	/* A refusal may come early, an agreement can't. */
	if (is_wanted(x))
		return (buf_len(&x->out) == 0 ? MQK_OK : exchange_fail(x,
		    below, "the answer is older than the request", e));
	return (has_all(x, n < 0, now) ? refused(x, below, e) : MQK_EAGAIN);
}

static int
write_request(struct exchange *x, struct pipe *below, struct error *e)
{
	ssize_t	 n;

	if (x->out.err != 0)
		return (errf(e, x->out.err, "%s: %s", x->what,
		    mqk_strerror(x->out.err)));
	if (buf_len(&x->out) == 0)
		return (MQK_OK);
	n = below->ops->write(below, buf_data(&x->out), buf_len(&x->out), e);
	if (n < 0)
		return ((int)n);
	buf_consume(&x->out, (size_t)n);
	return (MQK_OK);
}

int
exchange_step(struct exchange *x, struct pipe *below, int64_t now,
    struct error *e)
{
	int	 err;

	err = write_request(x, below, e);
	return (err < 0 ? err : read_answer(x, below, now, e));
}

size_t
exchange_rest(struct exchange *x, void *to, size_t size)
{
	size_t	 n = x->n - x->end;

	if (n > size)
		n = size;
	memcpy(to, x->in + x->end, n);
	x->end += n;
	return (n);
}
