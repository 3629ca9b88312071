#include "api/delegates/delegates.h"
#include "cli/import.h"

static const struct import_kind persons = {
	.record = &delegate_person_record,
	.key = "clientId",
	.others = "userDefinedFields",
	.others_name_most = 255,
	.others_text_most = 4000,
};

static enum command_status import_persons(struct session *session)
{
	return import_run(session, &persons);
}

static const struct command_flag flags[] = {
	{ .name = "dry-run", .doc = "Check the file without storing anything." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command person_commands[] = {
	{ .words = "person import",
	    .arguments = "FILE.csv",
	    .least = 1,
	    .most = 1,
	    .flags = flags,
	    .doc =
		"Add or update persons of delegate groups from a CSV file (- for standard input).",
	    .run = import_persons },
	{ 0 },
};
