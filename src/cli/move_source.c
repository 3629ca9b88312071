#include "cli/move_source.h"

#include <errno.h>
#include <stdio.h>

#define SQLITE_HEAD "SQLite format 3"

static int count_name(void *data, const struct str *cells, struct error *error)
{
	struct move_source *source = data;

	(void)cells, (void)error;
	source->name_count++;
	return 0;
}

static int take_name(void *data, const struct str *cells, struct error *error)
{
	struct move_source *source = data;
	struct move_name *name = &source->names[source->name_count++];

	name->table = arena_str(source->arena, cells[0]);
	name->column = arena_str(source->arena, cells[1]);
	return arena_exhausted(source->arena) ? error_out_of_memory(error) : 0;
}

int move_source_read_names(struct move_source *source, struct error *error)
{
	if (move_source_select(source, source->kind->schema, 2, count_name, source, error) != 0)
		return -1;
	source->names =
	    arena_alloc_array(source->arena, source->name_count + 1, sizeof(source->names[0]));
	if (source->names == NULL)
		return error_out_of_memory(error);
	source->name_count = 0;
	return move_source_select(source, source->kind->schema, 2, take_name, source, error);
}

/* A database begins with its name, a dump does not. */
static int is_database(const char *file, bool *database, struct error *error)
{
	FILE *stream = fopen(file, "re");
	char head[sizeof(SQLITE_HEAD) - 1];

	if (stream == NULL)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "%s cannot be opened (%s)", file, strerror(errno));
	*database = fread(head, sizeof(head), 1, stream) == 1 &&
		    memcmp(head, SQLITE_HEAD, sizeof(head)) == 0;
	fclose(stream);
	return 0;
}

static struct move_source *open_any(
    struct arena *arena, const struct move_place *place, struct error *error)
{
	bool database = false;

	if (strstr(place->from, "://") != NULL)
		return move_source_open_server(arena, place, error);
	if (is_database(place->from, &database, error) != 0)
		return NULL;
	return database ? move_source_open_file(arena, place->from, error)
			: move_source_open_dump(arena, place->from, error);
}

struct move_source *move_source_open(
    struct arena *arena, const struct move_place *place, struct error *error)
{
	struct move_source *source = open_any(arena, place, error);

	if (source == NULL || move_source_read_names(source, error) == 0)
		return source;
	move_source_close(source);
	return NULL;
}

void move_source_close(struct move_source *source)
{
	if (source != NULL)
		source->kind->close(source);
}

bool move_source_has(const struct move_source *source, const char *table, const char *column)
{
	for (unsigned i = 0; i < source->name_count; i++) {
		if (str_equal_ignore_case(source->names[i].table, str_from(table)) &&
		    (column == NULL ||
			str_equal_ignore_case(source->names[i].column, str_from(column))))
			return true;
	}
	return false;
}

int move_source_select(struct move_source *source, const char *sql, unsigned columns,
    move_take *take, void *data, struct error *error)
{
	return source->kind->select(source, sql, columns, take, data, error);
}

static int take_count(void *data, const struct str *cells, struct error *error)
{
	(void)error;
	if (cells[0].data == NULL || !str_to_int64(cells[0], data))
		*(int64_t *)data = 0;
	return 0;
}

int move_source_count(
    struct move_source *source, const char *sql, int64_t *count, struct error *error)
{
	*count = 0;
	return move_source_select(source, sql, 1, take_count, count, error);
}
