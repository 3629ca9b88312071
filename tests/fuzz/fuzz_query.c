/*
 * Query strings. The first byte chooses: bit 0 strict, bit 1 an arena that is soon exhausted.
 */
#include "query/parameters.h"

#include "fuzz.h"
#include "rule.h"

static const struct limits limits = { .parameters = 50 };

static const struct parameter table[] = {
	{ .name = "text", .kind = PARAMETER_TEXT, .most = 8 },
	{ .name = "n", .kind = PARAMETER_INTEGER, .least = -5, .most = 1000, .fallback = 25 },
	{ .name = "yes", .kind = PARAMETER_BOOLEAN },
	{ .name = "list", .kind = PARAMETER_TEXT_LIST, .most = 8 },
};
#define COUNT (sizeof(table) / sizeof(table[0]))

static void check_text(const struct parameter *row, struct str text)
{
	RULE(rule_is_text(text));
	RULE(str_utf8_length(text) <= (size_t)row->most);
}

static void check_value(const struct parameter *row, const struct parameter_value *value)
{
	RULE(value->item_count <= PARAMETER_LIST_MAX);
	RULE(value->item_count == 0 || row->kind == PARAMETER_TEXT_LIST);
	RULE(value->sent || value->integer == row->fallback);
	if (row->kind == PARAMETER_INTEGER)
		RULE(value->integer >= row->least && value->integer <= row->most);
	if (row->kind == PARAMETER_BOOLEAN)
		RULE(value->integer == 0 || value->integer == 1);
	check_text(row, value->text);
	for (unsigned i = 0; i < value->item_count; i++)
		check_text(row, value->items[i]);
}

static void check_error(const struct error *error)
{
	RULE(error->code == ERROR_INVALID || error->code == ERROR_TOO_LARGE);
	RULE(error->code != ERROR_INVALID || error->faults != NULL);
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		RULE(rule_is_text(str_from(fault->path)));
		RULE(rule_is_text(str_from(fault->message)));
		RULE(strlen(fault->path) <= 64);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str query = str_slice((struct str){ (const char *)data, size }, 1, size);
	bool strict = size > 0 && (data[0] & 1) != 0;
	bool small = size > 0 && (data[0] & 2) != 0;
	struct arena *arena = arena_new(8192, small ? 8192 : 1 << 24);
	struct parameters parameters;
	struct error error;
	struct str found;

	RULE(arena != NULL);
	error_init(&error, arena);
	if (parameters_read(
		arena, &limits, query, table, COUNT, strict, "apiKey", &parameters, &error) == 0) {
		RULE(error.code == ERROR_NONE);
		for (size_t i = 0; i < COUNT; i++)
			check_value(&table[i], parameters_get(&parameters, table[i].name));
	} else {
		check_error(&error);
	}
	found = parameters_find(arena, query, "apiKey");
	RULE(found.length <= query.length);
	arena_free(arena);
	return 0;
}
