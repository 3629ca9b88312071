#include "api/families.h"
#include "api/openapi/openapi.h"
#include "auth/password.h"
#include "op/generic.h"

#define NAME_LONGEST 18
#define SECRET_LONGEST 50

enum client_member {
	CLIENT_ID,
	CLIENT_NAME,
	CLIENT_SECRET,
	CLIENT_USER_ID,
	CLIENT_SECRET_HASH,
	CLIENT_UPDATED_AT,
	CLIENT__MAX
};

static const struct field client_fields[CLIENT__MAX] = {
	[CLIENT_ID] = { UUID("ID", "id"), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the API client, to be used as client_id." },
	[CLIENT_NAME] = { STRING("Name", "name", NAME_LONGEST), .flags = FIELD_REQUIRED,
	    .doc = "Display name, unique." },
	[CLIENT_SECRET] = { STRING("Secret", NULL, SECRET_LONGEST),
	    .flags =
		FIELD_REQUIRED | FIELD_WRITEONLY | FIELD_NOT_STORED | FIELD_SECRET | FIELD_ECHO,
	    .doc = "Shown once, in the answer to the call that set it; kept as a hash." },
	[CLIENT_USER_ID] = { UUID("UserID", "user_id"), .flags = FIELD_REQUIRED,
	    .doc = "User on whose behalf the client acts; must exist." },
	[CLIENT_SECRET_HASH] = { STRING("SecretHash", "secret_hash", PASSWORD_HASH_MAX),
	    .flags = FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET },
	[CLIENT_UPDATED_AT] = { DATETIME("UpdatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
};

/* Callers choose their secrets, so they are kept as passwords are. */
static int hash_secret(struct operation *operation, struct row *row, struct error *error)
{
	char hash[PASSWORD_HASH_MAX];

	if (!row_filled(row, CLIENT_SECRET))
		return 0;
	if (guard_hash_password(operation->guard, row->values[CLIENT_SECRET].text, hash, error) !=
	    0)
		return -1;
	row_set_text(row, CLIENT_SECRET_HASH, arena_str(operation->arena, str_from(hash)));
	return 0;
}

static int before_update(
    struct operation *operation, const struct row *key, struct row *row, struct error *error)
{
	(void)key;
	return hash_secret(operation, row, error);
}

static const struct unique_key client_uniques[] = {
	{ .index = "api_client_name",
	    .member = "Name",
	    .word = "DUPLICATE_NAME",
	    .message = "The Name is already in use." },
};

static const struct reference client_references[] = {
	{ .constraint = "api_client_user",
	    .member = "UserID",
	    .word = "UNKNOWN_USER",
	    .message = "The UserID does not name an existing user." },
};

static const struct resource client_resource = {
	.name = "client",
	.type_name = "ClientResponse",
	.table = "api_client",
	.order_by = "t.name, t.id",
	FIELDS(client_fields),
	UNIQUES(client_uniques),
	REFERENCES(client_references),
	.hooks = { .before_insert = hash_secret, .before_update = before_update },
	.doc = "An API client: an identifier and a secret that a program trades for tokens.",
};

static const struct resource *const resources[] = { &client_resource };

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/clients",
	    .run = op_list,
	    .resource = &client_resource,
	    PARAMETERS(op_page_parameters),
	    .area = AREA_CREDENTIALS,
	    .doc = "All API clients, by name." },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/clients",
	    .run = op_insert,
	    .resource = &client_resource,
	    .body = &client_resource,
	    .body_type = "ClientRequest",
	    .area = AREA_CREDENTIALS,
	    .flags = ROUTE_ETAG,
	    .doc = "Adds an API client; its secret is shown this once." },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/clients/{id}",
	    KEYS("ID"),
	    .run = op_get,
	    .resource = &client_resource,
	    .area = AREA_CREDENTIALS,
	    .flags = ROUTE_ETAG,
	    .doc = "One API client, without its secret." },
	{ .method = METHOD_PUT,
	    .path = "/api/v1/admin/clients/{id}",
	    KEYS("ID"),
	    .run = op_update,
	    .resource = &client_resource,
	    .body = &client_resource,
	    .body_type = "ClientRequest",
	    .area = AREA_CREDENTIALS,
	    .flags = ROUTE_ETAG,
	    .doc = "Changes name, user or secret; what is absent stays." },
	{ .method = METHOD_DELETE,
	    .path = "/api/v1/admin/clients/{id}",
	    KEYS("ID"),
	    .run = op_delete,
	    .resource = &client_resource,
	    .area = AREA_CREDENTIALS,
	    .doc = "Removes an API client." },
};

static const char *root_name(const struct answer *answer, const char *payload)
{
	return arena_printf(answer->arena, "ResponseOf%s", payload != NULL ? payload : "Object");
}

static void write_identification(struct writer *writer, const struct answer *answer)
{
	char text[UUID_TEXT_LENGTH];

	writer_object_begin(writer, "Identification");
	if (answer->caller != NULL) {
		uuid_print(answer->caller, text);
		writer_text(writer, "UserId", (struct str){ text, sizeof(text) });
	} else {
		writer_null(writer, "UserId");
	}
	writer_object_end(writer);
}

/* The members of ResponseData stand in another order in XML than in JSON, as in the original. */
static const char *begin_answer(struct writer *writer, const struct answer *answer)
{
	writer_object_begin(writer, root_name(answer, answer->payload_type));
	writer_null(writer, "Error");
	writer_object_begin(writer, "ResponseData");
	if (writer->format == MEDIA_JSON)
		write_identification(writer, answer);
	writer_text(writer, "Result", STR("OK"));
	if (writer->format == MEDIA_XML)
		write_identification(writer, answer);
	if (answer->payload_type != NULL)
		return "Detail";
	writer_object_begin(writer, "Detail");
	writer_object_end(writer);
	return NULL;
}

static void end_answer(struct writer *writer, const struct answer *answer)
{
	(void)answer;
	writer_object_end(writer);
	writer_object_end(writer);
}

/* One sentence for all faults: the envelope has no place for a list. */
static void append_reason(struct buf *reason, const struct error *error)
{
	const char *message =
	    error->message != NULL ? error->message : error_code_message(error->code);

	if (error->faults == NULL) {
		buf_append_text(reason, message);
		return;
	}
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next) {
		if (reason->length > 0)
			buf_append_char(reason, ' ');
		buf_append_text(reason, fault->message);
	}
}

/* Type of the answer that the route gives when it succeeds, so that typed readers find their root.
 */
static const char *expected_payload(const struct answer *answer)
{
	const struct route *route = answer->route;

	if (route == NULL || route->method == METHOD_DELETE)
		return NULL;
	if (route->method == METHOD_GET && route->key_count == 0)
		return arena_printf(answer->arena, "ArrayOf%s", route->resource->type_name);
	return route->resource->type_name;
}

static void write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	struct buf reason = { 0 };

	append_reason(&reason, error);
	writer_object_begin(writer, root_name(answer, expected_payload(answer)));
	writer_object_begin(writer, "Error");
	writer_text(writer, "ErrorCode",
	    str_from(error->word != NULL ? error->word : error_code_word(error->code)));
	writer_text(writer, "ErrorReason", buf_str(&reason));
	writer_object_end(writer);
	writer_null(writer, "ResponseData");
	writer_object_end(writer);
	buf_free(&reason);
}

/* What the functions above write, for the documentation. */
static const struct field identification_fields[] = {
	{ UUID("UserId", NULL), .flags = FIELD_NOT_STORED, .doc = "User who calls." },
};

static const struct resource identification_part = {
	.name = "identification",
	.type_name = "Identification",
	FIELDS(identification_fields),
	.doc = "Who calls.",
};

static const struct field reason_fields[] = {
	{ STRING("ErrorCode", NULL, 0), .flags = FIELD_NOT_NULL, .doc = "Stable word." },
	{ STRING("ErrorReason", NULL, 0), .flags = FIELD_NOT_NULL,
	    .doc = "Everything that is wrong, in sentences." },
};

static const struct resource reason_part = {
	.name = "error",
	.type_name = "ResponseError",
	FIELDS(reason_fields),
	.doc = "What is wrong.",
};

static const struct field error_fields[] = {
	{ OBJECT("Error", &reason_part), .flags = FIELD_NOT_NULL, .doc = "What is wrong." },
	{ OBJECT("ResponseData", &openapi_anything), .doc = "Always null." },
};

static const struct resource error_body = {
	.name = "error",
	.type_name = "ErrorResponse",
	FIELDS(error_fields),
	.doc = "What every error answers; the XML root is that of the success.",
};

static const struct resource *make_part(struct arena *arena, const char *name,
    const struct field *fields, unsigned count, const char *doc)
{
	struct resource *part = arena_alloc(arena, sizeof(*part));

	if (part != NULL)
		*part = (struct resource){ .name = "part",
			.type_name = name,
			.fields = fields,
			.field_count = count,
			.doc = doc };
	return part;
}

static const struct resource *describe_answer(struct arena *arena, const struct route *route)
{
	const struct answer answer = { .route = route, .arena = arena };
	const char *payload = expected_payload(&answer);
	struct field *data = arena_alloc_array(arena, 3, sizeof(*data));
	struct field *envelope = arena_alloc_array(arena, 2, sizeof(*envelope));
	const struct resource *part;

	if (data == NULL || envelope == NULL ||
	    openapi_payload_field(arena, route, "Detail", &data[2]) != 0)
		return NULL;
	data[0] = (struct field){ OBJECT("Identification", &identification_part),
		.flags = FIELD_NOT_NULL, .doc = "Who calls." };
	data[1] = (struct field){ STRING("Result", NULL, 0), .flags = FIELD_NOT_NULL, .doc = "OK.",
		.example = "\"OK\"" };
	part = make_part(arena,
	    arena_printf(arena, "ResponseDataOf%s", payload != NULL ? payload : "Object"), data, 3,
	    "The answer and who asked for it.");
	envelope[0] = (struct field){ OBJECT("Error", &reason_part), .doc = "Null in a success." };
	envelope[1] = (struct field){ OBJECT("ResponseData", part), .flags = FIELD_NOT_NULL,
		.doc = "The answer and who asked for it." };
	return make_part(
	    arena, root_name(&answer, payload), envelope, 2, "The envelope of every success.");
}

const struct family credentials_family = {
	.name = "credentials",
	.title = "Credentials",
	.prefix = "/api/v1/admin",
	.doc = "Administrators hand out API clients; programs trade them for tokens.",
	.xml_style = XML_SERIALIZER,
	.xml_pascal_case = true,
	.json_time = TIMESTAMP_OFFSET,
	.xml_time = TIMESTAMP_OFFSET,
	.insert_status = 200,
	.delete_status = 200,
	.begin_answer = begin_answer,
	.end_answer = end_answer,
	.write_error = write_error,
	.describe_answer = describe_answer,
	.error_body = &error_body,
	.resources = resources,
	.resource_count = COUNT_OF(resources),
	.routes = routes,
	.route_count = COUNT_OF(routes),
};
