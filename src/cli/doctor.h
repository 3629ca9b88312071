/*
 * Checks of an installation: what is found, and what to do about it.
 */
#ifndef CLIENTELE_CLI_DOCTOR_H
#define CLIENTELE_CLI_DOCTOR_H

#include "cli/doctor_place.h"

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_SKIPPED, /* could not be looked at; the sentence says why */
	DOCTOR_WARNING,
	DOCTOR_FAULT,
	DOCTOR_STATE__MAX
};

struct doctor_finding {
	enum doctor_state state;
	const char *check; /* name of the check that found it */
	const char *text;
	const char *remedy; /* a command or a sentence; NULL where nothing is to be done */
};

#define DOCTOR_URL_MAX 1000 /* characters */

struct doctor {
	struct session *session;
	struct doctor_place place;
	const char *check; /* the one that runs */
	bool is_root;      /* when it began */
	struct doctor_finding *findings;
	unsigned count, room;
	bool lost; /* memory ran out: there are more findings than these */
};

/* Notes a finding; `remedy` may be NULL, and has its words for the place (doctor_place_expand). */
void doctor_note(struct doctor *doctor, enum doctor_state state, const char *remedy,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* How a state is called in JSON. */
const char *doctor_state_word(enum doctor_state state);

/* Whether a web server that is installed as a service passes calls on to this pool. */
bool doctor_site_is_enabled(struct doctor *doctor);

/* Path of the pool's socket: where one listens now, else where the options put it; "" where it is
 * none. *of_pool is set to the words that say which of both. */
const char *doctor_socket_path(struct session *session, const char **of_pool);

/* The folder of this pool's backups. */
const char *doctor_backups(const struct doctor *doctor);

/* Whether systemd says that of a unit ("is-active", "is-failed"). */
bool doctor_ask_systemd(struct doctor *doctor, const char *question, const char *unit);

/*
 * Whether the text is a URL to whose end a path can be added: http or https, without query,
 * fragment, user or password.
 */
bool doctor_url_is_usable(const char *url);

/* The checks, in the order in which they run; each notes one finding at least. */
void doctor_check_options(struct doctor *doctor);
void doctor_check_files(struct doctor *doctor);
void doctor_check_socket(struct doctor *doctor);
void doctor_check_web_servers(struct doctor *doctor);
void doctor_check_certificates(struct doctor *doctor);
void doctor_check_call(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);
void doctor_check_disks(struct doctor *doctor);
void doctor_check_timers(struct doctor *doctor);
void doctor_check_backups(struct doctor *doctor);
void doctor_check_sites(struct doctor *doctor);
void doctor_check_pool(struct doctor *doctor);
void doctor_check_database(struct doctor *doctor);
void doctor_check_cluster(struct doctor *doctor);
void doctor_check_administrator(struct doctor *doctor);

#endif
