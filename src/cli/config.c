#include "server/config.h"

#include "cli/session.h"

static enum command_status show(struct session *session)
{
	struct buf text = { 0 };

	config_print(&session->config, &text);
	if (text.data != NULL)
		fwrite(text.data, 1, text.length, session->out);
	buf_free(&text);
	return COMMAND_OK;
}

/* A faulty configuration has been refused, fault by fault, before any command runs. */
static enum command_status check(struct session *session)
{
	if (session->config.file != NULL)
		session_note(session, "The configuration is in order (%s).", session->config.file);
	else
		session_note(session, "The configuration is in order; there is no file.");
	return COMMAND_OK;
}

const struct command config_commands[] = {
	{ .words = "config check",
	    .arguments = "",
	    .doc = "Report every fault of the configuration.",
	    .run = check },
	{ .words = "config show",
	    .arguments = "",
	    .doc = "Print all options with their values and where these come from.",
	    .run = show },
	{ 0 },
};
