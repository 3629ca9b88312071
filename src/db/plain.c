#include "db/plain.h"

#include <mysql.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* --- values as text --- */

static void print_bytes(struct buf *out, const char *introducer, struct str bytes)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_append_text(out, introducer);
	buf_append_text(out, "X'");
	if (!buf_reserve(out, 2 * bytes.length + 1))
		return;
	for (size_t i = 0; i < bytes.length; i++) {
		unsigned char byte = (unsigned char)bytes.data[i];

		buf_append_char(out, digits[byte >> 4]);
		buf_append_char(out, digits[byte & 0x0F]);
	}
	buf_append_char(out, '\'');
}

static void print_moment(struct buf *out, enum bind_kind kind, int64_t moment)
{
	struct timestamp_fields fields = timestamp_split(moment);

	if (kind == BIND_DATE)
		buf_printf(out, "DATE'%04d-%02d-%02d'", fields.year, fields.month, fields.day);
	else
		buf_printf(out, "TIMESTAMP'%04d-%02d-%02d %02d:%02d:%02d.%06d'", fields.year,
		    fields.month, fields.day, fields.hour, fields.minute, fields.second,
		    fields.microsecond);
}

/* With an exponent a number is a double, without one it would be a decimal. */
static void print_real(struct buf *out, double real)
{
	if (isfinite(real))
		buf_printf(out, "(%.16e)", real);
	else
		buf_append_text(out, "NULL");
}

static void print_value(struct buf *out, const struct bind *value)
{
	char text[UUID_TEXT_LENGTH];

	if (value->null) {
		buf_append_text(out, "NULL");
		return;
	}
	switch (value->kind) {
	case BIND_INTEGER:
		/* A sign must not make an operator or a comment of the one before it. */
		buf_printf(out, value->integer < 0 ? "(%lld)" : "%lld", (long long)value->integer);
		break;
	case BIND_REAL:
		print_real(out, value->real);
		break;
	case BIND_TEXT:
		print_bytes(out, "_utf8mb4 ", value->text);
		break;
	case BIND_BINARY:
		print_bytes(out, "", value->text);
		break;
	case BIND_UUID:
		uuid_print(&value->uuid, text);
		print_bytes(out, "_utf8mb4 ", (struct str){ text, sizeof(text) });
		break;
	case BIND_TIME:
	case BIND_DATE:
		print_moment(out, value->kind, value->integer);
		break;
	case BIND_NONE:
		buf_append_text(out, "NULL");
		break;
	}
}

/* The end of what is quoted at `at`, behind the closing quote; quotes inside are doubled. */
static const char *skip_quoted(const char *at)
{
	char quote = *at++;

	while (*at != '\0' && *at != quote)
		at += *at == '\\' && quote != '`' && at[1] != '\0' ? 2 : 1;
	return *at != '\0' ? at + 1 : at;
}

bool plain_print(struct buf *out, const char *sql, const struct bind *parameters, unsigned count)
{
	const char *at = sql, *begin = sql;
	unsigned used = 0;

	while (*at != '\0') {
		if (*at == '\'' || *at == '"' || *at == '`') {
			at = skip_quoted(at);
		} else if (*at == '?') {
			if (used == count)
				return false;
			buf_append(out, begin, (size_t)(at - begin));
			print_value(out, &parameters[used++]);
			begin = ++at;
		} else {
			at++;
		}
	}
	buf_append(out, begin, (size_t)(at - begin));
	return used == count;
}

/* --- text as values --- */

static bool parse_integer(const char *text, int64_t *integer)
{
	char *end;

	errno = 0;
	*integer = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

static bool parse_value(
    struct arena *arena, const char *text, size_t length, enum bind_kind kind, struct bind *value)
{
	char *copy, *end;

	value->kind = kind;
	value->null = text == NULL || kind == BIND_NONE;
	if (value->null)
		return true;
	switch (kind) {
	case BIND_INTEGER:
		return parse_integer(text, &value->integer);
	case BIND_REAL:
		value->real = strtod(text, &end);
		return end != text && *end == '\0';
	case BIND_TEXT:
	case BIND_BINARY:
		copy = arena_copy(arena, text, length);
		value->text = (struct str){ copy, length };
		return copy != NULL;
	case BIND_UUID:
		return uuid_parse((struct str){ text, length }, &value->uuid);
	case BIND_TIME:
		return timestamp_parse_utc((struct str){ text, length }, &value->integer);
	case BIND_DATE:
		return timestamp_parse_date((struct str){ text, length }, &value->integer);
	case BIND_NONE:
		break;
	}
	return true;
}

static int take_row(struct st_mysql_res *rows, MYSQL_ROW row, struct arena *arena,
    const enum bind_kind *kinds, unsigned count, struct bind **taken, struct failure *failure)
{
	const unsigned long *lengths = mysql_fetch_lengths(rows);

	*taken = arena_alloc_array(arena, count, sizeof(**taken));
	if (*taken == NULL)
		return failure_set(
		    failure, FAILURE_NO_MEMORY, "the result does not fit in the request's memory");
	for (unsigned i = 0; i < count; i++) {
		if (parse_value(arena, row[i], lengths[i], kinds[i], &(*taken)[i]))
			continue;
		if (arena_exhausted(arena))
			return failure_set(failure, FAILURE_NO_MEMORY,
			    "the result does not fit in the request's memory");
		return failure_set(
		    failure, FAILURE_WRONG_COLUMNS, "a column does not match its type");
	}
	return 0;
}

static int take_rows(struct st_mysql_res *rows, struct arena *arena, const enum bind_kind *kinds,
    unsigned count, struct result *result, struct failure *failure)
{
	my_ulonglong most = mysql_num_rows(rows);
	MYSQL_ROW row;

	if (mysql_num_fields(rows) != count)
		return failure_set(failure, FAILURE_WRONG_COLUMNS, "wrong number of columns");
	if (most == 0)
		return 0;
	result->rows = arena_alloc_array(arena, (size_t)most, sizeof(struct bind *));
	if (result->rows == NULL)
		return failure_set(
		    failure, FAILURE_NO_MEMORY, "the result does not fit in the request's memory");
	while ((row = mysql_fetch_row(rows)) != NULL) {
		if (take_row(
			rows, row, arena, kinds, count, &result->rows[result->count], failure) < 0)
			return -1;
		result->count++;
	}
	return 0;
}

/* --- running --- */

/* Sends the statement; *rows is to be freed, NULL where it has none. */
static int send_text(struct connection *connection, const char *sql, const struct bind *parameters,
    unsigned count, struct st_mysql_res **rows, struct failure *failure)
{
	struct buf text = { 0 };
	bool fits = plain_print(&text, sql, parameters, count);
	int status;

	if (text.failed)
		status = failure_set(failure, FAILURE_NO_MEMORY, "no memory for a statement");
	else if (!fits)
		status =
		    failure_set(failure, FAILURE_WRONG_PARAMETERS, "wrong number of parameters");
	else
		status = connection_query(connection, buf_str(&text), rows, failure);
	buf_free(&text);
	return status;
}

int plain_select(struct connection *connection, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct arena *arena, const enum bind_kind *kinds,
    unsigned column_count, struct result *result, struct failure *failure)
{
	struct st_mysql_res *rows;
	int status;

	*result = (struct result){ NULL, 0 };
	if (send_text(connection, sql, parameters, parameter_count, &rows, failure) < 0)
		return -1;
	if (rows == NULL)
		return failure_set(failure, FAILURE_WRONG_COLUMNS, "wrong number of columns");
	status = take_rows(rows, arena, kinds, column_count, result, failure);
	mysql_free_result(rows);
	return status;
}

int plain_execute(struct connection *connection, const char *sql, const struct bind *parameters,
    unsigned parameter_count, struct outcome *outcome, struct failure *failure)
{
	struct st_mysql_res *rows;

	if (send_text(connection, sql, parameters, parameter_count, &rows, failure) < 0)
		return -1;
	mysql_free_result(rows);
	if (outcome != NULL) {
		outcome->affected = mysql_affected_rows(connection->handle);
		outcome->insert_id = mysql_insert_id(connection->handle);
	}
	return 0;
}
