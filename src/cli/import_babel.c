#include "cli/move.h"

static enum command_status import_babel(struct session *session)
{
	return move_run(session, &move_babel);
}

static const struct command_flag flags[] = {
	{ .name = "from",
	    .value = "SOURCE",
	    .doc = "mysql://USER@HOST/DATABASE, an SQLite file, or a dump." },
	{ .name = "password-stdin", .doc = "Read the source's password from standard input." },
	{ .name = "password-file",
	    .value = "FILE",
	    .doc = "Read the source's password from the first line of a file." },
	{ .name = "name",
	    .value = "NAME",
	    .doc = "Tell this installation from others that are imported; default: babel." },
	{ .name = "keep-ids", .doc = "Keep numbers wherever they are free here." },
	{ .name = "map", .value = "FILE", .doc = "Write the keys that have changed, as CSV." },
	{ .name = "dry-run", .doc = "Report what would be done, and store nothing." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command import_commands[] = {
	{ .words = "import babel",
	    .arguments = "--from SOURCE",
	    .flags = flags,
	    .doc = "Take over the database of a Babel Licensing service.",
	    .run = import_babel },
	{ 0 },
};
