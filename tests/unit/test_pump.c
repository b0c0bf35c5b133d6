/* SPDX-License-Identifier: MIT */

/* A client over a connection that takes as much as the test wants. */

#include <string.h>

#include "transport/transport.h"
#include "unit/arraystore.h"
#include "unit/fixture.h"
#include "unit/mempipe.h"

static struct mempipe	 mem;
static size_t		 first_room;	/* of a new connection */
static unsigned		 unsupported;	/* messages */

/* In place of the one that makes connections. */
int
transport_new(struct pipe **pipe, const struct transport_options *o,
    struct error *e)
{
	(void)o;
	(void)e;
	mempipe_init(&mem);
	mem.room = first_room;
	*pipe = &mem.pipe;
	return (MQK_OK);
}

int
transport_check(const struct mqk_url *url, struct error *e)
{
	(void)url;
	(void)e;
	return (MQK_OK);
}

struct world {
	struct mqk_client *client;
	unsigned	 seen;		/* bits by packet type */
	unsigned	 answers;
};

static int
set_up(void **state)
{
	static struct world	 w;
	struct mqk_options	 o = { .client_id = "@\2ab", .user = &w };

	memset(&w, 0, sizeof(w));
	assert_int_equal(mqk_client_new(&w.client, &o), MQK_OK);
	assert_int_equal(mqk_connect(w.client), MQK_OK);
	*state = &w;
	return (0);
}

static int
tear_down(void **state)
{
	struct world	*w = *state;

	mqk_client_free(w->client);
	mempipe_fini(&mem);
	return (0);
}

static void
turn(struct world *w, size_t room)
{
	mem.room = first_room = room;
	assert_int_equal(mqk_ready(w->client, MQK_READ | MQK_WRITE), MQK_OK);
}

static enum mqk_verdict
note(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	struct world	*w = user;

	(void)c;
	w->seen |= MQK_TYPE(p->type);
	return (MQK_PASS);
}

/* The client id looks like a PUBACK. */
static void
a_hook_begins_with_a_whole_packet(void **state)
{
	struct world		*w = *state;
	struct mqk_hook		 h = { .run = note, .user = w };
	struct mqk_filter	 f = { .topic = "a" };

	turn(w, 15);
	assert_int_equal(buf_len(&mem.out), 15);
	assert_true(mqk_hook_add(w->client, &h) >= 0);
	mempipe_say(&mem, "\x20\x03\0\0\0", 5);
	turn(w, SIZE_MAX);
	assert_int_equal(w->seen, MQK_TYPE(MQK_CONNACK));
	assert_true(mqk_subscribe(w->client, &f, 1, NULL) > 0);
	turn(w, SIZE_MAX);
	assert_int_equal(w->seen, MQK_TYPE(MQK_CONNACK) |
	    MQK_TYPE(MQK_SUBSCRIBE));
}

static enum mqk_verdict
drop_even(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	const char	*number = p->message->payload.data;

	(void)c;
	(void)user;
	return ((*number & 1) == 0 ? MQK_DROP : MQK_PASS);
}

static void
what_hooks_drop_leaves_no_gap(void **state)
{
	static const char	 rest[] = "\x30\5\0\1t\0""1\x30\5\0\1t\0""3"
				    "\x30\5\0\1t\0""5";
	struct world		*w = *state;
	struct mqk_hook		 h = { .types = MQK_TYPE(MQK_PUBLISH),
				    .run = drop_even };
	char			 number = '0';
	struct mqk_publish	 m = { .topic = "t",
				    .payload = { &number, 1 } };

	turn(w, SIZE_MAX);
	mempipe_say(&mem, "\x20\x03\0\0\0", 5);
	turn(w, SIZE_MAX);
	buf_truncate(&mem.out, 0);
	assert_true(mqk_hook_add(w->client, &h) >= 0);
	for (; number <= '6'; number++)
		assert_int_equal(mqk_publish(w->client, &m), 0);
	turn(w, 10);
	turn(w, SIZE_MAX);
	assert_int_equal(buf_len(&mem.out), sizeof(rest) - 1);
	assert_memory_equal(buf_data(&mem.out), rest, sizeof(rest) - 1);
}

static enum mqk_verdict
note_and_drop(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	(void)note(c, p, user);
	return (MQK_DROP);
}

/* A second CONNACK, and what the connection ends with. */
static void
hooks_see_the_last_words(void **state)
{
	static const uint8_t	 bye[] = { 0xe0, 1, 0x82 };
	struct world		*w = *state;
	struct mqk_hook		 h = { .types = MQK_TYPE(MQK_DISCONNECT),
				    .run = note, .user = w };

	for (int round = 0; round < 2; round++) {
		assert_true(mqk_hook_add(w->client, &h) >= 0);
		turn(w, SIZE_MAX);
		mempipe_say(&mem, "\x20\x03\0\0\0", 5);
		turn(w, SIZE_MAX);
		w->seen = 0;
		buf_truncate(&mem.out, 0);
		mempipe_say(&mem, "\x20\x03\0\0\0", 5);
		turn(w, SIZE_MAX);
		assert_true(mem.freed);
		assert_int_equal(w->seen, MQK_TYPE(MQK_DISCONNECT));
		if (round == 0)
			assert_memory_equal(buf_data(&mem.out), bye,
			    sizeof(bye));
		assert_int_equal(buf_len(&mem.out),
		    round == 0 ? sizeof(bye) : 0);
		h.run = note_and_drop;
		mempipe_fini(&mem);
		assert_int_equal(mqk_reconnect(w->client), MQK_OK);
		turn(w, SIZE_MAX);
	}
}

static int64_t
read_nothing(void *arg, uint32_t offset, void *to, size_t len)
{
	(void)arg;
	(void)offset;
	memset(to, 0, len);
	return ((int64_t)len);
}

static void
count_done(void *arg)
{
	++*(unsigned *)arg;
}

static void
count_answer(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct world	*w = user;

	(void)c;
	assert_int_equal(r->error, MQK_OK);
	w->answers++;
}

/* The end of one source, and the answer to and the end of the other. */
static void
an_empty_source_takes_no_answer_with_it(void **state)
{
	struct world		*w = *state;
	unsigned		 dones = 0;
	struct mqk_handlers	 h = { .on_published = count_answer };
	struct mqk_source	 source = { .len = 1, .arg = &dones,
				    .read = read_nothing, .done = count_done };
	struct mqk_publish	 m = { .topic = "t", .qos = 1,
				    .source = &source };

	mqk_set_handlers(w->client, &h);
	turn(w, SIZE_MAX);
	mempipe_say(&mem, "\x20\x03\0\0\0", 5);
	turn(w, SIZE_MAX);
	assert_int_equal(mqk_publish(w->client, &m), 1);
	turn(w, SIZE_MAX);
	source.len = 0;
	m.qos = 0;
	assert_int_equal(mqk_publish(w->client, &m), 0);
	mempipe_say(&mem, "\x40\x02\0\1", 4);
	turn(w, SIZE_MAX);
	assert_int_equal(w->answers, 1);
	assert_int_equal(dones, 2);
}

static enum mqk_verdict
publish_empty_source(struct mqk_client *c, const struct mqk_packet *p,
    void *user)
{
	struct mqk_source	 source = { .arg = user, .read = read_nothing,
				    .done = count_done };
	struct mqk_publish	 m = { .topic = "h", .source = &source };

	(void)p;
	assert_int_equal(mqk_publish(c, &m), 0);
	return (MQK_PASS);
}

/* That a source is done comes on top of what the packet makes. */
static void
a_hook_that_publishes_takes_no_answer_away(void **state)
{
	struct world		*w = *state;
	unsigned		 dones = 0;
	struct mqk_handlers	 h = { .on_published = count_answer };
	struct mqk_source	 source = { .len = 1, .arg = &dones,
				    .read = read_nothing, .done = count_done };
	struct mqk_publish	 m = { .topic = "t", .qos = 1,
				    .source = &source };
	struct mqk_hook		 hook = { .types = MQK_TYPE(MQK_PUBACK),
				    .run = publish_empty_source,
				    .user = &dones };

	mqk_set_handlers(w->client, &h);
	turn(w, SIZE_MAX);
	mempipe_say(&mem, "\x20\x03\0\0\0", 5);
	turn(w, SIZE_MAX);
	assert_int_equal(mqk_publish(w->client, &m), 1);
	turn(w, SIZE_MAX);
	assert_true(mqk_hook_add(w->client, &hook) >= 0);
	mempipe_say(&mem, "\x40\x02\0\1", 4);
	turn(w, SIZE_MAX);
	assert_int_equal(w->answers, 1);
	assert_int_equal(dones, 2);
}

/* Publish at QoS 1; the broker answers with that reason. */
static int
published(struct world *w, uint8_t reason)
{
	struct mqk_publish	 m = { .topic = "t", .qos = 1 };
	int			 mid = mqk_publish(w->client, &m);
	uint8_t			 puback[] = { 0x40, 3, (uint8_t)(mid >> 8),
				    (uint8_t)mid, reason };

	assert_true(mid > 0);
	turn(w, SIZE_MAX);
	buf_truncate(&mem.out, 0);
	mempipe_say(&mem, puback, sizeof(puback));
	turn(w, SIZE_MAX);
	return (mid);
}

static void
a_refusal_is_not_about_the_next_with_that_id(void **state)
{
	struct world	*w = *state;
	int		 mid;

	turn(w, SIZE_MAX);
	mempipe_say(&mem, "\x20\x03\0\0\0", 5);
	turn(w, SIZE_MAX);
	assert_int_equal(published(w, 0x87), 1);
	assert_int_equal(published(w, 0x97), 2);
	for (mid = 3; mid < UINT16_MAX; mid++)
		assert_int_equal(published(w, 0), mid);
	assert_int_equal(published(w, 0x87), UINT16_MAX);
	assert_int_equal(published(w, 0), 1);
	assert_int_equal(mqk_wait_answer(w->client, 1, 0), MQK_OK);
	assert_int_equal(mqk_wait_answer(w->client, 2, 0), 0x97);
	assert_int_equal(mqk_wait_answer(w->client, UINT16_MAX, 0), 0x87);
}

static void
count_unsupported(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	unsupported += r->error == MQK_ENOTSUP;
}

/* What comes from the store is looked at when all that was there is gone. */
static void
what_a_broker_does_not_take_holds_nothing_up(void **state)
{
	static struct arraystore memory;
	struct mqk_options	 o = { .client_id = "x", .max_queue = 1 };
	struct mqk_handlers	 h = { .on_published = count_unsupported };
	struct mqk_publish	 m = { .topic = "t", .qos = 2 };
	struct mqk_client	*c;
	struct mqk_store	 store;
	struct world		 w;

	(void)state;
	unsupported = 0;
	arraystore_open(&memory, &store);
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	mqk_set_handlers(c, &h);
	assert_int_equal(mqk_set_store(c, &store), MQK_OK);
	for (int i = 0; i < 3; i++)
		assert_true(mqk_publish(c, &m) >= 0);
	m.qos = 1;
	assert_int_equal(mqk_publish(c, &m), 0);
	assert_int_equal(mqk_connect(c), MQK_OK);
	w.client = c;
	turn(&w, SIZE_MAX);
	buf_truncate(&mem.out, 0);
	mempipe_say(&mem, "\x20\x05\0\0\2\x24\1", 7);
	turn(&w, SIZE_MAX);
	assert_int_equal(unsupported, 3);
	assert_int_equal(*buf_data(&mem.out), 0x32);
	mqk_client_free(c);
	mempipe_fini(&mem);
	arraystore_fini(&memory);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_hook_begins_with_a_whole_packet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_hooks_drop_leaves_no_gap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    hooks_see_the_last_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_empty_source_takes_no_answer_with_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_hook_that_publishes_takes_no_answer_away, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_refusal_is_not_about_the_next_with_that_id, set_up,
		    tear_down),
		cmocka_unit_test(what_a_broker_does_not_take_holds_nothing_up),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
