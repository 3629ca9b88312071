/* Dumps, cut into pieces of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/dump_filter.h"

#define VIEW_END "/*!50001 VIEW `v` AS select 1 AS `1` */;\n"
#define TRIGGER_END "/*!50003 trigger tr before insert on a for each row begin\nend */;;\n"

static const struct {
	const char *dump, *kept;
	bool views, triggers;
} cases[] = {
	{ "", "", false, false },
	{ "INSERT INTO `a` VALUES\n(1);\n", NULL, false, false },
	{ "/*!50001 CREATE ALGORITHM=UNDEFINED */\n"
	  "/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n" VIEW_END,
	    "/*!50001 CREATE ALGORITHM=UNDEFINED */\n"
	    "/*!50013 SQL SECURITY DEFINER */\n" VIEW_END,
	    true, false },
	{ "/*!50013 DEFINER=`a``b @ */`@`%` SQL SECURITY INVOKER */\n",
	    "/*!50013 SQL SECURITY INVOKER */\n", true, false },
	{ "/*!50013 DEFINER=`a role` SQL SECURITY INVOKER */\n",
	    "/*!50013 SQL SECURITY INVOKER */\n", true, false },
	{ "/*!50013 SQL SECURITY INVOKER */\n", NULL, true, false },
	{ "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ " TRIGGER_END,
	    "/*!50003 CREATE*/ " TRIGGER_END, false, true },
	{ "/*!50003 CREATE*/ " TRIGGER_END, NULL, false, true },
	{ "(1,'/*!50013 DEFINER=`root`@`localhost` SQL');\n", NULL, false, false },
	/* Cut off. */
	{ "/*!50013 DEFINER=`root`@`local", NULL, true, false },
	{ "/*!50013 DEFINER=`root`@", NULL, true, false },
	{ "/*!50013 ", NULL, true, false },
	{ "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`", NULL, false, true },
};

static bool keep(void *context, const char *data, size_t length)
{
	buf_append(context, data, length);
	return true;
}

static void filter_in_pieces(
    const char *dump, size_t size, struct dump_content *content, struct buf *kept)
{
	struct dump_filter filter = { .put = keep, .context = kept };
	size_t length = strlen(dump);

	for (size_t i = 0; i < length; i += size)
		assert_true(
		    dump_filter_add(&filter, dump + i, i + size < length ? size : length - i));
	assert_true(dump_filter_end(&filter));
	*content = filter.content;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str wanted = str_from(cases[i].kept != NULL ? cases[i].kept : cases[i].dump);

		for (size_t size = 1; size <= strlen(cases[i].dump) + 1; size++) {
			struct buf kept = { 0 };
			struct dump_content content;

			filter_in_pieces(cases[i].dump, size, &content, &kept);
			assert_true(str_equal(buf_str(&kept), wanted));
			assert_int_equal(content.views, cases[i].views);
			assert_int_equal(content.triggers, cases[i].triggers);
			buf_free(&kept);
		}
	}
}

/* A line that is longer than what is looked at, and statements over several lines. */
static void test_long_statements(void **state)
{
	struct buf dump = { 0 };

	(void)state;
	buf_append_text(&dump, "SET a = 1;\nINSERT INTO `a` VALUES\n('");
	for (unsigned i = 0; i < 3 * DUMP_FILTER_HEAD; i++)
		buf_append_char(&dump, i % 2 == 0 ? ';' : 'x');
	buf_append_text(&dump, "'),\n(2);\nSET a = 2;\n");
	for (size_t size = 1; size < dump.length; size += 97) {
		struct buf kept = { 0 };
		struct dump_content content;

		filter_in_pieces(dump.data, size, &content, &kept);
		assert_true(str_equal(buf_str(&kept), buf_str(&dump)));
		assert_int_equal(content.longest, dump.length - 11 - 11);
		buf_free(&kept);
	}
	buf_free(&dump);
}

static bool refuse(void *context, const char *data, size_t length)
{
	(void)context, (void)data, (void)length;
	return false;
}

static void test_a_sink_that_fails(void **state)
{
	struct dump_filter filter = { .put = refuse };

	(void)state;
	assert_true(dump_filter_add(&filter, "SET", 3));
	assert_false(dump_filter_add(&filter, " a = 1;\n", 8));
	filter = (struct dump_filter){ .put = refuse };
	assert_true(dump_filter_add(&filter, "SET", 3));
	assert_false(dump_filter_end(&filter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_statements),
		cmocka_unit_test(test_a_sink_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
