/*
 * API clients of another service, as CSV or JSON: their identifiers and secrets go on working.
 */
#include "api/credentials/credentials.h"
#include "cli/move_columns.h"

static const struct move_column client_columns[] = {
	{ .sql = "Name", .member = "Name", .required = true },
	{ .sql = "UserID", .member = "User", .required = true },
	STRICT("Secret", "Secret"),
	STRICT("SecretHash", "SecretHash"),
	COLUMN("Enabled", "Enabled"),
	STRICT("ExpiresAt", "ExpiresAt"),
	STRICT("Scope", "Scope"),
	COLUMN("Created", "CreatedAt"),
	/* What the answers of a service like this one have besides. */
	IGNORED("AccountID"),
	IGNORED("LastUsedAt"),
	IGNORED("UseCount"),
};

static const char *const client_renames[] = { "client_id", "ID", "ClientID", "ID", "client_name",
	"Name", "DisplayName", "Name", "client_secret", "Secret", "ClientSecret", "Secret",
	"secret_hash", "SecretHash", "User", "UserID", "user_id", "UserID", "Username", "UserID",
	"EmailAddress", "UserID", "DateCreated", "Created", "CreatedAt", "Created", NULL };

static const struct move_table tables[] = {
	{ .name = "Clients",
	    .record = &credentials_moved_client_record,
	    .keys = { "ID" },
	    COLUMNS(client_columns),
	    .by_rows = true,
	    .paths = "[] ResponseData/Detail[]",
	    .renames = client_renames },
};

static const struct move_documents documents = {
	.holds = "list of API clients",
	.ignored = "Error ResponseData/Result ResponseData/Identification",
};

const struct move_kind move_credentials = {
	.name = "a service with API clients",
	.label = "credentials",
	.documents = &documents,
	.first = "Clients",
	.tables = tables,
	.table_count = COUNT_OF(tables),
};
