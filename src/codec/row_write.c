/*
 * Rows to writers.
 */
#include "codec/row.h"

/* Numbers of a resource's fields in the order in which they are written. */
struct member_order {
	uint8_t fields[RESOURCE_FIELDS_MAX];
};

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

	for (unsigned i = 0; i < resource->field_count; i++) {
		unsigned place = i;

		while (sorted && place > 0 &&
		       compare_names(writer->family, resource->fields[i].name,
			   resource->fields[order->fields[place - 1]].name) < 0) {
			order->fields[place] = order->fields[place - 1];
			place--;
		}
		order->fields[place] = (uint8_t)i;
	}
}

bool row_shows(const struct writer *writer, const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];

	if ((field->flags & FIELD_HIDDEN) || (row->left_out & FIELD_BIT(number)))
		return false;
	if ((field->flags & FIELD_XML_ONLY) && !writer->format->xml_habits)
		return false;
	return row_has(row, number) || !(row->narrowed || (field->flags & FIELD_OMIT_ABSENT));
}

void row_write_member(struct writer *writer, const struct row *row, unsigned number)
{
	const struct field *field = &row->resource->fields[number];
	const struct value *value = &row->values[number];

	if (!row_shows(writer, row, number))
		return;
	if (field_holds(field) == VALUE_LIST && !value->null)
		row_write_list(writer, field->name, field->relation->target, value->list.rows,
		    value->list.count);
	else if (field->object != NULL || field->relation != NULL)
		value->null ? writer_null(writer, field->name)
			    : row_write(writer, field->name, value->row);
	else
		writer_value(writer, field->name, field, value);
}

static void write_ordered(struct writer *writer, const char *name, const struct row *row,
    const struct member_order *order)
{
	writer_object_begin(writer, name);
	for (unsigned i = 0; i < row->resource->field_count; i++)
		row_write_member(writer, row, order->fields[i]);
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
