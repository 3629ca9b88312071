/*
 * What an account's owner asks for with the account's own key: the account and its domains, as the
 * original shows them there.
 */
#include "api/credential.h"
#include "api/hosting/hosting.h"
#include "auth/key.h"
#include "record/rows.h"

enum { ACCOUNT_ID, ACCOUNT_USERNAME, ACCOUNT_API_KEY };

static const struct field account_fields[] = {
	[ACCOUNT_ID] = { STRING("id", "id", HOSTING_ID_LENGTH),
	    .flags = FIELD_KEY | FIELD_READONLY | FIELD_HIDDEN },
	[ACCOUNT_USERNAME] = { STRING("username", "username", 255), .flags = FIELD_READONLY,
	    .doc = "Name of the account.", .example = "\"ada\"" },
	[ACCOUNT_API_KEY] = { STRING("apiKey", NULL, KEY_TEXT_MAX),
	    .flags = FIELD_READONLY | FIELD_NOT_STORED | FIELD_ECHO | FIELD_SECRET,
	    .doc = "The key that the request was sent with.",
	    .example = "\"api_x7Kq2mZ94tHw8pD3nVrB\"" },
};

const struct resource hosting_own_account_resource = {
	.name = "own account",
	.type_name = "OwnAccount",
	.area = AREA_HOSTING,
	.table = "hosting_client",
	FIELDS(account_fields),
	.owner_condition = "{}.id = ?",
	.owner = OWNER_HOSTING,
	.doc = "The account whose own key the request was sent with.",
};

static const struct field domain_fields[] = {
	{ STRING("id", "id", HOSTING_ID_LENGTH), .flags = FIELD_KEY | FIELD_READONLY,
	    .doc = "Identifier of the domain: seven hexadecimal characters.",
	    .example = "\"1ed845d\"" },
	{ STRING("name", "name", 253), .flags = FIELD_READONLY, .doc = "Host name.",
	    .example = "\"www.example.org\"" },
	{ BOOLEAN("whiteLabel", "whitelabel"), .flags = FIELD_READONLY,
	    .doc = "Uses a white-label license." },
	{ INT64("viewCount", "call_count"), .flags = FIELD_READONLY,
	    .doc = "Widget loads of the month." },
};

const struct resource hosting_own_domain_resource = {
	.name = "own domain",
	.type_name = "OwnDomain",
	.area = AREA_HOSTING,
	.table = "hosting_domain",
	ORDER_BY(ASCENDING("name")),
	FIELDS(domain_fields),
	.owner_condition = "{}.client_id = ?",
	.owner = OWNER_HOSTING,
	.doc = "A website of the account whose own key the request was sent with.",
};

int hosting_own_account(struct operation *operation, struct error *error)
{
	const struct resource *resource = &hosting_own_account_resource;
	struct credential credential;
	struct row *row;

	if (record_find(&operation->context, &(struct record_set){ .resource = resource },
		resource_default_mask(resource), &row, error) != 0)
		return -1;
	if (row == NULL)
		return resource_not_found(resource, error);
	/* Whoever has sent it knows it: only its hash is stored. */
	credential_find(operation, &credential);
	row_set_text(row, ACCOUNT_API_KEY, credential.text);
	operation_answer_row(operation, row);
	return 0;
}
