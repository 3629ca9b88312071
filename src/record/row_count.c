#include "record/row_count.h"

#include "record/select.h"

/*
 * Connections of one server follow each other, and servers of a cluster have different offsets:
 * 120 shards keep both apart for clusters of up to six.
 */
#define SHARD "MOD(CONNECTION_ID() * @@auto_increment_increment + @@auto_increment_offset, 120)"

int row_count_add_now(
    struct database *database, const char *table, int64_t change, struct error *error)
{
	const struct bind binds[] = { BIND_STR(str_from(table)), BIND_INT(change) };
	struct outcome outcome;

	if (change == 0)
		return 0;
	return database_execute(database,
	    "INSERT INTO row_count (table_name, shard, count) VALUES (?, " SHARD
	    ", ?) ON DUPLICATE KEY UPDATE count = count + VALUES(count)",
	    binds, 2, &outcome, error);
}

int row_count_add(struct context *context, const char *table, int64_t change, struct error *error)
{
	struct row_counts *counts = &context->counts;
	unsigned i = 0;

	while (i < counts->count && strcmp(counts->tables[i].table, table) != 0)
		i++;
	if (!context->in_transaction || i == ROW_COUNTS_MOST)
		return row_count_add_now(context->database, table, change, error);
	if (i == counts->count) {
		counts->tables[i].table = table;
		counts->tables[i].change = 0;
		counts->count++;
	}
	counts->tables[i].change += change;
	return 0;
}

int row_count_write(struct context *context, struct error *error)
{
	const struct row_counts *counts = &context->counts;

	for (unsigned i = 0; i < counts->count; i++) {
		if (row_count_add_now(context->database, counts->tables[i].table,
			counts->tables[i].change, error) != 0)
			return -1;
	}
	return 0;
}

/* The key of the row, locked: from now on nobody can add rows that would go with it. */
static int lock(struct context *context, const struct resource *resource, const struct row *keys,
    struct row_list *rows, struct error *error)
{
	uint64_t mask = FIELD_BIT(resource_key(resource));
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_select(&sql, resource, mask);
	sql_where_row(&sql, keys);
	sql_append(&sql, " FOR UPDATE");
	return record_fetch(context, &sql, resource, mask, rows, error);
}

static int count_off(struct context *context, const struct cascade *cascade,
    const struct value *key, struct error *error)
{
	unsigned member = resource_member(cascade->child, cascade->member);
	int64_t count;
	struct sql sql;

	sql_init(&sql, context->arena);
	sql_append(&sql, "SELECT COUNT(*) FROM ");
	sql_result(&sql, BIND_INTEGER);
	sql_append(&sql, cascade->child->table);
	sql_append(&sql, " t");
	sql_where_field(&sql, cascade->child, member, key);
	/* Locked too, so that nobody deletes (and counts off) one of them in between. */
	sql_append(&sql, " FOR UPDATE");
	if (sql_run_count(&sql, context->database, &count, error) != 0)
		return -1;
	return row_count_add(context, cascade->child->table, -count, error);
}

int row_count_before_delete(struct context *context, const struct resource *resource,
    const struct row *keys, struct error *error)
{
	struct row_list rows;

	if (resource->cascade_count == 0)
		return 0;
	if (lock(context, resource, keys, &rows, error) != 0)
		return -1;
	for (unsigned i = 0; i < resource->cascade_count && rows.count > 0; i++) {
		if (count_off(context, &resource->cascades[i],
			&rows.rows[0]->values[resource_key(resource)], error) != 0)
			return -1;
	}
	return 0;
}

int row_count_read(struct database *database, struct arena *arena, const char *table,
    int64_t *total, bool *known, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER, BIND_INTEGER };
	const struct bind name = BIND_STR(str_from(table));
	struct result result;

	if (database_select(database, arena,
		"SELECT CAST(SUM(count) AS SIGNED), MIN(shard) FROM row_count WHERE table_name = ?",
		&name, 1, kinds, 2, &result, error) != 0)
		return -1;
	*known = !result.rows[0][1].null && result.rows[0][1].integer == -1;
	*total = result.rows[0][0].integer;
	return 0;
}
