#include "../lib/rows.h"
#include "api/delegates/delegates.h"
#include "cli/import_wait.h"

#define CODE_MEMBER 1

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(65536, 64 << 20);
	return arena != NULL ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct import_line line_of(int id, const char *code)
{
	static struct import_fault fault = { .column = "", .reason = "is another's" };
	struct import_line line = { .taken = true, .faults = &fault, .last_fault = &fault };

	line.key = str_from(arena_printf(arena, "%d", id));
	line.row = row_new(arena, &delegate_person_resource);
	row_set_text(line.row, CODE_MEMBER, str_from(code));
	return line;
}

/* Lines are copied, without what was found when they were to be stored. */
static void test_add(void **state)
{
	struct import_wait wait;
	char code[] = "code";
	struct import_line line = line_of(7, code);

	(void)state;
	assert_true(import_wait_begin(&wait));
	assert_true(import_wait_add(&wait, &line));
	code[0] = 'X';
	assert_int_equal(wait.count, 1);
	expect_str(0, wait.lines[0]->row->values[CODE_MEMBER].text, "code");
	assert_null(wait.lines[0]->faults);
	import_wait_end(&wait);
}

/* A later line of the same line, waiting or stored, takes the place of the earlier one. */
static void test_superseded(void **state)
{
	struct import_wait wait;
	struct import_line first = line_of(1, "a"), second = line_of(2, "b"),
			   other = line_of(3, "c");

	(void)state;
	assert_true(import_wait_begin(&wait));
	import_wait_drop(&wait, &first);
	assert_true(import_wait_add(&wait, &first) && import_wait_add(&wait, &second) &&
		    import_wait_add(&wait, &first));
	assert_int_equal(wait.count, 3);
	assert_true(wait.lines[0]->superseded);
	assert_false(wait.lines[1]->superseded);
	assert_false(wait.lines[2]->superseded);
	import_wait_drop(&wait, &other);
	import_wait_drop(&wait, &first);
	assert_true(wait.lines[2]->superseded);
	assert_false(wait.lines[1]->superseded);
	import_wait_end(&wait);
}

/* The table grows, and still finds everybody; so do ids that fall into one place. */
static void test_many(void **state)
{
	struct import_wait wait;

	(void)state;
	assert_true(import_wait_begin(&wait));
	for (int id = 1; id <= 20000; id++) {
		struct import_line line = line_of(id * 1000, "x");

		assert_true(import_wait_add(&wait, &line));
	}
	for (int id = 1; id <= 20000; id += 2) {
		struct import_line line = line_of(id * 1000, "x");

		import_wait_drop(&wait, &line);
	}
	for (unsigned i = 0; i < wait.count; i++)
		expect_int(i, wait.lines[i]->superseded, i % 2 == 0);
	import_wait_end(&wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_superseded),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
