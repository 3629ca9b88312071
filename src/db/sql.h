/*
 * SQL text from resource tables. Identifiers come only from the tables, values are only bound.
 */
#ifndef CLIENTELE_DB_SQL_H
#define CLIENTELE_DB_SQL_H

#include "db/database.h"
#include "schema/row.h"

/* A statement being put together, in a request's arena. */
struct sql {
	struct arena *arena;
	const char *own; /* how columns of its own table are called: SQL_OWN, or the table's name */
	char *text;
	size_t length, capacity;
	struct bind *binds;
	unsigned bind_count, bind_capacity;
	enum bind_kind *columns; /* of a SELECT or RETURNING, in order */
	unsigned column_count;
	uint64_t bounded;   /* members that a SELECT reads FIELD_LISTED_MAX + 1 characters of */
	bool has_condition; /* the next condition is joined by AND */
	bool failed;        /* the arena is exhausted */
};

/* Alias of a statement's own table. */
#define SQL_OWN "t"

void sql_init(struct sql *sql, struct arena *arena);

/* Appends constant SQL text. Never pass anything that came from a caller. */
void sql_append(struct sql *sql, const char *text);

/* Appends the digits of a number of the program's own, such as a setting. */
void sql_append_number(struct sql *sql, int64_t number);

/* The same, of text that writes {} where the alias of its own table goes, as tables' rows do. */
void sql_append_as(struct sql *sql, const char *alias, const char *text);

/* Adds a value for the next '?' of the text. */
void sql_bind(struct sql *sql, struct bind value);

/* "SELECT … FROM … [WHERE condition]" of the fields in `mask`; records the column kinds. */
void sql_select(struct sql *sql, const struct resource *resource, uint64_t mask);

/*
 * The parts that it is made of, for those who put a statement together otherwise: "SELECT …" alone,
 * one more column of the result, the tables as FROM names them, and a column as SELECT and WHERE
 * name it: of the resource's own table unless it names another.
 */
void sql_select_members(struct sql *sql, const struct resource *resource, uint64_t mask);
void sql_result(struct sql *sql, enum bind_kind kind);
void sql_tables(struct sql *sql, const struct resource *resource);
void sql_column(struct sql *sql, const struct field *field);

/* "SELECT COUNT(*) FROM … [WHERE condition]". */
void sql_count(struct sql *sql, const struct resource *resource);

/* Adds "WHERE" or "AND" and constant text; bind its values with sql_bind(). */
void sql_where(struct sql *sql, const char *condition);

/* The same, of a condition of the statement's own table that writes {} for its alias. */
void sql_where_own(struct sql *sql, const char *condition);

/* Adds the condition that rows are not marked as deleted, where the resource keeps such ones. */
void sql_where_undeleted(struct sql *sql, const struct resource *resource);

/* Adds the condition that a member of the resource equals a value. */
void sql_where_field(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value);

/*
 * "SELECT 1 FROM … WHERE …", of the rows of the resource's own table that have the members of
 * `keys` which stand there; other conditions and " FOR UPDATE" follow, which locks these rows and
 * none of the tables that are joined to it. False where none of the members stands there: then the
 * statement is of no use.
 */
bool sql_lock(struct sql *sql, const struct row *keys);

/* Adds the condition that the members present in `keys` equal theirs. */
void sql_where_row(struct sql *sql, const struct row *keys);

/* Adds the condition that a member is one of `count` (> 0) values. */
void sql_where_in(struct sql *sql, const struct resource *resource, unsigned field,
    const struct value *values, unsigned count);

/* Adds the condition that a member is another value than that; a null member is not. */
void sql_where_other(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value);

/* Adds the condition that a member is that value or greater, and that it is less. */
void sql_where_from(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value);
void sql_where_before(
    struct sql *sql, const struct resource *resource, unsigned field, const struct value *value);

/* Adds the condition that a member is null, or that it is not. */
void sql_where_null(struct sql *sql, const struct resource *resource, unsigned field, bool null);

/*
 * Adds the condition that a member, a moment, is still to come by the database's clock, or null, as
 * "never" is written; and its opposite.
 */
void sql_where_to_come(struct sql *sql, const struct resource *resource, unsigned field);
void sql_where_over(struct sql *sql, const struct resource *resource, unsigned field);

/* The same of a moment that is later than another one, or null. */
void sql_where_later(
    struct sql *sql, const struct resource *resource, unsigned field, int64_t moment);

/*
 * Adds all conditions of another statement of the same arena, which has nothing but conditions:
 * sql_init() and then the functions above.
 */
void sql_where_all(struct sql *sql, const struct sql *conditions);

/* " ORDER BY" the resource's order, of rows that are alike in the fields of `same`. */
void sql_order(struct sql *sql, const struct resource *resource, uint64_t same);

/* The same by the value of one field first: rows with the same one stand together, in order. */
void sql_order_runs(struct sql *sql, const struct resource *resource, unsigned field);

/* " LIMIT count OFFSET skip", bound. */
void sql_limit(struct sql *sql, int64_t count, int64_t skip);

/* "INSERT INTO table (…) VALUES (…)" of what is present in the row and has a column of the table.
 */
void sql_insert(struct sql *sql, const struct row *row);

/* The same of several rows of one resource in one statement: all have the members of the first. */
void sql_insert_all(struct sql *sql, const struct row_list *rows);

/*
 * " RETURNING …" of the fields in `mask` behind sql_insert(): the rows as they are stored, as a
 * SELECT would read them. Of resources whose members all stand in their own table
 * (sql_may_return()).
 */
void sql_returning(struct sql *sql, const struct resource *resource, uint64_t mask);
bool sql_may_return(const struct resource *resource);

/*
 * sql_insert(), and "ON DUPLICATE KEY UPDATE" of all that is present but keys, with updated_at as
 * in sql_update().
 */
void sql_put(struct sql *sql, const struct row *row);

/*
 * "UPDATE table t SET …" of what is present, keys left out, and updated_at where the table has a
 * member stored there. Returns the number of columns set besides that; with 0 there is nothing to
 * run.
 */
unsigned sql_update(struct sql *sql, const struct row *row);

/* "UPDATE table t SET t.updated_at = …"; false, and nothing, where there is no such member. */
bool sql_touch(struct sql *sql, const struct resource *resource);

/*
 * "UPDATE table t SET t.column = … WHERE t.key = ?", all of it: writes a time that is later than
 * the one that stands there, even within one microsecond, since the same once more would write
 * nothing.
 */
void sql_claim(
    struct sql *sql, const struct resource *resource, const char *column, const struct value *key);

/*
 * "DELETE t FROM table t"; where deleted rows stay, the UPDATE that marks one that is not marked
 * yet.
 */
void sql_delete(struct sql *sql, const struct resource *resource);

/*
 * Runs a finished SELECT of the columns that it has recorded; rows live in the arena of the
 * statement. Errors as database_select(), and ERROR_BUSY when the arena is exhausted.
 */
int sql_run_select(const struct sql *sql, struct database *database, struct result *result,
    struct error *error) MUST_CHECK;

/* The same of one that brings a single number. */
int sql_run_count(const struct sql *sql, struct database *database, int64_t *count,
    struct error *error) MUST_CHECK;

/* Runs a finished INSERT, UPDATE or DELETE. Errors as database_execute(), and as above. */
int sql_run_change(const struct sql *sql, struct database *database, struct outcome *outcome,
    struct error *error) MUST_CHECK;

/* The same of one whose outcome nobody asks for: database_put_off(). */
int sql_put_off(const struct sql *sql, struct database *database, struct error *error) MUST_CHECK;

/* The same of a change that ends with sql_returning(); rows as from sql_run_select(). */
int sql_run_returning(const struct sql *sql, struct database *database, struct result *result,
    struct error *error) MUST_CHECK;

/* A value as it is bound for its field, and back. */
struct bind sql_bind_of(const struct field *field, const struct value *value);
struct value sql_value_of(const struct field *field, const struct bind *bind);

/* Turns one record of a select of `mask` into a row. NULL when the arena is exhausted. */
struct row *sql_row(
    struct arena *arena, const struct resource *resource, uint64_t mask, const struct bind *record);

#endif
