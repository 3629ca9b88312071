/*
 * The key file of the secrets in the database, and what is sealed under its keys.
 */
#include "cli/secret.h"

#include <errno.h>
#include <unistd.h>

#include "api/contracts.h"
#include "auth/sealing.h"
#include "cli/print.h"
#include "cli/question.h"
#include "cli/session.h"
#include "server/identity.h"

#define WORK_MEMORY ((size_t)768 * 1024 * 1024) /* a portion of the largest values, thrice */
#define ROWS_MAX 256

enum command_status secret_read_file(struct session *session)
{
	struct buf fault = { 0 };
	enum command_status status = COMMAND_OK;

	if (config_read_key(&session->config, &fault) != 0)
		status = session_fail(session, "The key file %s cannot be used: %s.",
		    session->settings->secret_key_path, fault.data != NULL ? fault.data : "");
	buf_free(&fault);
	return status;
}

enum command_status secret_write_file(
    struct session *session, const struct seal_keys *keys, bool replace)
{
	const char *path = session->settings->secret_key_path;
	struct identity identity;

	if (identity_find(session->settings, &identity, &session->error) != 0)
		return session_fail(
		    session, "The pool's user does not exist: %s.", session->error.detail);
	if (keys == NULL || seal_keys_write(keys, path, identity.uid, identity.gid, replace) != 0)
		return session_fail(session, "The key file %s cannot be written: %s.", path,
		    keys == NULL ? "out of memory" : strerror(errno));
	return COMMAND_OK;
}

enum command_status secret_make_file(struct session *session)
{
	struct seal_keys *keys;
	enum command_status status;

	if (session->settings->seal_keys != NULL)
		return COMMAND_OK;
	keys = seal_keys_make();
	status = secret_write_file(session, keys, false);
	seal_keys_free(keys);
	if (status != COMMAND_OK)
		return status;
	session_note(session,
	    "Created the key file %s. Keep a copy of it, separate from the backups of the "
	    "database.",
	    session->settings->secret_key_path);
	return secret_read_file(session);
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
	/* One that is there and may not be read is not missing. */
	if (access(session->settings->secret_key_path, F_OK) == 0)
		return secret_read_file(session);
	if (chosen_key(session, id) > 0)
		return session_fail(session,
		    "The key file %s is missing, but the secrets in the database are encrypted "
		    "with key %s: copy the file from another node or from your own copy. If it is "
		    "lost, run 'clientele secret init' and 'clientele secret forget'.",
		    session->settings->secret_key_path, id);
	if (secret_make_file(session) != COMMAND_OK)
		session_note(session, "The pool does not start without it: run 'clientele secret "
				      "init' as root with the same options.");
	return COMMAND_OK;
}

static enum command_status init(struct session *session)
{
	if (session->settings->seal_keys != NULL)
		session_note(
		    session, "The key file %s already exists.", session->settings->secret_key_path);
	return secret_make_file(session);
}

/* --- all encrypted members --- */

static int each_of(struct session *session, struct sealed_work *work,
    const struct resource *resource, int (*each)(struct session *session, struct sealed_work *work))
{
	uint64_t members = sealed_members(resource);
	int result = 0;

	work->resource = resource;
	for (unsigned i = 0; i < resource->field_count && result == 0; i++) {
		work->field = i;
		if (members & FIELD_BIT(i))
			result = each(session, work);
	}
	return result;
}

/* Of a family: what its routes show, and what they do not. */
static int each_of_all(struct session *session, struct sealed_work *work,
    const struct resource *const *resources, unsigned count,
    int (*each)(struct session *session, struct sealed_work *work))
{
	int result = 0;

	for (unsigned i = 0; i < count && result == 0; i++)
		result = each_of(session, work, resources[i], each);
	return result;
}

int secret_each(struct session *session, struct sealed_work work,
    int (*each)(struct session *session, struct sealed_work *work))
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);
	int result = 0;

	work.settings = session->settings;
	work.database = session->database;
	work.arena = arena_new((size_t)64 * 1024, WORK_MEMORY);
	if (work.arena == NULL)
		return error_set_detail(&session->error, ERROR_UNAVAILABLE, "out of memory");
	for (unsigned i = 0; i < count && result == 0; i++) {
		const struct family *family = &contracts[i]->family;

		result =
		    each_of_all(session, &work, family->resources, family->resource_count, each);
		if (result == 0)
			result =
			    each_of_all(session, &work, family->views, family->view_count, each);
	}
	arena_free(work.arena);
	return result;
}

static int add_clear(struct session *session, struct sealed_work *work)
{
	int64_t clear = sealed_count_clear(work, &session->error);

	*(int64_t *)work->context += clear;
	return clear < 0 ? -1 : 0;
}

int64_t secret_count_clear(struct session *session)
{
	int64_t sum = 0;

	return secret_each(session, (struct sealed_work){ .context = &sum }, add_clear) == 0 ? sum
											     : -1;
}

/* What is counted, and where. */
struct others {
	const struct settings *settings;
	const char *id;
	int64_t sum;
};

static void add_others(void *context, const struct sealed_work *work, const char *id, int64_t count)
{
	struct others *others = context;
	bool known =
	    others->settings->seal_keys != NULL && seal_keys_have(others->settings->seal_keys, id);

	(void)work;
	if (others->id != NULL ? strcmp(others->id, id) != 0 : !known)
		others->sum += count;
}

static int count_others(struct session *session, struct sealed_work *work)
{
	return sealed_count_by_key(work, add_others, &session->error);
}

int64_t secret_count_others(struct session *session, const char *id)
{
	struct others others = { .settings = session->settings, .id = id };

	return secret_each(session, (struct sealed_work){ .context = &others }, count_others) == 0
		   ? others.sum
		   : -1;
}

static int convert(struct session *session, struct sealed_work *work)
{
	int64_t before = work->done;

	if (sealed_convert(work, &session->error) != 0)
		return -1;
	*(int64_t *)work->context += work->done - before;
	return 0;
}

enum command_status secret_convert(struct session *session)
{
	int64_t sealed = 0, clear = secret_count_clear(session);
	char id[SEAL_ID_TEXT];

	/* From now on a pool with another key file is told apart. */
	if (clear == 0 && session->settings->seal_keys != NULL &&
	    sealing_check(
		session->database, session->settings, session->arena, id, &session->error) != 0) {
		session_note(session, "The pool will answer 503: %s.", session->error.detail);
		error_clear(&session->error);
	}
	if (clear == 0)
		return COMMAND_OK;
	if (clear > 0 && session->settings->seal_keys == NULL)
		return session_fail(session,
		    "%lld secrets are stored in clear text in the database, and there is no key "
		    "file %s: run 'clientele secret init' as root, then run this command again.",
		    (long long)clear, session->settings->secret_key_path);
	if (clear < 0 ||
	    secret_each(session, (struct sealed_work){ .context = &sealed }, convert) != 0)
		return session_error(session);
	session_note(session, "%lld secrets that were stored in clear text are now encrypted.",
	    (long long)sealed);
	return COMMAND_OK;
}

enum command_status secret_look_after_restore(struct session *session)
{
	char id[SEAL_ID_TEXT];
	int64_t lost = secret_count_others(session, NULL);
	int chosen = chosen_key(session, id);

	if (lost < 0)
		return session_error(session);
	if (chosen <= 0 || session->settings->seal_keys == NULL ||
	    seal_keys_have(session->settings->seal_keys, id))
		return COMMAND_OK;
	if (lost == 0) {
		/* Nothing is sealed under it: the key of this machine does as well. */
		const char *newest = seal_keys_id(session->settings->seal_keys, 0);

		if (sealing_choose(session->database, newest, &session->error) != 0 ||
		    sealing_forget_others(session->database, &session->error) != 0)
			return session_error(session);
		return COMMAND_OK;
	}
	session_note(session,
	    "%lld passwords and private contents of resources are encrypted with key %s, which is "
	    "not in %s: the pool answers 503. Put the key file of the original machine there (a "
	    "backup made with --with-secrets has it as secret_key_file), or give them up: "
	    "clientele secret forget.",
	    (long long)lost, id, session->settings->secret_key_path);
	return COMMAND_OK;
}

/* --- secrets in the configuration --- */

static enum command_status seal_option(struct session *session)
{
	const struct option *option = option_find(str_from(session->operands[0]));
	char value[QUESTION_ANSWER_MAX];
	enum command_status status = COMMAND_OK;
	struct str sealed;
	int answered;

	if (option == NULL || !option->secret)
		return session_fail(session, "There is no option \"%s\" that holds a secret.",
		    session->operands[0]);
	if (session->settings->seal_keys == NULL)
		return session_fail(session,
		    "The key file %s is missing; create it with 'clientele secret init'.",
		    session->settings->secret_key_path);
	answered = question_secret(session, "value-stdin", "Value", true, value);
	if (answered < 0)
		return COMMAND_FAILED;
	if (answered == 0)
		return session_usage(session, "Give the value with --value-stdin.");
	sealed = config_seal(&session->config, option, str_from(value), session->arena);
	if (sealed.data != NULL)
		fprintf(session->out, STR_FORMAT "\n", STR_ARGUMENTS(sealed));
	else
		status = session_fail(session, "Out of memory.");
	explicit_bzero(value, sizeof(value));
	return status;
}

/* --- secret status --- */

static const struct print_column columns[] = {
	{ "place", "PLACE", PRINT_TEXT },
	{ "key", "KEY", PRINT_TEXT },
	{ "state", "STATE", PRINT_TEXT },
	{ "values", "VALUES", PRINT_INTEGER },
};

struct table {
	struct session *session;
	const char *active;
	struct bind *rows[ROWS_MAX];
	unsigned count;
	int64_t faulty; /* values that are in clear, or cannot be opened */
};

static void add_row(struct table *table, const struct sealed_work *work, const char *column,
    const char *id, const char *state, int64_t count)
{
	struct arena *arena = table->session->arena;
	struct bind *row = arena_alloc_array(arena, COUNT_OF(columns), sizeof(*row));

	if (row == NULL || table->count == ROWS_MAX)
		return;
	row[0] = BIND_STR(str_from(arena_printf(arena, "%s.%s", work->resource->table, column)));
	row[1] = BIND_STR(str_from(id != NULL ? arena_printf(arena, "%s", id) : ""));
	row[1].null = id == NULL;
	row[2] = BIND_STR(str_from(state));
	row[3] = BIND_INT(count);
	table->rows[table->count++] = row;
}

static void add_key(void *context, const struct sealed_work *work, const char *id, int64_t count)
{
	struct table *table = context;
	bool known = table->session->settings->seal_keys != NULL &&
		     seal_keys_have(table->session->settings->seal_keys, id);

	if (!known)
		table->faulty += count;
	add_row(table, work, work->resource->fields[work->field].column, id,
	    !known                           ? "key missing"
	    : strcmp(id, table->active) == 0 ? "active"
					     : "former",
	    count);
}

static int add_member(struct session *session, struct sealed_work *work)
{
	struct table *table = work->context;
	const struct field *field = &work->resource->fields[work->field];
	int64_t clear = sealed_count_clear(work, &session->error);

	if (clear < 0 || sealed_count_by_key(work, add_key, &session->error) != 0)
		return -1;
	if (clear > 0)
		add_row(table, work, field->former, NULL, "in clear", clear);
	table->faulty += clear;
	return 0;
}

static void tell_broken(
    void *context, const struct sealed_work *work, struct str key, const char *reason)
{
	struct table *table = context;

	table->faulty++;
	session_note(table->session, "%s.%s of row " STR_FORMAT " cannot be decrypted: %s.",
	    work->resource->table, work->resource->fields[work->field].column, STR_ARGUMENTS(key),
	    reason);
}

static int verify(struct session *session, struct sealed_work *work)
{
	return sealed_verify(work, &session->error);
}

static enum command_status status(struct session *session)
{
	struct table table = { .session = session };
	struct sealed_work work = { .context = &table, .lost = tell_broken };
	struct result result = { .rows = table.rows };
	char id[SEAL_ID_TEXT] = "";
	int chosen;

	if (session->settings->seal_keys == NULL)
		return session_fail(session,
		    "The key file %s is missing; create it with 'clientele secret init', or copy "
		    "it from another node.",
		    session->settings->secret_key_path);
	chosen = sealing_chosen(session->database, session->arena, id, &session->error);
	table.active = id;
	if (chosen < 0 || secret_each(session, work, add_member) != 0)
		return session_error(session);
	if (session_flag(session, "verify") != NULL && secret_each(session, work, verify) != 0)
		return session_error(session);
	for (unsigned i = 0; i < seal_keys_count(session->settings->seal_keys); i++) {
		const char *key = seal_keys_id(session->settings->seal_keys, i);

		session_note(session, "Key %s of %s%s.", key, session->settings->secret_key_path,
		    chosen == 0            ? ""
		    : strcmp(key, id) == 0 ? " is the active one"
					   : " is not the active one");
	}
	if (chosen > 0 && !seal_keys_have(session->settings->seal_keys, id)) {
		session_note(session,
		    "Key %s, with which the secrets in the database are encrypted, is missing.",
		    id);
		table.faulty++;
	}
	result.count = table.count;
	if (print_rows(session, columns, COUNT_OF(columns), &result) != COMMAND_OK)
		return COMMAND_FAILED;
	return table.faulty == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static const struct command_flag seal_flags[] = {
	{ .name = "value-stdin", .doc = "Read the value from standard input." },
	{ 0 },
};

static const struct command_flag status_flags[] = {
	{ .name = "verify",
	    .doc = "Decrypt every value, and name those that cannot be decrypted." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag rotate_flags[] = {
	{ .name = "stage",
	    .doc =
		"Only add the new key to the file, which must then be copied to the other nodes." },
	{ 0 },
};

static const struct command_flag forget_flags[] = {
	{ .name = "yes", .doc = "Do not ask for confirmation." },
	{ 0 },
};

const struct command secret_commands[] = {
	{ .words = "secret init",
	    .arguments = "",
	    .doc = "Create the key file for the secrets in the database, unless it exists.",
	    .as_caller = true,
	    .run = init },
	{ .words = "secret seal",
	    .arguments = "OPTION",
	    .least = 1,
	    .most = 1,
	    .flags = seal_flags,
	    .doc = "Encrypt the value of a secret option, for use in the configuration.",
	    .as_caller = true,
	    .run = seal_option },
	{ .words = "secret status",
	    .arguments = "",
	    .flags = status_flags,
	    .doc = "Show the keys, and how many secrets are encrypted with each.",
	    .run = status },
	{ .words = "secret rotate",
	    .arguments = "",
	    .flags = rotate_flags,
	    .doc = "Create a new key, encrypt all secrets with it, and remove the previous one.",
	    .as_caller = true,
	    .run = secret_rotate },
	{ .words = "secret forget",
	    .arguments = "",
	    .flags = forget_flags,
	    .doc = "Delete the secrets whose key is lost, and use the key in the file.",
	    .run = secret_forget },
	{ 0 },
};
