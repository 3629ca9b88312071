#include "document/content.h"

#define SAME(name)                                               \
	{                                                        \
		.member = (name), .json = (name), .xml = (name), \
	}
#define IDENTIFIER(name)                                     \
	{                                                    \
		.member = (name), .json = "id", .xml = "Id", \
	}
#define INSIDE(name, element)                                                          \
	{                                                                              \
		.member = (name), .json = (name), .xml = (element), .is_inside = true, \
	}
#define NUMBER(name)                                                                         \
	{                                                                                    \
		.member = (name), .json = (name), .xml = (name), .is_nothing_at_zero = true, \
	}

const struct content_member content_members[] = {
	IDENTIFIER("licenseId"),
	SAME("issueDate"),
	SAME("expireDate"),
	SAME("supportExpireDate"),
	{ .member = "licenseType", .json = "type", .xml = "type" },
	NUMBER("licensingMode"),
	NUMBER("maxAllowedSites"),
};
const unsigned content_member_count = COUNT_OF(content_members);

static const struct content_member licensee_members[] = {
	{ .member = "name", .json = "name", .xml = "name", .fallback = "licenseeName" },
	{ .member = "company", .json = "company", .xml = "company", .fallback = "licenseeCompany" },
	{ .member = "contactInfo",
	    .json = "contactInfo",
	    .xml = "contactInfo",
	    .fallback = "licenseeEmail" },
	SAME("url"),
};

static const struct content_member product_members[] = { IDENTIFIER("id"), SAME("name"),
	SAME("version"), SAME("copyright"), SAME("url"), INSIDE("description", "Description") };

static const struct content_member assembly_members[] = { SAME("name"), SAME("version"),
	SAME("culture"), SAME("publicKeyToken") };

static const struct content_member field_members[] = { SAME("name"), SAME("value") };

static const struct content_member feature_members[] = { IDENTIFIER("id"), SAME("name"),
	SAME("expireDate"), SAME("key"), INSIDE("description", "Description"),
	INSIDE("data", "Data") };

static const struct content_member restriction_members[] = { IDENTIFIER("id"), SAME("name"),
	SAME("expireDate") };

static const struct content_member text_members[] = { { .member = "", .json = "", .xml = "name" } };

#define MEMBERS(array) .members = (array), .member_count = COUNT_OF(array)

const struct content_part content_parts[] = {
	{ .member = "licensee",
	    .kind = CONTENT_ROW,
	    .element = "Licensee",
	    MEMBERS(licensee_members) },
	{ .member = "product",
	    .kind = CONTENT_ROW,
	    .element = "Product",
	    MEMBERS(product_members) },
	{ .member = "components",
	    .kind = CONTENT_TEXTS,
	    .list = "Components",
	    .element = "Component",
	    MEMBERS(text_members) },
	{ .member = "assemblies",
	    .kind = CONTENT_ROWS,
	    .list = "Assemblies",
	    .element = "Assembly",
	    MEMBERS(assembly_members) },
	{ .member = "fields",
	    .kind = CONTENT_ROWS,
	    .list = "Fields",
	    .element = "Field",
	    MEMBERS(field_members) },
	{ .member = "features",
	    .kind = CONTENT_ROWS,
	    .list = "Features",
	    .element = "Feature",
	    MEMBERS(feature_members) },
	{ .member = "restrictions",
	    .kind = CONTENT_ROWS,
	    .list = "Restrictions",
	    .element = "Restriction",
	    MEMBERS(restriction_members),
	    .has_restrictions = true },
};
const unsigned content_part_count = COUNT_OF(content_parts);

/* Whether a value says something: an empty text does not. */
static bool says_something(
    const struct content_member *member, const struct field *field, const struct value *value)
{
	if (value->null || (field_holds(field) == VALUE_TEXT && value->text.length == 0))
		return false;
	return !member->is_nothing_at_zero || value->integer != 0;
}

static bool value_of(const struct content_member *member, const char *name, const struct row *row,
    const struct field **field, const struct value **value)
{
	unsigned number;

	if (row == NULL)
		return false;
	number = resource_member(row->resource, name);
	if (!row_has(row, number))
		return false;
	*field = &row->resource->fields[number];
	*value = &row->values[number];
	return says_something(member, *field, *value);
}

bool content_value(const struct content_member *member, const struct row *row,
    const struct row *license, const struct field **field, const struct value **value)
{
	return value_of(member, member->member, row, field, value) ||
	       (member->fallback != NULL &&
		   value_of(member, member->fallback, license, field, value));
}

const struct row *content_row(const struct content_part *part, const struct row *license)
{
	unsigned number = resource_member(license->resource, part->member);

	return row_filled(license, number) ? license->values[number].row : NULL;
}

struct row_list content_rows(const struct content_part *part, const struct row *license)
{
	unsigned number = resource_member(license->resource, part->member);

	return row_filled(license, number) ? license->values[number].list
					   : (struct row_list){ NULL, 0 };
}

struct str content_json(const struct row *row, const char *member)
{
	unsigned number = resource_member(row->resource, member);
	struct str text = row_filled(row, number) ? row->values[number].text : STR("");

	return str_equal(text, STR("[]")) || str_equal(text, STR("{}")) ? STR("") : text;
}

/* --- JSON --- */

static void write_members(struct writer *writer, const struct content_member *members,
    unsigned count, const struct row *row, const struct row *license)
{
	const struct field *field;
	const struct value *value;

	for (unsigned i = 0; i < count; i++) {
		if (content_value(&members[i], row, license, &field, &value))
			writer_value(writer, members[i].json, field, value);
	}
}

static void write_json(struct writer *writer, const struct row *row, const char *member)
{
	struct str text = content_json(row, member);

	if (text.length > 0)
		writer_json(writer, member, text);
}

static void write_row(
    struct writer *writer, const struct content_part *part, const struct row *license)
{
	const struct row *row = content_row(part, license);
	const struct field *field;
	const struct value *value;
	bool empty = true;

	for (unsigned i = 0; i < part->member_count; i++)
		empty = empty && !content_value(&part->members[i], row, license, &field, &value);
	if (empty)
		return;
	writer_object_begin(writer, part->member);
	write_members(writer, part->members, part->member_count, row, license);
	writer_object_end(writer);
}

static void write_restriction(struct writer *writer, const struct row *row)
{
	unsigned own = resource_member(row->resource, CONTENT_OWN_XML);

	write_json(writer, row, CONTENT_PROPERTIES);
	if (row_filled(row, own) && row->values[own].text.length > 0)
		writer_text(writer, CONTENT_OWN_XML, row->values[own].text);
}

static void write_rows(
    struct writer *writer, const struct content_part *part, const struct row *license)
{
	struct row_list rows = content_rows(part, license);

	if (rows.count == 0)
		return;
	writer_array_begin(writer, part->member, "item");
	for (unsigned i = 0; i < rows.count; i++) {
		writer_object_begin(writer, NULL);
		write_members(writer, part->members, part->member_count, rows.rows[i], license);
		if (part->has_restrictions)
			write_restriction(writer, rows.rows[i]);
		writer_object_end(writer);
	}
	writer_array_end(writer);
}

static void write_texts(
    struct writer *writer, const struct content_part *part, const struct row *license)
{
	write_json(writer, license, part->member);
}

void content_write(struct writer *writer, const char *name, const struct row *license)
{
	static void (*const write[])(
	    struct writer *, const struct content_part *, const struct row *) = {
		[CONTENT_ROW] = write_row,
		[CONTENT_ROWS] = write_rows,
		[CONTENT_TEXTS] = write_texts,
	};

	writer_object_begin(writer, name);
	write_members(writer, content_members, content_member_count, license, license);
	for (unsigned i = 0; i < content_part_count; i++)
		write[content_parts[i].kind](writer, &content_parts[i], license);
	writer_object_end(writer);
}
