#include "query/sort.h"

static void add_key(struct sort *sort, const struct path *path, bool descending)
{
	/* What was sorted by already is equal here: it changes nothing. */
	for (unsigned i = 0; i < sort->count; i++) {
		if (path_equal(&sort->keys[i].path, path))
			return;
	}
	if (sort->count < SORT_KEYS_MAX)
		sort->keys[sort->count++] =
		    (struct sort_key){ .path = *path, .descending = descending };
}

static void add_field(struct sort *sort, const struct field *field, bool descending)
{
	const struct path path = { .steps = { field }, .step_count = 1 };

	add_key(sort, &path, descending);
}

static const struct field *find_column(const struct resource *resource, struct str column)
{
	if (str_starts_with(column, STR("t.")))
		column = str_slice(column, 2, column.length);
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (field->column != NULL && str_equal(str_from(field->column), column))
			return field;
	}
	return NULL;
}

/* The table tells its own order as SQL; columns that no member shows end it. */
static void add_own_order(struct sort *sort, const struct resource *resource)
{
	struct str rest = str_from(resource->order_by);
	struct str part;

	while (str_next(&rest, ',', &part)) {
		struct str column = str_trim(part);
		bool descending = str_ends_with(column, STR(" DESC"));
		const struct field *field;

		if (descending)
			column = str_slice(column, 0, column.length - 5);
		field = find_column(resource, column);
		if (field == NULL)
			return;
		add_field(sort, field, descending);
	}
}

/* Most bytes of a member's value in a cursor, when texts are cut behind `characters`. */
static unsigned value_bytes(const struct field *field, unsigned characters)
{
	enum { NUMBER = 9, ID = 17, TEXT = 3, WORD = 64 };

	switch (field_type_info(field->type)->bind) {
	case BIND_TEXT:
		if (field->type != FIELD_STRING)
			return WORD;
		return TEXT + 4 * (field->max < characters ? field->max : characters);
	case BIND_UUID:
		return ID;
	default:
		return NUMBER;
	}
}

/* The same of all sort keys, and of the key that may follow. */
static unsigned all_bytes(
    const struct sort *sort, const struct resource *resource, unsigned characters)
{
	unsigned bytes = 0;

	for (unsigned i = 0; i < sort->count; i++)
		bytes += value_bytes(path_field(&sort->keys[i].path), characters);
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_KEY)
			bytes += value_bytes(&resource->fields[i], characters);
	}
	return bytes;
}

/* Several texts share the room. Those that are short anyway are compared by all of them. */
static void bound_texts(struct sort *sort, const struct resource *resource)
{
	unsigned characters = SORT_TEXT_MAX;

	while (characters > 1 && all_bytes(sort, resource, characters) > SORT_BYTES_MAX)
		characters = characters * 7 / 8;
	for (unsigned i = 0; i < sort->count; i++) {
		const struct field *field = path_field(&sort->keys[i].path);

		if (field->type == FIELD_STRING && field->max > characters)
			sort->keys[i].text_max = characters;
	}
}

/* Whether no two rows have the same value there, and none has none. */
static bool tells_rows_apart(const struct resource *resource, const struct sort_key *key)
{
	const struct path *path = &key->path;

	if (path->step_count != 1 || path_may_be_null(path) || key->text_max > 0)
		return false;
	for (unsigned i = 0; i < resource->unique_count; i++) {
		if (resource->uniques[i].alone &&
		    strcmp(resource->uniques[i].member, path_field(path)->name) == 0)
			return true;
	}
	return false;
}

/*
 * The key ends the order, so that it is total. Where it is already, the key would only keep the
 * database from reading along the unique index.
 */
static void add_keys(struct sort *sort, const struct resource *resource)
{
	bool descending = sort->count > 0 && sort->keys[sort->count - 1].descending;

	for (unsigned i = 0; i < sort->count; i++) {
		if (tells_rows_apart(resource, &sort->keys[i]))
			return;
	}
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_KEY)
			add_field(sort, &resource->fields[i], descending);
	}
}

static int read_direction(struct lexer *lexer, bool *descending)
{
	bool ascending = lexer_accept_word(lexer, "asc") || lexer_accept_word(lexer, "ascending");

	*descending = !ascending &&
		      (lexer_accept_word(lexer, "desc") || lexer_accept_word(lexer, "descending"));
	if (lexer->token.kind == TOKEN_END || lexer_is_sign(lexer, ","))
		return 0;
	return lexer_fault(lexer, &lexer->token,
	    ascending || *descending ? "a comma or the end" : "asc, desc, a comma or the end");
}

int sort_read(struct arena *arena, const struct sight *sight, const struct resource *resource,
    struct str text, struct sort *sort, struct error *error)
{
	struct lexer lexer;

	sort->count = 0;
	lexer_begin(&lexer, "sort", text, arena, error);
	if (lexer.token.kind == TOKEN_END)
		add_own_order(sort, resource);
	while (lexer.token.kind != TOKEN_END) {
		struct path path;
		bool descending;

		if (sort->count == SORT_NAMED_MAX)
			return lexer_fault(&lexer, &lexer.token, "the end (at most 8 members)");
		if (path_read(&lexer, sight, resource, &path, NULL) != 0 ||
		    read_direction(&lexer, &descending) != 0)
			return -1;
		add_key(sort, &path, descending);
		if (lexer_accept_sign(&lexer, ",") && lexer.token.kind == TOKEN_END)
			return lexer_fault(&lexer, &lexer.token, "a member to sort by");
	}
	bound_texts(sort, resource);
	add_keys(sort, resource);
	return 0;
}
