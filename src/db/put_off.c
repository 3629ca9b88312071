#include "db/put_off.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"

#define BLOCK ((size_t)16 * 1024)
#define MEMORY ((size_t)512 * 1024)
#define STATEMENTS_MOST 16
#define PARAMETERS_MOST 512
/* Of all values together; what is longer may come near max_allowed_packet with its neighbours. */
#define BYTES_MOST ((size_t)128 * 1024)

struct put_off {
	struct arena *arena;
	unsigned count;
	struct {
		const char *sql;
		const struct bind *parameters;
		unsigned parameter_count;
	} statements[STATEMENTS_MOST];
};

struct put_off *put_off_new(void)
{
	struct put_off *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->arena = arena_new(BLOCK, MEMORY);
	if (list->arena != NULL)
		return list;
	free(list);
	return NULL;
}

void put_off_free(struct put_off *list)
{
	if (list == NULL)
		return;
	arena_free(list->arena);
	free(list);
}

static bool has_text(const struct bind *value)
{
	return !value->null && (value->kind == BIND_TEXT || value->kind == BIND_BINARY);
}

static size_t count_bytes(const struct bind *parameters, unsigned count)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < count; i++)
		bytes += has_text(&parameters[i]) ? parameters[i].text.length : 0;
	return bytes;
}

static unsigned count_parameters(const struct put_off *list)
{
	unsigned count = 0;

	for (unsigned i = 0; i < list->count; i++)
		count += list->statements[i].parameter_count;
	return count;
}

static bool has_room(const struct put_off *list, const struct bind *parameters, unsigned count)
{
	size_t bytes = count_bytes(parameters, count);

	for (unsigned i = 0; i < list->count; i++)
		bytes += count_bytes(
		    list->statements[i].parameters, list->statements[i].parameter_count);
	return list->count < STATEMENTS_MOST && bytes <= BYTES_MOST &&
	       count_parameters(list) + count <= PARAMETERS_MOST;
}

static struct bind *copy_parameters(
    struct arena *arena, const struct bind *parameters, unsigned count)
{
	struct bind *copy = arena_alloc_array(arena, count, sizeof(copy[0]));

	for (unsigned i = 0; copy != NULL && i < count; i++) {
		copy[i] = parameters[i];
		if (has_text(&parameters[i]))
			copy[i].text = arena_str(arena, parameters[i].text);
	}
	return copy;
}

bool put_off_add(
    struct put_off *list, const char *sql, const struct bind *parameters, unsigned count)
{
	struct str text;

	if (!has_room(list, parameters, count))
		return false;
	text = arena_str(list->arena, str_from(sql));
	list->statements[list->count].sql = text.data;
	list->statements[list->count].parameters = copy_parameters(list->arena, parameters, count);
	list->statements[list->count].parameter_count = count;
	if (arena_exhausted(list->arena))
		return false;
	list->count++;
	return true;
}

unsigned put_off_count(const struct put_off *list)
{
	return list->count;
}

void put_off_cut(struct put_off *list, unsigned count)
{
	if (count < list->count)
		list->count = count;
	if (list->count == 0)
		arena_reset(list->arena);
}

bool put_off_join(struct put_off *list, struct put_off_call *call)
{
	struct bind *parameters =
	    arena_alloc_array(list->arena, count_parameters(list), sizeof(parameters[0]));
	struct buf text = { 0 };
	struct str copy;

	*call = (struct put_off_call){ .parameters = parameters };
	buf_append_text(&text, "BEGIN NOT ATOMIC ");
	for (unsigned i = 0; i < list->count && parameters != NULL; i++) {
		buf_append_text(&text, list->statements[i].sql);
		buf_append_text(&text, "; ");
		for (unsigned j = 0; j < list->statements[i].parameter_count; j++)
			parameters[call->parameter_count++] = list->statements[i].parameters[j];
	}
	buf_append_text(&text, "COMMIT; END");
	copy = arena_str(list->arena, buf_str(&text));
	call->sql = copy.data;
	buf_free(&text);
	return parameters != NULL && copy.data != NULL;
}
