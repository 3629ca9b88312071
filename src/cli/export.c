/*
 * Export of lists: what the API answers, written to a file by whoever runs on the machine.
 */
#include <errno.h>
#include <unistd.h>

#include "api/lists.h"
#include "base/timestamp.h"
#include "cli/apart.h"
#include "cli/output_file.h"
#include "cli/print.h"
#include "cli/session.h"
#include "op/contract.h"

#define PROGRESS_INTERVAL (MICROSECONDS_PER_SECOND / 4)

/* One list on its way out. */
struct export
{
	struct session *session;
	struct lists_parameter parameters[COMMAND_FLAGS_MAX];
	struct lists_request request;
	int fd;
	bool tells; /* of its progress, on a terminal */
	int64_t told;
	int64_t rows;
	int failure; /* errno of the part that could not be written */
};

/* --- what there is --- */

static enum command_status print_lists(struct session *session)
{
	static const struct print_column columns[] = {
		{ "list", "LIST", PRINT_TEXT },
		{ "family", "FAMILY", PRINT_TEXT },
		{ "description", "DESCRIPTION", PRINT_TEXT },
	};
	const struct route *route;
	unsigned count = 0;
	struct result result;

	while (lists_route(count) != NULL)
		count++;
	result.rows = arena_alloc_array(session->arena, count, sizeof(result.rows[0]));
	for (result.count = 0; result.rows != NULL && result.count < count; result.count++) {
		struct bind *row =
		    arena_alloc_array(session->arena, COUNT_OF(columns), sizeof(*row));

		if (row == NULL)
			break;
		route = lists_route(result.count);
		row[0] = BIND_STR(str_from(lists_name(route)));
		row[1] = BIND_STR(str_from(lists_family(route)->name));
		row[2] = BIND_STR(str_from(route->doc));
		result.rows[result.count] = row;
	}
	if (result.rows == NULL || result.count < count)
		return session_fail(session, "Out of memory.");
	return print_rows(session, columns, COUNT_OF(columns), &result);
}

/* --- what is wanted --- */

/* "NAME=VALUE" of --parameter. */
static bool take_parameter(struct export *export, const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text) {
		session_usage(export->session, "\"%s\" is not NAME=VALUE.", text);
		return false;
	}
	export->parameters[export->request.parameter_count++] = (struct lists_parameter){
		arena_printf(export->session->arena, "%.*s", (int)(equals - text), text), equals + 1
	};
	return true;
}

/* Options that are called like the parameters of the query language, and --parameter. */
static bool take_parameters(struct export *export)
{
	static const char *const named[] = { "filter", "sort", "select", "include" };
	const struct session *session = export->session;

	for (unsigned i = 0; i < session->given_count; i++) {
		const struct command_given *given = &session->given[i];

		if (strcmp(given->flag->name, "parameter") == 0 &&
		    !take_parameter(export, given->value))
			return false;
		for (unsigned j = 0; j < COUNT_OF(named); j++) {
			if (strcmp(given->flag->name, named[j]) == 0)
				export->parameters[export->request.parameter_count++] =
				    (struct lists_parameter){ named[j], given->value };
		}
	}
	return true;
}

static bool take_request(struct export *export)
{
	struct session *session = export->session;
	const char *format = session_flag(session, "format");

	export->request.list = session->operands[0];
	export->request.parameters = export->parameters;
	if (!writer_format_find(
		str_from(format != NULL ? format : "csv"), &export->request.format)) {
		session_usage(session,
		    "\"%s\" is no format; give csv, csv-kept, jsonl, json or xml.", format);
		return false;
	}
	return take_parameters(export);
}

/* --- on its way --- */

static void tell_progress(struct export *export)
{
	int64_t now = timestamp_monotonic();

	if (!export->tells || now - export->told < PROGRESS_INTERVAL)
		return;
	export->told = now;
	fprintf(export->session->err, "\r%lld rows", (long long)export->rows);
	fflush(export->session->err);
}

static void end_progress(const struct export *export)
{
	if (export->told != 0)
		fputs("\r", export->session->err);
}

static bool take_part(void *data, struct str part, int64_t rows)
{
	struct export *export = data;

	export->rows = rows;
	while (part.length > 0) {
		ssize_t written = write(export->fd, part.data, part.length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			export->failure = errno;
			return false;
		}
		part = str_slice(part, (size_t)written, part.length);
	}
	tell_progress(export);
	return true;
}

static enum command_status tell_faults(struct session *session)
{
	const struct error *error = &session->error;

	if (error->faults == NULL)
		return session_error(session);
	for (const struct fault *fault = error->faults; fault != NULL; fault = fault->next)
		session_fail(session, "%s", fault->message);
	return COMMAND_FAILED;
}

/* Nothing else knows why a part was not taken. */
static enum command_status tell_failure(struct export *export)
{
	struct session *session = export->session;

	if (export->failure != 0)
		return session_fail(
		    session, "The output cannot be written: %s.", strerror(export->failure));
	if (session->error.code == ERROR_NO_ROUTE)
		return session_fail(session,
		    "The list \"%s\" does not exist; see 'clientele export --list'.",
		    session->operands[0]);
	return tell_faults(session);
}

/* Writes the list to export->fd, as the user of the pool. */
static enum command_status write_list(struct export *export)
{
	struct session *session = export->session;
	struct context *context;
	int result;

	if (!session_become_pool(session))
		return COMMAND_FAILED;
	context = session_context(session);
	if (context == NULL)
		return session_error(session);
	export->tells = isatty(fileno(session->err)) && !isatty(export->fd);
	result = lists_write(context, &export->request, &session->error);
	end_progress(export);
	return result == 0 ? COMMAND_OK : tell_failure(export);
}

/* --- to a file --- */

static int write_apart(void *data)
{
	struct export *export = data;
	enum command_status status = write_list(export);

	if (status == COMMAND_OK)
		session_note(export->session, "%lld rows were exported.", (long long)export->rows);
	return status;
}

/*
 * The list is written by a process that becomes the user of the pool: the file is the caller's, who
 * may put it where the pool may not.
 */
static enum command_status write_to_file(struct export *export, const char *path)
{
	struct session *session = export->session;
	struct output_file file;
	int status;

	if (output_file_begin(&file, path) != 0)
		return session_fail(session, "%s cannot be written: %s.", path,
		    errno == EEXIST ? "it is no plain file" : strerror(errno));
	export->fd = file.fd;
	status = apart_run(write_apart, export);
	if (status < 0)
		session_fail(session, "The export was interrupted (%s).", strerror(errno));
	if (status != COMMAND_OK) {
		output_file_discard(&file);
		return status < 0 ? COMMAND_FAILED : (enum command_status)status;
	}
	if (output_file_keep(&file) != 0)
		return session_fail(session, "%s cannot be written: %s.", path, strerror(errno));
	return COMMAND_OK;
}

static enum command_status export_list(struct session *session)
{
	struct export export = { .session = session, .fd = STDOUT_FILENO };
	const char *path = session_flag(session, "output");

	export.request.take = take_part;
	export.request.data = &export;
	if (session_flag(session, "list") != NULL)
		return print_lists(session);
	if (session->operand_count == 0)
		return session_usage(session, "The name of a list is missing; --list shows them.");
	if (!take_request(&export))
		return COMMAND_USAGE;
	return path != NULL ? write_to_file(&export, path) : write_list(&export);
}

static const struct command_flag flags[] = {
	{ .name = "list", .doc = "Print the names of the lists." },
	{ .name = "format",
	    .value = "FORMAT",
	    .doc =
		"csv (the default), csv-kept (texts that look like formulas as they are), jsonl, "
		"json or xml." },
	{ .name = "filter", .value = "FILTER", .doc = "Only rows that meet this condition." },
	{ .name = "sort", .value = "MEMBERS", .doc = "Members to sort by, each with asc or desc." },
	{ .name = "select", .value = "MEMBERS", .doc = "Members to export; default: all." },
	{ .name = "include", .value = "RELATIONS", .doc = "Relations to export; * is every one." },
	{ .name = "parameter",
	    .value = "NAME=VALUE",
	    .doc = "Another parameter of the list, as the API has it; may be repeated." },
	{ .name = "output",
	    .value = "FILE",
	    .doc = "File to create, only when all of it is written; default: standard output." },
	{ 0 },
};

const struct command export_commands[] = {
	{ .words = "export",
	    .arguments = "LIST | --list",
	    .least = 0,
	    .most = 1,
	    .flags = flags,
	    .doc = "Write a list of the API to a file, with all its rows.",
	    .as_caller = true,
	    .run = export_list },
	{ 0 },
};
