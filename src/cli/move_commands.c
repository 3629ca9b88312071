#include "cli/move.h"

const struct move_kind *const move_kinds[] = { &move_babel, &move_credentials, &move_delegates,
	&move_discovery, &move_hosting, NULL };

#define IMPORT "import "

/* The last word of the command is what the program is called. */
static enum command_status import_kind(struct session *session)
{
	const char *label = session->command->words + strlen(IMPORT);
	const struct move_kind *const *kind = move_kinds;

	while (*kind != NULL && strcmp((*kind)->label, label) != 0)
		kind++;
	return *kind != NULL ? move_run(session, *kind)
			     : session_fail(session, "There are no tables of %s.", label);
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
	{ .words = IMPORT "babel",
	    .arguments = "--from SOURCE",
	    .flags = babel_flags,
	    .doc = "Take over the database of a Babel Licensing service.",
	    .run = import_kind },
	{ .words = IMPORT "credentials",
	    .arguments = "--from FILE [FILE ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = credentials_flags,
	    .doc = "Take over API clients with their identifiers and secrets.",
	    .run = import_kind },
	{ .words = IMPORT "hosting",
	    .arguments = "--from FILE [FILE ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = hosting_flags,
	    .doc = "Take over the accounts of another hosting service.",
	    .run = import_kind },
	{ .words = IMPORT "delegates",
	    .arguments = "",
	    .flags = delegates_flags,
	    .doc = "Take over the groups of another service of delegate groups.",
	    .run = import_kind },
	{ .words = IMPORT "discovery",
	    .arguments = "--from FILE [FILE ...]",
	    .most = COMMAND_OPERANDS_MAX,
	    .flags = discovery_flags,
	    .doc = "Take over groups of applications from the answers of another service.",
	    .run = import_kind },
	{ 0 },
};
