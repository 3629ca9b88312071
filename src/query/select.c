#include "query/select.h"

#include "base/language.h"

struct reader {
	struct lexer lexer;
	const struct sight *sight;
	unsigned relations; /* to be followed, so far */
};

/*
 * Who sees own rows learns row by row which those are: a relation that leads to none of them is
 * null or empty. Anybody else is told that there is nothing to see.
 */
static enum sight_rows least(const struct reader *reader)
{
	return reader->sight->own ? SIGHT_NONE : SIGHT_OWN;
}

static struct selection *new_selection(
    struct reader *reader, const struct resource *resource, bool narrowed)
{
	struct selection *selection = arena_alloc(reader->lexer.arena, sizeof(*selection));

	if (selection == NULL) {
		error_set(reader->lexer.error, ERROR_BUSY,
		    "The request needs more memory than one request may use.");
		return NULL;
	}
	selection->resource = resource;
	selection->narrowed = narrowed;
	if (!narrowed)
		selection->shown = resource_default_mask(resource);
	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_KEY))
			selection->shown |= FIELD_BIT(i);
	}
	return selection;
}

/* Everything that a part or relation ordinarily shows, besides what was chosen before. */
static void widen(struct selection *selection)
{
	selection->narrowed = false;
	selection->shown |= resource_default_mask(selection->resource);
}

/*
 * The selection behind a part or relation, made where there is none. `narrowed` says what a new one
 * shows: only what will be named, or everything ordinary.
 */
static struct selection *enter(
    struct reader *reader, struct selection *selection, unsigned number, bool narrowed)
{
	const struct field *field = &selection->resource->fields[number];
	struct selection **part = &selection->parts[number];

	if (field->relation != NULL && *part == NULL &&
	    ++reader->relations > SELECT_RELATIONS_MAX) {
		lexer_fault(&reader->lexer, &reader->lexer.token, "no more than 32 relations");
		return NULL;
	}
	selection->shown |= FIELD_BIT(number);
	if (*part == NULL)
		*part = new_selection(reader, path_target(field), narrowed);
	return *part;
}

static int too_deep(struct reader *reader)
{
	return lexer_fault(&reader->lexer, &reader->lexer.token, "a path of at most 4 names");
}

static int read_member_path(struct reader *reader, struct selection *selection)
{
	for (unsigned depth = 0;; depth++) {
		const struct field *field;
		unsigned number;
		bool whole;

		if (depth == PATH_STEPS_MAX)
			return too_deep(reader);
		field = path_read_member(
		    &reader->lexer, reader->sight, least(reader), selection->resource);
		if (field == NULL)
			return -1;
		number = (unsigned)(field - selection->resource->fields);
		lexer_advance(&reader->lexer);
		whole = !lexer_is_sign(&reader->lexer, ".");
		selection->shown |= FIELD_BIT(number);
		if (path_target(field) == NULL && !whole)
			return lexer_fault(&reader->lexer, &reader->lexer.token,
			    "a comma or the end (the member has no members)");
		if (path_target(field) == NULL) {
			selection->named |= FIELD_BIT(number);
			return 0;
		}
		selection = enter(reader, selection, number, !whole);
		if (selection == NULL)
			return -1;
		if (whole) {
			widen(selection);
			return 0;
		}
		lexer_advance(&reader->lexer);
	}
}

static int include_all(struct reader *reader, struct selection *selection)
{
	for (unsigned i = 0; i < selection->resource->field_count; i++) {
		const struct field *field = &selection->resource->fields[i];

		if (field->relation != NULL && !(field->flags & FIELD_HIDDEN) &&
		    sight_may_follow(reader->sight, field) >= least(reader) &&
		    enter(reader, selection, i, false) == NULL)
			return -1;
	}
	return 0;
}

static int read_relation_path(struct reader *reader, struct selection *selection)
{
	for (unsigned depth = 0;; depth++) {
		const struct field *field;
		struct token token = reader->lexer.token;

		if (depth == PATH_STEPS_MAX)
			return too_deep(reader);
		if (lexer_accept_sign(&reader->lexer, "*"))
			return include_all(reader, selection);
		field = path_read_member(
		    &reader->lexer, reader->sight, least(reader), selection->resource);
		if (field == NULL)
			return -1;
		if (field->relation == NULL)
			return lexer_fault(&reader->lexer, &token,
			    language_printf(reader->lexer.arena, "a relation of the %s or *",
				selection->resource->name));
		selection = enter(
		    reader, selection, (unsigned)(field - selection->resource->fields), false);
		if (selection == NULL)
			return -1;
		lexer_advance(&reader->lexer);
		if (!lexer_accept_sign(&reader->lexer, "."))
			return 0;
	}
}

static int read_paths(struct reader *reader, struct selection *selection,
    int (*read)(struct reader *reader, struct selection *selection))
{
	for (;;) {
		if (read(reader, selection) != 0)
			return -1;
		if (reader->lexer.token.kind == TOKEN_END)
			return 0;
		if (!lexer_accept_sign(&reader->lexer, ","))
			return lexer_fault(
			    &reader->lexer, &reader->lexer.token, "a comma or the end");
	}
}

/* What must be read so that the shown can be. */
static uint64_t needed(const struct selection *selection)
{
	const struct resource *resource = selection->resource;
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!(selection->shown & FIELD_BIT(i)) ||
		    (field->flags & (FIELD_WRITEONLY | FIELD_NOT_STORED)))
			continue;
		mask |= FIELD_BIT(i);
		if (field->relation != NULL)
			mask |= FIELD_BIT(resource_member(resource, field->relation->local));
	}
	return mask;
}

static uint64_t large(const struct selection *selection)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < selection->resource->field_count; i++) {
		if (field_is_large(&selection->resource->fields[i]))
			mask |= FIELD_BIT(i);
	}
	return mask;
}

/*
 * `owned`: the rows are written as a whole with the one that they belong to. Whoever sends them
 * back must have been given all of them.
 */
static void finish(struct selection *selection, bool owned)
{
	selection->fetched |= needed(selection);
	if (!owned)
		selection->bounded = selection->fetched & large(selection) & ~selection->named;
	for (unsigned i = 0; i < selection->resource->field_count; i++) {
		const struct relation *relation = selection->resource->fields[i].relation;
		struct selection *part = selection->parts[i];

		if (part == NULL)
			continue;
		if (relation != NULL)
			part->fetched |=
			    FIELD_BIT(resource_member(relation->target, relation->foreign));
		finish(part, (selection->resource->fields[i].flags & FIELD_OWNED) != 0);
	}
}

void selection_begin(struct selection *selection, const struct resource *resource, uint64_t mask)
{
	*selection = (struct selection){ .resource = resource, .fetched = mask, .shown = mask };
}

void selection_begin_list(
    struct selection *selection, const struct resource *resource, uint64_t mask)
{
	selection_begin(selection, resource, mask);
	selection->bounded = selection->fetched & large(selection);
}

int selection_read(struct arena *arena, const struct sight *sight, const struct resource *resource,
    struct str select, struct str include, struct selection **selection, struct error *error)
{
	struct reader reader = { .sight = sight };
	int result = 0;

	lexer_begin(&reader.lexer, "select", select, arena, error);
	*selection = new_selection(&reader, resource, reader.lexer.token.kind != TOKEN_END);
	if (*selection == NULL)
		return -1;
	if (reader.lexer.token.kind != TOKEN_END)
		result = read_paths(&reader, *selection, read_member_path);
	lexer_begin(&reader.lexer, "include", include, arena, error);
	if (reader.lexer.token.kind != TOKEN_END &&
	    read_paths(&reader, *selection, read_relation_path) != 0)
		result = -1;
	if (result == 0)
		finish(*selection, false);
	return result;
}
