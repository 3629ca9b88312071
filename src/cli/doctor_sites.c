/*
 * The sites of the machine, each by its own doctor.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "cli/child.h"
#include "cli/doctor.h"
#include "server/site.h"

#define PROGRAM "/proc/self/exe"
#define SAID_MAX ((size_t)256 * 1024)

/* What a doctor counts in its last line. False where it has not come so far. */
static bool read_counts(const char *said, unsigned *faults, unsigned *warnings)
{
	const char *end = said + strlen(said);

	while (end > said && end[-1] == '\n')
		end--;
	while (end > said && end[-1] != '\n')
		end--;
	return sscanf(end, "%u faults, %u warnings.", faults, warnings) == 2;
}

static void ask_doctor(struct doctor *doctor, const char *name, const char *path)
{
	struct arena *arena = doctor->session->arena;
	const char *config = arena_printf(arena, "--config=%s", path);
	const char *const arguments[] = { PROGRAM, config, "doctor", NULL };
	const char *remedy = arena_printf(arena, "clientele --config=%s doctor", path);
	char *said = arena_alloc(arena, SAID_MAX);
	struct error *error = &doctor->session->error;
	unsigned faults = 0, warnings = 0;
	struct child child;

	if (said == NULL || child_start(&child, arguments, CHILD_READ, -1, -1, error) != 0) {
		doctor_note(
		    doctor, DOCTOR_SKIPPED, remedy, "the site %s could not be looked at", name);
		return;
	}
	child_read_text(&child, said, SAID_MAX);
	child_abandon(&child); /* its status is in what it said */
	if (!read_counts(said, &faults, &warnings) || faults > 0)
		doctor_note(doctor, DOCTOR_FAULT, remedy, "the site %s has faults", name);
	else if (warnings > 0)
		doctor_note(
		    doctor, DOCTOR_WARNING, remedy, "the site %s has %u warnings", name, warnings);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "the site %s is well", name);
}

void doctor_check_sites(struct doctor *doctor)
{
	glob_t files = { 0 };

	if (glob(SITE_FOLDER "/*.conf", 0, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc; i++) {
			const char *path = files.gl_pathv[i];

			ask_doctor(doctor,
			    arena_printf(
				doctor->session->arena, STR_FORMAT, STR_ARGUMENTS(site_of(path))),
			    path);
		}
	} else {
		doctor_note(
		    doctor, DOCTOR_OK, NULL, "there are none besides the machine's own pool");
	}
	globfree(&files);
}
