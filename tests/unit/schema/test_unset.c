#include "../lib/rows.h"
#include "schema/unset.h"

#define NIL "00000000-0000-0000-0000-000000000000"

static const char *two_letters(struct str text)
{
	return text.length == 2 ? NULL : "two letters";
}

static const struct enumerator words[] = { { 0, "one" }, { 1, "two" } };
static const struct enumeration choice = { "Choice", words, ROWS(words) };

enum {
	TEXT,
	TEXT_NOT_NULL,
	CHECKED,
	CODE_TEXT,
	OPTIONAL_CODE,
	SECRET_TEXT,
	CHOSEN,
	NAME,
	FLAG,
	NUMBER,
	FROM_TWO,
	MAYBE_FROM_TWO,
	CUSTOMER,
	OWNER,
	DUE,
	LIST
};

static const struct field fields[] = {
	[TEXT] = { STRING("text", "text", 9) },
	[TEXT_NOT_NULL] = { STRING("filled", "filled", 9), .flags = FIELD_NOT_NULL },
	[CHECKED] = { STRING("country", "country", 2), .check = two_letters },
	[CODE_TEXT] = { STRING("code", "code", 9), .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT },
	[OPTIONAL_CODE] = { STRING("other", "other", 9), .flags = FIELD_EMPTY_ABSENT },
	[SECRET_TEXT] = { STRING("secret", "secret", 9),
	    .flags = FIELD_REQUIRED | FIELD_NOT_NULL | FIELD_SECRET | FIELD_EMPTY_ABSENT },
	[CHOSEN] = { CODE("chosen", "chosen", &choice), .flags = FIELD_NOT_NULL },
	[NAME] = { STRING("name", "name", 9), .flags = FIELD_REQUIRED },
	[FLAG] = { BOOLEAN("flag", "flag"), .flags = FIELD_NOT_NULL },
	[NUMBER] = { INT32("number", "number"), .flags = FIELD_NOT_NULL },
	[FROM_TWO] = { INT32("level", "level"), .flags = FIELD_NOT_NULL, .least = 2, .most = 5 },
	[MAYBE_FROM_TWO] = { INT32("rate", "rate"), .least = 2, .most = 5 },
	[CUSTOMER] = { INT32("customerId", "customer_id") },
	[OWNER] = { UUID("ownerId", "owner_id"), .flags = FIELD_NOT_NULL | FIELD_EMPTY_ABSENT },
	[DUE] = { DATETIME("due", "due") },
	[LIST] = { STRING_LIST("list", "list", 9), .flags = FIELD_NOT_NULL },
};

static const struct reference references[] = {
	{ .constraint = "c", .member = "customerId", .message = "No." },
};

static const struct resource resource = { .name = "thing", FIELDS(fields), REFERENCES(references) };

static const struct {
	unsigned field;
	enum node_kind kind;
	const char *text;
	enum unset expected;
} rows[] = {
	{ TEXT, NODE_NULL, "", UNSET_NULL },
	{ TEXT, NODE_TEXT, "", UNSET_NOT },
	{ TEXT, NODE_TEXT, "0", UNSET_NOT },
	{ TEXT_NOT_NULL, NODE_NULL, "", UNSET_ABSENT },
	{ TEXT_NOT_NULL, NODE_TEXT, "", UNSET_NOT },
	{ CHECKED, NODE_TEXT, " ", UNSET_NOT },
	{ CHECKED, NODE_TEXT, "DEU", UNSET_NOT },
	{ CHECKED, NODE_NULL, "", UNSET_NULL },
	{ CODE_TEXT, NODE_NULL, "", UNSET_ABSENT },
	{ CODE_TEXT, NODE_TEXT, "", UNSET_ABSENT },
	{ CODE_TEXT, NODE_TEXT, " \t", UNSET_ABSENT },
	{ CODE_TEXT, NODE_TEXT, "x", UNSET_NOT },
	{ OPTIONAL_CODE, NODE_NULL, "", UNSET_NULL },
	{ OPTIONAL_CODE, NODE_TEXT, "", UNSET_ABSENT },
	{ SECRET_TEXT, NODE_NULL, "", UNSET_ABSENT },
	{ SECRET_TEXT, NODE_TEXT, "", UNSET_ABSENT },
	{ SECRET_TEXT, NODE_TEXT, "  ", UNSET_NOT },
	{ CHOSEN, NODE_TEXT, "", UNSET_ABSENT },
	{ CHOSEN, NODE_TEXT, "three", UNSET_NOT },
	{ CHOSEN, NODE_NULL, "", UNSET_ABSENT },
	{ NAME, NODE_NULL, "", UNSET_NULL },
	{ NAME, NODE_TEXT, "", UNSET_NOT },
	{ FLAG, NODE_NULL, "", UNSET_NULL },
	{ FLAG, NODE_TEXT, "", UNSET_NULL },
	{ FLAG, NODE_BOOLEAN, "false", UNSET_NOT },
	{ NUMBER, NODE_NUMBER, "0", UNSET_NOT },
	{ NUMBER, NODE_TEXT, " ", UNSET_NULL },
	{ FROM_TWO, NODE_NUMBER, "0", UNSET_ABSENT },
	{ FROM_TWO, NODE_NUMBER, "1", UNSET_NOT },
	{ FROM_TWO, NODE_TEXT, " 0 ", UNSET_ABSENT },
	{ MAYBE_FROM_TWO, NODE_NUMBER, "0", UNSET_NOT },
	{ MAYBE_FROM_TWO, NODE_TEXT, "", UNSET_NULL },
	{ CUSTOMER, NODE_NUMBER, "0", UNSET_NULL },
	{ CUSTOMER, NODE_NUMBER, "-0", UNSET_NULL },
	{ CUSTOMER, NODE_NUMBER, "7", UNSET_NOT },
	{ CUSTOMER, NODE_TEXT, "", UNSET_NULL },
	{ OWNER, NODE_NULL, "", UNSET_ABSENT },
	{ OWNER, NODE_TEXT, "", UNSET_ABSENT },
	{ OWNER, NODE_TEXT, NIL, UNSET_ABSENT },
	{ OWNER, NODE_TEXT, "{" NIL "}", UNSET_ABSENT },
	{ DUE, NODE_TEXT, "", UNSET_NULL },
	{ DUE, NODE_TEXT, "0001-01-01T00:00:00Z", UNSET_NULL },
	{ DUE, NODE_TEXT, "0001-01-01T00:00:00+14:00", UNSET_NULL },
	{ DUE, NODE_TEXT, "/Date(-62135596800000)/", UNSET_NULL },
	{ DUE, NODE_TEXT, "0001-01-01T00:00:01Z", UNSET_NOT },
	{ LIST, NODE_NULL, "", UNSET_ABSENT },
	{ LIST, NODE_ARRAY, "", UNSET_NOT },
	{ LIST, NODE_TEXT, "", UNSET_NOT },
};

static void test_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct node node = { .kind = rows[i].kind, .text = str_from(rows[i].text) };

		expect_int(i, unset_of(&resource, &fields[rows[i].field], &node), rows[i].expected);
	}
}

static void test_takes_null(void **state)
{
	static const struct {
		unsigned field;
		bool insert, update;
	} takes[] = {
		{ TEXT, true, true },
		{ TEXT_NOT_NULL, true, true },
		{ NAME, false, false },
		{ SECRET_TEXT, false, true },
		{ FLAG, false, false },
		{ OWNER, true, true },
		{ LIST, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(takes); i++) {
		expect_int(i, unset_takes_null(&fields[takes[i].field], true), takes[i].insert);
		expect_int(i, unset_takes_null(&fields[takes[i].field], false), takes[i].update);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of),
		cmocka_unit_test(test_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
