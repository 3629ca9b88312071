/*
 * Which lists follow an index, by what is asked for. That the database reads few rows for them is
 * seen in tests/blackbox/test_fast_lists.py.
 */
#include "../lib/rows.h"

#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "db/query_bounds.h"

static const struct sight all = { .areas = UINT32_MAX };

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

enum { PAGE = 1, TOTAL = 2, ORDER = 4, ALL = PAGE | TOTAL | ORDER };

#define LICENSES &licensing_license_resource

static const struct {
	const struct resource *resource;
	const char *filter, *sort;
	unsigned bounds;
	const char *key; /* member that the path names, NULL = none */
	bool others;
} lists[] = {
	{ LICENSES, "", "", ALL, NULL, false },
	/* Orders. */
	{ LICENSES, "", "id desc", ALL, NULL, false },
	{ LICENSES, "", "licenseId", ALL, NULL, false },
	{ LICENSES, "", "expireDate desc", ALL, NULL, false },
	{ LICENSES, "", "expireDate, id desc", TOTAL, NULL, false },
	{ LICENSES, "", "expireDate, createdAt", TOTAL, NULL, false },
	{ LICENSES, "", "licensingMode, revoked", TOTAL, NULL, false },
	{ LICENSES, "", "licensingMode, revoked, trace, maxAllowedSites", ALL, NULL, false },
	{ LICENSES, "", "licenseKey", TOTAL, NULL, false },
	{ LICENSES, "", "customer.company", TOTAL, NULL, false },
	{ LICENSES, "", "product.name", TOTAL, NULL, false },
	{ &licensing_customer_resource, "", "lastName", TOTAL, NULL, false },
	{ &licensing_customer_resource, "", "lastName, firstName", ALL, NULL, false },
	{ &licensing_trace_resource, "", "licenseId, createdDate", ALL, NULL, false },
	{ &licensing_trace_resource, "", "clientId", TOTAL, NULL, false },
	/* Values that few rows have: whatever the order. */
	{ LICENSES, "id = 7", "licenseKey", ALL, NULL, false },
	{ LICENSES, "id in (1, 2, 3)", "", ALL, NULL, false },
	{ LICENSES, "userKey = 'a' or licenseId = 'b'", "", ALL, NULL, false },
	{ LICENSES, "customerId = 7 and hash = 'x'", "licenseKey", ALL, NULL, false },
	{ LICENSES, "not (licenseId != 'a')", "", ALL, NULL, false },
	{ LICENSES, "licenseeEmail = 'a@example.org'", "issueDate", ALL, NULL, false },
	{ LICENSES, "customer.code = 'C'", "licenseKey", ALL, NULL, false },
	{ LICENSES, "order.customer.email = 'a@example.org'", "", ALL, NULL, false },
	{ &licensing_trace_resource, "machineId = 'm'", "", ALL, NULL, false },
	/* Values that many have: along the index only. */
	{ LICENSES, "licenseType = 'Trial'", "", PAGE | ORDER, NULL, false },
	{ LICENSES, "licenseType = 'Trial'", "licenseType, id", PAGE | ORDER, NULL, false },
	{ LICENSES, "licenseType = 'Trial'", "licenseKey", 0, NULL, false },
	{ LICENSES, "licenseType = 'Trial' and revoked = false", "", ORDER, NULL, false },
	{ LICENSES, "licenseType in ('Trial', 'Full')", "licenseType", PAGE | ORDER, NULL, false },
	{ LICENSES, "licenseType in ('Trial', 'Full')", "", ORDER, NULL, false },
	{ LICENSES, "expireDate < '2030-01-01'", "expireDate", PAGE | ORDER, NULL, false },
	{ LICENSES, "expireDate < '2030-01-01'", "", ORDER, NULL, false },
	{ LICENSES, "expireDate = null", "", ORDER, NULL, false },
	{ LICENSES, "licenseeName.StartsWith('A')", "licenseeName", PAGE | ORDER, NULL, false },
	{ LICENSES, "template.code = 'T'", "", ORDER, NULL, false },
	/* Nothing that an index has. */
	{ LICENSES, "hash = 'x'", "", ORDER, NULL, false },
	{ LICENSES, "licenseId != 'x'", "", ORDER, NULL, false },
	{ LICENSES, "id = 1 or hash = 'x'", "", ORDER, NULL, false },
	{ LICENSES, "not (id = 1)", "", ORDER, NULL, false },
	{ LICENSES, "licenseeName.Contains('A')", "", ORDER, NULL, false },
	{ LICENSES, "customer.company.Contains('A')", "", ORDER, NULL, false },
	{ LICENSES, "customer.code = null", "", ORDER, NULL, false },
	{ LICENSES, "customer.city = 'Rome'", "", ORDER, NULL, false },
	/* What the path names, and what is added to it. */
	{ LICENSES, "", "licenseKey", ALL, "customerId", false },
	{ LICENSES, "", "", PAGE | ORDER, "templateId", false },
	{ LICENSES, "hash = 'x'", "", ORDER, "templateId", false },
	{ &log_entry_resource, "", "", ORDER, NULL, true },
	{ &log_entry_resource, "id = 7", "", ALL, NULL, true },
};

static unsigned bounds_of(size_t number)
{
	const struct resource *resource = lists[number].resource;
	struct query query = { .resource = resource };
	struct row *keys = row_new(arena, resource);
	struct query_bounds bounds;
	struct filter *filter;
	struct error error;
	struct sort sort;

	error_init(&error, arena);
	if (filter_read(arena, &all, NULL, resource, str_from(lists[number].filter), &filter,
		&error) != 0 ||
	    sort_read(arena, &all, resource, str_from(lists[number].sort), &sort, &error) != 0)
		fail_msg("row %zu: %s", number, error.faults->message);
	query.filter = filter;
	query.sort = &sort;
	if (lists[number].key != NULL)
		row_set_integer(keys, resource_member(resource, lists[number].key), 1);
	bounds = query_bounds(&query, keys, lists[number].others);
	return (bounds.page ? PAGE : 0) | (bounds.total ? TOTAL : 0) | (bounds.order ? ORDER : 0);
}

static void test_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(lists); i++)
		expect_int(i, bounds_of(i), lists[i].bounds);
}

static void test_members(void **state)
{
	struct buf members = { 0 };

	(void)state;
	query_bounds_print_members(&members, &licensing_customer_resource);
	assert_true(str_equal(buf_str(&members),
	    STR("id, lastName, company, code, vatCode, invoiceCode, createdAt, email")));
	buf_free(&members);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bounds, begin, end),
		cmocka_unit_test_setup_teardown(test_members, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
