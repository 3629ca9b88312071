/*
 * The envelope of the credentials family: {"Error": …, "ResponseData": …}.
 */
#include "api/credentials/credentials.h"
#include "api/openapi/openapi.h"

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
const char *credentials_begin_answer(struct writer *writer, const struct answer *answer)
{
	writer_object_begin(writer, root_name(answer, answer->payload_type));
	writer_null(writer, "Error");
	writer_object_begin(writer, "ResponseData");
	if (!writer->format->xml_habits)
		write_identification(writer, answer);
	writer_text(writer, "Result", STR("OK"));
	if (writer->format->xml_habits)
		write_identification(writer, answer);
	if (answer->payload_type != NULL)
		return "Detail";
	writer_object_begin(writer, "Detail");
	writer_object_end(writer);
	return NULL;
}

void credentials_end_answer(struct writer *writer, const struct answer *answer)
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

	if (route == NULL)
		return NULL;
	switch (openapi_payload(route)) {
	case OPENAPI_LIST:
		return arena_printf(answer->arena, "ArrayOf%s", route->resource->type_name);
	case OPENAPI_ROW:
		return route->resource->type_name;
	case OPENAPI_TEXT:
		return "String";
	default:
		return NULL;
	}
}

void credentials_write_error(
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
	{ UUID("UserId", NULL), .flags = FIELD_NOT_STORED, .doc = "User of the caller." },
};

static const struct resource identification_part = {
	.name = "identification",
	.type_name = "Identification",
	FIELDS(identification_fields),
	.doc = "The caller.",
};

static const struct field reason_fields[] = {
	{ STRING("ErrorCode", NULL, 0), .flags = FIELD_NOT_NULL, .doc = "Stable error code." },
	{ STRING("ErrorReason", NULL, 0), .flags = FIELD_NOT_NULL,
	    .doc = "What is wrong, in full sentences." },
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

const struct resource credentials_error_body = {
	.name = "error",
	.type_name = "ErrorResponse",
	FIELDS(error_fields),
	.doc = "Body of every error; in XML the root is that of a success.",
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

const struct resource *credentials_describe_answer(struct arena *arena, const struct route *route)
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
		.flags = FIELD_NOT_NULL, .doc = "The caller." };
	data[1] = (struct field){ STRING("Result", NULL, 0), .flags = FIELD_NOT_NULL, .doc = "OK.",
		.example = "\"OK\"" };
	part = make_part(arena,
	    arena_printf(arena, "ResponseDataOf%s", payload != NULL ? payload : "Object"), data, 3,
	    "The answer and its caller.");
	envelope[0] = (struct field){ OBJECT("Error", &reason_part), .doc = "Null in a success." };
	envelope[1] = (struct field){ OBJECT("ResponseData", part), .flags = FIELD_NOT_NULL,
		.doc = "The answer and its caller." };
	return make_part(
	    arena, root_name(&answer, payload), envelope, 2, "The envelope of every success.");
}
