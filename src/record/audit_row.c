#include "record/audit_row.h"

#include "base/digest.h"
#include "codec/row.h"

#define TEXT_KEPT 1000 /* longest text of one member, in bytes */

/* Entries are written alike, whatever the habits of the family that they tell of. */
static const struct family style = { .name = "log", .json_time = TIMESTAMP_UTC };

/*
 * A license or an image would swell the log: what it began with and how long it was will do. The
 * digest shows whether it has changed behind that, and which of two copies it was.
 */
static void write_text(struct writer *writer, const char *name, struct str text)
{
	struct buf cut = { 0 };
	uint8_t digest[DIGEST_LENGTH];
	char digits[2 * DIGEST_LENGTH + 1];

	buf_append_cut(&cut, text, TEXT_KEPT);
	if (text.length > TEXT_KEPT) {
		digest_text(text, digest);
		digest_print(digest, sizeof(digest), digits);
		buf_append_text(&cut, ", SHA-256 ");
		buf_append_text(&cut, digits);
	}
	writer_text(writer, name, buf_str(&cut));
	buf_free(&cut);
}

static bool is_secret(const struct field *field)
{
	return (field->flags & (FIELD_SECRET | FIELD_ECHO | FIELD_WRITEONLY | FIELD_MASKED |
				   FIELD_UNLOGGED)) != 0;
}

/* Lists and maps are whole or, when they are long, text that can be cut. */
static bool is_text(const struct field *field, const struct value *value)
{
	enum lexical lexical = field_type_info(field->type)->lexical;

	return lexical == LEXICAL_TEXT ||
	       (lexical == LEXICAL_JSON && value->text.length > TEXT_KEPT);
}

static void write_members(
    struct writer *writer, const char *name, const struct row *row, uint64_t mask);

static void write_list(struct writer *writer, const char *name, const struct row_list *list)
{
	writer_array_begin(writer, name, "item");
	for (unsigned i = 0; i < list->count; i++)
		write_members(writer, NULL, list->rows[i], UINT64_MAX);
	writer_array_end(writer);
}

static void write_member(struct writer *writer, const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];
	const struct value *value = &row->values[number];

	if (is_secret(field) && !value->null)
		writer_text(writer, field->name, STR(FIELD_MASK));
	else if (value->null)
		writer_value(writer, field->name, field, value);
	else if (field_holds(field) == VALUE_LIST)
		write_list(writer, field->name, &value->list);
	else if (field_holds(field) == VALUE_ROW)
		write_members(writer, field->name, value->row, UINT64_MAX);
	else if (is_text(field, value))
		write_text(writer, field->name, value->text);
	else
		writer_value(writer, field->name, field, value);
}

/*
 * Rows that are only looked up belong to another entry. What is hidden is the program's own affair,
 * but whether a secret has changed is everybody's who reads the log.
 */
static bool is_recorded(const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];

	return row_has(row, number) && (!(field->flags & FIELD_HIDDEN) || is_secret(field)) &&
	       (field->relation == NULL || field_holds(field) == VALUE_LIST);
}

static void write_members(
    struct writer *writer, const char *name, const struct row *row, uint64_t mask)
{
	writer_object_begin(writer, name);
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		if ((mask & FIELD_BIT(i)) && is_recorded(row, i))
			write_member(writer, row, i);
	}
	writer_object_end(writer);
}

/* Compares by what would be printed, unmasked, since types know no equality of their own. */
static bool is_changed(const struct row *before, const struct row *after, unsigned number)
{
	const struct row *rows[] = { before, after };
	const struct field *field = &after->resource->fields[number];
	struct buf texts[2] = { { 0 }, { 0 } };
	bool changed;

	if (!row_has(before, number))
		return true;
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		const struct value *value = &rows[i]->values[number];
		struct writer writer;

		writer_init(&writer, MEDIA_JSON, &style, &texts[i]);
		if (value->null)
			writer_null(&writer, NULL);
		else if (field_holds(field) == VALUE_LIST)
			row_write_list(&writer, NULL, field->relation->target, value->list.rows,
			    value->list.count);
		else if (field_holds(field) == VALUE_ROW)
			row_write(&writer, NULL, value->row);
		else
			writer_value(&writer, NULL, field, value);
	}
	changed = !str_equal(buf_str(&texts[0]), buf_str(&texts[1]));
	buf_free(&texts[0]);
	buf_free(&texts[1]);
	return changed;
}

uint64_t audit_row_changed(const struct row *before, const struct row *after)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < after->resource->field_count; i++) {
		if (is_recorded(after, i) && is_changed(before, after, i))
			mask |= FIELD_BIT(i);
	}
	return mask;
}

struct str audit_row_key(struct arena *arena, const struct row *row)
{
	const struct print_style print_style = { .time = TIMESTAMP_UTC };
	struct buf text = { 0 };
	struct str copy;

	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];
		const struct field_type_info *type = field_type_info(field->type);

		if (!(field->flags & FIELD_KEY) || !row_filled(row, i))
			continue;
		if (text.length > 0)
			buf_append_char(&text, '/');
		if (type->print != NULL)
			type->print(&text, field, &row->values[i], &print_style);
		else
			buf_append_str(&text, row->values[i].text);
	}
	copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

struct str audit_row_text(struct arena *arena, const struct row *row, uint64_t mask)
{
	struct buf text = { 0 };
	struct writer writer;
	struct str copy;

	writer_init(&writer, MEDIA_JSON, &style, &text);
	write_members(&writer, NULL, row, mask);
	copy = text.failed ? (struct str){ NULL, 0 } : arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

/* Secrets that were stored, and that reading the row has not brought. */
static uint64_t unseen_secrets(const struct row *stored, const struct row *sent)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < sent->resource->field_count; i++) {
		const struct field *field = &sent->resource->fields[i];

		if (row_has(sent, i) && !row_has(stored, i) && field->column != NULL &&
		    is_secret(field))
			mask |= FIELD_BIT(i);
	}
	return mask;
}

const struct row *audit_row_with_secrets(
    struct arena *arena, const struct row *stored, const struct row *sent)
{
	uint64_t mask = unseen_secrets(stored, sent);
	struct row *row;

	if (mask == 0)
		return stored;
	row = row_copy(arena, stored);
	for (unsigned i = 0; row != NULL && i < row->resource->field_count; i++) {
		if (mask & FIELD_BIT(i))
			row->values[i] = sent->values[i];
	}
	if (row != NULL)
		row->present |= mask;
	return row;
}
