/*
 * The backups of this pool: the newest one that is whole, and when it was made.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "cli/backup_folder.h"
#include "cli/doctor.h"
#include "server/site.h"

#define BACKUPS "/var/backups/clientele"
#define BACKUP_DAYS 2
#define DAY (86400 * MICROSECONDS_PER_SECOND)

const char *doctor_backups(const struct doctor *doctor)
{
	const char *given = session_flag(doctor->session, "backups");

	if (given != NULL)
		return given;
	if (doctor->place.kind == DOCTOR_SITE)
		return arena_printf(doctor->session->arena, SITE_BACKUPS "%s", doctor->place.name);
	if (doctor->place.kind == DOCTOR_QUICKSTART)
		return arena_printf(doctor->session->arena, "%s/backups", doctor->place.state);
	return BACKUPS;
}

/* The search for the newest backup that is whole. */
struct backup_search {
	struct doctor *doctor;
	int parent;
	bool found;
	struct backup_manifest manifest; /* of that one */
};

static int verify(struct backup_search *search, const char *name)
{
	struct session *session = search->doctor->session;
	int folder = openat(search->parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
	    result;

	if (folder < 0)
		return error_set_detail(
		    &session->error, ERROR_UNAVAILABLE, "open %s: %s", name, strerror(errno));
	result = backup_verify(session, folder, &search->manifest);
	(void)close(folder);
	return result;
}

static bool look_at_backup(void *context, const char *name)
{
	struct backup_search *search = context;
	struct error *error = &search->doctor->session->error;

	search->found = verify(search, name) == 0;
	if (!search->found)
		doctor_note(search->doctor, DOCTOR_FAULT,
		    "check the disk, remove it and make a new one: {backup-logs}",
		    "the backup %s is damaged: %s", name, error->detail);
	error_clear(error);
	return !search->found;
}

static void judge_age(struct doctor *doctor, const struct backup_manifest *manifest)
{
	int64_t made;

	if (!timestamp_parse(str_from(manifest->created), &made))
		doctor_note(doctor, DOCTOR_FAULT, "{backup-logs}",
		    "the newest backup does not state when it was made");
	else if (timestamp_now() - made > BACKUP_DAYS * DAY)
		doctor_note(doctor, DOCTOR_WARNING, "{backup-logs}",
		    "the newest intact backup is from %s, more than %d days old", manifest->created,
		    BACKUP_DAYS);
	else if (made - timestamp_now() > DAY)
		doctor_note(doctor, DOCTOR_WARNING, "check the clock of the machine",
		    "the newest backup is dated %s, which is in the future", manifest->created);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "the newest backup is intact, from %s",
		    manifest->created);
}

/* A night that failed shows at once, not when the last good one has become old. */
static void check_last_run(struct doctor *doctor)
{
	const char *unit = doctor->place.kind == DOCTOR_SITE
			       ? arena_printf(doctor->session->arena, "clientele-backup@%s.service",
				     doctor->place.name)
			       : "clientele-backup.service";

	if (doctor->place.kind != DOCTOR_QUICKSTART && access("/run/systemd/system", F_OK) == 0 &&
	    doctor_ask_systemd(doctor, "is-failed", unit))
		doctor_note(
		    doctor, DOCTOR_FAULT, "{backup-logs}", "the last run of %s failed", unit);
}

void doctor_check_backups(struct doctor *doctor)
{
	const char *directory = doctor_backups(doctor);
	struct backup_search search = { .doctor = doctor };
	int64_t count;

	check_last_run(doctor);
	search.parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (search.parent < 0 && errno == EACCES) {
		doctor_note(
		    doctor, DOCTOR_SKIPPED, "run it as root", "%s: %s", directory, strerror(errno));
		return;
	}
	count = search.parent < 0
		    ? 0
		    : backup_each(doctor->session, search.parent, look_at_backup, &search);
	if (count < 0)
		doctor_note(doctor, DOCTOR_FAULT, "check the disk", "%s: %s", directory,
		    doctor->session->error.detail);
	else if (search.found)
		judge_age(doctor, &search.manifest);
	else
		doctor_note(doctor, DOCTOR_WARNING, "{backup}", "there is no %sbackup in %s",
		    count > 0 ? "intact " : "", directory);
	if (search.parent >= 0)
		(void)close(search.parent);
}
