#include "cli/move.h"

static enum command_status import_babel(struct session *session)
{
	return move_run(session, &move_babel);
}

static enum command_status import_hosting(struct session *session)
{
	return move_run(session, &move_hosting);
}

static enum command_status import_delegates(struct session *session)
{
	return move_run(session, &move_delegates);
}

static enum command_status import_discovery(struct session *session)
{
	return move_run(session, &move_discovery);
}

static enum command_status import_credentials(struct session *session)
{
	return move_run(session, &move_credentials);
}

static const struct command_flag babel_flags[] = {
	{ .name = "from",
	    .value = "SOURCE",
	    .doc = "mysql://USER@HOST/DATABASE, an SQLite file, or a dump." },
	{ .name = "password-stdin", .doc = "Read the source's password from standard input." },
	{ .name = "password-file",
	    .value = "FILE",
	    .doc = "Read the source's password from the first line of a file." },
	MOVE_FLAG_NAME("babel"),
	MOVE_FLAG_KEEP_IDS,
	MOVE_FLAG_MAP,
	MOVE_FLAG_DRY_RUN,
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag hosting_flags[] = {
	{ .name = "from",
	    .value = "FILE",
	    .doc = "JSON of the list of accounts, a folder of files, or - for standard input; "
		   "others may follow." },
	MOVE_FLAG_NAME("hosting"),
	MOVE_FLAG_MAP,
	MOVE_FLAG_DRY_RUN,
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag credentials_flags[] = {
	{ .name = "from",
	    .value = "FILE",
	    .doc = "CSV or JSON of API clients, a folder of files, or - for standard input; others "
		   "may follow." },
	MOVE_FLAG_NAME("credentials"),
	MOVE_FLAG_MAP,
	MOVE_FLAG_DRY_RUN,
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag discovery_flags[] = {
	{ .name = "from",
	    .value = "FILE",
	    .doc = "Answer to a hello, JSON or XML, a folder of answers, or - for standard input; "
		   "others may follow." },
	MOVE_FLAG_NAME("discovery"),
	MOVE_FLAG_MAP,
	MOVE_FLAG_DRY_RUN,
	COMMAND_FLAG_JSON,
	{ 0 },
};

#define FILE_OF(flag, what)                                                              \
	{                                                                                \
		.name = (flag), .value = "FILE",                                         \
		.doc = what ", CSV or JSON, a folder of files, or - for standard input." \
	}

static const struct command_flag delegates_flags[] = {
	FILE_OF("groups", "Groups"),
	FILE_OF("delegates", "Delegates"),
	FILE_OF("persons", "Persons"),
	FILE_OF("clients", "Clients of groups"),
	FILE_OF("rules", "Rules that add clients"),
	MOVE_FLAG_NAME("delegates"),
	MOVE_FLAG_KEEP_IDS,
	MOVE_FLAG_MAP,
	MOVE_FLAG_DRY_RUN,
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command import_commands[] = {
	{ .words = "import babel",
	    .arguments = "--from SOURCE",
	    .flags = babel_flags,
	    .doc = "Take over the database of a Babel Licensing service.",
	    .run = import_babel },
	{ .words = "import credentials",
	    .arguments = "--from FILE [FILE ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = credentials_flags,
	    .doc = "Take over API clients with their identifiers and secrets.",
	    .run = import_credentials },
	{ .words = "import hosting",
	    .arguments = "--from FILE [FILE ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = hosting_flags,
	    .doc = "Take over the accounts of another hosting service.",
	    .run = import_hosting },
	{ .words = "import delegates",
	    .arguments = "",
	    .flags = delegates_flags,
	    .doc = "Take over the groups of another service of delegate groups.",
	    .run = import_delegates },
	{ .words = "import discovery",
	    .arguments = "--from FILE [FILE ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = discovery_flags,
	    .doc = "Take over groups of applications from the answers of another service.",
	    .run = import_discovery },
	{ 0 },
};
