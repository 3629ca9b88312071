#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/person.h"
#include "schema/resource.h"

#define FIELDS_MAX 8

/* Splits "a|b" into a record; "\xff" and all else stays as it is. */
static struct csv_file_record record_of(const char *text, struct str fields[FIELDS_MAX])
{
	struct csv_file_record record = { .line = 7, .fields = fields };
	struct str rest = str_from(text);

	while (record.count < FIELDS_MAX && str_next(&rest, '|', &fields[record.count]))
		record.count++;
	return record;
}

static void test_header(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ "clientId", NULL },
		{ "CLIENTID|ClientCode| firstname "
		  "|lastName|birthDate|phoneNumber|Language|language",
		    NULL },
		{ "clientCode|firstName", "the column clientId is missing" },
		{ "clientId||x", "column 2 has no name" },
		{ "clientId|clientid", "the column clientid appears twice" },
		{ "clientId|a|a", "the column a appears twice" },
		{ "clientId|\xff", "the name of column 2 is not valid UTF-8" },
	};
	struct arena *arena = arena_new(65536, 1 << 20);
	struct person_header *header = malloc(sizeof(*header));

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct str fields[FIELDS_MAX];
		struct csv_file_record record = record_of(rows[i].text, fields);
		const char *reason = person_read_header(arena, &record, header);

		if (rows[i].reason == NULL)
			assert_null(reason);
		else
			assert_string_equal(reason, rows[i].reason);
	}
	free(header);
	arena_free(arena);
}

/* All faults as "column reason;", or the user-defined fields when there is none. */
static const char *describe_person(const struct person *person)
{
	static char text[1000];
	size_t length = 0;

	text[0] = '\0';
	if (person->faults == NULL)
		snprintf(text, sizeof(text), STR_FORMAT, STR_ARGUMENTS(person->user_defined));
	for (const struct person_fault *f = person->faults; f != NULL; f = f->next)
		length += (size_t)snprintf(
		    text + length, sizeof(text) - length, "%s %s;", f->column, f->reason);
	return text;
}

static void test_read(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "1|C|F|2000-02-29|en|x", "{\"Language\":\"en\",\"Note\":\"x\"}" },
		{ "2147483647||||\xc3\xa9|", "{\"Language\":\"\xc3\xa9\",\"Note\":null}" },
		{ "1||||say \"hi\"|a\\b\n",
		    "{\"Language\":\"say \\\"hi\\\"\",\"Note\":\"a\\\\b\"}" },
		{ "1", " the line has 1 fields, but the header has 6;" },
		{ "0|||||x", "ClientId must be a whole number from 1 to 2147483647;" },
		{ "2147483648|||||x", "ClientId must be a whole number from 1 to 2147483647;" },
		{ "1.0|||||x", "ClientId must be a whole number from 1 to 2147483647;" },
		{ "|||2001-02-29||x", "ClientId must be a whole number from 1 to "
				      "2147483647;birthDate must be a date such as 1950-12-31;" },
		{ "1||\xff||\xfe|x", "firstName is not valid UTF-8;Language is not valid UTF-8;" },
		{ "1|a123456789b123456789c123456789d123456789e123456789f123456789g123||||x",
		    "{\"Language\":null,\"Note\":\"x\"}" },
		{ "1|a123456789b123456789c123456789d123456789e123456789f123456789g1234||||x",
		    "code is longer than 64 characters (65);" },
	};
	struct arena *arena = arena_new(65536, 1 << 20);
	struct person_header *header = malloc(sizeof(*header));
	struct str fields[FIELDS_MAX];
	struct csv_file_record names =
	    record_of("ClientId|code|firstName|birthDate|Language|Note", fields);
	struct person person;

	(void)state;
	fields[1] = STR("clientCode");
	assert_null(person_read_header(arena, &names, header));
	header->names[1] = STR("code"); /* short lines below */
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct csv_file_record record = record_of(rows[i].text, fields);

		person_read(arena, header, &record, &person);
		assert_string_equal(describe_person(&person), rows[i].expected);
		assert_int_equal(person.line, 7);
	}
	person_read(arena, header,
	    &(const struct csv_file_record){ .line = 3, .fault = "it is broken" }, &person);
	assert_string_equal(describe_person(&person), " it is broken;");
	free(header);
	arena_free(arena);
}

static void test_values(void **state)
{
	struct arena *arena = arena_new(65536, 1 << 20);
	struct person_header *header = malloc(sizeof(*header));
	struct str fields[FIELDS_MAX];
	struct csv_file_record names =
	    record_of("clientId|clientCode|firstName|lastName|birthDate|phoneNumber", fields);
	struct csv_file_record record;
	struct person person;

	(void)state;
	assert_null(person_read_header(arena, &names, header));
	assert_false(header->user_defined);
	record = record_of("12| C1 |Ann||1970-01-02|", fields);
	person_read(arena, header, &record, &person);
	assert_null(person.faults);
	assert_int_equal(person.values[PERSON_ID].integer, 12);
	assert_true(str_equal(person.values[PERSON_CODE].text, STR("C1")));
	assert_true(str_equal(person.values[PERSON_FIRST_NAME].text, STR("Ann")));
	assert_true(person.values[PERSON_LAST_NAME].null);
	assert_int_equal(person.values[PERSON_BIRTH_DATE].kind, BIND_DATE);
	assert_int_equal(person.values[PERSON_BIRTH_DATE].integer, 86400 * MICROSECONDS_PER_SECOND);
	assert_true(person.values[PERSON_PHONE_NUMBER].null);
	assert_true(str_equal(person.user_defined, STR("{}")));
	free(header);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
