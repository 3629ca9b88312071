#include "query/sort.h"

#include "schema/order.h"

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

/* Most bytes of a member's value in a cursor, when texts are cut behind `characters`. */
static unsigned value_bytes(const struct field *field, unsigned characters)
{
	enum { NUMBER = 9, ID = 17, TEXT = 3, WORD = 64 };

	switch (field_holds(field)) {
	case VALUE_TEXT:
		if (!field_is_free_text(field))
			return WORD;
		return TEXT + 4 * (field->max < characters ? field->max : characters);
	case VALUE_UUID:
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

		if (field_is_free_text(field) && field->max > characters)
			sort->keys[i].text_max = characters;
	}
}

/* Members that rows are ordered by with all of their value, and those that all rows share. */
static uint64_t compared_mask(
    const struct sort *sort, const struct resource *resource, uint64_t same)
{
	for (unsigned i = 0; i < sort->count; i++) {
		const struct sort_key *key = &sort->keys[i];

		if (key->path.step_count == 1 && key->text_max == 0)
			same |= FIELD_BIT(path_field(&key->path) - resource->fields);
	}
	return same;
}

/*
 * The key ends the order, so that it is total. Where it is already, the key would only keep the
 * database from reading along the unique index.
 */
static void add_keys(struct sort *sort, const struct resource *resource, uint64_t same)
{
	bool descending = sort->count > 0 && sort->keys[sort->count - 1].descending;
	uint64_t mask = compared_mask(sort, resource, same);

	if (order_is_total(resource, mask))
		return;
	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_KEY) && !(mask & FIELD_BIT(i)))
			add_field(sort, &resource->fields[i], descending);
	}
}

void sort_own(const struct resource *resource, uint64_t same, struct sort *sort)
{
	struct field_order order;

	sort->count = 0;
	order_own(resource, same, &order);
	for (unsigned i = 0; i < order.count; i++)
		add_field(
		    sort, &resource->fields[order.fields[i].number], order.fields[i].descending);
	bound_texts(sort, resource);
	/* Of a long text only a beginning is compared, which tells nothing apart. */
	add_keys(sort, resource, same);
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
	if (lexer.token.kind == TOKEN_END) {
		sort_own(resource, 0, sort);
		return 0;
	}
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
	add_keys(sort, resource, 0);
	return 0;
}
