/*
 * Groups of installed applications, as their former service answers hellos: identifiers and tokens
 * stay, so that an application that says hello here finds itself and its peers again.
 */
#include "api/discovery/discovery.h"
#include "api/licensing/licensing.h"
#include "cli/move_columns.h"
#include "codec/reader.h"

static const struct move_column group_columns[] = {
	COLUMN("GroupName", "name"),
};

static const struct move_column client_columns[] = {
	NEEDED("ClientCode", "ClientCode"),
	STRICT("Token", "Token"),
	COLUMN("AddClientTime", "AddClientTime"),
	COLUMN("UpdClientTime", "UpdClientTime"),
	COLUMN("AppName", "AppName"),
	COLUMN("AppVersion", "AppVersion"),
	PARENT("ClientGroupsId", "ClientGroupsId", "DTOClientGroups"),
	COLUMN("ClientIpAddress", "ClientIpAddress"),
	COLUMN("ClientPort", "ClientPort"),
	/* The list of groups has it. */
	IGNORED("DTOClientGroup/Id"),
	IGNORED("DTOClientGroup/GroupName"),
	/* What a service like this one adds with details. */
	COLUMN("Status", "Status"),
	COLUMN("Note", "Note"),
	COLUMN("OutOfService", "OutOfService"),
	IGNORED("State"),
	IGNORED("ExpiresAt"),
};

static const struct move_column association_columns[] = {
	PARENT("ClientId", "ClientId", "DTOClients"),
	PARENT("ClientIdAssociated", "ClientIdAssociated", "DTOClients"),
};

/* Each caller of a group is answered all of its applications: the latest answer counts. */
static const struct move_table tables[] = {
	{ .name = "DTOClientGroups",
	    .record = &licensing_discovery_group_record,
	    .keys = { "Id" },
	    COLUMNS(group_columns),
	    .by_rows = true,
	    .adopts = true,
	    .paths = "DTOClientGroups[] []/DTOClientGroups[]" },
	{ .name = "DTOClients",
	    .record = &discovery_moved_client_record,
	    .keys = { "Id" },
	    COLUMNS(client_columns),
	    .adopts = true,
	    .paths = "DTOClients[] []/DTOClients[]",
	    .newest = "UpdClientTime" },
	{ .name = "DTOClientAssociations",
	    .record = &discovery_association_record,
	    .keys = { "Id" },
	    COLUMNS(association_columns),
	    .adopts = true,
	    .paths = "DTOClientAssociations[] []/DTOClientAssociations[]" },
};

static const struct xml_root roots[] = {
	{ "DTOResponseHello", "http://schemas.datacontract.org/2004/07/DueBit.DTO.RestClient" },
};

static const struct move_documents documents = {
	.holds = "answer to a hello",
	.ignored = "Version Complete HelloInterval DTOClientsRemoved",
	.roots = roots,
	.root_count = COUNT_OF(roots),
};

const struct move_kind move_discovery = {
	.name = "a discovery service",
	.label = "discovery",
	.documents = &documents,
	.first = "DTOClients",
	.tables = tables,
	.table_count = COUNT_OF(tables),
};
