#include "../lib/rows.h"
#include "schema/order.h"

enum { CODE, NAME, OWNER, PLACE, ID, PART };

static const struct field fields[] = {
	[CODE] = { STRING("code", "code", 10) },
	[NAME] = { STRING("name", "name", 10), .flags = FIELD_REQUIRED },
	[OWNER] = { INT32("owner", "owner"), .flags = FIELD_NOT_NULL },
	[PLACE] = { INT32("place", "place"), .flags = FIELD_NOT_NULL },
	[ID] = { INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY },
	[PART] = { INT32("part", "part"), .flags = FIELD_KEY | FIELD_READONLY },
};

static const struct unique_key uniques[] = {
	{ .index = "code", .member = "code", .alone = true },
	{ .index = "name", .member = "name", .alone = true },
	{ .index = "place", .member = "place", .within = "owner" },
	{ .index = "more", .member = "owner" },
};

#define BY(...)                                                       \
	(const struct order[])                                        \
	{                                                             \
		__VA_ARGS__, { .member = NULL, .descending = false }, \
	}

/* A resource's order, what the rows have in common, and the fields it comes to: "-" = descending.
 */
static const struct {
	const struct order *order_by;
	uint64_t same;
	const char *order;
} rows[] = {
	{ NULL, 0, "id part" },
	{ NULL, FIELD_BIT(PART), "id" },
	{ NULL, FIELD_BIT(ID) | FIELD_BIT(PART), "" },
	/* A unique member that may be null leaves rows that are alike. */
	{ BY(ASCENDING("code")), 0, "code id part" },
	{ BY(ASCENDING("name")), 0, "name" },
	{ BY(DESCENDING("name"), ASCENDING("id")), 0, "-name" },
	{ BY(DESCENDING("code")), 0, "-code -id -part" },
	{ BY(DESCENDING("code"), ASCENDING("part")), 0, "-code part id" },
	{ BY(ASCENDING("place")), 0, "place id part" },
	{ BY(ASCENDING("place")), FIELD_BIT(OWNER), "place" },
	{ BY(ASCENDING("owner"), ASCENDING("place"), ASCENDING("code")), 0, "owner place" },
	{ BY(ASCENDING("owner")), 0, "owner id part" },
	{ BY(ASCENDING("owner"), ASCENDING("code")), FIELD_BIT(OWNER), "code id part" },
	{ BY(ASCENDING("code")), FIELD_BIT(NAME), "" },
};

static void test_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct resource resource = { .name = "thing",
			.table = "thing",
			.order_by = rows[i].order_by,
			FIELDS(fields),
			UNIQUES(uniques) };
		struct field_order order;
		struct buf text = { 0 };

		order_own(&resource, rows[i].same, &order);
		for (unsigned j = 0; j < order.count; j++)
			buf_printf(&text, "%s%s%s", j > 0 ? " " : "",
			    order.fields[j].descending ? "-" : "",
			    fields[order.fields[j].number].name);
		expect_str(i, text.length > 0 ? buf_str(&text) : STR(""), rows[i].order);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
