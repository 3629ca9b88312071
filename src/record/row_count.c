#include "record/row_count.h"

#include "record/select.h"
#include "record/tally.h"

/*
 * Connections of one server follow each other, and servers of a cluster have different offsets:
 * 120 shards keep both apart for clusters of up to six.
 */
#define SHARD "MOD(CONNECTION_ID() * @@auto_increment_increment + @@auto_increment_offset, 120)"

/* One statement for all of them, but for those that come to nothing. */
static int write_changes(struct database *database, const struct row_count_change *changes,
    unsigned count, struct error *error)
{
	struct bind binds[2 * ROW_COUNTS_MOST];
	struct buf sql = { 0 };
	unsigned bound = 0;
	int result;

	buf_append_text(&sql, "INSERT INTO row_count (table_name, shard, count) VALUES ");
	for (unsigned i = 0; i < count; i++) {
		if (changes[i].change == 0)
			continue;
		buf_append_text(&sql, bound > 0 ? ", (?, " SHARD ", ?)" : "(?, " SHARD ", ?)");
		binds[bound++] = BIND_STR(str_from(changes[i].table));
		binds[bound++] = BIND_INT(changes[i].change);
	}
	buf_append_text(&sql, " ON DUPLICATE KEY UPDATE count = count + VALUES(count)");
	if (bound == 0)
		result = 0;
	else if (sql.failed)
		result = error_out_of_memory(error);
	else
		result = database_put_off(database, sql.data, binds, bound, error);
	buf_free(&sql);
	return result;
}

int row_count_add_now(
    struct database *database, const char *table, int64_t change, struct error *error)
{
	return write_changes(database, &(struct row_count_change){ table, change }, 1, error);
}

/* By name: who writes several of a shard that others have, too, waits for them in one order. */
static void insert_change(struct row_counts *counts, unsigned place, const char *table)
{
	memmove(counts->tables + place + 1, counts->tables + place,
	    (counts->count - place) * sizeof(counts->tables[0]));
	counts->tables[place] = (struct row_count_change){ table, 0 };
	counts->count++;
}

int row_count_add(struct context *context, const char *table, int64_t change, struct error *error)
{
	struct row_counts *counts = &context->counts;
	unsigned i = 0;

	while (i < counts->count && strcmp(counts->tables[i].table, table) < 0)
		i++;
	if (i == counts->count || strcmp(counts->tables[i].table, table) != 0) {
		if (!context->in_transaction || counts->count == ROW_COUNTS_MOST)
			return row_count_add_now(context->database, table, change, error);
		insert_change(counts, i, table);
	}
	counts->tables[i].change += change;
	return 0;
}

int row_count_write(struct context *context, struct error *error)
{
	return write_changes(
	    context->database, context->counts.tables, context->counts.count, error);
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
	struct sql sql, rows;

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
	if (count == 0)
		return 0;
	sql_init(&rows, context->arena);
	sql_where_field(&rows, cascade->child, member, key);
	if (tally_take_off(context, cascade->child, &rows, error) != 0)
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

#define TOTAL                                                                       \
	"SELECT CAST(SUM(count) AS SIGNED) FROM row_count WHERE table_name = '%s' " \
	"HAVING MIN(shard) = -1"

const char *row_count_sql(struct arena *arena, const char *table)
{
	return arena_printf(arena, "(" TOTAL ")", table);
}

int row_count_read(struct database *database, struct arena *arena, const char *table,
    int64_t *total, bool *known, struct error *error)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	const char *sql = arena_printf(arena, TOTAL, table);
	struct result result;

	if (sql[0] == '\0')
		return error_out_of_memory(error);
	if (database_select(database, arena, sql, NULL, 0, kinds, 1, &result, error) != 0)
		return -1;
	*known = result.count > 0;
	*total = *known ? result.rows[0][0].integer : 0;
	return 0;
}
