/*
 * Rows to writers.
 */
#include "codec/row.h"

/* The fields of a resource that a format has, in the order in which they are written. */
struct member_order {
	uint64_t members;
	uint64_t nulls; /* of them, those that are null where a row does not have them */
	unsigned count;
	uint8_t fields[RESOURCE_FIELDS_MAX];
};

static bool has_member(const struct writer *writer, const struct field *field)
{
	return !(field->flags & FIELD_HIDDEN) &&
	       (!(field->flags & FIELD_XML_ONLY) || writer->format->xml_habits);
}

/* Byte order of element names: only the first letter can differ from the declared name. */
static int compare_names(const struct family *family, const char *a, const char *b)
{
	char first_a = family->xml_pascal_case ? str_upper(a[0]) : a[0];
	char first_b = family->xml_pascal_case ? str_upper(b[0]) : b[0];

	if (first_a != first_b)
		return (unsigned char)first_a - (unsigned char)first_b;
	return strcmp(a + 1, b + 1);
}

static void order_members(
    const struct writer *writer, const struct resource *resource, struct member_order *order)
{
	bool sorted = writer_sorts(writer);

	order->members = order->nulls = order->count = 0;
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];
		unsigned place = order->count;

		if (!has_member(writer, field))
			continue;
		while (sorted && place > 0 &&
		       compare_names(writer->family, field->name,
			   resource->fields[order->fields[place - 1]].name) < 0) {
			order->fields[place] = order->fields[place - 1];
			place--;
		}
		order->fields[place] = (uint8_t)i;
		order->count++;
		order->members |= FIELD_BIT(i);
		if (!(field->flags & FIELD_OMIT_ABSENT))
			order->nulls |= FIELD_BIT(i);
	}
}

bool row_shows(const struct writer *writer, const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];

	if (!has_member(writer, field) || (row->left_out & FIELD_BIT(number)))
		return false;
	return row_has(row, number) || !(row->narrowed || (field->flags & FIELD_OMIT_ABSENT));
}

static void write_member(
    struct writer *writer, const struct field *field, const struct value *value)
{
	const struct field_type_info *type = field_type_info(field->type);

	if (value->null || type->lexical != LEXICAL_NESTED)
		writer_value(writer, field->name, field, value);
	else if (type->holds == VALUE_LIST)
		row_write_list(writer, field->name, field->relation->target, value->list.rows,
		    value->list.count);
	else
		row_write(writer, field->name, value->row);
}

void row_write_member(struct writer *writer, const struct row *row, unsigned number)
{
	if (row_shows(writer, row, number))
		write_member(writer, &row->resource->fields[number], &row->values[number]);
}

/* row_shows() of all members at once. */
static uint64_t find_shown(const struct row *row, const struct member_order *order)
{
	uint64_t shown = row->present | (row->narrowed ? 0 : order->nulls);

	return shown & order->members & ~row->left_out;
}

static void write_ordered(struct writer *writer, const char *name, const struct row *row,
    const struct member_order *order)
{
	uint64_t shown = find_shown(row, order);

	writer_object_begin(writer, name);
	for (unsigned i = 0; i < order->count; i++) {
		unsigned number = order->fields[i];

		if (shown & FIELD_BIT(number))
			write_member(writer, &row->resource->fields[number], &row->values[number]);
	}
	writer_object_end(writer);
}

void row_write(struct writer *writer, const char *name, const struct row *row)
{
	struct member_order order;

	order_members(writer, row->resource, &order);
	write_ordered(writer, name, row, &order);
}

void row_write_items(
    struct writer *writer, const struct resource *resource, struct row *const *rows, unsigned count)
{
	struct member_order order;

	if (writer->format->rows != NULL) {
		writer->format->rows(writer, writer->columns, rows, count);
		return;
	}
	order_members(writer, resource, &order);
	for (unsigned i = 0; i < count; i++)
		write_ordered(writer, NULL, rows[i], &order);
}

void row_write_list(struct writer *writer, const char *name, const struct resource *resource,
    struct row *const *rows, unsigned count)
{
	writer_array_begin(writer, name, resource->type_name);
	row_write_items(writer, resource, rows, count);
	writer_array_end(writer);
}
