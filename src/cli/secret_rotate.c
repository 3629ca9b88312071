/*
 * New keys for old secrets, while the pool serves.
 *
 * The key file gets the new key beside the former one, which every process that meets an unknown
 * key sees by itself; the database makes it the active one; all values are sealed anew; the former
 * key leaves the file. Whatever ends the command between, run again it goes on where it was: a file
 * with several keys is a rotation that is not finished.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/sealing.h"
#include "cli/question.h"
#include "cli/records.h"
#include "cli/secret.h"
#include "record/audit.h"

#define STAGED 3 /* status of a child: other nodes need the file first */

static void tell_lost(
    void *context, const struct sealed_work *work, struct str key, const char *reason)
{
	session_note(context, "%s.%s of row " STR_FORMAT " cannot be re-encrypted: %s.",
	    work->resource->table, work->resource->fields[work->field].column, STR_ARGUMENTS(key),
	    reason);
}

/* --- the part of the database, as the pool's user --- */

static int choose(struct context *context, void *data, struct error *error)
{
	const char *id = data;

	if (sealing_choose(context->database, id, error) != 0)
		return -1;
	return audit_record_event(context,
	    &(const struct audit_event){
		.action = AUDIT_UPDATE, .what = "encryption key", .key = str_from(id) },
	    error);
}

/* Lets the database name the first key of the file as the active one. */
static int choose_first(struct session *session)
{
	const char *id = seal_keys_id(session->settings->seal_keys, 0);

	return records_transaction(session, choose, (void *)(uintptr_t)id);
}

/* Number of nodes of the cluster that the database is; 1 where it is none. -1 with an error. */
static int64_t count_nodes(struct session *session)
{
	static const enum bind_kind kinds[] = { BIND_INTEGER };
	struct result result;

	if (database_select(session->database, session->arena,
		"SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM information_schema.GLOBAL_STATUS WHERE "
		"VARIABLE_NAME = 'wsrep_cluster_size'",
		NULL, 0, kinds, 1, &result, &session->error) != 0)
		return -1;
	return result.count > 0 && result.rows[0][0].integer > 1 ? result.rows[0][0].integer : 1;
}

static int renew(struct session *session, struct sealed_work *work)
{
	if (sealed_convert(work, &session->error) != 0)
		return -1;
	return sealed_renew(work, &session->error);
}

static int renew_all(struct session *session, int64_t nodes)
{
	struct sealed_work work = { .lost = tell_lost, .context = session };

	if (secret_each(session, work, renew) != 0)
		return -1;
	if (nodes == 1)
		return 0;
	/* Transactions of other nodes do not wait for the change of the active key. */
	session_note(session, "Waiting %lld s for requests in progress on other nodes.",
	    (long long)session->settings->request_deadline + 1);
	(void)sleep((unsigned)session->settings->request_deadline + 1);
	work.lost = NULL;
	return secret_each(session, work, renew);
}

static enum command_status change_key(struct session *session, bool fresh)
{
	const char *active = seal_keys_id(session->settings->seal_keys, 0);
	int64_t nodes = count_nodes(session), others;
	char id[SEAL_ID_TEXT];

	if (nodes < 0)
		return session_error(session);
	if (nodes > 1 && fresh)
		return (enum command_status)STAGED;
	if (sealing_check(
		session->database, session->settings, session->arena, id, &session->error) != 0 ||
	    choose_first(session) != 0 || renew_all(session, nodes) != 0)
		return session_error(session);
	others = secret_count_others(session, active);
	if (others < 0)
		return session_error(session);
	if (others > 0)
		return session_fail(session,
		    "%lld secrets are still encrypted with keys other than %s, so those keys stay "
		    "in the file. Store these secrets again, or delete those whose key is lost "
		    "with 'clientele secret forget'; then run this command again.",
		    (long long)others, active);
	if (sealing_forget_others(session->database, &session->error) != 0)
		return session_error(session);
	return COMMAND_OK;
}

/* Root keeps the right to write the key file, and a child does what the pool's user does. */
static int run_as_pool(struct session *session, bool fresh)
{
	int status = COMMAND_FAILED;
	pid_t child;

	fflush(session->out);
	fflush(session->err);
	child = fork();
	if (child == 0) {
		/* Without whom it was made for, it would end the rotation while another one begins.
		 */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (session_become_pool(session))
			status = (int)change_key(session, fresh);
		fflush(session->out);
		fflush(session->err);
		_exit(status);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		session_fail(session, "No process could be started: %s.", strerror(errno));
		return COMMAND_FAILED;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : COMMAND_FAILED;
}

/* --- the part of the file --- */

/* One rotation at a time: the lock of the folder that the file is in. -1 after saying why not. */
static int take_lock(struct session *session)
{
	char *folder = strdup(session->settings->secret_key_path);
	char *slash = folder != NULL ? strrchr(folder, '/') : NULL;
	int fd = -1;

	if (slash != NULL) {
		slash[slash == folder] = '\0';
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	} else if (folder != NULL) {
		fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	free(folder);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	session_fail(session, "The directory of %s cannot be locked: %s.",
	    session->settings->secret_key_path,
	    errno == EWOULDBLOCK ? "another rotation is in progress" : strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Options that are sealed under a former key, as they should stand in the configuration now. */
static unsigned print_options(struct session *session, const char *newest)
{
	unsigned count, found = 0;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++) {
		const char *id = session->config.sealed_under[i];
		struct str sealed;

		if (id == NULL || strcmp(id, newest) == 0)
			continue;
		sealed = config_seal(&session->config, &options[i],
		    str_from(option_text(&options[i], session->settings)), session->arena);
		fprintf(
		    session->out, "%s = " STR_FORMAT "\n", options[i].name, STR_ARGUMENTS(sealed));
		found++;
	}
	return found;
}

static enum command_status drop_former(struct session *session)
{
	struct seal_keys *keys = session->settings->seal_keys;
	enum command_status status;

	if (print_options(session, seal_keys_id(keys, 0)) > 0) {
		session_note(session,
		    "The options above are encrypted with a previous key, which stays in "
		    "the key file: put the lines into the configuration, or their values "
		    "into the files that it names, then run this command again.");
		return COMMAND_OK;
	}
	while (seal_keys_count(keys) > 1)
		(void)seal_keys_remove(keys, seal_keys_id(keys, 1));
	status = secret_write_file(session, keys, true);
	if (status == COMMAND_OK)
		session_note(session,
		    "All secrets are encrypted with key %s, the only one in %s. Copy the file to "
		    "the other nodes, and to where you keep your own copy; earlier backups of the "
		    "database need the previous file.",
		    seal_keys_id(keys, 0), session->settings->secret_key_path);
	return status;
}

static enum command_status stage(struct session *session)
{
	session_note(session,
	    "Key %s was added to %s. Copy the file to all other nodes, then run 'clientele secret "
	    "rotate'.",
	    seal_keys_id(session->settings->seal_keys, 0), session->settings->secret_key_path);
	return COMMAND_OK;
}

static enum command_status rotate_locked(struct session *session)
{
	bool fresh;
	int status;

	if (secret_read_file(session) != COMMAND_OK)
		return COMMAND_FAILED;
	if (session->settings->seal_keys == NULL)
		return session_fail(session,
		    "The key file %s is missing; create it with 'clientele secret init', or copy "
		    "it from another node.",
		    session->settings->secret_key_path);
	fresh = seal_keys_count(session->settings->seal_keys) == 1;
	if (fresh) {
		if (!seal_keys_add(session->settings->seal_keys))
			return session_fail(session, "No key could be created.");
		if (secret_write_file(session, session->settings->seal_keys, true) != COMMAND_OK)
			return COMMAND_FAILED;
	}
	if (session_flag(session, "stage") != NULL)
		return stage(session);
	status = run_as_pool(session, fresh);
	if (status == STAGED)
		return stage(session);
	return status == COMMAND_OK ? drop_former(session) : COMMAND_FAILED;
}

enum command_status secret_rotate(struct session *session)
{
	int lock = take_lock(session);
	enum command_status status;

	if (lock < 0)
		return COMMAND_FAILED;
	status = rotate_locked(session);
	(void)close(lock);
	return status;
}

/* --- secrets whose key is lost --- */

/* Values of one member that are sealed under one key. */
struct lost_values {
	struct sealed_work work;
	const char *key;
};

static int forget_values(struct context *context, void *data, struct error *error)
{
	struct lost_values *values = data;
	const struct resource *resource = values->work.resource;
	const struct field *field = &resource->fields[values->work.field];

	values->work.done = 0;
	if (sealed_forget(&values->work, values->key, error) != 0)
		return -1;
	return audit_record_event(context,
	    &(const struct audit_event){ .action = AUDIT_UPDATE,
		.area = resource->area,
		.what = arena_printf(
		    context->arena, "%s of %s", field->name, resource_audit_name(resource)),
		.detail = str_from(
		    arena_printf(context->arena, "{\"encryptionKey\":\"%s\"}", values->key)),
		.count = values->work.done },
	    error);
}

static void forget_key(void *context, const struct sealed_work *work, const char *id, int64_t count)
{
	struct lost_values values = { *work, id };
	struct session *session = context;

	if (seal_keys_have(session->settings->seal_keys, id))
		return;
	values.work.arena = arena_new((size_t)16 * 1024, (size_t)16 * 1024 * 1024);
	if (values.work.arena != NULL && records_transaction(session, forget_values, &values) == 0)
		session_note(session,
		    "Deleted %lld values of %s.%s that were encrypted with key %s.",
		    (long long)count, work->resource->table,
		    work->resource->fields[work->field].column, id);
	arena_free(values.work.arena);
}

static int forget(struct session *session, struct sealed_work *work)
{
	if (sealed_count_by_key(work, forget_key, &session->error) != 0)
		return -1;
	return session->error.code == ERROR_NONE ? 0 : -1;
}

enum command_status secret_forget(struct session *session)
{
	char id[SEAL_ID_TEXT];
	int64_t lost;
	int chosen;

	if (session->settings->seal_keys == NULL)
		return session_fail(session,
		    "The key file %s is missing; create it with 'clientele secret init'.",
		    session->settings->secret_key_path);
	lost = secret_count_others(session, NULL);
	chosen = sealing_chosen(session->database, session->arena, id, &session->error);
	if (lost < 0 || chosen < 0)
		return session_error(session);
	if (lost > 0 && session_flag(session, "yes") == NULL &&
	    !question_yes(session, arena_printf(session->arena,
				       "Delete %lld secrets whose key is lost?", (long long)lost)))
		return session_fail(
		    session, "Nothing was deleted; --yes deletes them without confirmation.");
	if (lost > 0 &&
	    secret_each(session, (struct sealed_work){ .context = session }, forget) != 0)
		return session_error(session);
	if ((chosen == 0 || !seal_keys_have(session->settings->seal_keys, id)) &&
	    (choose_first(session) != 0 ||
		sealing_forget_others(session->database, &session->error) != 0))
		return session_error(session);
	session_note(session, "%lld secrets were deleted.", (long long)lost);
	return COMMAND_OK;
}
