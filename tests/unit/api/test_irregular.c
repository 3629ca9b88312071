/*
 * The parts of the irregular licensing operations that need no database.
 */
#include "../lib/rows.h"
#include "api/licensing/log_bucket.h"
#include "api/licensing/placeholder.h"

#define MINUTE (60 * MICROSECONDS_PER_SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void test_buckets(void **state)
{
	static const struct {
		int64_t range, intervals;
		const char *name;
	} rows[] = {
		{ 1, 1, "minute" },
		{ HOUR, 60, "minute" },
		{ HOUR + 1, 60, "hour" },
		{ HOUR, 59, "hour" },
		{ DAY, 24, "hour" },
		{ DAY, 1, "day" },
		{ DAY, 1440, "minute" },
		{ 30 * DAY, 30, "day" },
		{ 30 * DAY, 24, "week" },
		{ 30 * DAY, 4, "month" },
		{ 365 * DAY, 53, "week" },
		{ 365 * DAY, 12, "month" },
		{ 3650 * DAY, 1, "month" },
		{ TIMESTAMP_MAXIMUM - TIMESTAMP_MINIMUM, 1000, "month" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_str(i, str_from(log_bucket_choose(rows[i].range, rows[i].intervals)->name),
		    rows[i].name);
}

static enum placeholder_found look_up(void *context, struct str name, struct str *text)
{
	(void)context;
	if (str_equal(name, STR("name")))
		*text = STR("A & <B> \"C\" 'D' {{empty}}");
	else if (str_equal(name, STR("empty")))
		*text = (struct str){ NULL, 0 };
	else
		return str_equal(name, STR("unseen")) ? PLACEHOLDER_UNSEEN : PLACEHOLDER_UNKNOWN;
	return PLACEHOLDER_FOUND;
}

static void test_placeholders(void **state)
{
	static const struct {
		const char *text;
		bool html;
		const char *filled; /* NULL = refused */
		const char *fault;
	} rows[] = {
		{ "", false, "", NULL },
		{ "none", false, "none", NULL },
		{ "{{name}}", false, "A & <B> \"C\" 'D' {{empty}}", NULL },
		{ "<p>{{ name }}</p>", true,
		    "<p>A &amp; &lt;B&gt; &quot;C&quot; &#39;D&#39; {{empty}}</p>", NULL },
		{ "[{{empty}}]", true, "[]", NULL },
		{ "{{empty}}{{empty}}x", false, "x", NULL },
		{ "{{", false, "{{", NULL },
		{ "{{}", false, "{{}", NULL },
		{ "{{name", false, "{{name", NULL },
		{ "{{name}", false, "{{name}", NULL },
		{ "{{na\nme}}", false, "{{na\nme}}", NULL },
		{ "{ {name}}", false, "{ {name}}", NULL },
		{ "{{{empty}}}", false, "{}", NULL },
		{ "p { color: red }", true, "p { color: red }", NULL },
		{ "{{other}}", false, NULL, "There is no placeholder {{other}}." },
		{ "{{unseen}}", false, NULL,
		    "This credential may not read the placeholder {{unseen}}." },
		{ "{{}}", false, NULL, "There is no placeholder {{}}." },
	};
	struct arena *arena = arena_new(65536, 1048576);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str filled = { NULL, 0 };
		struct error error;

		error_init(&error, arena);
		expect_int(i,
		    placeholder_fill(arena, str_from(rows[i].text), rows[i].html, look_up, NULL,
			"resourceId", &filled, &error),
		    rows[i].filled != NULL ? 0 : -1);
		if (rows[i].filled != NULL)
			expect_str(i, filled, rows[i].filled);
		else
			expect_str(i, str_from(error.faults->message), rows[i].fault);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_placeholders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
