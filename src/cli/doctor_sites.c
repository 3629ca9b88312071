/*
 * The sites of the machine, each by its own doctor.
 */
#include <glob.h>

#include "cli/child.h"
#include "cli/doctor.h"
#include "codec/reader.h"
#include "server/site.h"

#define PROGRAM "/proc/self/exe"
#define SAID_MAX ((size_t)256 * 1024)

static void count_finding(const struct node *finding, unsigned counts[DOCTOR_STATE__MAX])
{
	struct str word = node_find_text(finding, "state");

	for (unsigned i = 0; i < DOCTOR_STATE__MAX; i++)
		counts[i] += str_equal(word, str_from(doctor_state_word(i)));
}

/* How many findings of each state a doctor has. False where it has not come so far. */
static bool read_counts(struct arena *arena, const char *said, unsigned counts[DOCTOR_STATE__MAX])
{
	const struct node *findings = json_read_stored(arena, str_from(said));

	if (findings == NULL || findings->kind != NODE_ARRAY)
		return false;
	for (const struct node *one = findings->children; one != NULL; one = one->next)
		count_finding(one, counts);
	return true;
}

static void ask_doctor(struct doctor *doctor, const char *name, const char *path)
{
	struct arena *arena = doctor->session->arena;
	const char *config = arena_printf(arena, "--config=%s", path);
	const char *const arguments[] = { PROGRAM, config, "doctor", "--json", NULL };
	const char *remedy = arena_printf(arena, "clientele --config=%s doctor", path);
	char *said = arena_alloc(arena, SAID_MAX);
	struct error *error = &doctor->session->error;
	unsigned counts[DOCTOR_STATE__MAX] = { 0 };
	struct child child;

	if (said == NULL || child_start(&child, arguments, CHILD_READ, -1, -1, error) != 0) {
		doctor_note(
		    doctor, DOCTOR_SKIPPED, remedy, "the site %s could not be checked", name);
		return;
	}
	child_read_text(&child, said, SAID_MAX);
	child_abandon(&child); /* its status is in what it said */
	if (!read_counts(arena, said, counts))
		doctor_note(
		    doctor, DOCTOR_FAULT, remedy, "the doctor of the site %s did not finish", name);
	else if (counts[DOCTOR_FAULT] > 0)
		doctor_note(doctor, DOCTOR_FAULT, remedy, "the site %s has faults", name);
	else if (counts[DOCTOR_WARNING] > 0)
		doctor_note(doctor, DOCTOR_WARNING, remedy, "the site %s has warnings", name);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "the site %s has no faults", name);
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
		doctor_note(doctor, DOCTOR_OK, NULL, "there are no sites");
	}
	globfree(&files);
}
