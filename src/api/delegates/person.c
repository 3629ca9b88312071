/*
 * Persons, whom the contract calls clients: groups have them, by hand or by rules.
 */
#include "api/delegates/delegates.h"
#include "api/delegates/rule.h"
#include "codec/reader.h"

static const struct field person_fields[PERSON__MAX] = {
	[PERSON_ID] = { INT32("clientId", "id"), .least = 1, .most = INT32_MAX,
	    .flags = FIELD_KEY | FIELD_CREATE_ONLY | FIELD_REQUIRED,
	    .doc = "Identifier of the person, in the program that it comes from.",
	    .example = "9001" },
	[PERSON_CODE] = { STRING("clientCode", "code", 64), .flags = FIELD_EMPTY_ABSENT,
	    .doc = "The person's code, unique.", .example = "\"C-1001\"" },
	[PERSON_FIRST_NAME] = { STRING("firstName", "first_name", 255),
	    .doc = "The person's first name.", .example = "\"Ada\"" },
	[PERSON_LAST_NAME] = { STRING("lastName", "last_name", 255),
	    .doc = "The person's last name.", .example = "\"Lovelace\"" },
	[PERSON_USER_DEFINED_FIELDS] = { MAP("userDefinedFields", "user_defined_fields"),
	    .flags = FIELD_NOT_NULL, .fallback = "{}",
	    .doc = "User-defined fields by name. Others keep their values; null removes one." },
	[PERSON_BIRTH_DATE] = { DATE("birthDate", "birth_date"),
	    .doc = "The person's birth date, if known." },
	[PERSON_PHONE_NUMBER] = { STRING("phoneNumber", "phone_number", 64),
	    .doc = "The person's phone number.", .example = "\"+49 40 123456\"" },
	[PERSON_FUNDING_SOURCE] = { STRING("fundingSource", "funding_source", 255),
	    .doc = "Who pays for the person's trips; rules compare it.",
	    .example = "\"City of Hamburg\"" },
	[PERSON_SERVICE_TYPE] = { STRING("serviceType", "service_type", 255),
	    .doc = "Kind of service that the person has; rules compare it.",
	    .example = "\"Paratransit\"" },
	[PERSON_LOCATION] = { STRING("location", "location", 255),
	    .doc = "Where the person belongs; rules compare it.", .example = "\"Harbour\"" },
	[PERSON_UPDATED_AT] = { DATETIME("updatedAt", "updated_at"),
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

/* Members that rules compare. */
#define COMPARED                                                                    \
	(FIELD_BIT(PERSON_USER_DEFINED_FIELDS) | FIELD_BIT(PERSON_FUNDING_SOURCE) | \
	    FIELD_BIT(PERSON_SERVICE_TYPE) | FIELD_BIT(PERSON_LOCATION))

static int after_write(struct context *context, const struct row *sent, const struct row *key,
    bool insert, struct error *error)
{
	if ((sent->present & COMPARED) == 0)
		return 0;
	return dynamic_claim(context, error) == 0
		   ? dynamic_apply_person(context, key->values[PERSON_ID].integer, insert, error)
		   : -1;
}

/* Groups that hold on to the person are those that somebody has added it to. */
static int before_delete(struct context *context, const struct row *key, struct error *error)
{
	return dynamic_claim(context, error) == 0
		   ? dynamic_leave(context, key->values[PERSON_ID].integer, error)
		   : -1;
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
	.before_delete = before_delete,
	.after_write = after_write,
};
