/*
 * The list of checks, and what they have found.
 */
#include "cli/doctor.h"
#include "cli/print.h"

#include <stdarg.h>
#include <unistd.h>

#include "schema/resource.h"

/* The database knows the pool by its user: from here on root is that user. */
static void become_pool(struct doctor *doctor)
{
	struct session *session = doctor->session;

	if (!session_become_pool(session))
		doctor_note(doctor, DOCTOR_FAULT, "set the option user to an existing user",
		    "root cannot become the user \"%s\" of the pool", session->settings->user);
	error_clear(&session->error);
}

#define ONLY(kind) (1u << (kind))
#define ON_SERVICES (ONLY(DOCTOR_MACHINE) | ONLY(DOCTOR_SITE))

static const struct {
	const char *name; /* NULL = no check, a step between them */
	void (*run)(struct doctor *doctor);
	unsigned places; /* where it is of use; 0 = everywhere */
} checks[] = {
	{ "configuration", doctor_check_options, 0 },
	{ "files", doctor_check_files, 0 },
	{ "socket", doctor_check_socket, 0 },
	{ "web server", doctor_check_web_servers, ON_SERVICES },
	{ "certificate", doctor_check_certificates, ON_SERVICES },
	{ "call", doctor_check_call, 0 },
	/* A site looks at its own pieces only. */
	{ "clock", doctor_check_clock, ONLY(DOCTOR_MACHINE) | ONLY(DOCTOR_QUICKSTART) },
	{ "disk", doctor_check_disks, 0 },
	{ "timers", doctor_check_timers, 0 },
	{ "timers", doctor_check_backups, 0 }, /* which make them */
	{ "sites", doctor_check_sites, ONLY(DOCTOR_MACHINE) },
	{ NULL, become_pool, 0 },
	{ "pool", doctor_check_pool, 0 },
	{ "database", doctor_check_database, 0 },
	{ "cluster", doctor_check_cluster, 0 },
	{ "administrator", doctor_check_administrator, 0 },
};

static const struct {
	const char *word; /* in JSON */
	const char *mark; /* for people, at the beginning of a line */
} states[DOCTOR_STATE__MAX] = {
	[DOCTOR_OK] = { "ok", "ok" },
	[DOCTOR_SKIPPED] = { "skipped", "--" },
	[DOCTOR_WARNING] = { "warning", "WARN" },
	[DOCTOR_FAULT] = { "fault", "FAULT" },
};

const char *doctor_state_word(enum doctor_state state)
{
	return states[state].word;
}

/* Each machine has as many findings as it has; none may push another out. */
static bool make_room(struct doctor *doctor)
{
	unsigned room = doctor->room > 0 ? 2 * doctor->room : 64;
	struct doctor_finding *findings;

	if (doctor->count < doctor->room)
		return true;
	findings = arena_alloc_array(doctor->session->arena, room, sizeof(*findings));
	if (findings == NULL)
		return false;
	if (doctor->count > 0)
		memcpy(findings, doctor->findings, doctor->count * sizeof(*findings));
	doctor->findings = findings;
	doctor->room = room;
	return true;
}

void doctor_note(
    struct doctor *doctor, enum doctor_state state, const char *remedy, const char *format, ...)
{
	struct arena *arena = doctor->session->arena;
	struct doctor_finding *finding;
	va_list arguments;

	if (!make_room(doctor)) {
		doctor->lost = true;
		return;
	}
	finding = &doctor->findings[doctor->count++];
	va_start(arguments, format);
	*finding = (struct doctor_finding){
		.state = state,
		.check = doctor->check,
		.text = arena_vprintf(arena, format, arguments),
		.remedy = doctor_place_expand(&doctor->place, remedy, arena),
	};
	va_end(arguments);
	doctor->lost = doctor->lost || finding->text == NULL;
}

static unsigned count_state(const struct doctor *doctor, enum doctor_state state)
{
	unsigned count = 0;

	for (unsigned i = 0; i < doctor->count; i++)
		count += doctor->findings[i].state == state;
	return count;
}

static void print_text(const struct doctor *doctor)
{
	FILE *out = doctor->session->out;

	for (unsigned i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];

		fprintf(out, "%-6s%s: %s\n", states[finding->state].mark, finding->check,
		    finding->text);
		if (finding->remedy != NULL)
			fprintf(out, "      -> %s\n", finding->remedy);
	}
	fprintf(out, "%u faults, %u warnings.\n", count_state(doctor, DOCTOR_FAULT),
	    count_state(doctor, DOCTOR_WARNING));
}

static enum command_status print_findings(const struct doctor *doctor)
{
	struct print_json json;

	print_json_begin(&json);
	writer_array_begin(&json.writer, NULL, "finding");
	for (unsigned i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];

		writer_object_begin(&json.writer, NULL);
		print_add_text(&json.writer, "check", finding->check);
		print_add_text(&json.writer, "state", doctor_state_word(finding->state));
		print_add_text(&json.writer, "finding", finding->text);
		print_add_text(&json.writer, "remedy", finding->remedy);
		writer_object_end(&json.writer);
	}
	writer_array_end(&json.writer);
	return print_json_end(doctor->session, &json);
}

static enum command_status report_findings(const struct doctor *doctor)
{
	if (doctor->lost)
		return session_fail(doctor->session, "Out of memory: not all findings fit.");
	if (!doctor->session->json)
		print_text(doctor);
	else if (print_findings(doctor) != COMMAND_OK)
		return COMMAND_FAILED;
	return count_state(doctor, DOCTOR_FAULT) == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static enum command_status run_doctor(struct session *session)
{
	struct doctor *doctor = arena_alloc(session->arena, sizeof(*doctor));
	const char *url = session_flag(session, "url");

	if (url != NULL && !doctor_url_is_usable(url))
		return session_usage(session,
		    "--url must be an http or https URL of at most %d characters, without query, "
		    "fragment, user or password.",
		    DOCTOR_URL_MAX);
	if (doctor == NULL)
		return session_fail(session, "Out of memory.");
	*doctor = (struct doctor){ .session = session, .is_root = geteuid() == 0 };
	doctor_place_find(session, &doctor->place);
	for (unsigned i = 0; i < COUNT_OF(checks); i++) {
		if (checks[i].places != 0 && (checks[i].places & ONLY(doctor->place.kind)) == 0)
			continue;
		doctor->check = checks[i].name != NULL ? checks[i].name : "pool";
		checks[i].run(doctor);
		error_clear(&session->error);
	}
	return report_findings(doctor);
}

/* Without options nothing else can be looked at. */
static enum command_status run_faulty(struct session *session, struct str faults)
{
	struct doctor *doctor = arena_alloc(session->arena, sizeof(*doctor));
	struct str line;

	if (doctor == NULL)
		return session_fail(session, "Out of memory.");
	*doctor = (struct doctor){ .session = session, .check = "configuration" };
	doctor_place_find(session, &doctor->place);
	while (faults.length > 0 && str_next(&faults, '\n', &line)) {
		if (line.length > 0)
			doctor_note(doctor, DOCTOR_FAULT,
			    "correct it there, then run: {cli} config check", STR_FORMAT,
			    STR_ARGUMENTS(line));
	}
	return report_findings(doctor);
}

static const struct command_flag flags[] = {
	{ "url", "URL", "Also call the service at this URL, as its callers do." },
	{ "backups", "DIRECTORY", "Look for backups there." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command doctor_commands[] = {
	{ .words = "doctor",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Check the installation and explain how to correct what is wrong.",
	    .as_caller = true,
	    .run = run_doctor,
	    .run_faulty = run_faulty },
	{ 0 },
};
