/* SPDX-License-Identifier: MIT */

/*
 * Every byte sequence of up to three bytes, and every packet of the corpus of
 * the decoder with each of its bytes replaced by each other value, in every
 * version: what decodes is encoded to bytes that decode and encode to
 * themselves, what does not has an error and a sentence, and one session hears
 * all of it and lives.  Stands for the bounded model checking that is not to
 * be had with the tools of a distribution.
 */

#include "unit/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/publish.h"
#include "session/session.h"
#include "unit/busysession.h"

#define CORPUS	"tests/fuzz/corpus/decode"
#define FILE_MAX	200	/* longer ones are repetitions */

static const enum mqk_version versions[] = { MQK_V5, MQK_V311, MQK_V31 };

static struct session	*session;
static struct buf	 once, twice;

static void
fail_at(const char *what, enum mqk_version version, const uint8_t *at, size_t n)
{
	char	 hex[2 * FILE_MAX + 1] = "";

	for (size_t i = 0; i < n && i < FILE_MAX; i++)
		snprintf(hex + 2 * i, 3, "%02x", at[i]);
	fail_msg("version %d, %s: %s", version, hex, what);
}

/* ---- the decoder's verdict ------------------------------------------- */

static void
check_stable(const struct packet *p, enum mqk_version version)
{
	const uint8_t	*at = p->wire.data;
	struct packet	 again;
	const char	*why;

	buf_truncate(&once, 0);
	buf_truncate(&twice, 0);
	if (packet_encode(&once, version, p) != MQK_OK)
		fail_at("is not encoded", version, at, p->wire.len);
	if (packet_decode(&again, version, buf_data(&once), buf_len(&once),
	    &why) != MQK_OK)
		fail_at("is encoded to something else", version, at,
		    p->wire.len);
	if (packet_encode(&twice, version, &again) != MQK_OK ||
	    buf_len(&once) != buf_len(&twice) ||
	    memcmp(buf_data(&once), buf_data(&twice), buf_len(&once)) != 0)
		fail_at("is not stable", version, at, p->wire.len);
}

/* What publish_plain() reads, packet_decode() reads as well, and the same. */
static void
check_plain(enum mqk_version version, const uint8_t *at, size_t n,
    const struct packet *p)
{
	struct packet_publish	 m;
	const struct packet_publish *is = &p->u.publish;
	size_t			 len = publish_plain(&m, version, at, n);

	if (len == 0)
		return;
	if (len != n || p->type != MQK_PUBLISH || m.qos != is->qos ||
	    m.retain != is->retain || m.dup != is->dup || m.mid != is->mid ||
	    m.topic.data != is->topic.data || m.topic.len != is->topic.len ||
	    m.payload.data != is->payload.data ||
	    m.payload.len != is->payload.len || is->props.len != 0)
		fail_at("is read differently", version, at, n);
}

/* What frame_next() gives is what packet_decode() asks for. */
static void
check_decoder(enum mqk_version version, const uint8_t *at, size_t n)
{
	struct packet	 p;
	const char	*why = NULL;
	size_t		 len;
	bool		 whole;
	int		 err;

	whole = frame_next(at, n, PACKET_MAX, &len) == 1 && len == n;
	err = packet_decode(&p, version, at, n, &why);
	if (err < 0)
		p.type = 0;
	if (whole)
		check_plain(version, at, n, &p);
	if (err == MQK_OK && !whole)
		fail_at("is no frame", version, at, n);
	if (err == MQK_OK)
		check_stable(&p, version);
	else if ((err != MQK_EMALFORMED && err != MQK_EPROTOCOL) ||
	    why == NULL)
		fail_at("has no error", version, at, n);
}

/* ---- the session ----------------------------------------------------- */

/* The connection is lost and comes back, with the session or without. */
static void
reopen(enum mqk_version version, bool greeting)
{
	static bool		 present;
	struct packet_connect	 c = { .version = version };
	struct packet		 p = { .type = MQK_CONNACK };

	present = !present;
	session_lost(session, 0);
	assert_int_equal(session_open(session, 0, &c, 1000), MQK_OK);
	session_sent(session, 0, buf_len(session_output(session)));
	if (greeting)
		return;
	p.u.connack.session_present = present;
	assert_int_equal(session_receive(session, 0, &p), MQK_OK);
	while (session_event(session) != NULL)
		continue;
	session_sent(session, 0, buf_len(session_output(session)));
}

static void
check_session(enum mqk_version version, const uint8_t *at, size_t n)
{
	int	 err = busy_hear(session, at, n);

	if (err != MQK_OK && session_error(session)->text[0] == '\0')
		fail_at("has no sentence", version, at, n);
	session_sent(session, 0, buf_len(session_output(session)));
	if (!session_is_up(session))
		reopen(version, false);
}

/* ---- all short ones -------------------------------------------------- */

/* In memory of exactly that size. */
static void
each_short(enum mqk_version version, size_t n,
    void (*check)(enum mqk_version, const uint8_t *, size_t))
{
	uint8_t	*at = malloc(n);

	assert_non_null(at);
	for (uint32_t v = 0; v < 1u << (8 * n); v++) {
		for (size_t i = 0; i < n; i++)
			at[i] = (uint8_t)(v >> (8 * i));
		check(version, at, n);
	}
	free(at);
}

static void
all_sequences_of_three_bytes_have_a_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(versions); i++)
		for (size_t n = 1; n <= 3; n++)
			each_short(versions[i], n, check_decoder);
}

/* Only what is a packet or an error: the rest waits for more. */
static void
check_whole(enum mqk_version version, const uint8_t *at, size_t n)
{
	size_t	 len;
	int	 err = frame_next(at, n, PACKET_MAX, &len);

	if (err < 0 || (err == 1 && len == n))
		check_session(version, at, n);
}

static void
a_session_survives_all_packets_of_three_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(versions); i++) {
		session = busy_new(versions[i], 0);
		for (size_t n = 2; n <= 3; n++)
			each_short(versions[i], n, check_whole);
		session_free(session);
	}
}

/* ---- mutations ------------------------------------------------------- */

static void
mutate(enum mqk_version version, uint8_t *at, size_t n,
    void (*check)(enum mqk_version, const uint8_t *, size_t))
{
	for (size_t i = 0; i < n; i++) {
		uint8_t	 was = at[i];

		for (unsigned v = 0; v < 256; v++) {
			at[i] = (uint8_t)v;
			check(version, at, n);
		}
		at[i] = was;
	}
}

static uint8_t *
read_packet(const char *name, size_t *n)
{
	char	 path[512];
	uint8_t	 bytes[FILE_MAX + 1];
	FILE	*f;

	snprintf(path, sizeof(path), CORPUS "/%s", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	*n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return (exact_copy(bytes, *n));
}

/* Every version, because what is refused in one may be taken in another. */
static unsigned
each_packet(void (*check)(enum mqk_version, const uint8_t *, size_t))
{
	DIR		*dir = opendir(CORPUS);
	struct dirent	*entry;
	unsigned	 files = 0;
	uint8_t		*at;
	size_t		 n;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		at = read_packet(entry->d_name, &n);
		for (size_t i = 0; n <= FILE_MAX && i < N(versions); i++) {
			session = busy_new(versions[i], 0);
			mutate(versions[i], at, n, check);
			session_free(session);
		}
		free(at);
		files++;
	}
	closedir(dir);
	return (files);
}

static void
all_mutations_of_the_corpus_have_a_verdict(void **state)
{
	(void)state;
	assert_true(each_packet(check_decoder) >= 100);
}

static void
a_session_survives_all_mutations_of_the_corpus(void **state)
{
	(void)state;
	assert_true(each_packet(check_whole) >= 100);
}

/* Also where only CONNACK is expected. */
static void
check_greeting(enum mqk_version version, const uint8_t *at, size_t n)
{
	reopen(version, true);
	check_whole(version, at, n);
}

static void
a_greeting_survives_all_packets_of_three_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(versions); i++) {
		session = busy_new(versions[i], 0);
		each_short(versions[i], 2, check_greeting);
		session_free(session);
	}
}

static int
set_up(void **state)
{
	(void)state;
	buf_init(&once, PACKET_MAX);
	buf_init(&twice, PACKET_MAX);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	buf_fini(&once);
	buf_fini(&twice);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sequences_of_three_bytes_have_a_verdict),
		cmocka_unit_test(a_session_survives_all_packets_of_three_bytes),
		cmocka_unit_test(
		    a_greeting_survives_all_packets_of_three_bytes),
		cmocka_unit_test(all_mutations_of_the_corpus_have_a_verdict),
		cmocka_unit_test(
		    a_session_survives_all_mutations_of_the_corpus),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
