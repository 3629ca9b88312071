/*
 * What the family's envelope writes, for the documentation.
 */
#include "api/licensing/licensing.h"
#include "api/openapi/openapi.h"
#include "op/generic.h"
#include "op/query.h"

#define ENVELOPE_FIELDS_MAX (RESOURCE_FIELDS_MAX + 16)

struct description {
	struct arena *arena;
	struct field *fields;
	unsigned count;
};

static void put_field(struct description *description, struct field field)
{
	if (description->count < ENVELOPE_FIELDS_MAX)
		description->fields[description->count++] = field;
}

static void add_result(struct description *description)
{
	put_field(description, (struct field){ BOOLEAN("success", NULL), .flags = FIELD_NOT_NULL,
				   .doc = "Whether the request succeeded." });
	put_field(description, (struct field){ INT32("code", NULL), .flags = FIELD_NOT_NULL,
				   .doc = "0, or the number of an error.", .example = "0" });
	put_field(description,
	    (struct field){ STRING("message", NULL, 0), .doc = "A sentence, or null." });
}

static void add_list(struct description *description, const struct route *route)
{
	const struct resource *resource = route->resource;
	struct field rows;

	if (openapi_payload_field(description->arena, route, resource->plural, &rows) != 0)
		return;
	rows.doc = resource->doc;
	put_field(description, rows);
	if (resource->count_name != NULL)
		put_field(description, (struct field){ .name = resource->count_name,
					   .type = FIELD_INT32,
					   .flags = FIELD_NOT_NULL,
					   .doc = "Number of rows in this answer." });
	put_field(
	    description, (struct field){ .name = op_query_total_name(description->arena, resource),
			     .type = FIELD_INT64,
			     .doc = "Total number of rows; null if it was not requested." });
	put_field(
	    description, (struct field){ STRING("nextCursor", NULL, 0),
			     .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
			     .doc = "Value for the parameter after; absent on the last page." });
}

/* In a member of its own, or its members beside those of the envelope. */
static void add_row(struct description *description, const struct route *route)
{
	const struct resource *resource = route->resource;

	if (route->row_member != NULL) {
		put_field(description, (struct field){ .name = route->row_member,
					   .type = FIELD_OBJECT,
					   .object = resource,
					   .flags = FIELD_NOT_NULL,
					   .doc = resource->doc });
		return;
	}
	for (unsigned i = 0; i < resource->field_count; i++) {
		struct field field = resource->fields[i];

		/* `select` leaves it out. */
		if (openapi_selects(route) && !(field.flags & FIELD_KEY))
			field.flags |= FIELD_OMIT_ABSENT;
		put_field(description, field);
	}
}

static void add_bulk(struct description *description, const struct route *route)
{
	const struct resource *bulk = openapi_bulk(description->arena, route);

	for (unsigned i = 0; bulk != NULL && i < bulk->field_count; i++)
		put_field(description, bulk->fields[i]);
}

/* A member of the stored row under the name that the answer gives it. */
static void add_member(struct description *description, const struct resource *resource,
    const char *name, unsigned number)
{
	struct field field = resource->fields[number];

	field.name = name;
	field.flags = 0;
	put_field(description, field);
}

static void add_change(struct description *description, const struct route *route)
{
	const struct resource *resource = route->resource;

	if (route->id_member != NULL)
		add_member(description, resource, route->id_member, resource_key(resource));
	add_result(description);
	for (unsigned i = 0; i < route->extra_count; i++) {
		int number = resource_field(resource, route->extras[i].member);

		if (number >= 0)
			add_member(description, resource, route->extras[i].name, (unsigned)number);
	}
}

const struct resource *licensing_describe_answer(struct arena *arena, const struct route *route)
{
	struct description description = {
		.arena = arena,
		.fields = arena_alloc_array(arena, ENVELOPE_FIELDS_MAX, sizeof(struct field)),
	};
	struct resource *body = arena_alloc(arena, sizeof(*body));
	const struct resource *resource = route->resource;

	if (description.fields == NULL || body == NULL)
		return NULL;
	if (route_changes_row(route)) {
		add_change(&description, route);
	} else {
		add_result(&description);
		if (openapi_payload(route) == OPENAPI_LIST)
			add_list(&description, route);
		if (openapi_payload(route) == OPENAPI_BULK)
			add_bulk(&description, route);
		if (openapi_payload(route) == OPENAPI_ROW)
			add_row(&description, route);
	}
	*body = (struct resource){ .name = "answer",
		.type_name = route->answer_type != NULL ? route->answer_type : resource->type_name,
		.fields = description.fields,
		.field_count = description.count,
		.doc = route->doc };
	return body;
}

#define PASSWORD_FIELD(name, more, text, sample)                                     \
	{                                                                            \
		STRING(name, NULL, PASSWORD_LONGEST),                                \
		    .flags = FIELD_WRITEONLY | FIELD_SECRET | (more), .doc = (text), \
		    .example = (sample)                                              \
	}

static const struct field new_user_fields[] = {
	PASSWORD_FIELD("password", FIELD_TYPICAL,
	    "Password of the new user, at least 12 characters; without one, the user can only use "
	    "keys.",
	    "\"a passphrase of several words\""),
	PASSWORD_FIELD("passwordHash", 0,
	    "A hash instead of the password, for imports: bcrypt, or ASP.NET Core Identity "
	    "(version 3).",
	    "\"$2y$10$…\""),
};

const struct resource licensing_new_user_beside = {
	.name = "password",
	.type_name = "InsertUserRequest",
	FIELDS(new_user_fields),
	.doc = "Members beside a new user.",
};

static const struct field changed_user_fields[] = {
	PASSWORD_FIELD("currentPassword", FIELD_TYPICAL,
	    "The current password; required from users who change their own.",
	    "\"a passphrase of several words\""),
	PASSWORD_FIELD("newPassword", FIELD_TYPICAL,
	    "The new password; if absent, the password is not changed.",
	    "\"another passphrase, as long as the first\""),
};

const struct resource licensing_changed_user_beside = {
	.name = "passwords",
	.type_name = "UpdateUserRequest",
	FIELDS(changed_user_fields),
	.doc = "Members beside a changed user.",
};

static const struct field error_fields[] = {
	{ BOOLEAN("success", NULL), .flags = FIELD_NOT_NULL, .doc = "Always false.",
	    .example = "false" },
	{ INT32("code", NULL), .flags = FIELD_NOT_NULL,
	    .doc = "Stable number of the error; the table of errors has them all." },
	{ STRING("message", NULL, 0), .flags = FIELD_NOT_NULL,
	    .doc = "What is wrong, in a sentence." },
	{ OBJECT("errors", &openapi_faults), .flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
	    .doc = "All errors of the request." },
};

const struct resource licensing_error_body = {
	.name = "error",
	.type_name = "Error",
	FIELDS(error_fields),
	.doc = "Body of every error.",
};
