#include "record/later.h"

#include <stdlib.h>

#include "base/log.h"
#include "record/rows.h"

#define ROWS_MOST 1024
#define ROWS_FULL 128
#define BLOCK ((size_t)16 * 1024)
#define MEMORY_MOST ((size_t)16 * 1024 * 1024)

struct later {
	struct arena *arena;
	struct row *rows[ROWS_MOST];
	unsigned count;
	bool lost; /* said in the log, until some are written again */
};

struct later *later_new(void)
{
	struct later *later = calloc(1, sizeof(*later));

	if (later == NULL)
		return NULL;
	later->arena = arena_new(BLOCK, MEMORY_MOST);
	if (later->arena != NULL)
		return later;
	free(later);
	return NULL;
}

void later_free(struct later *later)
{
	if (later == NULL)
		return;
	arena_free(later->arena);
	free(later);
}

/* A row that outlives the request whose texts it has. */
static struct row *copy_row(struct arena *arena, const struct row *row)
{
	struct row *copy = row_copy(arena, row);

	for (unsigned i = 0; copy != NULL && i < row->resource->field_count; i++) {
		if (!row_filled(row, i) || field_holds(&row->resource->fields[i]) != VALUE_TEXT)
			continue;
		copy->values[i].text = arena_str(arena, row->values[i].text);
		if (copy->values[i].text.data == NULL)
			return NULL;
	}
	return copy;
}

void later_add(struct later *later, const struct row *row)
{
	struct row *copy;

	if (later == NULL)
		return;
	copy = later->count < ROWS_MOST ? copy_row(later->arena, row) : NULL;
	if (copy != NULL) {
		later->rows[later->count++] = copy;
		return;
	}
	if (!later->lost)
		log_event(LOG_LEVEL_ERROR, "rows not stored",
		    LOG_TEXT("resource", row->resource->name),
		    LOG_TEXT("reason", "the database has not taken any for long"));
	later->lost = true;
}

bool later_is_full(const struct later *later)
{
	return later->count >= ROWS_FULL;
}

static int add_all(struct context *context, void *data, struct error *error)
{
	const struct later *later = data;

	return record_add_parts(context,
	    &(struct row_list){ (struct row **)(uintptr_t)later->rows, later->count }, error);
}

static int add_one(struct context *context, void *data, struct error *error)
{
	return record_add_part(context, data, error);
}

/* One that is refused is dropped: its parent is gone. */
static int write_row(struct context *context, struct row *row, struct error *error)
{
	if (record_attempt(context, add_one, row, error) == 0)
		return 0;
	if (!record_may_go_on(context, error))
		return -1;
	error_clear(error);
	return 0;
}

/* All at once; where one of them is refused, each by itself. */
static int write_rows(struct context *context, void *data, struct error *error)
{
	struct later *later = data;

	if (record_attempt(context, add_all, later, error) == 0)
		return 0;
	if (!record_may_go_on(context, error))
		return -1;
	error_clear(error);
	for (unsigned i = 0; i < later->count; i++) {
		if (write_row(context, later->rows[i], error) != 0)
			return -1;
	}
	return 0;
}

int later_write(struct later *later, struct context *context, struct error *error)
{
	if (later->count == 0)
		return 0;
	if (record_transaction(context, write_rows, later, error) != 0)
		return -1;
	later->count = 0;
	later->lost = false;
	arena_reset(later->arena);
	return 0;
}
