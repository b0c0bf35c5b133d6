/* SPDX-License-Identifier: MIT */

#include "wire/play.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "wire/request.h"

struct tally {
	unsigned	 passed, failed, skipped;
};

bool
play_fail(struct player *p, const char *text)
{
	if (p->why[0] == '\0')
		snprintf(p->why, sizeof(p->why), "%s", text);
	return (false);
}

/* ---- what the client says -------------------------------------------- */

static void
push(struct play_queue *q, const char *text)
{
	if (q->n == PLAY_QUEUE_MAX)
		abort();
	q->at[q->n] = strdup(text);
	if (q->at[q->n++] == NULL)
		abort();
}

static void
clear(struct play_queue *q)
{
	for (size_t i = q->head; i < q->n; i++)
		free(q->at[i]);
	q->head = q->n = 0;
}

void
play_error(struct player *p, int err, const char *text)
{
	p->error = err;
	snprintf(p->error_text, sizeof(p->error_text), "%s", text);
}

void
play_word(struct player *p, const char *event)
{
	push(&p->events, event);
}

/* A packet as an event shows it, under the event's name. */
void
play_event(struct player *p, const char *name, const struct packet *packet)
{
	char	 text[PLAY_TEXT_MAX], line[PLAY_TEXT_MAX + 32];

	mqs_describe(packet, p->version, text, sizeof(text));
	snprintf(line, sizeof(line), "%s%s", name, text + strcspn(text, " "));
	push(&p->events, line);
}

void
play_message(struct player *p, const struct packet_publish *publish,
    struct mqk_ack ack)
{
	struct packet	 packet = { .type = MQK_PUBLISH };

	packet.u.publish = *publish;
	play_event(p, "MESSAGE", &packet);
	if (ack.qos > 0)
		p->acks[p->nacks++ % PLAY_QUEUE_MAX] = ack;
}

void
play_answer(struct player *p, const char *name,
    const struct packet_suback *answer, int error, const void *tag)
{
	struct packet	 packet = { .type = MQK_SUBACK };
	char		 text[PLAY_TEXT_MAX], line[PLAY_TEXT_MAX + 96];

	packet.u.suback = *answer;
	mqs_describe(&packet, p->version, text, sizeof(text));
	snprintf(line, sizeof(line), "%s%s error=%d tag=%zu", name,
	    text + strcspn(text, " "), error, (size_t)tag);
	push(&p->events, line);
}

bool
play_packets(struct player *p, struct buf *from)
{
	struct packet	 packet;
	const char	*why;
	char		 text[PLAY_TEXT_MAX];
	size_t		 len;
	int		 err;

	for (;;) {
		err = frame_next(buf_data(from), buf_len(from), PACKET_MAX,
		    &len);
		if (err == 0)
			return (true);
		if (err > 0)
			err = packet_decode(&packet, p->version,
			    buf_data(from), len, &why);
		if (err < 0)
			return (play_fail(p, "the client wrote a bad packet"));
		mqs_describe(&packet, p->version, text, sizeof(text));
		push(&p->packets, text);
		buf_consume(from, len);
	}
}

/* ---- lines ----------------------------------------------------------- */

/* Nothing may be left unnamed when the scenario goes on. */
static bool
all_named(struct player *p)
{
	char	 text[PLAY_TEXT_MAX + 64];

	if (p->packets.head < p->packets.n) {
		snprintf(text, sizeof(text), "unexpected packet: %s",
		    p->packets.at[p->packets.head]);
		return (play_fail(p, text));
	}
	if (p->events.head < p->events.n) {
		snprintf(text, sizeof(text), "unexpected event: %s",
		    p->events.at[p->events.head]);
		return (play_fail(p, text));
	}
	if (p->error < 0) {
		snprintf(text, sizeof(text), "unexpected error %d: %s",
		    p->error, p->error_text);
		return (play_fail(p, text));
	}
	return (true);
}

static bool
expect(struct player *p, struct play_queue *q)
{
	char	*text, why[128];
	bool	 same;

	if (q->head == q->n) {
		snprintf(why, sizeof(why), "nothing came, not %s",
		    p->line->verb);
		return (play_fail(p, why));
	}
	text = q->at[q->head++];
	same = mqs_compare(p->line, text, p->why, sizeof(p->why));
	free(text);
	return (same);
}

static bool
expect_packet(struct player *p)
{
	return (expect(p, &p->packets));
}

static bool
expect_event(struct player *p)
{
	return (expect(p, &p->events));
}

static bool
expect_error(struct player *p)
{
	int	 got = p->error;
	char	 why[1024];

	p->error = MQK_OK;
	if (got != request_code(p->line->verb) ||
	    (p->line->n > 0 &&
	    strstr(p->error_text, p->line->fields[0].value) == NULL)) {
		snprintf(why, sizeof(why), "error %d: %s, not %s \"%s\"",
		    got, p->error_text, p->line->verb,
		    p->line->n > 0 ? p->line->fields[0].value : "");
		return (play_fail(p, why));
	}
	return (true);
}

static bool
play_do(struct player *p)
{
	int	 want = request_code(mqs_text(p->line, "result", "OK"));
	int	 got;
	char	 text[128];

	if (!request_run(p, p->side->requests, &got))
		return (play_fail(p, "no such call"));
	if (got > 0)
		got = MQK_OK;
	if (got != want) {
		snprintf(text, sizeof(text), "result %d, not %d", got, want);
		return (play_fail(p, text));
	}
	return (p->side->settle(p));
}

static bool
play_option(struct player *p)
{
	return (p->line == &p->script->lines[0] ? true :
	    play_fail(p, "options belong into the first line"));
}

static bool
play_line(struct player *p)
{
	static bool (*const common[MQS_KINDS])(struct player *) = {
		[MQS_OPTION] = play_option,
		[MQS_EXPECT] = expect_packet,
		[MQS_EVENT] = expect_event,
		[MQS_ERROR] = expect_error,
		[MQS_DO] = play_do,
	};
	enum mqs_kind	 kind = p->line->kind;

	if (common[kind] != NULL && kind != MQS_DO)
		return (common[kind](p));
	if (!all_named(p))
		return (false);
	return (common[kind] != NULL ? common[kind](p) :
	    p->side->acts[kind](p));
}

/* ---- scenarios ------------------------------------------------------- */

const struct mqs_line *
play_options(const struct mqs *script)
{
	static const struct mqs_line none;

	return (script->n > 0 && script->lines[0].kind == MQS_OPTION ?
	    &script->lines[0] : &none);
}

static bool
play_lines(struct player *p)
{
	const struct mqs_line	*o = play_options(p->script);
	bool			 ok;

	p->version = mqs_version(o);
	p->manual_ack = mqs_num(o, "manual_ack", 0) != 0;
	ok = p->side->begin(p, o);
	for (size_t i = 0; i < p->script->n && ok; i++) {
		p->line = &p->script->lines[i];
		ok = play_line(p);
	}
	ok = ok && all_named(p);
	p->side->end(p);
	return (ok);
}

/* A scenario that was read. */
static void
play_script(const struct play_side *side, const char *path,
    const struct mqs *script, struct tally *t)
{
	static struct player	 p;
	const char		*unfit;
	bool			 ok;

	unfit = side->unfit != NULL ? side->unfit(script) : NULL;
	if (unfit != NULL) {
		printf("skipped %s: %s\n", path, unfit);
		t->skipped++;
		return;
	}
	memset(&p, 0, sizeof(p));
	p.side = side;
	p.script = script;
	ok = play_lines(&p);
	if (!ok)
		printf("%s:%d: %s\n", path, p.line != NULL ? p.line->number :
		    0, p.why);
	++*(ok ? &t->passed : &t->failed);
	clear(&p.packets);
	clear(&p.events);
}

static void
play_file(const struct play_side *side, const char *path, struct tally *t)
{
	struct mqs	 script;
	char		 why[256];

	if (mqs_load(&script, path, why, sizeof(why))) {
		play_script(side, path, &script, t);
	} else {
		printf("%s: %s\n", path, why);
		t->failed++;
	}
	mqs_free(&script);
}

static int
is_scenario(const struct dirent *d)
{
	size_t	 len = strlen(d->d_name);

	return (len > 4 && strcmp(d->d_name + len - 4, ".mqs") == 0);
}

static void
play_folder(const struct play_side *side, const char *folder, struct tally *t)
{
	struct dirent	**names;
	char		 path[1024];
	int		 n = scandir(folder, &names, is_scenario, alphasort);

	/* A folder without scenarios is a mistake, not a success. */
	if (n <= 0) {
		printf("%s: no scenarios\n", folder);
		t->failed++;
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
		    names[i]->d_name);
		play_file(side, path, t);
		free(names[i]);
	}
	free(names);
}

int
play_main(const struct play_side *side, int nfiles, char **files)
{
	static const char *const folders[] = {
		"tests/wire/v31", "tests/wire/v311", "tests/wire/v5"
	};
	struct tally	 t = { 0 };

	for (int i = 0; i < nfiles; i++)
		play_file(side, files[i], &t);
	for (size_t i = 0; nfiles == 0 && i < 3; i++)
		play_folder(side, folders[i], &t);
	if (t.skipped > 0)
		printf("%u skipped\n", t.skipped);
	printf("%u passed, %u failed\n", t.passed, t.failed);
	return (t.failed > 0);
}
