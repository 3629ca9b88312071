#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "codec/reader.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static char directory[] = "/tmp/clientele-log-XXXXXX";
static char file[64];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/log", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)log_open("stderr", LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	(void)unlink(file);
	return rmdir(directory);
}

/* Reads the log and empties it. */
static void take(char text[65536])
{
	int fd = open(file, O_RDWR);
	ssize_t count = fd >= 0 ? read(fd, text, 65535) : -1;

	assert_true(count >= 0);
	text[count] = '\0';
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
}

/* One text value and how it stands in a line. */
static const struct {
	const char *value;
	const char *text; /* behind name= in the text format */
} value_rows[] = {
	{ "plain", "plain" },
	{ "", "\"\"" },
	{ NULL, "\"\"" },
	{ "two words", "\"two words\"" },
	{ "a=b", "\"a=b\"" },
	{ "say \"hi\"", "\"say \\\"hi\\\"\"" },
	{ "back\\slash", "\"back\\\\slash\"" },
	{ "line\nbreak", "\"line\\nbreak\"" },
	{ "\r\n2026-01-01T00:00:00Z info [1] forged",
	    "\"\\r\\n2026-01-01T00:00:00Z info [1] forged\"" },
	{ "nel\xc2\x85 ls\xe2\x80\xa8", "\"nel\\u0085 ls\\u2028\"" },
	{ "bad\xff utf\xc3", "\"bad? utf?\"" },
	{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
};

static void test_text(void **state)
{
	char text[65536];

	(void)state;
	assert_int_equal(log_open(file, LOG_FORMAT_TEXT, LOG_LEVEL_INFO), 0);
	for (unsigned i = 0; i < ROWS(value_rows); i++) {
		char wanted[256];
		char *line;

		log_event(LOG_LEVEL_WARNING, "something happened",
		    LOG_TEXT("field", value_rows[i].value), LOG_INT("number", -7));
		take(text);
		line = strchr(text, '[');
		assert_non_null(line);
		snprintf(wanted, sizeof(wanted), "[%ld] something happened field=%s number=-7\n",
		    (long)getpid(), value_rows[i].text);
		assert_string_equal(line, wanted);
		assert_non_null(strstr(text, "Z warning ["));
	}
}

static void expect_member(const struct node *line, const char *name, const char *text)
{
	assert_non_null(node_find(line, name));
	assert_true(str_equal(node_find_text(line, name), str_from(text)));
}

static void test_json(void **state)
{
	struct arena *arena = arena_new(65536, 1 << 20);
	const char *process = arena_printf(arena, "%ld", (long)getpid());
	char text[65536];

	(void)state;
	assert_int_equal(log_open(file, LOG_FORMAT_JSON, LOG_LEVEL_INFO), 0);
	for (unsigned i = 0; i < ROWS(value_rows); i++) {
		const char *value = value_rows[i].value;
		const struct node *line;

		log_event(LOG_LEVEL_ERROR, "something \"odd\"", LOG_TEXT("field", value),
		    LOG_INT("number", INT64_MAX));
		take(text);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		line = json_read_stored(arena, str_from(text));
		expect_member(line, "level", "error");
		expect_member(line, "event", "something \"odd\"");
		expect_member(line, "pid", process);
		assert_non_null(node_find(line, "time"));
		expect_member(line, "number", "9223372036854775807");
		assert_non_null(node_find(line, "field"));
		if (value != NULL && strchr(value, '\xff') == NULL)
			expect_member(line, "field", value);
	}
	arena_free(arena);
}

/* Any byte in any place: one line, and valid JSON. */
static void test_every_byte(void **state)
{
	struct arena *arena = arena_new(65536, 4 << 20);
	char text[65536];

	(void)state;
	for (int format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
		assert_int_equal(log_open(file, (enum log_format)format, LOG_LEVEL_INFO), 0);
		for (int byte = 0; byte < 256; byte++) {
			char value[3] = { 'x', (char)byte, 'y' };

			log_event(
			    LOG_LEVEL_INFO, "bytes", LOG_STR("v", ((struct str){ value, 3 })));
		}
		take(text);
		for (char *line = text; line != NULL && *line != '\0';) {
			char *end = strchr(line, '\n');

			assert_non_null(end);
			*end = '\0';
			assert_non_null(strstr(line, "bytes"));
			if (format == LOG_FORMAT_JSON)
				assert_non_null(json_read_stored(arena, str_from(line)));
			line = end + 1;
		}
	}
	arena_free(arena);
}

static void test_long_value(void **state)
{
	static char value[20000];
	char text[65536];

	(void)state;
	assert_int_equal(log_open(file, LOG_FORMAT_TEXT, LOG_LEVEL_INFO), 0);
	/* Characters of two bytes, at an odd place, so that the cut would fall into one. */
	value[0] = 'a';
	for (size_t i = 1; i + 1 < sizeof(value) - 1; i += 2)
		memcpy(value + i, "\xc3\xbc", 2);
	log_event(LOG_LEVEL_INFO, "long", LOG_TEXT("v", value));
	take(text);
	assert_in_range(strlen(text), 4000, 4300);
	assert_int_equal(str_utf8_valid(str_from(text)), strlen(text));
	/* Whoever reads it sees that there was more. */
	assert_non_null(strstr(text, "\xC3\xBC\xE2\x80\xA6\""));
}

static void test_levels(void **state)
{
	char text[65536];

	(void)state;
	for (int least = 0; least < LOG_LEVEL__MAX; least++) {
		assert_int_equal(log_open(file, LOG_FORMAT_TEXT, (enum log_level)least), 0);
		for (int level = 0; level < LOG_LEVEL__MAX; level++) {
			log_event((enum log_level)level, "x");
			take(text);
			assert_int_equal(text[0] != '\0', level >= least);
			assert_int_equal(log_enabled((enum log_level)level), level >= least);
		}
	}
}

static void test_reopen(void **state)
{
	char old[80];
	char text[65536];

	(void)state;
	snprintf(old, sizeof(old), "%s.1", file);
	assert_int_equal(log_open(file, LOG_FORMAT_TEXT, LOG_LEVEL_INFO), 0);
	assert_int_equal(rename(file, old), 0);
	assert_int_equal(log_reopen(), 0);
	log_event(LOG_LEVEL_INFO, "after rotation");
	take(text);
	assert_non_null(strstr(text, "after rotation"));
	assert_int_equal(unlink(old), 0);
	/* A place that cannot be opened leaves the log where it was. */
	assert_int_equal(log_open("/nonexistent/log", LOG_FORMAT_TEXT, LOG_LEVEL_INFO), -1);
	log_event(LOG_LEVEL_INFO, "still here");
	take(text);
	assert_non_null(strstr(text, "still here"));
}

/* Lines of several processes do not mix. */
static void test_processes(void **state)
{
	static char text[65536];
	int count = 0;

	(void)state;
	assert_int_equal(log_open(file, LOG_FORMAT_TEXT, LOG_LEVEL_INFO), 0);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			for (int j = 0; j < 100; j++)
				log_event(LOG_LEVEL_INFO, "line",
				    LOG_TEXT("a", "b b b b b b b b b b b b"));
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	take(text);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), count++)
		assert_non_null(strstr(line, "] line a=\"b b b b b b b b b b b b\""));
	assert_int_equal(count, 400);
}

/* Each process by its own number, though it is asked for once. */
static void test_number_of_a_child(void **state)
{
	char text[65536], wanted[64];
	pid_t child;

	(void)state;
	assert_int_equal(log_open(file, LOG_FORMAT_TEXT, LOG_LEVEL_INFO), 0);
	log_event(LOG_LEVEL_INFO, "parent");
	child = fork();
	if (child == 0) {
		log_event(LOG_LEVEL_INFO, "child");
		log_event(LOG_LEVEL_INFO, "again");
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	log_event(LOG_LEVEL_INFO, "at last");
	take(text);
	for (unsigned i = 0; i < 4; i++) {
		static const char *const events[] = { "parent", "child", "again", "at last" };

		snprintf(wanted, sizeof(wanted), "[%ld] %s\n",
		    (long)(i == 1 || i == 2 ? child : getpid()), events[i]);
		assert_non_null(strstr(text, wanted));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_long_value),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_number_of_a_child),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
