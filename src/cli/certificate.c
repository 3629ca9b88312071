/*
 * Client certificates: what programs show in TLS instead of a key.
 */
#include "auth/certificate.h"

#include "api/credentials/credentials.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/records.h"
#include "server/config_load.h"

static const struct print_member members[] = {
	{ { "thumbprint", "THUMBPRINT", PRINT_TEXT }, "Thumbprint" },
	{ { "name", "NAME", PRINT_TEXT }, "Name" },
	{ { "user", "USER", PRINT_TEXT }, "OwnerName" },
	{ { "client", "CLIENT", PRINT_TEXT }, "ClientName" },
	{ { "enabled", "ENABLED", PRINT_BOOLEAN }, "Enabled" },
	{ { "scope", "SCOPE", PRINT_TEXT }, "Scope" },
	{ { "subject", "SUBJECT", PRINT_TEXT }, "Subject" },
	{ { "expiresAt", "EXPIRES", PRINT_MOMENT }, "ExpiresAt" },
	{ { "lastUsedAt", "LAST USED", PRINT_MOMENT }, "LastUsedAt" },
	{ { "useCount", "USES", PRINT_INTEGER }, "UseCount" },
	{ { "sha256", "SHA-256", PRINT_TEXT }, "Sha256Thumbprint" },
	{ { "id", "ID", PRINT_UUID }, "ID" },
};

enum certificate_input { INPUT_NAME, INPUT_PEM, INPUT_SHA256, INPUT_SCOPE, CERTIFICATE_INPUTS };

static const struct records_input certificate_inputs[] = {
	[INPUT_NAME] = { .member = "Name", .label = "name" },
	[INPUT_PEM] = { .member = "Certificate", .label = "file" },
	[INPUT_SHA256] = { .member = "Sha256Thumbprint", .label = "--thumbprint" },
	[INPUT_SCOPE] = { .member = "Scope", .label = "--scope" },
};

static unsigned certificate_member(const char *name)
{
	return resource_member(&credentials_certificate_resource, name);
}

/* The text of the file that the second operand names, where there is one. */
static bool read_pem(struct session *session, const char **pem)
{
	struct buf text = { 0 };

	*pem = NULL;
	if (session->operand_count < 2)
		return true;
	if (loading_read_file(session->operands[1], CERTIFICATE_LONGEST, &text) == 0)
		*pem = arena_copy(session->arena, text.data, text.length);
	buf_free(&text);
	if (*pem != NULL)
		return true;
	session_fail(session, "The file %s cannot be read, or has more than %d bytes.",
	    session->operands[1], CERTIFICATE_LONGEST);
	return false;
}

/* Whom it acts for: what --user or --client says is known after the members' own rules. */
static bool take_owner(struct session *session, struct row *row)
{
	static const struct {
		const char *flag, *member;
		const struct records_kind *kind;
	} owners[] = {
		{ "user", "UserID", &records_user },
		{ "client", "ClientID", &records_client },
	};

	for (size_t i = 0; i < COUNT_OF(owners); i++) {
		const char *text = session_flag(session, owners[i].flag);
		struct uuid id;

		if (text == NULL)
			continue;
		if (!records_find_id(session, owners[i].kind, text, &id))
			return false;
		row_set_uuid(row, certificate_member(owners[i].member), id);
	}
	return true;
}

static enum command_status add_certificate(struct session *session)
{
	const struct record members_alone = { .resource = &credentials_certificate_resource };
	struct records_input given[COUNT_OF(certificate_inputs)];
	struct record_change change = { 0 };
	const char *pem;

	if ((session_flag(session, "user") == NULL) == (session_flag(session, "client") == NULL))
		return session_usage(session, "Say --user USER or --client CLIENT.");
	if ((session->operand_count < 2) == (session_flag(session, "thumbprint") == NULL))
		return session_usage(session, "Name a file, or say --thumbprint SHA256.");
	memcpy(given, certificate_inputs, sizeof(given));
	if (!read_pem(session, &pem))
		return COMMAND_FAILED;
	given[INPUT_NAME].text = session->operands[0];
	given[INPUT_SHA256].text = session_flag(session, "thumbprint");
	given[INPUT_SCOPE].text = session_flag(session, "scope");
	if (!records_read(session, &members_alone, ROW_READ_INSERT, given, CERTIFICATE_INPUTS,
		&change.sent) ||
	    !records_take_expiry(session, change.sent, "ExpiresAt") ||
	    !take_owner(session, change.sent))
		return COMMAND_FAILED;
	/* Its lines would not do for a text of a command line. */
	if (pem != NULL)
		row_set_text(change.sent, certificate_member("Certificate"), str_from(pem));
	if (records_insert(session, &credentials_certificate_record, &change) != 0)
		return records_error(session, certificate_inputs, COUNT_OF(certificate_inputs));
	return print_record(session, change.stored, members, COUNT_OF(members));
}

static enum command_status list_certificates(struct session *session)
{
	const struct record_set all = { .resource = &credentials_certificate_resource };

	return print_set(session, &all, members, COUNT_OF(members));
}

static enum command_status revoke_certificate(struct session *session)
{
	const char *thumbprint = session->operands[0];
	struct record_change change = { 0 };
	struct value id = { 0 };
	struct context *context;

	if (!question_deletion(session, "Revoke the client certificate permanently?"))
		return COMMAND_USAGE;
	context = session_context(session);
	if (context == NULL)
		return session_error(session);
	if (credentials_certificate_find(
		context, str_from(thumbprint), &id.uuid, &session->error) != 0)
		return session->error.code == ERROR_NOT_FOUND
			   ? session_fail(session,
				 "There is no client certificate \"%s\"; see 'clientele "
				 "certificate list'.",
				 thumbprint)
			   : session_error(session);
	change.keys = row_with(
	    session->arena, &credentials_certificate_resource, certificate_member("ID"), &id);
	if (change.keys == NULL ||
	    records_delete(session, &credentials_certificate_record, &change) != 0)
		return session_error(session);
	session_note(session, "Client certificate \"%s\" is revoked.", thumbprint);
	return COMMAND_OK;
}

static const struct command_flag add_flags[] = {
	{ .name = "user", .value = "USER", .doc = "User that the certificate acts for." },
	{ .name = "client",
	    .value = "CLIENT",
	    .doc = "API client that the certificate acts for, within its scope." },
	{ .name = "thumbprint",
	    .value = "SHA256",
	    .doc = "SHA-256 of the certificate, instead of a file." },
	{ .name = "scope",
	    .value = "WORDS",
	    .doc = "Upper bound: names of roles, and read, update, delete, create." },
	{ .name = "expires",
	    .value = "DATE",
	    .doc = "When it is not taken any more; default: when the certificate ends." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag list_flags[] = { COMMAND_FLAG_JSON, { 0 } };

static const struct command_flag revoke_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

const struct command certificate_commands[] = {
	{ .words = "certificate add",
	    .arguments = "NAME [FILE]",
	    .least = 1,
	    .most = 2,
	    .flags = add_flags,
	    .doc = "Let a client certificate act for a user or an API client.",
	    .run = add_certificate },
	{ .words = "certificate list",
	    .arguments = "",
	    .flags = list_flags,
	    .doc = "List the client certificates.",
	    .run = list_certificates },
	{ .words = "certificate revoke",
	    .arguments = "THUMBPRINT",
	    .least = 1,
	    .most = 1,
	    .flags = revoke_flags,
	    .doc = "Revoke a client certificate, by its SHA-1 or SHA-256 thumbprint.",
	    .run = revoke_certificate },
	{ 0 },
};
