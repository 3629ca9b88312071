/*
 * The key file of the secrets in the database.
 */
#include "cli/secret.h"

#include <errno.h>

#include "auth/sealing.h"
#include "cli/session.h"
#include "server/identity.h"

static enum command_status read_file(struct session *session)
{
	struct buf fault = { 0 };
	enum command_status status = COMMAND_OK;

	if (config_read_key(&session->config, &fault) != 0)
		status = session_fail(session, "The key file %s cannot be used: %s.",
		    session->settings->secret_key_path, fault.data != NULL ? fault.data : "");
	buf_free(&fault);
	return status;
}

/* Writes the keys for the user that the pool runs as. */
static enum command_status write_file(
    struct session *session, const struct seal_keys *keys, bool replace)
{
	const char *path = session->settings->secret_key_path;
	struct identity identity;

	if (identity_find(session->settings, &identity, &session->error) != 0)
		return session_fail(
		    session, "The pool's user is not known: %s.", session->error.detail);
	if (keys == NULL || seal_keys_write(keys, path, identity.uid, identity.gid, replace) != 0)
		return session_fail(session, "The key file %s cannot be written: %s.", path,
		    keys == NULL ? "there is not enough memory" : strerror(errno));
	return COMMAND_OK;
}

enum command_status secret_make_file(struct session *session)
{
	struct seal_keys *keys;
	enum command_status status;

	if (session->settings->seal_keys != NULL)
		return COMMAND_OK;
	keys = seal_keys_make();
	status = write_file(session, keys, false);
	seal_keys_free(keys);
	if (status != COMMAND_OK)
		return status;
	session_note(session,
	    "Made the key file %s. Keep a copy of it apart from the back-ups of the database.",
	    session->settings->secret_key_path);
	return read_file(session);
}

/* The key that the database's secrets are sealed under: 1, 0 where there is none, -1 if unknown. */
static int chosen_key(struct session *session, char id[SEAL_ID_TEXT])
{
	int result = database_schema_version(session->database, &session->error);

	if (result >= SEALING_SCHEMA)
		result = sealing_chosen(session->database, session->arena, id, &session->error);
	else if (result > 0)
		result = 0;
	if (result < 0)
		error_clear(&session->error);
	return result;
}

enum command_status secret_make_first(struct session *session)
{
	char id[SEAL_ID_TEXT];

	if (session->settings->seal_keys != NULL)
		return COMMAND_OK;
	if (chosen_key(session, id) > 0)
		return session_fail(session,
		    "The key file %s is missing, but the secrets in the database are sealed under "
		    "key "
		    "%s: copy the file from another node or from where you keep it; 'clientele "
		    "help "
		    "secret' says how to go on without it.",
		    session->settings->secret_key_path, id);
	if (secret_make_file(session) != COMMAND_OK)
		session_note(session, "The pool does not start without it: run as root 'clientele "
				      "secret init' with the same options.");
	return COMMAND_OK;
}

static enum command_status init(struct session *session)
{
	if (session->settings->seal_keys != NULL)
		session_note(session, "The key file %s is there already.",
		    session->settings->secret_key_path);
	return secret_make_file(session);
}

const struct command secret_commands[] = {
	{ .words = "secret init",
	    .arguments = "",
	    .doc = "Make the key file of the secrets in the database, unless there is one.",
	    .as_caller = true,
	    .run = init },
	{ 0 },
};
