/*
 * The option table, the manual page and the sample file must tell the same.
 */
#include "../lib/golden.h"
#include "../lib/rows.h"

#include "server/option.h"

/* Checks that the lines of `text` that begin with `start` are those that `expected` makes, in
 * order. */
static void compare_lines(const struct buf *text, const char *start,
    void (*expected)(const struct option *option, struct buf *line))
{
	unsigned count, found = 0;
	const struct option *options = option_table(&count);
	struct str rest = buf_str(text), line;

	while (str_next(&rest, '\n', &line)) {
		struct buf wanted = { 0 };

		if (!str_starts_with(line, str_from(start)))
			continue;
		if (found == count)
			fail_msg("too much: " STR_FORMAT, STR_ARGUMENTS(line));
		expected(&options[found++], &wanted);
		if (!str_equal(line, buf_str(&wanted)))
			fail_msg("\"" STR_FORMAT "\" should be \"%s\"", STR_ARGUMENTS(line),
			    wanted.data);
		buf_free(&wanted);
	}
	if (found < count)
		fail_msg("%s is missing", options[found].name);
}

static void manual_line(const struct option *option, struct buf *line)
{
	buf_printf(line, ".It Ic %s Pq %s , ", option->name, option_type_name(option->type));
	if (option->fallback[0] != '\0')
		buf_printf(line, "default Ql %s", option->fallback);
	else
		buf_append_text(line, "no default");
}

static void sample_line(const struct option *option, struct buf *line)
{
	buf_printf(line, "#%s = %s", option->name,
	    option->fallback[0] != '\0' ? option->fallback : "\"\"");
}

static void test_manual(void **state)
{
	struct buf text = { 0 };

	(void)state;
	golden_read("man/clientele.conf.5", &text);
	compare_lines(&text, ".It Ic ", manual_line);
	buf_free(&text);
}

/* An option that needs a restart says so at the end of its paragraph. */
static void test_manual_restart(void **state)
{
	unsigned count;
	const struct option *options = option_table(&count);
	struct buf text = { 0 };

	(void)state;
	golden_read("man/clientele.conf.5", &text);
	for (unsigned i = 0; i < count; i++) {
		struct buf head = { 0 };
		const char *start, *end, *note;

		manual_line(&options[i], &head);
		start = strstr(text.data, head.data);
		assert_non_null(start);
		end = strstr(start + head.length, "\n.It ");
		if (end == NULL)
			end = strstr(start, "\n.El");
		note = strstr(start, "Needs a restart.");
		if ((note != NULL && note < end) == options[i].reloadable)
			fail_msg("%s: the manual is wrong about reloading", options[i].name);
		buf_free(&head);
	}
	buf_free(&text);
}

static void test_sample(void **state)
{
	struct buf text = { 0 };
	unsigned count;
	const struct option *options = option_table(&count);

	(void)state;
	golden_read("docs/clientele.conf", &text);
	for (unsigned i = 0; i < count; i++) {
		struct buf comment = { 0 };

		buf_printf(&comment, "\n# %s\n#%s = ", options[i].doc, options[i].name);
		if (strstr(text.data, comment.data) == NULL)
			fail_msg("not in the sample: %s", comment.data);
		buf_free(&comment);
	}
	/* Comments have a blank behind the #, options have none. */
	for (char *byte = text.data; (byte = strstr(byte, "\n# ")) != NULL; byte++)
		byte[1] = ';';
	if (strncmp(text.data, "# ", 2) == 0)
		text.data[0] = ';';
	for (char *byte = text.data; (byte = strstr(byte, "\n#\n")) != NULL; byte++)
		byte[1] = ';';
	compare_lines(&text, "#", sample_line);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_manual_restart),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
