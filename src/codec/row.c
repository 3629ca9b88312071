/*
 * Bodies to rows.
 */
#include "codec/row.h"

#include "base/nearest.h"
#include "schema/unset.h"

/* What reading one object needs. */
struct row_reader {
	struct arena *arena;
	const struct family *family;
	enum row_read_mode mode;
	enum body_format format;
	struct error *error;
	uint64_t given;  /* members that are not taken from the body: the row's owner sets them */
	uint64_t chosen; /* members that alone are taken, whoever may send them; 0 = not said */
	bool keyed;      /* the key tells which of the owner's rows it is */
};

static int read_list(const struct row_reader *reader, const struct resource *resource,
    const struct node *node, const char *path, struct row_list *rows);

static const char *member_path(const struct row_reader *reader, const char *path, const char *name)
{
	return path[0] == '\0' ? name : arena_printf(reader->arena, "%s.%s", path, name);
}

/* A field's name as it stands in the body. data == NULL when the arena is exhausted. */
static struct str sent_name(const struct row_reader *reader, const struct field *field)
{
	struct str name = str_from(field->name);
	char *copy;

	if (reader->format != BODY_XML || !reader->family->xml_pascal_case)
		return name;
	copy = arena_copy(reader->arena, name.data, name.length);
	if (copy == NULL)
		return (struct str){ NULL, 0 };
	copy[0] = str_upper(copy[0]);
	return (struct str){ copy, name.length };
}

/*
 * The member of an object for a field. In XML the element has the name by the family's rule; in
 * JSON and forms names fold case.
 */
static const struct node *find_member(
    const struct row_reader *reader, const struct node *object, const struct field *field)
{
	struct str name = sent_name(reader, field);

	return name.data != NULL ? node_member(object, reader->format, name) : NULL;
}

/* Words that the original frameworks use, so that callers' parsers keep working. */
static void fault_required(
    const struct row_reader *reader, const char *path, const struct field *field)
{
	bool property = reader->format == BODY_FORM && field_type_info(field->type)->value_type;

	error_add_fault(reader->error, path, "The %s %s is required.", field->name,
	    property ? "property" : "field");
}

static void fault_value(const struct row_reader *reader, const char *path,
    const struct field *field, const struct node *node, const char *reason)
{
	bool show = reader->format == BODY_FORM && node->kind == NODE_TEXT &&
		    !(field->flags & FIELD_SECRET) && node->text.length <= 64 &&
		    field_type_info(field->type)->value_type;

	if (show)
		error_add_fault(reader->error, path,
		    "The value '" STR_FORMAT "' is not valid for %s.", STR_ARGUMENTS(node->text),
		    field->name);
	else
		error_add_fault(
		    reader->error, path, "The %s field must be %s.", field->name, reason);
}

static bool is_blank(const struct value *value, const struct field *field)
{
	return field_type_info(field->type)->text != TEXT_NONE && str_trim(value->text).length == 0;
}

/*
 * An empty element may be an object without members; PHP writes one as an empty list, which is
 * taken where it is not the whole body.
 */
static bool is_object(const struct row_reader *reader, const struct node *node)
{
	return node->kind == NODE_OBJECT ||
	       (node->kind == NODE_ARRAY && node->child_count == 0 && node->parent != NULL) ||
	       (reader->format == BODY_XML && node->kind == NODE_TEXT &&
		   str_trim(node->text).length == 0);
}

static void read_nested(const struct row_reader *reader, const char *path,
    const struct field *field, const struct node *node, struct row *row, unsigned number)
{
	struct row *part;

	if (!is_object(reader, node)) {
		error_add_fault(
		    reader->error, path, "The %s field must be an object.", field->name);
		return;
	}
	if (row_read(reader->arena, reader->family, field->object, reader->mode, reader->format,
		node, path, &part, reader->error) == 0)
		row_set_row(row, number, part);
}

/* Rows that are written with this one: new ones, unless they name a row that it has already. */
static void read_owned(const struct row_reader *reader, const char *path, const struct field *field,
    const struct node *node, struct row *row, unsigned number)
{
	const struct relation *relation = field->relation;
	struct row_reader items = *reader;
	struct row_list rows;

	items.mode = ROW_READ_INSERT;
	items.keyed = reader->mode == ROW_READ_UPDATE;
	items.chosen = 0;
	items.given = FIELD_BIT(resource_field(relation->target, relation->foreign));
	if (read_list(&items, relation->target, node, path, &rows) != 0)
		return;
	if (rows.count > field->max)
		error_add_fault(reader->error, path, "The %s field must have at most %u items.",
		    field->name, (unsigned)field->max);
	else
		row_set_list(row, number, rows);
}

/* A member that was sent as null, or as nothing in a form. */
static void read_null(const struct row_reader *reader, const char *path, const struct field *field,
    struct row *row, unsigned number)
{
	bool needed = field->flags & (FIELD_REQUIRED | FIELD_NOT_NULL);

	if (needed && reader->format == BODY_FORM && field_type_info(field->type)->value_type)
		error_add_fault(reader->error, path, "A value is required.");
	else if (field->flags & FIELD_REQUIRED)
		fault_required(reader, path, field);
	else if (field->flags & FIELD_NOT_NULL)
		error_add_fault(reader->error, path, "The %s field must not be null.", field->name);
	else
		row_set_null(row, number);
}

static void read_value(const struct row_reader *reader, const char *path, const struct field *field,
    const struct node *node, struct row *row, unsigned number)
{
	const char *reason = NULL;
	struct value value = { .null = false };

	if (!field_type_info(field->type)
		 ->parse(reader->arena, field, reader->format, node, &value, &reason)) {
		fault_value(reader, path, field, node, reason);
		return;
	}
	/* Whoever sends back what was read does not mean to change it. */
	if ((field->flags & FIELD_MASKED) && str_equal(value.text, STR(FIELD_MASK)))
		return;
	if ((field->flags & FIELD_CHOOSABLE) && (field->flags & FIELD_SECRET) &&
	    str_ends_with(value.text, STR(FIELD_CUT)))
		return;
	if ((field->flags & FIELD_CHOOSABLE) && field_holds(field) == VALUE_INTEGER &&
	    value.integer < 1) {
		fault_value(reader, path, field, node, "an integer from 1");
		return;
	}
	if ((field->flags & FIELD_REQUIRED) && is_blank(&value, field)) {
		fault_required(reader, path, field);
		return;
	}
	if (field->check != NULL && (reason = field->check(value.text)) != NULL) {
		fault_value(reader, path, field, node, reason);
		return;
	}
	row_set_value(row, number, &value);
}

/* Something that no key can be is the key of no row. */
static void read_key(
    const struct row_reader *reader, const struct node *object, struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];
	const struct node *node = find_member(reader, object, field);
	struct value value = { .null = false };
	const char *reason;

	if (node == NULL ||
	    !field_type_info(field->type)
		 ->parse(reader->arena, field, reader->format, node, &value, &reason))
		return;
	row_set_value(row, number, &value);
}

/* Members that callers may send, and that count in this body. */
static bool may_send(const struct row_reader *reader, const struct field *field)
{
	if ((field->flags & FIELD_CHOOSABLE) && reader->mode == ROW_READ_BROUGHT)
		return true;
	return !(field->flags & (FIELD_READONLY | FIELD_HIDDEN)) &&
	       !((field->flags & FIELD_CREATE_ONLY) && reader->mode == ROW_READ_UPDATE);
}

static void read_member(const struct row_reader *reader, const char *object_path,
    const struct node *object, struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];
	const struct node *node;
	enum unset unset;
	const char *path;

	if (reader->keyed && (field->flags & FIELD_KEY) && !(field->flags & FIELD_HIDDEN)) {
		read_key(reader, object, row, number);
		return;
	}
	if (reader->chosen != 0 ? !(reader->chosen & FIELD_BIT(number)) : !may_send(reader, field))
		return;
	if (field->relation != NULL && !(field->flags & FIELD_OWNED))
		return;
	if (reader->given & FIELD_BIT(number))
		return;
	node = find_member(reader, object, field);
	unset = node != NULL ? unset_of(row->resource, field, node) : UNSET_ABSENT;
	/* Most members of most bodies are absent: nobody asks for their paths. */
	if (unset == UNSET_ABSENT &&
	    !((field->flags & FIELD_REQUIRED) && reader->mode != ROW_READ_UPDATE))
		return;
	path = member_path(reader, object_path, field->name);
	if (unset == UNSET_ABSENT)
		fault_required(reader, path, field);
	else if (unset == UNSET_NULL)
		read_null(reader, path, field, row, number);
	else if (field->relation != NULL)
		read_owned(reader, path, field, node, row, number);
	else if (field->object != NULL)
		read_nested(reader, path, field, node, row, number);
	else
		read_value(reader, path, field, node, row, number);
}

static int read_object(const struct row_reader *reader, const struct resource *resource,
    const struct node *node, const char *path, struct row **row)
{
	struct error *error = reader->error;
	unsigned before = error->fault_count;

	*row = row_new(reader->arena, resource);
	if (*row == NULL)
		return error_set(
		    error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	if (!is_object(reader, node))
		return error_add_fault(error, path, "An object is expected here.");
	for (unsigned i = 0; i < resource->field_count; i++)
		read_member(reader, path, node, *row, i);
	/* Names and faults that found no room must not pass for absent ones. */
	if (arena_exhausted(reader->arena))
		return error_set(
		    reader->error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	return error->fault_count == before ? 0 : -1;
}

static int read_list(const struct row_reader *reader, const struct resource *resource,
    const struct node *node, const char *path, struct row_list *rows)
{
	struct error *error = reader->error;
	unsigned before = error->fault_count;

	if (node->kind != NODE_ARRAY && reader->format != BODY_XML)
		return error_add_fault(error, path, "A list is expected here.");
	rows->rows = arena_alloc_array(reader->arena, node->child_count, sizeof(rows->rows[0]));
	rows->count = 0;
	if (rows->rows == NULL && node->child_count > 0)
		return error_set(
		    error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	for (const struct node *item = node->children; item != NULL; item = item->next) {
		const char *item_path = arena_printf(reader->arena, "%s[%u]", path, rows->count);

		if (reader->format == BODY_XML &&
		    !str_equal(item->name, str_from(resource->type_name)))
			continue;
		if (read_object(reader, resource, item, item_path, &rows->rows[rows->count]) == 0 ||
		    error->fault_count > before)
			rows->count++;
	}
	return error->fault_count == before && error->code == ERROR_NONE ? 0 : -1;
}

int row_read(struct arena *arena, const struct family *family, const struct resource *resource,
    enum row_read_mode mode, enum body_format format, const struct node *node, const char *path,
    struct row **row, struct error *error)
{
	return row_read_members(arena, family, resource, mode, format, node, path, 0, row, error);
}

int row_read_members(struct arena *arena, const struct family *family,
    const struct resource *resource, enum row_read_mode mode, enum body_format format,
    const struct node *node, const char *path, uint64_t members, struct row **row,
    struct error *error)
{
	const struct row_reader reader = { .arena = arena,
		.family = family,
		.mode = mode,
		.format = format,
		.error = error,
		.chosen = members };

	return read_object(&reader, resource, node, path, row);
}

int row_read_list(struct arena *arena, const struct family *family, const struct resource *resource,
    enum row_read_mode mode, enum body_format format, const struct node *node, const char *path,
    struct row_list *rows, struct error *error)
{
	const struct row_reader reader = {
		.arena = arena, .family = family, .mode = mode, .format = format, .error = error
	};

	return read_list(&reader, resource, node, path, rows);
}

const struct node *row_find_member(struct arena *arena, const struct family *family,
    enum body_format format, const struct node *object, const char *name)
{
	const struct field field = { .name = name };
	const struct row_reader reader = { .arena = arena, .family = family, .format = format };

	return find_member(&reader, object, &field);
}

static void check_names(const struct row_reader *reader, const struct resource *resource,
    const struct node *object, const char *path);

/* What belongs to a row and is sent with it has names of its own. */
static void check_inner_names(const struct row_reader *reader, const struct field *field,
    const struct node *node, const char *path)
{
	unsigned number = 0;

	if (field->object != NULL)
		check_names(reader, field->object, node, path);
	if (!(field->flags & FIELD_OWNED))
		return;
	for (const struct node *item = node->children; item != NULL; item = item->next)
		check_names(reader, field->relation->target, item,
		    arena_printf(reader->arena, "%s[%u]", path, number++));
}

static void fault_unknown(const struct row_reader *reader, const struct resource *resource,
    const struct node *member, const char *path)
{
	struct nearest nearest = { .word = member->name };
	struct str name = str_slice(member->name, 0, NEAREST_WORD_MAX);
	const char *shown;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!(field->flags & (FIELD_HIDDEN | FIELD_READONLY)) &&
		    (field->relation == NULL || (field->flags & FIELD_OWNED)))
			nearest_offer(&nearest, sent_name(reader, field));
	}
	name.length = str_utf8_valid(name);
	shown = arena_printf(reader->arena, STR_FORMAT, STR_ARGUMENTS(name));
	if (nearest.best.data == NULL)
		error_add_fault(reader->error, member_path(reader, path, shown),
		    "There is no field %s.", shown);
	else
		error_add_fault(reader->error, member_path(reader, path, shown),
		    "There is no field %s; did you mean " STR_FORMAT "?", shown,
		    STR_ARGUMENTS(nearest.best));
}

static void check_names(const struct row_reader *reader, const struct resource *resource,
    const struct node *object, const char *path)
{
	if (object->kind != NODE_OBJECT)
		return;
	for (const struct node *member = object->children; member != NULL; member = member->next) {
		const struct field *found = NULL;

		for (unsigned i = 0; i < resource->field_count && found == NULL; i++) {
			const struct field *field = &resource->fields[i];
			struct str name = sent_name(reader, field);

			if ((!(field->flags & FIELD_HIDDEN) || (field->flags & FIELD_IGNORED)) &&
			    (reader->format == BODY_XML
				    ? str_equal(name, member->name)
				    : str_equal_ignore_case(name, member->name)))
				found = field;
		}
		if (found == NULL)
			fault_unknown(reader, resource, member, path);
		else
			check_inner_names(
			    reader, found, member, member_path(reader, path, found->name));
	}
}

void row_check_names(struct arena *arena, const struct family *family,
    const struct resource *resource, enum body_format format, const struct node *object,
    const char *path, struct error *error)
{
	const struct row_reader reader = {
		.arena = arena, .family = family, .format = format, .error = error
	};

	check_names(&reader, resource, object, path);
}
