/*
 * The tables of the program against the tables of the database, made by the migrations.
 */
#include <stdio.h>

#include "../lib/rows.h"
#include "../lib/server.h"
#include "../lib/tables.h"
#include "base/seal.h"
#include "db/sql.h"

#define DATABASE "schema"

static struct table_entry entries[TABLES_MAX];
static unsigned entry_count;

/*
 * The catalogue of the schema as tables of their own: hundreds of questions to information_schema
 * are slow, and a server has been seen to crash under them.
 */
static void copy_catalogue(void)
{
	static const char *const copies[][2] = {
		{ "COLUMNS", "TABLE_SCHEMA" },
		{ "STATISTICS", "TABLE_SCHEMA" },
		{ "KEY_COLUMN_USAGE", "TABLE_SCHEMA" },
		{ "REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA" },
		{ "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA" },
	};

	server_make_database("catalogue");
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		struct buf text = { 0 };

		buf_printf(&text,
		    "CREATE TABLE catalogue.%s AS SELECT * FROM information_schema.%s WHERE %s = "
		    "'" DATABASE "'",
		    copies[i][0], copies[i][0], copies[i][1]);
		server_run("catalogue", text.data);
		buf_free(&text);
	}
}

static int begin(void **state)
{
	(void)state;
	server_make_schema(DATABASE);
	copy_catalogue();
	entry_count = tables_collect(entries);
	return 0;
}

/* What information_schema says of a column; texts are empty where it is NULL. */
struct column {
	bool exists, nullable, has_default;
	char type[64], fallback[256];
	long longest;
};

/* Table behind an alias of a FROM clause: the word before the alias. */
static struct str table_of_alias(const struct resource *resource, struct str alias)
{
	struct str rest = str_from(resource->from), word, before = STR("");

	while (str_next(&rest, ' ', &word)) {
		if (str_equal(word, alias))
			return before;
		before = word;
	}
	return str_from(resource->table);
}

/* Text defaults come as SQL literals. */
static void unquote(char *text)
{
	size_t length = strlen(text);

	if (length >= 2 && text[0] == '\'' && text[length - 1] == '\'') {
		memmove(text, text + 1, length - 2);
		text[length - 2] = '\0';
	}
}

static struct column find_column(const struct resource *table, const struct field *field)
{
	struct str name = str_from(field->column);
	struct str owner = str_from(table->table);
	struct column column = { .exists = false };
	char sql[1024], nullable[8] = "";
	const char *value;
	int has_default = 0;

	if (str_find(name, '.') < name.length) {
		owner = table_of_alias(table, str_slice(name, 0, str_find(name, '.')));
		name = str_slice(name, str_find(name, '.') + 1, name.length);
	}
	snprintf(sql, sizeof(sql),
	    "SELECT CONCAT_WS(' ', DATA_TYPE, IS_NULLABLE, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0), "
	    "COLUMN_DEFAULT IS NOT NULL, COALESCE(COLUMN_DEFAULT, '')) FROM "
	    "catalogue.COLUMNS WHERE TABLE_SCHEMA = "
	    "'" DATABASE "' AND TABLE_NAME = '" STR_FORMAT "' AND COLUMN_NAME = '" STR_FORMAT "'",
	    STR_ARGUMENTS(owner), STR_ARGUMENTS(name));
	value = server_value(DATABASE, sql);
	column.exists = sscanf(value, "%63s %7s %ld %d %255[^\n]", column.type, nullable,
			    &column.longest, &has_default, column.fallback) >= 4;
	column.has_default = has_default != 0;
	column.nullable = strcmp(nullable, "YES") == 0;
	unquote(column.fallback);
	return column;
}

static void fail_field(const struct table_entry *entry, const struct field *field, const char *what)
{
	fail_msg("%s, %s.%s (%s): %s", entry->family->name, entry->resource->type_name, field->name,
	    field->column, what);
}

/* Members whose column is shorter than what callers may send, each for a reason. */
static bool may_be_shorter(const struct table_entry *entry, const struct field *field)
{
	/* Callers may write a domain with scheme and path; only its host is stored here. */
	return strcmp(entry->resource->table, "hosting_domain") == 0 &&
	       strcmp(field->name, "name") == 0;
}

/* Members that a rule always fills, so that their column needs no default. */
static bool is_always_filled(const struct table_entry *entry, const struct field *field)
{
	static const struct {
		const char *table, *member;
	} filled[] = {
		{ "hosting_client", "passwordHash" }, /* made from the password */
		{ "api_key", "ownerId" },             /* the caller */
		{ "customer", "code" },               /* these are drawn */
		{ "customer_order", "orderNumber" }, { "license", "licenseId" },
		{ "license", "userKey" }, { "license_token", "token" },
		{ "signing_key", "algorithm" },                                 /* the key's */
		{ "signing_key", "state" }, { "hosting_consent", "timestamp" }, /* now */
	};

	for (size_t i = 0; i < COUNT_OF(filled); i++) {
		if (strcmp(entry->resource->table, filled[i].table) == 0 &&
		    strcmp(field->name, filled[i].member) == 0)
			return true;
	}
	return false;
}

static void check_type(
    const struct table_entry *entry, const struct field *field, const struct column *column)
{
	struct str rest = str_from(field_type_info(field->type)->sql_types), type;
	unsigned long longest = field->type == FIELD_STRING ? field->max : 0;
	bool fits = false;

	/* Sealed values are bytes, and longer than their text. */
	if (field->flags & FIELD_ENCRYPTED) {
		rest = STR("varbinary mediumblob longblob");
		longest = 4 * longest + SEAL_OVERHEAD;
	}
	while (str_next(&rest, ' ', &type))
		fits = fits || str_equal(type, str_from(column->type));
	if (!fits)
		fail_field(entry, field, "has a column of another type");
	for (unsigned i = 0; field->type == FIELD_CODE && i < field->enumeration->count; i++) {
		if (strlen(field->enumeration->enumerators[i].name) > longest)
			longest = strlen(field->enumeration->enumerators[i].name);
	}
	if ((unsigned long)column->longest < longest && !may_be_shorter(entry, field))
		fail_field(entry, field, "has a column that is too short");
}

static void check_null(
    const struct table_entry *entry, const struct field *field, const struct column *column)
{
	bool never_null = field->flags & (FIELD_REQUIRED | FIELD_NOT_NULL);

	/* What callers do not write is the program's own affair. */
	if (field->flags & (FIELD_READONLY | FIELD_HIDDEN))
		return;
	if (never_null && column->nullable)
		fail_field(entry, field, "must not be null, but its column may");
	if (!never_null && !column->nullable)
		fail_field(entry, field, "may be null, but its column must not");
	if ((field->flags & FIELD_NOT_NULL) && !column->has_default &&
	    !is_always_filled(entry, field))
		fail_field(entry, field, "may be absent, but its column has no default");
}

static void check_fallback(
    const struct table_entry *entry, const struct field *field, const struct column *column)
{
	const char *expected = field->fallback != NULL ? field->fallback : "";
	const char *actual = strcmp(column->fallback, "NULL") == 0 ? "" : column->fallback;

	if (field->type == FIELD_BOOLEAN && strcmp(expected, "true") == 0)
		expected = "1";
	else if (field->type == FIELD_BOOLEAN && strcmp(expected, "false") == 0)
		expected = "0";
	if ((field->flags & (FIELD_READONLY | FIELD_HIDDEN)) && field->fallback == NULL)
		return;
	if (strcmp(expected, actual) != 0)
		fail_field(entry, field, "has another default than its column");
}

/* `resource` is the entry's, or a part of it: its columns are in the same table. */
static void check_columns(const struct table_entry *entry, const struct resource *resource)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		struct column column;

		if (field->object != NULL)
			check_columns(entry, field->object);
		if (field->column == NULL)
			continue;
		column = find_column(entry->resource, field);
		if (!column.exists)
			fail_field(entry, field, "has no column");
		check_type(entry, field, &column);
		check_null(entry, field, &column);
		check_fallback(entry, field, &column);
	}
}

static void test_columns(void **state)
{
	(void)state;
	assert_true(entry_count >= 8);
	for (unsigned i = 0; i < entry_count; i++)
		check_columns(&entries[i], entries[i].resource);
}

/* The answer of the database to a question with a table and a name; "" = no row. */
static const char *ask(const char *question, const char *table, const char *name)
{
	char sql[1024];

	snprintf(sql, sizeof(sql), question, table, name);
	return server_value(DATABASE, sql);
}

static void test_indexes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;

		for (unsigned j = 0; j < resource->unique_count; j++) {
			const char *unique =
			    ask("SELECT NON_UNIQUE FROM catalogue.STATISTICS WHERE "
				"TABLE_SCHEMA = '" DATABASE "' AND TABLE_NAME = '%s' AND "
				"INDEX_NAME = '%s' LIMIT 1",
				resource->table, resource->uniques[j].index);

			if (strcmp(unique, "0") != 0)
				fail_msg("%s has no unique index %s", resource->table,
				    resource->uniques[j].index);
		}
	}
}

/* Columns of an index in its order, "a,b"; "" = there is no such index. */
static const char *columns_of(const char *table, const char *index)
{
	return ask("SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) FROM "
		   "catalogue.STATISTICS WHERE TABLE_SCHEMA = '" DATABASE
		   "' AND TABLE_NAME = '%s' AND INDEX_NAME = '%s' HAVING COUNT(*) > 0",
	    table, index);
}

static void check_list_index(const struct resource *resource, const struct table_index *index)
{
	struct buf columns = { 0 };
	const char *partial;

	for (unsigned i = 0; index->columns[i] != NULL; i++)
		buf_printf(&columns, "%s%s", i > 0 ? "," : "", index->columns[i]);
	buf_append_char(&columns, '\0');
	if (strcmp(columns_of(resource->table, index->name), columns.data) != 0)
		fail_msg("%s has no index %s (%s)", resource->table, index->name, columns.data);
	buf_free(&columns);
	partial = ask("SELECT COUNT(SUB_PART) > 0 FROM catalogue.STATISTICS WHERE TABLE_SCHEMA = "
		      "'" DATABASE "' AND TABLE_NAME = '%s' AND INDEX_NAME = '%s'",
	    resource->table, index->name);
	if (strcmp(partial, index->partial ? "1" : "0") != 0)
		fail_msg("%s: the index %s is %s of beginnings", resource->table, index->name,
		    index->partial ? "not" : "one");
}

static bool names_index(const struct resource *resource, const char *name)
{
	for (unsigned i = 0; i < resource->unique_count; i++) {
		if (strcmp(resource->uniques[i].index, name) == 0)
			return true;
	}
	for (unsigned i = 0; i < resource->index_count; i++) {
		if (strcmp(resource->indexes[i].name, name) == 0)
			return true;
	}
	return false;
}

/* What no caller sees, lists cannot follow. */
static bool is_of_member(const struct resource *resource, const char *index)
{
	const char *column =
	    ask("SELECT COLUMN_NAME FROM catalogue.STATISTICS WHERE TABLE_SCHEMA = '" DATABASE
		"' AND TABLE_NAME = '%s' AND INDEX_NAME = '%s' AND SEQ_IN_INDEX = 1",
		resource->table, index);

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (field->column != NULL && strcmp(field->column, column) == 0)
			return !(field->flags & FIELD_HIDDEN);
	}
	return false;
}

/* Lists know the indexes of a table: all of them, or, where nobody filters and sorts it, none. */
static void test_list_indexes(void **state)
{
	static const char others[] =
	    "SELECT INDEX_NAME FROM catalogue.STATISTICS WHERE TABLE_SCHEMA = '" DATABASE
	    "' AND TABLE_NAME = '%s' AND SEQ_IN_INDEX = 1 AND INDEX_NAME <> 'PRIMARY' AND "
	    "INDEX_NAME > '%s' ORDER BY INDEX_NAME LIMIT 1";
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;
		char name[65] = "";

		for (unsigned j = 0; j < resource->index_count; j++, found++)
			check_list_index(resource, &resource->indexes[j]);
		for (;;) {
			snprintf(name, sizeof(name), "%s", ask(others, resource->table, name));
			if (name[0] == '\0' || (!resource->counted && resource->index_count == 0))
				break;
			if (!names_index(resource, name) && is_of_member(resource, name))
				fail_msg(
				    "%s: lists do not know the index %s", resource->table, name);
		}
	}
	assert_true(found >= 40);
}

static void test_constraints(void **state)
{
	static const char own[] =
	    "SELECT REFERENCED_TABLE_NAME FROM catalogue.REFERENTIAL_CONSTRAINTS WHERE "
	    "CONSTRAINT_SCHEMA = '" DATABASE "' AND TABLE_NAME = '%s' AND CONSTRAINT_NAME = '%s'";
	/* Rows that go with a row may have dependants of their own. */
	static const char foreign[] =
	    "SELECT 'yes' FROM catalogue.REFERENTIAL_CONSTRAINTS c JOIN (SELECT '%s' AS name) t "
	    "WHERE CONSTRAINT_SCHEMA = '" DATABASE
	    "' AND (REFERENCED_TABLE_NAME = t.name OR t.name "
	    "IN (SELECT p.REFERENCED_TABLE_NAME FROM catalogue.REFERENTIAL_CONSTRAINTS p WHERE "
	    "p.CONSTRAINT_SCHEMA = '" DATABASE "' AND p.DELETE_RULE = 'CASCADE' AND p.TABLE_NAME "
	    "= c.REFERENCED_TABLE_NAME)) AND CONSTRAINT_NAME = '%s'";

	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;

		for (unsigned j = 0; j < resource->reference_count; j++) {
			const struct reference *reference = &resource->references[j];

			if (strcmp(ask(own, resource->table, reference->constraint),
				reference->target->table) != 0)
				fail_msg("%s has no foreign key %s to %s", resource->table,
				    reference->constraint, reference->target->table);
		}
		for (unsigned j = 0; j < resource->dependant_count; j++) {
			const char *name = resource->dependants[j].constraint;

			if (strcmp(ask(foreign, resource->table, name), "yes") != 0)
				fail_msg("%s is not the target of %s", resource->table, name);
		}
	}
}

/* What callers see of a foreign key tells them whose it is. */
static void test_foreign_keys(void **state)
{
	static const char target[] =
	    "SELECT REFERENCED_TABLE_NAME FROM catalogue.KEY_COLUMN_USAGE k WHERE TABLE_SCHEMA = "
	    "'" DATABASE "' AND TABLE_NAME = '%s' AND COLUMN_NAME = '%s' AND "
	    "REFERENCED_TABLE_NAME IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
	    "catalogue.KEY_COLUMN_USAGE o WHERE o.TABLE_SCHEMA = k.TABLE_SCHEMA AND o.TABLE_NAME = "
	    "k.TABLE_NAME AND o.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND o.ORDINAL_POSITION > 1) "
	    "LIMIT 1";
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;

		for (unsigned j = 0; j < resource->field_count; j++) {
			const struct field *field = &resource->fields[j];
			const struct resource *referred = resource_referred(resource, field);
			const char *table;

			if (field->column == NULL || (field->flags & (FIELD_HIDDEN | FIELD_KEY)))
				continue;
			table = ask(target, resource->table, field->column);
			if (table[0] == '\0')
				continue;
			found++;
			if (referred == NULL || strcmp(referred->table, table) != 0)
				fail_msg(
				    "%s.%s is no key of %s", resource->name, field->name, table);
		}
	}
	assert_true(found >= 20);
}

static bool is_json(enum field_type type)
{
	return type == FIELD_STRING_LIST || type == FIELD_INT32_LIST || type == FIELD_MAP ||
	       type == FIELD_STRING_MAP || type == FIELD_SCALAR;
}

/* What is kept as JSON is JSON, whoever writes it. */
static void test_json(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;

		for (unsigned j = 0; j < resource->field_count; j++) {
			const struct field *field = &resource->fields[j];

			/* One with an alias belongs to a table that has its own resource. */
			if (!is_json(field->type) || field->column == NULL ||
			    strchr(field->column, '.') != NULL)
				continue;
			found++;
			if (strcmp(ask("SELECT 'yes' FROM catalogue.CHECK_CONSTRAINTS WHERE "
				       "TABLE_NAME = '%s' AND CHECK_CLAUSE LIKE "
				       "'json_valid(`%s`)%%' LIMIT 1",
				       resource->table, field->column),
				"yes") != 0)
				fail_field(&entries[i], field, "has a column that may be no JSON");
		}
	}
	assert_true(found >= 8);
}

/* Keys of a resource are unique in the database too: their columns are the primary key. */
static void test_keys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;
		unsigned keys = 0, found = 0;

		for (unsigned j = 0; j < resource->field_count; j++) {
			const struct field *field = &resource->fields[j];

			if (!(field->flags & FIELD_KEY))
				continue;
			keys++;
			found +=
			    strcmp(ask("SELECT 'yes' FROM catalogue.STATISTICS WHERE "
				       "TABLE_SCHEMA = '" DATABASE "' AND TABLE_NAME = '%s' AND "
				       "INDEX_NAME = 'PRIMARY' AND COLUMN_NAME = '%s'",
				       resource->table, field->column),
				"yes") == 0;
		}
		if (keys == 0 || keys != found)
			fail_msg("%s: its keys are not the primary key", resource->table);
	}
}

/* A statement that the database takes apart without complaint. */
static void prepare(const struct sql *sql)
{
	struct buf text = { 0 };

	buf_append_text(&text, "PREPARE statement FROM '");
	for (size_t i = 0; i < sql->length; i++) {
		if (sql->text[i] == '\'' || sql->text[i] == '\\')
			buf_append_char(&text, '\\');
		buf_append_char(&text, sql->text[i]);
	}
	buf_append_text(&text, "'");
	server_run(DATABASE, text.data);
	buf_free(&text);
}

static void test_selects(void **state)
{
	struct arena *arena = arena_new(65536, 16 << 20);

	(void)state;
	for (unsigned i = 0; i < entry_count; i++) {
		const struct resource *resource = entries[i].resource;
		uint64_t mask = resource_default_mask(resource);
		struct sql sql;

		for (unsigned j = 0; j < resource->field_count; j++) {
			if (resource->fields[j].flags & FIELD_ON_DEMAND)
				mask |= FIELD_BIT(j);
		}
		sql_init(&sql, arena);
		sql_select(&sql, resource, mask);
		sql_order(&sql, resource, 0);
		sql_limit(&sql, 1, 0);
		prepare(&sql);
		sql_init(&sql, arena);
		sql_count(&sql, resource);
		prepare(&sql);
	}
	arena_free(arena);
}

/* Tables that are no resource's own, each with the reason why their changes leave no entry. */
static const struct {
	const char *table, *reason;
} unaudited[] = {
	{ "idempotency", "answers that are kept for a day" },
	{ "license_figure", "counts" },
	{ "license_tally", "counts" },
	{ "license_trace_tally", "counts" },
	{ "log_entry_tally", "counts" },
	{ "mail_outbox", "programs of before schema 13 write there" },
	{ "mail_quota", "counts" },
	{ "revocation", "counts" },
	{ "machine_claim", "it says nothing: who takes a seat waits there" },
	{ "revocation_mark", "the entry of what was revoked tells of it" },
	{ "row_count", "counts" },
	{ "row_tally", "counts" },
	{ "schema_lease", "run state of migrations" },
	{ "schema_version", "a log of migrations" },
	{ "seat_day", "counts" },
	{ "secret_key", "the command that makes or forgets keys leaves an entry" },
};

static const char *find_reason(const char *table)
{
	for (size_t i = 0; i < COUNT_OF(unaudited); i++) {
		if (strcmp(unaudited[i].table, table) == 0)
			return unaudited[i].reason;
	}
	return NULL;
}

/* The resource of a table, or a part of one. */
static const struct resource *find_resource(const char *table)
{
	for (unsigned i = 0; i < entry_count; i++) {
		if (strcmp(entries[i].resource->table, table) == 0)
			return entries[i].resource;
	}
	return NULL;
}

/* No table is forgotten: its changes leave an entry, or it is said why not. */
static void test_audited(void **state)
{
	char list[4096];
	struct str rest, table;

	(void)state;
	snprintf(list, sizeof(list), "%s",
	    server_value(DATABASE,
		"SELECT GROUP_CONCAT(DISTINCT TABLE_NAME ORDER BY TABLE_NAME) FROM "
		"catalogue.COLUMNS"));
	rest = str_from(list);
	assert_true(rest.length > 0);
	while (rest.length > 0 && str_next(&rest, ',', &table)) {
		char name[65];
		bool resource, reason;

		snprintf(name, sizeof(name), STR_FORMAT, STR_ARGUMENTS(table));
		resource = find_resource(name) != NULL;
		reason = find_reason(name) != NULL;
		if (resource == reason)
			fail_msg("%s is %s resource and has %s reason", name,
			    resource ? "of a" : "of no", reason ? "a" : "no");
	}
	for (size_t i = 0; i < COUNT_OF(unaudited); i++)
		assert_string_not_equal(
		    ask("SELECT TABLE_NAME FROM catalogue.COLUMNS WHERE TABLE_NAME = '%s%s' LIMIT "
			"1",
			unaudited[i].table, ""),
		    "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_indexes),
		cmocka_unit_test(test_list_indexes),
		cmocka_unit_test(test_constraints),
		cmocka_unit_test(test_foreign_keys),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_selects),
		cmocka_unit_test(test_audited),
	};
	int failed;

	server_begin();
	failed = cmocka_run_group_tests(tests, begin, NULL);
	server_end();
	return failed;
}
