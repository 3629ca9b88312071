/*
 * Persons, whom the contract calls clients: an administrator imports them, groups have them.
 */
#include "api/delegates/delegates.h"
#include "codec/reader.h"

enum { PERSON_ID, PERSON_CODE, PERSON_FIRST_NAME, PERSON_LAST_NAME, PERSON_USER_DEFINED_FIELDS };

static const struct field person_fields[] = {
	[PERSON_ID] = { INT32("clientId", "id"), .least = 1, .most = INT32_MAX,
	    .flags = FIELD_KEY | FIELD_READONLY, .doc = "Identifier of the person." },
	[PERSON_CODE] = { STRING("clientCode", "code", 64), .flags = FIELD_EMPTY_ABSENT,
	    .doc = "The person's code, unique.", .example = "\"C-1001\"" },
	[PERSON_FIRST_NAME] = { STRING("firstName", "first_name", 255),
	    .doc = "The person's first name.", .example = "\"Ada\"" },
	[PERSON_LAST_NAME] = { STRING("lastName", "last_name", 255),
	    .doc = "The person's last name.", .example = "\"Lovelace\"" },
	[PERSON_USER_DEFINED_FIELDS] = { MAP("userDefinedFields", "user_defined_fields"),
	    .flags = FIELD_NOT_NULL, .fallback = "{}",
	    .doc = "User-defined fields by name. Others keep their values; null removes one." },
	{ DATE("birthDate", "birth_date"), .doc = "The person's birth date, if known." },
	{ STRING("phoneNumber", "phone_number", 64), .doc = "The person's phone number.",
	    .example = "\"+49 40 123456\"" },
	{ DATETIME("updatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

static const struct node *find_member(const struct node *object, struct str name)
{
	for (const struct node *member = object->children; member != NULL; member = member->next) {
		if (str_equal(member->name, name))
			return member;
	}
	return NULL;
}

/* What is not null, but for what `other` has as well. */
static void write_members(
    struct writer *writer, const struct node *object, const struct node *other)
{
	for (const struct node *member = object->children; member != NULL; member = member->next) {
		if (member->kind != NODE_NULL &&
		    (other == NULL || find_member(other, member->name) == NULL))
			writer_node(writer, member->name, member);
	}
}

/* The stored fields, and behind them those that were sent, as JSON. */
static int merge_fields(
    struct context *context, struct str stored, struct value *sent, struct error *error)
{
	const struct node *before = json_read_stored(context->arena, stored);
	const struct node *changes = json_read_stored(context->arena, sent->text);
	struct buf merged = { 0 };
	struct writer writer;

	if (before == NULL || changes == NULL)
		return error_set_detail(
		    error, ERROR_INTERNAL, "user-defined fields that are no JSON");
	writer_init(&writer, MEDIA_JSON, NULL, &merged);
	writer_object_begin(&writer, NULL);
	write_members(&writer, before, changes);
	write_members(&writer, changes, NULL);
	writer_object_end(&writer);
	sent->text = arena_str(context->arena, buf_str(&merged));
	if (merged.failed)
		sent->text.data = NULL;
	buf_free(&merged);
	return sent->text.data != NULL ? 0 : error_out_of_memory(error);
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	return row_filled(row, PERSON_USER_DEFINED_FIELDS)
		   ? merge_fields(
			 context, STR("{}"), &row->values[PERSON_USER_DEFINED_FIELDS], error)
		   : 0;
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;
	struct row *stored;

	if (!row_filled(row, PERSON_USER_DEFINED_FIELDS))
		return 0;
	if (record_fetch_locked(context, row->resource, FIELD_BIT(PERSON_USER_DEFINED_FIELDS), key,
		&stored, error) != 0)
		return -1;
	return merge_fields(context, stored->values[PERSON_USER_DEFINED_FIELDS].text,
	    &row->values[PERSON_USER_DEFINED_FIELDS], error);
}

static const struct unique_key person_uniques[] = {
	{ .index = "delegate_client_code",
	    .member = "clientCode",
	    .message = "The clientCode belongs to another client.",
	    .alone = true },
};

static const struct table_index person_indexes[] = {
	{ .name = "delegate_client_name", .columns = { "last_name", "first_name" } },
};

static const struct dependant person_dependants[] = {
	{ .constraint = "delegate_association_client",
	    .name = "delegate groups",
	    .area = AREA_DELEGATES },
};

const struct resource delegate_person_resource = {
	.name = "person",
	.word = "delegatePerson",
	.chapter = "Persons of delegate groups",
	.type_name = "DelegatePerson",
	.area = AREA_DELEGATES,
	.plural = "persons",
	.table = "delegate_client",
	ORDER_BY(ASCENDING("lastName"), ASCENDING("firstName"), ASCENDING("clientId")),
	FIELDS(person_fields),
	UNIQUES(person_uniques),
	INDEXES(person_indexes),
	DEPENDANTS(person_dependants),
	.doc = "A person for whom delegates may act.",
};

const struct record delegate_person_record = {
	.resource = &delegate_person_resource,
	.before_insert = before_insert,
	.before_update = before_update,
};
