/*
 * What clients say of themselves (RFC 7591 §2).
 */
#include "api/oauth/client_metadata.h"

#include "codec/reader.h"

#define TEXT_LONGEST 255
#define URL_LONGEST 2000
#define LIST_MOST 16

enum metadata_member {
	METADATA_NAME,
	METADATA_URI,
	METADATA_CONTACTS,
	METADATA_GRANTS,
	METADATA_METHOD,
	METADATA_SCOPE,
	METADATA_SOFTWARE_ID,
	METADATA_SOFTWARE_VERSION,
	METADATA__MAX
};

/* clang-format off */
#define METADATA_FIELDS \
	[METADATA_NAME] = { STRING("client_name", NULL, TEXT_LONGEST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL | FIELD_TYPICAL, .doc = "Name for people.", .example = "\"ACME portal\"" }, \
	[METADATA_URI] = { STRING("client_uri", NULL, URL_LONGEST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .doc = "Page about the program.", .example = "\"https://www.example.org\"" }, \
	[METADATA_CONTACTS] = { STRING_LIST("contacts", NULL, LIST_MOST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, \
	    .doc = "Contacts of those responsible, such as e-mail addresses." }, \
	[METADATA_GRANTS] = { STRING_LIST("grant_types", NULL, LIST_MOST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, \
	    .doc = "Grants that the client may use; client_credentials and refresh_token when it " \
		   "is absent." }, \
	[METADATA_METHOD] = { STRING("token_endpoint_auth_method", NULL, TEXT_LONGEST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, \
	    .doc = "client_secret_basic or client_secret_post; both work." }, \
	[METADATA_SCOPE] = { STRING("scope", NULL, SCOPE_LONGEST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .doc = "Largest scope of its tokens.", .example = "\"Application\"" }, \
	[METADATA_SOFTWARE_ID] = { STRING("software_id", NULL, TEXT_LONGEST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .doc = "Identifier of the program.", .example = "\"acme-portal\"" }, \
	[METADATA_SOFTWARE_VERSION] = { STRING("software_version", NULL, TEXT_LONGEST), \
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL, .doc = "Version of the program.", .example = "\"5.2.0\"" }
/* clang-format on */

static const struct field metadata_fields[METADATA__MAX] = { METADATA_FIELDS };

static const struct field change_fields[METADATA__MAX + 1] = {
	METADATA_FIELDS,
	[METADATA__MAX] = { STRING("client_id", NULL, TEXT_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_NOT_NULL | FIELD_TYPICAL,
	    .doc = "The client's own identifier; must be sent.",
	    .example = "\"53a15dd6-8768-4aa5-9ba6-770d614daeab\"" },
};

const struct resource oauth_metadata_resource = {
	.name = "client metadata",
	.type_name = "ClientMetadata",
	.area = AREA_CREDENTIALS,
	FIELDS(metadata_fields),
	.doc = "What a client announces about itself.",
};

/* The members of the one above, in the same places, and who is meant (RFC 7592, section 2.2). */
const struct resource oauth_metadata_change_resource = {
	.name = "client metadata",
	.type_name = "ClientMetadata",
	.area = AREA_CREDENTIALS,
	FIELDS(change_fields),
	.doc = "What a client announces about itself.",
};

int client_metadata_refuse(struct error *error, const char *sentence)
{
	return error_set_word(error, ERROR_INVALID, OAUTH_INVALID_METADATA, "%s", sentence);
}

/* Both lists hold few words, kept as a JSON array. */
static bool knows_grants(struct str list)
{
	static const char *const known[] = { "client_credentials", "password", "refresh_token" };
	struct str part;
	bool quoted = false;

	while (str_next(&list, '"', &part)) {
		bool found = !quoted;

		for (unsigned i = 0; i < COUNT_OF(known) && !found; i++)
			found = str_equal(part, str_from(known[i]));
		if (!found)
			return false;
		quoted = !quoted;
	}
	return true;
}

/*
 * The scope that is asked for, within the bound; that of the bound where none is. Words that were
 * left out are those of the bound.
 */
static int bind_scope(struct operation *operation, const struct uuid *user, struct str bound_words,
    struct row *row, struct error *error)
{
	struct scope wanted, bound, most;
	struct buf words = { 0 };
	uint32_t roles;

	if (!row_filled(row, METADATA_SCOPE) && bound_words.data != NULL)
		row_set_text(row, METADATA_SCOPE, bound_words);
	if (!row_filled(row, METADATA_SCOPE))
		return 0;
	if (principal_user_roles(operation->context.database, operation->context.arena, user, false,
		&roles, error) != 0)
		return -1;
	if (!scope_parse(bound_words, &bound, NULL))
		return error_set_detail(error, ERROR_INTERNAL, "a scope cannot be read");
	/* A bound that names no roles means those that there are. */
	most = bound;
	if (bound.roles == SCOPE_ALL_ROLES)
		most.roles = roles;
	if (!scope_parse(row->values[METADATA_SCOPE].text, &wanted, NULL) ||
	    !scope_within(&wanted, &most))
		return client_metadata_refuse(error, "The scope exceeds what may be granted.");
	if (bound_words.data == NULL)
		return 0;
	wanted = scope_intersect(&wanted, &bound);
	scope_print_words(&wanted, &words);
	row_set_text(row, METADATA_SCOPE, arena_str(operation->context.arena, buf_str(&words)));
	buf_free(&words);
	return row->values[METADATA_SCOPE].text.data != NULL ? 0 : error_out_of_memory(error);
}

static int check_client(struct operation *operation, const struct uuid *user, struct str bound,
    struct row *row, struct error *error)
{
	struct str method = row->values[METADATA_METHOD].text;

	if (!knows_grants(row->values[METADATA_GRANTS].text))
		return client_metadata_refuse(error,
		    "The grant types may be client_credentials, password and refresh_token.");
	if (!str_equal(method, STR("client_secret_basic")) &&
	    !str_equal(method, STR("client_secret_post")))
		return client_metadata_refuse(error,
		    "The authentication method must be client_secret_basic or client_secret_post.");
	if (row_filled(row, METADATA_SCOPE) &&
	    str_trim(row->values[METADATA_SCOPE].text).length == 0)
		return client_metadata_refuse(
		    error, "The scope must not be empty; omit it instead.");
	return bind_scope(operation, user, bound, row, error);
}

int client_metadata_read(struct operation *operation, const struct uuid *user, struct str bound,
    struct client_metadata *metadata, struct error *error)
{
	struct buf out = { 0 };
	struct writer writer;
	struct row *row;

	if (operation->body.root == NULL || operation->body.format != BODY_JSON)
		return client_metadata_refuse(error, "The metadata must be a JSON object.");
	if (operation_read_row(operation, ROW_READ_INSERT, &row, error) != 0)
		return -1;
	if (!row_has(row, METADATA_GRANTS))
		row_set_text(
		    row, METADATA_GRANTS, STR("[\"client_credentials\",\"refresh_token\"]"));
	if (!row_has(row, METADATA_METHOD))
		row_set_text(row, METADATA_METHOD, STR("client_secret_basic"));
	if (check_client(operation, user, bound, row, error) != 0)
		return -1;
	metadata->row = row;
	writer_init(&writer, MEDIA_JSON, &operation->contract->family, &out);
	writer_object_begin(&writer, NULL);
	client_metadata_write(metadata, &writer);
	writer_object_end(&writer);
	metadata->stored = arena_str(operation->context.arena, buf_str(&out));
	buf_free(&out);
	return metadata->stored.data != NULL ? 0 : error_out_of_memory(error);
}

int client_metadata_load(struct operation *operation, struct str scope,
    struct client_metadata *metadata, struct error *error)
{
	const struct node *stored = json_read_stored(operation->context.arena, metadata->stored);

	if (stored == NULL || row_read(operation->context.arena, &operation->contract->family,
				  &oauth_metadata_resource, ROW_READ_UPDATE, BODY_JSON, stored, "",
				  &metadata->row, error) != 0) {
		error_clear(error);
		return error_set_detail(
		    error, ERROR_INTERNAL, "the metadata of a client cannot be read");
	}
	if (scope.data != NULL)
		row_set_text(metadata->row, METADATA_SCOPE, scope);
	else
		metadata->row->present &= ~FIELD_BIT(METADATA_SCOPE);
	return 0;
}

void client_metadata_write(const struct client_metadata *metadata, struct writer *writer)
{
	for (unsigned i = 0; i < METADATA__MAX; i++) {
		if (row_has(metadata->row, i))
			row_write_member(writer, metadata->row, i);
	}
}

struct value client_metadata_scope(const struct client_metadata *metadata)
{
	static const struct value none = { .null = true };

	return row_filled(metadata->row, METADATA_SCOPE) ? metadata->row->values[METADATA_SCOPE]
							 : none;
}
