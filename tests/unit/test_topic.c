/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "codec/topic.h"

static void
topics_are_text_without_wildcards(void **state)
{
	static const char *const good[] = {
		"a", "/", "a/b/c", "//", "$SYS/x", "a b", "gr\xc3\xbc\xc3\x9f",
		"0123456789012345", "sensors/hall/3/temperature",
	};
	static const char *const bad[] = {
		"", "+", "#", "a/+", "a/#", "a+b", "0123456+", "01234567#",
		"0123456701234567+", "+1234567", "\xff", "1234567\x80",
		"\xc3\xa4/+", "12345678\xc3",
	};

	(void)state;
	for (size_t i = 0; i < N(good); i++)
		assert_true(mqk_topic_valid(good[i]));
	for (size_t i = 0; i < N(bad); i++)
		assert_false(mqk_topic_valid(bad[i]));
	assert_false(mqk_topic_valid(NULL));
	assert_false(mqk_topic_matches(NULL, "a"));
	assert_false(mqk_topic_matches("a", NULL));
	assert_false(topic_valid("a\0b", 3));
}

/* A wildcard is found at every place of topics of every length. */
static void
wildcards_are_found_everywhere(void **state)
{
	static const char	 marks[] = { '+', '#', '\0', '\xff' };
	char			*s;

	(void)state;
	for (size_t len = 1; len < 40; len++) {
		for (size_t i = 0; i < len; i++) {
			s = malloc(len);
			assert_non_null(s);
			memset(s, '*', len);
			assert_true(topic_valid(s, len));
			for (size_t m = 0; m < N(marks); m++) {
				s[i] = marks[m];
				assert_false(topic_valid(s, len));
			}
			free(s);
		}
	}
}

static void
a_topic_has_at_most_65535_bytes(void **state)
{
	char	*s = malloc(65536);

	(void)state;
	assert_non_null(s);
	memset(s, 'a', 65536);
	assert_true(topic_valid(s, 65535));
	assert_false(topic_valid(s, 65536));
	assert_true(filter_valid(s, 65535));
	assert_false(filter_valid(s, 65536));
	free(s);
}

static void
filters_have_wildcards_in_their_places_only(void **state)
{
	static const char *const good[] = {
		"#", "+", "/", "a", "a/#", "+/+", "/+", "+/", "a/+/b", "+/a/#",
		"/#", "$SYS/#", "$share/g/a", "$share/g/#", "$share/g//",
		"$share/g/+/a", "$shared/x",
	};
	static const char *const bad[] = {
		"", "a#", "a/#/b", "a+", "+a", "a/b+", "a/+b/c", "##", "#/",
		"++", "\xff", "$share/", "$share/g", "$share/g/", "$share//a",
		"$share/+/a", "$share/#/a", "$share/a+/b", "$share/g/a#",
	};

	(void)state;
	for (size_t i = 0; i < N(good); i++)
		assert_true(mqk_filter_valid(good[i]));
	for (size_t i = 0; i < N(bad); i++)
		assert_false(mqk_filter_valid(bad[i]));
	assert_false(mqk_filter_valid(NULL));
}

static void
shared_filters_are_recognised(void **state)
{
	(void)state;
	assert_true(filter_is_shared("$share/g/a", 10));
	assert_false(filter_is_shared("$share/g", 8));
	assert_false(filter_is_shared("$shared/g/a", 11));
	assert_false(filter_is_shared("a", 1));
}

static const struct {
	const char	*filter;
	const char	*topic;
	bool		 matches;
} matches[] = {
	{ "a", "a", true }, { "a", "b", false }, { "a", "a/", false },
	{ "a/b", "a/b", true }, { "a/b", "a/bc", false },
	{ "a/bc", "a/b", false }, { "a/b", "a", false },
	{ "a", "a/b", false }, { "#", "a", true }, { "#", "a/b/c", true },
	{ "#", "/", true }, { "a/#", "a", true }, { "a/#", "a/", true },
	{ "a/#", "a/b/c", true }, { "a/#", "ab", false },
	{ "a/#", "b/a", false }, { "+", "a", true }, { "+", "a/b", false },
	{ "+", "/a", false }, { "+/+", "/a", true }, { "/+", "/a", true },
	{ "+/+", "a", false }, { "a/+", "a", false }, { "a/+", "a/", true },
	{ "a/+/c", "a/b/c", true }, { "a/+/c", "a//c", true },
	{ "a/+/c", "a/b/d", false }, { "a/+/#", "a/b", true },
	{ "a/+/#", "a", false }, { "+/#", "a", true }, { "/", "/", true },
	{ "/", "a", false }, { "//", "//", true }, { "a//", "a/", false },
	{ "#", "$SYS/a", false }, { "+/a", "$SYS/a", false },
	{ "$SYS/#", "$SYS/a", true }, { "$SYS/+", "$SYS/a", true },
	{ "a/#", "a/$b", true }, { "a/+", "a/$b", true },
	{ "$share/g/a/+", "a/b", true }, { "$share/g/#", "$SYS/a", false },
	{ "$share/g/a", "b", false }, { "$share/g/$SYS/#", "$SYS/a", true },
};

static void
matching_follows_the_specification(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(matches); i++) {
		if (mqk_topic_matches(matches[i].filter, matches[i].topic) !=
		    matches[i].matches)
			fail_msg("%s, %s", matches[i].filter,
			    matches[i].topic);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(topics_are_text_without_wildcards),
		cmocka_unit_test(wildcards_are_found_everywhere),
		cmocka_unit_test(a_topic_has_at_most_65535_bytes),
		cmocka_unit_test(filters_have_wildcards_in_their_places_only),
		cmocka_unit_test(shared_filters_are_recognised),
		cmocka_unit_test(matching_follows_the_specification),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
