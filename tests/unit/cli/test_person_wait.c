#include "../lib/rows.h"
#include "cli/person_wait.h"

static struct person person_of(int64_t id, const char *code)
{
	struct person person = { .code_taken = true };

	person.values[PERSON_ID] = BIND_INT(id);
	person.values[PERSON_CODE] = BIND_STR(str_from(code));
	return person;
}

/* Lines are copied, and come in the order of the file. */
static void test_add(void **state)
{
	struct person_wait wait;
	char code[] = "code";
	struct person person = person_of(7, code);

	(void)state;
	assert_true(person_wait_begin(&wait));
	assert_true(person_wait_add(&wait, &person));
	code[0] = 'X';
	assert_int_equal(wait.count, 1);
	expect_str(0, wait.persons[0]->values[PERSON_CODE].text, "code");
	assert_false(wait.persons[0]->code_taken);
	person_wait_end(&wait);
}

/* A later line of the same person, waiting or stored, takes the place of the earlier one. */
static void test_superseded(void **state)
{
	struct person_wait wait;
	struct person first = person_of(1, "a"), second = person_of(2, "b"),
		      other = person_of(3, "c");

	(void)state;
	assert_true(person_wait_begin(&wait));
	person_wait_drop(&wait, &first);
	assert_true(person_wait_add(&wait, &first) && person_wait_add(&wait, &second) &&
		    person_wait_add(&wait, &first));
	assert_int_equal(wait.count, 3);
	assert_true(wait.persons[0]->superseded);
	assert_false(wait.persons[1]->superseded);
	assert_false(wait.persons[2]->superseded);
	person_wait_drop(&wait, &other);
	person_wait_drop(&wait, &first);
	assert_true(wait.persons[2]->superseded);
	assert_false(wait.persons[1]->superseded);
	person_wait_end(&wait);
}

/* The table grows, and still finds everybody; so do ids that fall into one place. */
static void test_many(void **state)
{
	struct person_wait wait;

	(void)state;
	assert_true(person_wait_begin(&wait));
	for (int64_t id = 1; id <= 20000; id++) {
		struct person person = person_of(id * 65536, "x");

		assert_true(person_wait_add(&wait, &person));
	}
	for (int64_t id = 1; id <= 20000; id += 2) {
		struct person person = person_of(id * 65536, "x");

		person_wait_drop(&wait, &person);
	}
	for (unsigned i = 0; i < wait.count; i++)
		expect_int(i, wait.persons[i]->superseded, i % 2 == 0);
	person_wait_end(&wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_superseded),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
