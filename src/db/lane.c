#include <mysql.h>

#include <stdlib.h>

#include "db/lane.h"

#define SHORT_TEXT 256 /* longer columns are fetched by a call of their own */

/* Where one value travels through. */
struct lane_cell {
	union {
		int64_t integer;
		double real;
		MYSQL_TIME time;
		char text[SHORT_TEXT];
	};
	unsigned long length;
	my_bool null, error;
};

bool lane_reserve(struct lane *lane, unsigned count)
{
	unsigned wanted = lane->count > 0 ? lane->count : 16;
	MYSQL_BIND *binds;
	struct lane_cell *cells;

	if (count <= lane->count)
		return true;
	while (wanted < count)
		wanted *= 2;
	binds = calloc(wanted, sizeof(*binds));
	cells = calloc(wanted, sizeof(*cells));
	if (binds == NULL || cells == NULL) {
		free(binds);
		free(cells);
		return false;
	}
	free(lane->binds);
	free(lane->cells);
	*lane = (struct lane){ binds, cells, wanted, lane->moves + 1 };
	return true;
}

void lane_free(struct lane *lane)
{
	free(lane->binds);
	free(lane->cells);
	*lane = (struct lane){ 0 };
}

static void put_time(MYSQL_BIND *bind, struct lane_cell *cell, enum bind_kind kind, int64_t moment)
{
	struct timestamp_fields fields = timestamp_split(moment);

	cell->time = (MYSQL_TIME){
		.year = (unsigned)fields.year,
		.month = (unsigned)fields.month,
		.day = (unsigned)fields.day,
		.hour = (unsigned)fields.hour,
		.minute = (unsigned)fields.minute,
		.second = (unsigned)fields.second,
		.second_part = (unsigned long)fields.microsecond,
		.time_type = kind == BIND_DATE ? MYSQL_TIMESTAMP_DATE : MYSQL_TIMESTAMP_DATETIME,
	};
	bind->buffer_type = kind == BIND_DATE ? MYSQL_TYPE_DATE : MYSQL_TYPE_DATETIME;
	bind->buffer = &cell->time;
}

static enum enum_field_types text_type(enum bind_kind kind)
{
	return kind == BIND_BINARY ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
}

static void put_bytes(
    MYSQL_BIND *bind, struct lane_cell *cell, enum bind_kind kind, struct str bytes)
{
	/* The library never writes to a parameter's buffer; its interface just does not say so. */
	union {
		const char *ours;
		void *theirs;
	} data = { .ours = bytes.data != NULL ? bytes.data : "" };

	bind->buffer_type = text_type(kind);
	bind->buffer = data.theirs;
	cell->length = bytes.length;
	bind->buffer_length = bytes.length;
	bind->length = &cell->length;
}

void lane_put(struct lane *lane, unsigned number, const struct bind *value)
{
	struct lane_cell *cell = &lane->cells[number];
	MYSQL_BIND *bind = &lane->binds[number];

	*bind = (MYSQL_BIND){ 0 };
	if (value->null) {
		bind->buffer_type = MYSQL_TYPE_NULL;
		return;
	}
	switch (value->kind) {
	case BIND_INTEGER:
		cell->integer = value->integer;
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = &cell->integer;
		break;
	case BIND_REAL:
		cell->real = value->real;
		bind->buffer_type = MYSQL_TYPE_DOUBLE;
		bind->buffer = &cell->real;
		break;
	case BIND_TEXT:
	case BIND_BINARY:
		put_bytes(bind, cell, value->kind, value->text);
		break;
	case BIND_UUID:
		uuid_print(&value->uuid, cell->text);
		put_bytes(bind, cell, BIND_TEXT, (struct str){ cell->text, UUID_TEXT_LENGTH });
		break;
	case BIND_TIME:
	case BIND_DATE:
		put_time(bind, cell, value->kind, value->integer);
		break;
	case BIND_NONE:
		bind->buffer_type = MYSQL_TYPE_NULL;
		break;
	}
}

void lane_expect(struct lane *lane, unsigned number, enum bind_kind kind)
{
	struct lane_cell *cell = &lane->cells[number];
	MYSQL_BIND *bind = &lane->binds[number];

	*bind =
	    (MYSQL_BIND){ .is_null = &cell->null, .error = &cell->error, .length = &cell->length };
	switch (kind) {
	case BIND_INTEGER:
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = &cell->integer;
		break;
	case BIND_REAL:
		bind->buffer_type = MYSQL_TYPE_DOUBLE;
		bind->buffer = &cell->real;
		break;
	case BIND_TIME:
	case BIND_DATE:
		bind->buffer_type = kind == BIND_DATE ? MYSQL_TYPE_DATE : MYSQL_TYPE_DATETIME;
		bind->buffer = &cell->time;
		bind->buffer_length = sizeof(cell->time);
		break;
	case BIND_TEXT:
	case BIND_BINARY:
	case BIND_UUID:
		bind->buffer_type = text_type(kind);
		bind->buffer = cell->text;
		bind->buffer_length = sizeof(cell->text);
		break;
	case BIND_NONE:
		bind->buffer_type = MYSQL_TYPE_NULL;
		break;
	}
}

/*
 * The library sets `error` where it converts, and leaves it alone where it need not: a long text of
 * an earlier statement must not spoil a number of this one.
 */
void lane_begin(struct lane *lane, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		lane->cells[i].error = 0;
}

static int64_t take_time(const MYSQL_TIME *time)
{
	struct timestamp_fields fields = {
		.year = (int)time->year,
		.month = (int)time->month,
		.day = (int)time->day,
		.hour = (int)time->hour,
		.minute = (int)time->minute,
		.second = (int)time->second,
		.microsecond = (int)time->second_part,
	};

	return timestamp_join(&fields);
}

static enum lane_result take_text(const struct lane *lane, MYSQL_STMT *statement,
    struct arena *arena, unsigned number, enum bind_kind kind, struct str *text)
{
	const struct lane_cell *cell = &lane->cells[number];
	MYSQL_BIND whole = { .buffer_type = text_type(kind) };
	unsigned long length;
	my_bool null, error;
	char *copy;

	if (cell->length <= sizeof(cell->text)) {
		copy = arena_copy(arena, cell->text, cell->length);
	} else {
		copy = arena_alloc(arena, cell->length + 1);
		whole.buffer = copy;
		whole.buffer_length = cell->length;
		whole.length = &length;
		whole.is_null = &null;
		whole.error = &error;
		if (copy != NULL && mysql_stmt_fetch_column(statement, &whole, number, 0) != 0)
			return LANE_REFUSED;
	}
	*text = (struct str){ copy, cell->length };
	return copy != NULL ? LANE_OK : LANE_NO_MEMORY;
}

static enum lane_result take_uuid(const struct lane_cell *cell, struct uuid *uuid)
{
	if (cell->length != UUID_TEXT_LENGTH)
		return LANE_UNFIT;
	return uuid_parse((struct str){ cell->text, UUID_TEXT_LENGTH }, uuid) ? LANE_OK
									      : LANE_UNFIT;
}

/* Copies one value that is not null. */
static enum lane_result take_value(const struct lane *lane, MYSQL_STMT *statement,
    struct arena *arena, unsigned number, struct bind *value)
{
	const struct lane_cell *cell = &lane->cells[number];

	switch (value->kind) {
	case BIND_INTEGER:
		value->integer = cell->integer;
		break;
	case BIND_REAL:
		value->real = cell->real;
		break;
	case BIND_TIME:
	case BIND_DATE:
		value->integer = take_time(&cell->time);
		break;
	case BIND_TEXT:
	case BIND_BINARY:
		return take_text(lane, statement, arena, number, value->kind, &value->text);
	case BIND_UUID:
		return take_uuid(cell, &value->uuid);
	case BIND_NONE:
		break;
	}
	/* A number that does not fit must not become another number. */
	return cell->error ? LANE_UNFIT : LANE_OK;
}

enum lane_result lane_take(const struct lane *lane, struct st_mysql_stmt *statement,
    struct arena *arena, const enum bind_kind *kinds, unsigned count, struct bind *row)
{
	for (unsigned i = 0; i < count; i++) {
		enum lane_result result = LANE_OK;

		row[i].kind = kinds[i];
		row[i].null = lane->cells[i].null || kinds[i] == BIND_NONE;
		if (!row[i].null)
			result = take_value(lane, statement, arena, i, &row[i]);
		if (result != LANE_OK)
			return result;
	}
	return LANE_OK;
}
