#include "query/parameters.h"

#include <stdlib.h>

#include "base/language.h"
#include "codec/reader.h"

/* Scripts add it with a value that is new each time, so that no cache has the answer. */
#define CACHE_BUSTER "_"

/* One "name=value" of a query string, decoded. */
struct pair {
	struct str name;
	struct str value;
};

static bool next_pair(struct arena *arena, struct str *rest, struct pair *pair)
{
	struct str part;

	while (str_next(rest, '&', &part)) {
		size_t equals = str_find(part, '=');

		if (part.length == 0)
			continue;
		pair->name = form_decode(arena, str_slice(part, 0, equals), true);
		pair->value = form_decode(arena, str_slice(part, equals + 1, part.length), true);
		return true;
	}
	return false;
}

/* "name[3]" and "name[]" are the list `name`; sets name to what stands before the bracket. */
static bool strip_index(struct str *name)
{
	size_t bracket = str_find(*name, '[');

	if (bracket == name->length || !str_ends_with(*name, STR("]")))
		return false;
	for (size_t i = bracket + 1; i + 1 < name->length; i++) {
		if (name->data[i] < '0' || name->data[i] > '9')
			return false;
	}
	*name = str_slice(*name, 0, bracket);
	return true;
}

static int find_row(const struct parameters *parameters, struct str name)
{
	bool indexed = strip_index(&name);

	for (unsigned i = 0; i < parameters->count; i++) {
		const struct parameter *row = &parameters->table[i];

		if (str_equal_ignore_case(str_from(row->name), name) &&
		    (!indexed || row->kind == PARAMETER_TEXT_LIST))
			return (int)i;
	}
	return -1;
}

static void read_integer(const struct parameter *row, const struct limits *limits,
    struct parameter_value *value, struct str text, struct error *error)
{
	int64_t most = row->page ? limits->list_rows : row->most;

	if (!str_to_int64(str_trim(text), &value->integer) || value->integer < row->least ||
	    value->integer > most)
		error_add_fault(error, row->name,
		    "The parameter %s must be an integer from %lld to %lld.", row->name,
		    (long long)row->least, (long long)most);
}

static void read_boolean(const struct parameter *row, struct parameter_value *value,
    struct str text, struct error *error)
{
	text = str_trim(text);
	value->integer = str_equal_ignore_case(text, STR("true"));
	if (!value->integer && !str_equal_ignore_case(text, STR("false")))
		error_add_fault(
		    error, row->name, "The parameter %s must be true or false.", row->name);
}

static void read_word(const struct parameter *row, struct parameter_value *value, struct str text,
    struct error *error)
{
	const char *choice = "";

	text = str_trim(text);
	for (int64_t i = 0; row->words[i] != NULL; i++) {
		if (str_equal_ignore_case(text, str_from(row->words[i]))) {
			value->integer = i;
			return;
		}
		choice = arena_printf(error->arena, "%s%s%s", choice,
		    i > 0 ? language_text(" or ") : "", row->words[i]);
	}
	error_add_fault(error, row->name, "The parameter %s must be %s.", row->name, choice);
}

static bool check_text(const struct parameter *row, struct str text, struct error *error)
{
	if (str_utf8_valid(text) < text.length || str_find(text, '\0') < text.length) {
		error_add_fault(
		    error, row->name, "The parameter %s is not valid UTF-8 text.", row->name);
		return false;
	}
	if (str_utf8_length(text) > (size_t)row->most) {
		error_add_fault(error, row->name,
		    "The parameter %s must be text of at most %lld characters.", row->name,
		    (long long)row->most);
		return false;
	}
	return true;
}

static void read_item(const struct parameter *row, struct parameter_value *value, struct str text,
    struct error *error)
{
	/* Without memory the request ends with that, behind the last parameter. */
	if (value->items == NULL && (value->items = arena_alloc_array(error->arena,
					 PARAMETER_LIST_MAX, sizeof(value->items[0]))) == NULL)
		return;
	if (value->item_count == PARAMETER_LIST_MAX) {
		error_add_fault(error, row->name, "The parameter %s takes at most %d items.",
		    row->name, PARAMETER_LIST_MAX);
		return;
	}
	if (check_text(row, text, error))
		value->items[value->item_count++] = text;
}

static void refuse_repeated(const char *name, struct error *error)
{
	error_add_fault(error, name, "The parameter %s was sent more than once.", name);
}

static void read_one(const struct parameter *row, const struct limits *limits,
    struct parameter_value *value, struct str text, bool strict, struct error *error)
{
	if (value->sent && row->kind != PARAMETER_TEXT_LIST) {
		if (strict)
			error_add_fault(error, row->name,
			    "The parameter %s was sent more than once.", row->name);
		return;
	}
	value->sent = true;
	switch (row->kind) {
	case PARAMETER_INTEGER:
		read_integer(row, limits, value, text, error);
		break;
	case PARAMETER_BOOLEAN:
		read_boolean(row, value, text, error);
		break;
	case PARAMETER_TEXT:
		if (check_text(row, text, error))
			value->text = text;
		break;
	case PARAMETER_TEXT_LIST:
		read_item(row, value, text, error);
		break;
	case PARAMETER_WORD:
		read_word(row, value, text, error);
		break;
	}
}

/* A parameter that no row of the table takes. */
static void refuse_unknown(struct arena *arena, struct str name, struct error *error)
{
	/* The name goes into the answer: only as much of it as is text. */
	struct str shown = str_slice(name, 0, 64);
	const char *text;

	shown.length = str_utf8_valid(shown);
	text = arena_printf(arena, STR_FORMAT, STR_ARGUMENTS(shown));
	error_add_fault(error, text, "The parameter %s is unknown.", text);
}

int parameters_read(struct arena *arena, const struct limits *limits, struct str query,
    const struct parameter *table, unsigned count, bool strict, const char *ignored,
    struct parameters *parameters, struct error *error)
{
	struct str rest = query;
	struct pair pair;
	int64_t pairs = 0;
	unsigned ignored_count = 0;

	parameters->table = table;
	parameters->count = count;
	parameters->values = arena_alloc_array(arena, count, sizeof(parameters->values[0]));
	if (parameters->values == NULL && count > 0)
		return error_set(
		    error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	for (unsigned i = 0; i < count; i++)
		parameters->values[i].integer = table[i].fallback;
	while (next_pair(arena, &rest, &pair)) {
		int row = find_row(parameters, pair.name);
		bool allowed =
		    ignored != NULL && str_equal_ignore_case(pair.name, str_from(ignored));
		bool buster = str_equal(pair.name, STR(CACHE_BUSTER));

		if (++pairs > limits->parameters)
			return error_add_fault(error, "query",
			    "The query string has more than %lld parameters.",
			    (long long)limits->parameters);
		ignored_count += allowed;
		if (row >= 0)
			read_one(&table[row], limits, &parameters->values[row], pair.value, strict,
			    error);
		else if (strict && !allowed && !buster)
			refuse_unknown(arena, pair.name, error);
	}
	if (strict && ignored_count > 1)
		refuse_repeated(ignored, error);
	for (unsigned i = 0; i < count; i++) {
		if (table[i].required && !parameters->values[i].sent)
			error_add_fault(
			    error, table[i].name, "The parameter %s is required.", table[i].name);
	}
	/* A name that could not be decoded was not looked at. */
	if (arena_exhausted(arena))
		return error_set(
		    error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	return error->fault_count == 0 ? 0 : -1;
}

const struct parameter_value *parameters_get_if_any(
    const struct parameters *parameters, const char *name)
{
	for (unsigned i = 0; i < parameters->count; i++) {
		if (strcmp(parameters->table[i].name, name) == 0)
			return &parameters->values[i];
	}
	return NULL;
}

const struct parameter_value *parameters_get(const struct parameters *parameters, const char *name)
{
	const struct parameter_value *value = parameters_get_if_any(parameters, name);

	if (value == NULL)
		abort();
	return value;
}

bool parameters_are_heavy(const struct parameters *parameters)
{
	for (unsigned i = 0; i < parameters->count; i++) {
		if (parameters->table[i].heavy && parameters->values[i].text.length > 0)
			return true;
	}
	return false;
}

struct str parameters_find(struct arena *arena, struct str query, const char *name)
{
	struct str rest = query;
	struct pair pair;

	while (next_pair(arena, &rest, &pair)) {
		if (str_equal_ignore_case(pair.name, str_from(name)))
			return pair.value;
	}
	return (struct str){ NULL, 0 };
}
