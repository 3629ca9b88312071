/*
 * Pages of a group's delegates and clients with the numbers of all of them: lists of one row, as
 * the contract has them.
 */
#include "api/delegates/delegates.h"
#include "op/generic.h"
#include "record/list.h"

/* Members that the tables of paths and relations need and nobody sees. */
#define HIDDEN(name) \
	INT32(name, NULL), .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN | FIELD_NOT_STORED

enum { INFO_GROUP, INFO_OFFSET, INFO_COUNT, INFO_DELEGATES };

static const struct field info_fields[] = {
	[INFO_GROUP] = { HIDDEN("delegateGroupId") },
	[INFO_OFFSET] = { HIDDEN("offset"), .most = INT32_MAX },
	[INFO_COUNT] = { INT32("delegateCount", NULL),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL | FIELD_NOT_STORED,
	    .doc = "Number of delegates that were found, on all pages." },
	[INFO_DELEGATES] = { MANY("delegates", &delegate_resource, "delegateGroupId",
				 "delegateGroupId"),
	    .doc = "The delegates of the page, by name." },
};

const struct resource delegate_info_resource = {
	.name = "page of delegates",
	.word = "delegateInfo",
	.type_name = "DelegateInfo",
	.area = AREA_DELEGATES,
	.owner = OWNER_DELEGATE,
	FIELDS(info_fields),
	.doc = "Some delegates of a group, and how many there are.",
};

enum { CLIENTS_GROUP, CLIENTS_COUNT, CLIENTS_FILTERED, CLIENTS_CLIENTS };

static const struct field clients_fields[] = {
	[CLIENTS_GROUP] = { HIDDEN("delegateGroupId") },
	[CLIENTS_COUNT] = { INT32("clientCount", NULL),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL | FIELD_NOT_STORED,
	    .doc = "Number of clients of the group; of expired ones with includeExpired only." },
	[CLIENTS_FILTERED] = { INT32("filteredResultCount", NULL),
	    .flags = FIELD_READONLY | FIELD_NOT_NULL | FIELD_NOT_STORED,
	    .doc = "Number of those that the searchTerm finds, on all pages." },
	[CLIENTS_CLIENTS] = { MANY("clients", &delegate_client_resource, "delegateGroupId",
				  "delegateGroupId"),
	    .doc = "The clients of the page, by name." },
};

const struct resource delegate_clients_resource = {
	.name = "page of clients of the delegate group",
	.word = "delegateClientGroupInfo",
	.type_name = "DelegateClientGroupInfo",
	.area = AREA_DELEGATES,
	.owner = OWNER_DELEGATE,
	FIELDS(clients_fields),
	.doc = "Some clients of a group, and how many there are.",
};

/* What is looked for, and what is found. */
struct page {
	const struct resource *resource;
	int (*narrow)(struct operation *operation, struct sql *sql, struct error *error);
	/* The same of all that `all` counts; NULL = nobody asks. */
	int (*narrow_all)(struct operation *operation, struct sql *sql, struct error *error);
	void (*change_rows)(struct operation *operation, const struct row_list *rows);
	struct row *keys;
	int64_t skip, take;
	struct row_list rows;
	int64_t found, all;
};

static int count_rows(struct operation *operation, const struct page *page,
    int (*narrow)(struct operation *operation, struct sql *sql, struct error *error),
    int64_t *count, struct error *error)
{
	struct sql where;

	sql_init(&where, operation->context.arena);
	if (narrow(operation, &where, error) != 0)
		return -1;
	return record_count_list(&operation->context,
	    &(struct record_list){
		.set = { .resource = page->resource, .keys = page->keys, .where = &where },
		.query = { .resource = page->resource } },
	    false, count, error);
}

static int fetch_rows(struct operation *operation, struct page *page, struct error *error)
{
	struct record_page fetched = { 0 };
	struct selection selection;
	struct sort sort;
	struct sql where;

	sql_init(&where, operation->context.arena);
	if (page->narrow(operation, &where, error) != 0)
		return -1;
	selection_begin(&selection, page->resource, resource_default_mask(page->resource));
	sort_own(page->resource, page->keys->present, &sort);
	if (record_fetch_page(&operation->context,
		&(struct record_list){
		    .set = { .resource = page->resource, .keys = page->keys, .where = &where },
		    .query = { .resource = page->resource,
			.selection = &selection,
			.sort = &sort,
			.take = page->take,
			.skip = page->skip } },
		&fetched, error) != 0)
		return -1;
	page->rows = fetched.rows;
	if (page->change_rows != NULL)
		page->change_rows(operation, &page->rows);
	return 0;
}

/* Rows and numbers of one state. */
static int fetch_page(struct operation *operation, void *data, struct error *error)
{
	struct page *page = data;

	if (fetch_rows(operation, page, error) != 0 ||
	    count_rows(operation, page, page->narrow, &page->found, error) != 0)
		return -1;
	return page->narrow_all == NULL
		   ? 0
		   : count_rows(operation, page, page->narrow_all, &page->all, error);
}

static int find_page(
    struct operation *operation, unsigned group, struct page *page, struct error *error)
{
	enum gate_weight weight =
	    parameters_are_heavy(&operation->parameters) ? GATE_HEAVY : GATE_UNKNOWN;
	struct row *named;

	if (operation_read_keys(operation, &named, error) != 0)
		return -1;
	page->keys =
	    row_with(operation->context.arena, page->resource, group, &named->values[INFO_GROUP]);
	if (page->keys == NULL)
		return error_out_of_memory(error);
	if (named->resource == &delegate_info_resource)
		page->skip = named->values[INFO_OFFSET].integer;
	if (gate_enter_list(operation->context.guard->gate, weight, error) != 0)
		return -1;
	return operation_snapshot(operation, fetch_page, page, error);
}

/* The list of one row. */
static void answer_page(
    struct operation *operation, const struct page *page, struct row *info, unsigned list)
{
	struct selection selection;
	struct writer writer;

	row_set_list(info, list, page->rows);
	selection_begin(&selection, info->resource, resource_default_mask(info->resource));
	operation_begin_list(operation, &selection, &writer);
	operation_write_rows(operation, &writer, info->resource, &info, 1);
	operation_end_list(operation, &writer);
}

int delegate_info(struct operation *operation, struct error *error)
{
	int64_t count = parameters_get(&operation->parameters, "count")->integer;
	struct page page = { .resource = &delegate_resource,
		.narrow = delegate_narrow_delegates,
		.take = count > 0 ? count : INT32_MAX };
	struct row *info;

	if (find_page(operation, DELEGATE_GROUP_ID, &page, error) != 0)
		return -1;
	info = row_new(operation->context.arena, &delegate_info_resource);
	if (info == NULL)
		return error_out_of_memory(error);
	row_set_integer(info, INFO_COUNT, page.found);
	answer_page(operation, &page, info, INFO_DELEGATES);
	return 0;
}

int delegate_clients_info(struct operation *operation, struct error *error)
{
	const struct parameters *parameters = &operation->parameters;
	struct page page = { .resource = &delegate_client_resource,
		.narrow = delegate_narrow_clients,
		.narrow_all = delegate_narrow_current,
		.change_rows = delegate_select_user_fields,
		.skip = parameters_get(parameters, "offset")->integer,
		.take = parameters_get(parameters, "count")->integer };
	struct row *info;

	if (find_page(operation, DELEGATE_CLIENT_GROUP_ID, &page, error) != 0 ||
	    (page.all == 0 && op_check_parent(operation, page.keys, error) != 0))
		return -1;
	info = row_new(operation->context.arena, &delegate_clients_resource);
	if (info == NULL)
		return error_out_of_memory(error);
	row_set_integer(info, CLIENTS_COUNT, page.all);
	row_set_integer(info, CLIENTS_FILTERED, page.found);
	answer_page(operation, &page, info, CLIENTS_CLIENTS);
	return 0;
}
