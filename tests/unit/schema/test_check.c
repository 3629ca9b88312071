#include "../lib/rows.h"
#include "schema/check.h"

static const struct enumerator words[] = { { 0, "A" } };
static const struct enumeration enumeration = { "Kind", words, 1 };
static const struct field target_fields[] = {
	{ UUID("Id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "D." },
};
static const struct resource target = { .name = "target",
	.type_name = "Target",
	.area = AREA_ORDERS,
	.table = "target",
	FIELDS(target_fields),
	.doc = "D." };
static const struct field bad_part_fields[] = { { STRING("x", "x", 0), .doc = "D." } };
static const struct resource bad_part = { .name = "part",
	.type_name = "Part",
	.area = AREA_ORDERS,
	FIELDS(bad_part_fields),
	.doc = "D." };

#define ENCRYPTED (FIELD_SECRET | FIELD_ENCRYPTED)

static const struct field sealed_part_fields[] = {
	{ STRING("x", "x", 5), .flags = ENCRYPTED | FIELD_MASKED, .doc = "D." },
};
static const struct resource sealed_part = { .name = "part",
	.type_name = "Part",
	.area = AREA_ORDERS,
	FIELDS(sealed_part_fields),
	.doc = "D." };

#define KEY_FIELD                                                                   \
	{                                                                           \
		INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "D." \
	}
#define DOC .doc = "D."

/* Two fields beside a good key, and what the report must say. */
static const struct {
	struct field fields[2];
	const char *report; /* "" = no fault */
} rows[] = {
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", "b"), DOC } }, "" },
	{ { { STRING("a", "a", 5), DOC }, { .name = NULL } },
	    "thing.?: has no name (a hole in the table)\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("", "b"), DOC } },
	    "thing.?: has no name (a hole in the table)\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", "b") } }, "thing.b: is not documented\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b\"", "b"), DOC } },
	    "thing.b\": has a name that JSON would have to escape\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", "b"), .flags = FIELD_HIDDEN } }, "" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("A", "b"), DOC } },
	    "thing.A: is declared twice\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", "a"), DOC } },
	    "thing.b: shares its column with another member\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", NULL), DOC } },
	    "thing.b: has neither a column nor an expression\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", NULL), .flags = FIELD_NOT_STORED, DOC } },
	    "" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", "b"), .flags = FIELD_NOT_STORED, DOC } },
	    "thing.b: cannot have a column\n" },
	{ { { STRING("a", "a", 5), DOC },
	      { FIELD_OF(FIELD_OBJECT, "b", "b"), .object = &target, DOC } },
	    "thing.b: cannot have a column\n" },
	{ { { STRING("a", "a", 5), DOC },
	      { INT32("b", "b"), .expression = "1", .flags = FIELD_READONLY, DOC } },
	    "thing.b: has both a column and an expression\n" },
	{ { { STRING("a", "a", 5), DOC }, { INT32("b", NULL), .expression = "1", DOC } },
	    "thing.b: is computed, so it must be read-only or stored by a rule\n" },
	{ { { STRING("a", "a", 0), DOC }, { INT32("b", "b"), DOC } }, "thing.a: has no maximum\n" },
	{ { { STRING_LIST("a", "a", 0), DOC }, { INT32_LIST("b", "b", 0), DOC } },
	    "thing.a: has no maximum\nthing.b: has no maximum\n" },
	{ { { ENUM("a", "a", NULL), DOC }, { CODE("b", "b", NULL), DOC } },
	    "thing.a: enumeration and type do not fit\nthing.b: enumeration and type do not "
	    "fit\n" },
	{ { { INT32("a", "a"), .enumeration = &enumeration, DOC }, { INT32("b", "b"), DOC } },
	    "thing.a: enumeration and type do not fit\n" },
	{ { { OBJECT("a", NULL), DOC }, { INT32("b", "b"), .object = &target, DOC } },
	    "thing.a: part and type do not fit\nthing.b: part and type do not fit\n" },
	{ { { FIELD_OF(FIELD_ONE, "a", NULL), DOC }, { FIELD_OF(FIELD_MANY, "b", NULL), DOC } },
	    "thing.a: relation and type do not fit\nthing.b: relation and type do not fit\n" },
	{ { { BINARY("a", "a"), DOC }, { BINARY("b", "b"), .flags = FIELD_HIDDEN } },
	    "thing.a: holds bytes, so it must be hidden\n" },
	{ { { INT32("a", NULL), .expression = "t.b + 1", .flags = FIELD_READONLY, DOC },
	      { INT32("b", NULL), .expression = "(LEAST({}.a, t.a))", .flags = FIELD_READONLY,
		  DOC } },
	    "thing.a: has SQL that names its own table otherwise than {}\n"
	    "thing.b: has SQL that names its own table otherwise than {}\n" },
	{ { { INT32("a", NULL), .expression = "{}.b + (SELECT MAX(part.x) FROM part)",
		.flags = FIELD_READONLY, DOC },
	      { INT32("b", "b"), DOC } },
	    "" },
	{ { { INT32("a", "a"), .least = 5, .most = 4, DOC }, { INT32("b", "b"), DOC } },
	    "thing.a: has an empty range\n" },
	{ { { INT32("a", "a"), .flags = FIELD_KEY, DOC },
	      { INT32("b", "b"), .flags = FIELD_KEY | FIELD_CREATE_ONLY, DOC } },
	    "thing.a: is a key, so it must be read-only or create-only\n" },
	{ { { INT32("a", "a"), .flags = FIELD_READONLY | FIELD_REQUIRED, DOC },
	      { INT32("b", "b"), .flags = FIELD_READONLY | FIELD_WRITEONLY, DOC } },
	    "thing.a: is read-only, so it cannot be required\nthing.b: is neither read nor "
	    "written\n" },
	{ { { INT32("a", "a"), .flags = FIELD_READONLY | FIELD_TYPICAL, DOC },
	      { INT32("b", "b"), .flags = FIELD_DEPRECATED | FIELD_TYPICAL, DOC } },
	    "thing.a: is typical of bodies, but should not be sent\n"
	    "thing.b: is typical of bodies, but should not be sent\n" },
	{ { { UUID("a", "a"), DOC }, { ONE("b", &target, "a", "Id"), DOC } }, "" },
	{ { { UUID("a", "a"), DOC }, { ONE("b", &target, "c", "Id"), DOC } },
	    "thing.b: is joined by a member that this resource has not\n" },
	{ { { UUID("a", "a"), DOC }, { MANY("b", &target, "a", "id"), DOC } },
	    "thing.b: is joined by a member that its target has not\n" },
	{ { { INT32("a", "a"), DOC }, { MANY("b", &target, "a", "Id"), DOC } },
	    "thing.b: is joined by members of different types\n" },
	{ { { INT32("a", "a"), DOC }, { OBJECT("b", &bad_part), DOC } },
	    "part.x: has no maximum\n" },
	/* Secrets: no clear text in the database, none in an answer. */
	{ { { STRING("userPassword", "a", 5), DOC }, { STRING("b", "client_secret", 5), DOC } },
	    "thing.userPassword: is called like a secret, so it must be one\n"
	    "thing.b: is called like a secret, so it must be one\n" },
	{ { { STRING("privateKey", NULL, 5), .flags = FIELD_NOT_STORED | FIELD_SECRET, DOC },
	      { INT32("secretNumber", "b"), DOC } },
	    "" },
	{ { { STRING("a", "a", 5), .flags = FIELD_SECRET, DOC },
	      { STRING("password", "b", 5), .flags = FIELD_SECRET | FIELD_MASKED, DOC } },
	    "thing.a: is a stored secret, so it must be encrypted or hashed\n"
	    "thing.password: is a stored secret, so it must be encrypted or hashed\n" },
	{ { { STRING("a", "a", 5), .flags = ENCRYPTED | FIELD_MASKED, DOC },
	      { BINARY("b", "b"), .flags = FIELD_SECRET | FIELD_HASHED | FIELD_HIDDEN } },
	    "" },
	{ { { STRING("a", "a", 5), .flags = ENCRYPTED | FIELD_HIDDEN | FIELD_WRITEONLY,
		.former = "b" },
	      { STRING("b", "b", 5), DOC } },
	    "" },
	{ { { STRING("a", "a", 5), .flags = ENCRYPTED, DOC },
	      { STRING("b", "b", 5), .flags = ENCRYPTED | FIELD_HIDDEN, DOC } },
	    "thing.a: is encrypted, so it must be masked, or hidden and never read\n"
	    "thing.b: is encrypted, so it must be masked, or hidden and never read\n" },
	{ { { STRING("a", "a", 5), .flags = ENCRYPTED | FIELD_MASKED | FIELD_REQUIRED, DOC },
	      { BINARY("b", "b"), .flags = ENCRYPTED | FIELD_HIDDEN | FIELD_WRITEONLY } },
	    "thing.a: is encrypted, so it must be a text that may be null\n"
	    "thing.b: is encrypted, so it must be a text that may be null\n" },
	{ { { STRING("a", "a", 5), .flags = FIELD_ENCRYPTED | FIELD_MASKED, DOC },
	      { STRING("b", "b", 5), .former = "c", DOC } },
	    "thing.a: is encrypted or hashed, so it must be a stored secret\n"
	    "thing.b: has a former column without being encrypted\n" },
	{ { { STRING("a", "u.a", 5), .flags = ENCRYPTED | FIELD_MASKED, DOC },
	      { OBJECT("b", &sealed_part), DOC } },
	    "thing.a: is encrypted, so its column must be of the written table\n"
	    "part.x: is encrypted, so its column must be of the written table\n"
	    "part.*: has an encrypted member, so it must have one key\n"
	    "thing.b: is a part with an encrypted member\n" },
	{ { { INT32("a", "a"), .flags = FIELD_KEY | FIELD_CREATE_ONLY, DOC },
	      { STRING("b", "b", 5), .flags = ENCRYPTED | FIELD_MASKED, DOC } },
	    "thing.*: has an encrypted member, so it must have one key\n" },
};

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct field fields[] = { KEY_FIELD, rows[i].fields[0], rows[i].fields[1] };
		const struct resource resource = { .name = "thing",
			.type_name = "Thing",
			.area = AREA_ORDERS,
			.table = "thing",
			FIELDS(fields),
			.doc = "D." };
		struct buf report = { 0 };
		unsigned lines = 0;
		unsigned faults = schema_check_resource(&resource, &report);

		expect_str(i, report.length > 0 ? buf_str(&report) : STR(""), rows[i].report);
		for (const char *at = rows[i].report; *at != '\0'; at++)
			lines += *at == '\n';
		expect_int(i, faults, lines);
		buf_free(&report);
	}
}

static void expect_report(const struct resource *resource, const char *expected)
{
	struct buf report = { 0 };
	unsigned faults = schema_check_resource(resource, &report);

	expect_str(0, report.length > 0 ? buf_str(&report) : STR(""), expected);
	assert_int_equal(faults > 0, expected[0] != '\0');
	buf_free(&report);
}

static void test_resource(void **state)
{
	static const struct field keyless[] = { { INT32("a", "a"), DOC } };
	static const struct field coded[] = { { STRING("a", "a", 9), DOC } };
	static const struct field many[RESOURCE_FIELDS_MAX + 1] = { KEY_FIELD };
	static const struct unique_key uniques[] = { { .index = "i", .member = "b" } };
	static const struct unique_key codes[] = { { .index = "i", .member = "a", .alone = true } };
	static const struct unique_key within[] = {
		{ .index = "i", .member = "a", .within = "b" }
	};
	static const struct order order_by[] = { ASCENDING("b"), { .member = NULL } };
	static const struct field computed[] = { { INT32("b", NULL), .expression = "1",
	    .flags = FIELD_READONLY, DOC } };
	static const char own_table[] =
	    "thing.*: has SQL that names its own table otherwise than {}\n";
	static const struct reference references[] = {
		{ .constraint = "c", .member = "b", .target = &target },
		{ .constraint = "d", .member = "a" },
	};
	struct resource resource = {
		.name = "thing", .type_name = "Thing", .area = AREA_ORDERS, FIELDS(keyless), DOC
	};
	struct buf report = { 0 };

	(void)state;
	expect_report(&resource, "");
	resource.table = "thing";
	expect_report(&resource, "thing.*: has a table but no key\n");
	resource.table = NULL;
	resource.uniques = uniques;
	resource.unique_count = 1;
	expect_report(&resource, "thing.b: is named by a unique key but is no member\n");
	resource.uniques = codes;
	expect_report(&resource, "");
	resource.fields = coded;
	expect_report(&resource,
	    "thing.a: is a unique code that may be absent, so an empty text must be as if "
	    "absent\n");
	resource.fields = keyless;
	resource.uniques = within;
	expect_report(&resource, "thing.b: is named by a unique key but is no member\n");
	resource.unique_count = 0;
	resource.order_by = order_by;
	expect_report(&resource, "thing.b: is ordered by but is no member\n");
	resource.fields = computed;
	expect_report(&resource, "thing.b: is ordered by but has no column\n");
	resource.fields = keyless;
	resource.order_by = NULL;
	resource.owner_condition = "{}.a = ?";
	expect_report(&resource, "thing.*: has rows of its owner's own, but no owner\n");
	resource.owner = OWNER_CUSTOMER;
	resource.owner_condition = "t.a = ?";
	expect_report(&resource, own_table);
	resource.owner_condition = "EXISTS (SELECT 1 FROM part WHERE part.a = {}.a AND b = ?)";
	expect_report(&resource, "");
	resource.owner_may = PERMISSION_DELETE;
	expect_report(&resource, "");
	resource.owner_condition = NULL;
	expect_report(&resource, "thing.*: lets owners do something, but nobody owns its rows\n");
	resource.owner_may = 0;
	resource.condition = "NOT (t.a IS NULL)";
	expect_report(&resource, own_table);
	resource.condition = NULL;
	resource.from = "thing t JOIN part p ON p.a = t.a";
	expect_report(&resource, own_table);
	resource.from = NULL;
	resource.references = references;
	resource.reference_count = 2;
	expect_report(&resource, "thing.b: is named by a reference but is no member\n"
				 "thing.a: is a reference to nothing\n");
	resource.reference_count = 0;
	resource.doc = NULL;
	expect_report(&resource, "thing.*: has no type name or documentation\n");
	resource.doc = "D.";
	resource.type_name = NULL;
	expect_report(&resource, "thing.*: has no type name or documentation\n");
	resource.type_name = "Thing";
	resource.field_count = 0;
	expect_report(&resource, "thing.*: has no fields, or more than a mask can hold\n");
	resource.fields = many;
	resource.field_count = COUNT_OF(many);
	assert_true(schema_check_resource(&resource, &report) > 0);
	assert_non_null(
	    strstr(report.data, "thing.*: has no fields, or more than a mask can hold"));
	buf_free(&report);
}

/* Owners change columns of their own rows where the resource lets them, and make no new ones. */
static void test_owner(void **state)
{
	static const char where[] =
	    "thing.*: must let owners update where they may change members, and only there\n";
	static const struct field changed[] = {
		{ INT32("a", "a"), .flags = FIELD_OWNER_CHANGES, DOC }, { INT32("b", "b"), DOC }
	};
	const struct field wrong[] = { { UUID("a", "a"),
					   .flags = FIELD_OWNER_CHANGES | FIELD_READONLY, DOC },
		{ MANY("b", &target, "a", "Id"), .flags = FIELD_OWNER_CHANGES | FIELD_ON_DEMAND,
		    DOC } };
	struct resource resource = { .name = "thing",
		.type_name = "Thing",
		.area = AREA_ORDERS,
		.owner = OWNER_CUSTOMER,
		.owner_condition = "{}.a = ?",
		FIELDS(changed),
		DOC };

	(void)state;
	expect_report(&resource, where);
	resource.owner_may = PERMISSION_UPDATE | PERMISSION_DELETE;
	expect_report(&resource, "");
	resource.owner_may = PERMISSION_UPDATE | PERMISSION_CREATE;
	expect_report(
	    &resource, "thing.*: lets owners insert, but nothing makes a new row theirs\n");
	resource.owner_changes = "{}.b = ?";
	expect_report(&resource, "");
	resource.owner_may = PERMISSION_UPDATE;
	resource.fields = wrong;
	expect_report(&resource,
	    "thing.a: is changed by owners, so it must be a column that is written\n"
	    "thing.b: is changed by owners, so it must be a column that is written\n");
	resource.fields = changed + 1;
	resource.field_count = 1;
	expect_report(&resource, where);
}

/* What is shown has an area; parts and what is written with a row have the same one. */
static void test_area(void **state)
{
	static const struct field hidden[] = { { INT32("a", NULL),
	    .flags = FIELD_HIDDEN | FIELD_NOT_STORED } };
	static const struct resource blank = {
		.name = "blank", .type_name = "Blank", FIELDS(target_fields), DOC
	};
	static const struct resource foreign = { .name = "foreign",
		.type_name = "Foreign",
		.area = AREA_CUSTOMERS,
		FIELDS(target_fields),
		DOC };
	const struct field fields[] = { { UUID("a", "a"), .flags = FIELD_KEY | FIELD_READONLY,
					    DOC },
		{ ONE("b", &foreign, "a", "Id"), DOC },
		{ MANY("c", &foreign, "a", "Id"), .flags = FIELD_OWNED, .max = 1, DOC },
		{ ONE("d", &blank, "a", "Id"), DOC }, { OBJECT("e", &foreign), DOC } };
	static const struct dependant dependants[] = { { .constraint = "c", .name = "others" } };
	struct resource resource = { .name = "thing", .type_name = "Thing", FIELDS(hidden), DOC };

	(void)state;
	expect_report(&resource, "");
	resource.fields = target_fields;
	expect_report(&resource, "thing.*: has no area, so nobody may see it\n");
	resource.area = AREA_ORDERS;
	resource.fields = fields;
	resource.field_count = COUNT_OF(fields);
	expect_report(&resource, "thing.c: is owned, so its area must be its owner's\n"
				 "thing.d: leads to a resource without an area\n"
				 "thing.e: is a part, so its area must be its owner's\n");
	resource.field_count = 1;
	resource.dependants = dependants;
	resource.dependant_count = 1;
	expect_report(&resource, "thing.others: depends on it without an area\n");
}

/* What a search looks in must be found by an index, and be there to be shown. */
static void test_search(void **state)
{
	static const struct field fields[] = { KEY_FIELD, { STRING("a", "a", 5), DOC },
		{ STRING("b", "b", 5), DOC }, { INT32("n", "n"), DOC },
		{ BINARY("h", "h"), .flags = FIELD_HIDDEN | FIELD_SECRET | FIELD_HASHED },
		{ STRING("p", "p", 5), DOC } };
	static const struct table_index indexes[] = {
		{ .name = "thing_a", .columns = { "a", "b" } },
		{ .name = "thing_n", .columns = { "n" } },
		{ .name = "thing_h", .columns = { "h" } },
		{ .name = "thing_p", .columns = { "p" }, .partial = true },
	};
	static const struct {
		struct search_member member;
		bool few;
		const char *report;
	} cases[] = {
		{ { .member = "id" }, false, "" },
		{ { .member = "a", .way = SEARCH_BEGIN }, false, "" },
		{ { .member = "h", .way = SEARCH_DIGEST, .told = "key" }, false, "" },
		{ { .member = "b", .way = SEARCH_PART }, true, "" },
		{ { .member = "x" }, false, "thing.x: is searched but is no member\n" },
		{ { .member = "b", .way = SEARCH_BEGIN }, false,
		    "thing.b: is searched, so it must be the first of an index\n" },
		{ { .member = "p", .way = SEARCH_BEGIN }, false,
		    "thing.p: is searched, so it must be the first of an index\n" },
		{ { .member = "a", .way = SEARCH_PART }, false,
		    "thing.a: is searched, so it must be the first of an index\n" },
		{ { .member = "n", .way = SEARCH_BEGIN }, false,
		    "thing.n: is no text, which is searched as a whole\n" },
		{ { .member = "a", .way = SEARCH_DIGEST }, false,
		    "thing.a: cannot be searched so\n" },
		{ { .member = "h", .told = "key" }, false, "thing.h: cannot be searched so\n" },
		{ { .member = "h", .way = SEARCH_DIGEST }, false,
		    "thing.h: is searched and hidden, so it needs another name\n" },
	};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(cases); i++) {
		const struct resource_search search = { .name = "thing",
			.members = &cases[i].member,
			.member_count = 1,
			.titles = { "a" },
			.few = cases[i].few };
		const struct resource resource = { .name = "thing",
			.type_name = "Thing",
			.area = AREA_ORDERS,
			.table = "thing",
			FIELDS(fields),
			INDEXES(indexes),
			.search = &search,
			DOC };

		expect_report(&resource, cases[i].report);
	}
}

static void test_search_texts(void **state)
{
	static const struct field fields[] = { KEY_FIELD, { STRING("a", "a", 5), DOC } };
	static const struct search_member members[] = { { .member = "id" } };
	struct resource_search search = {
		.name = "thing", SEARCH_MEMBERS(members), .titles = { "id" }, .owner = "x"
	};
	const struct resource resource = { .name = "thing",
		.type_name = "Thing",
		.area = AREA_ORDERS,
		.table = "thing",
		FIELDS(fields),
		.search = &search,
		DOC };

	(void)state;
	expect_report(&resource, "thing.id: is shown of what is found but is no text\n"
				 "thing.x: is the owner of what is found but no member\n");
	search = (struct resource_search){ .name = "thing", .titles = { "a" } };
	expect_report(&resource, "thing.*: is searched, but not by what, or not how it is shown\n");
}

/* A hole in a table is reported also where other rules look members up by name. */
static void test_hole_and_look_up(void **state)
{
	const struct field fields[] = { KEY_FIELD, { .name = NULL },
		{ ONE("b", &target, "a", "Id"), DOC }, { UUID("a", "a"), DOC } };
	static const struct unique_key uniques[] = { { .index = "i", .member = "a" } };
	const struct resource resource = { .name = "thing",
		.type_name = "Thing",
		.area = AREA_ORDERS,
		FIELDS(fields),
		UNIQUES(uniques),
		DOC };

	(void)state;
	expect_report(&resource, "thing.?: has no name (a hole in the table)\n");
}

static void test_family(void **state)
{
	static const struct resource *const resources[] = { &target, &bad_part };
	const struct family good = { .name = "f",
		.prefix = "/f",
		DOC,
		.error = { .xml_root = "Error", .message = "m", .faults = "f" } };
	struct family family = good;
	struct buf report = { 0 };

	(void)state;
	assert_int_equal(schema_check(&family, &report), 0);
	family.prefix = NULL;
	assert_int_equal(schema_check(&family, &report), 1);
	family = good;
	family.error.message = NULL;
	assert_int_equal(schema_check(&family, &report), 1);
	family.error_body = &target;
	assert_int_equal(schema_check(&family, &report), 0);
	buf_reset(&report, 4096);
	family = good;
	family.resources = resources;
	family.resource_count = COUNT_OF(resources);
	assert_int_equal(schema_check(&family, &report), 1);
	expect_str(0, buf_str(&report), "part.x: has no maximum\n");
	/* What no route shows is looked at, too. */
	buf_reset(&report, 4096);
	family.resource_count = 1;
	family.views = resources + 1;
	family.view_count = 1;
	assert_int_equal(schema_check(&family, &report), 1);
	expect_str(0, buf_str(&report), "part.x: has no maximum\n");
	buf_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_resource),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_area),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_search_texts),
		cmocka_unit_test(test_hole_and_look_up),
		cmocka_unit_test(test_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
