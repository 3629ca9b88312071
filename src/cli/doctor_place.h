/*
 * Where the doctor is: what a remedy is called on this machine, for this pool.
 */
#ifndef CLIENTELE_CLI_DOCTOR_PLACE_H
#define CLIENTELE_CLI_DOCTOR_PLACE_H

#include "cli/session.h"

enum doctor_place_kind {
	DOCTOR_MACHINE,    /* the pool of the machine, or one that somebody has started by hand */
	DOCTOR_SITE,       /* clientele@NAME */
	DOCTOR_QUICKSTART, /* what scripts/quickstart has made: no units, a database of its own */
	DOCTOR_PLACE__MAX
};

struct doctor_place {
	enum doctor_place_kind kind;
	const char *name;   /* of the site */
	const char *config; /* the file */
	const char *state;  /* folder of a quickstart */
	const char *script; /* command that starts it */
};

/* Finds out by the configuration file that the session has read. */
void doctor_place_find(const struct session *session, struct doctor_place *place);

/*
 * The text with the words for this place instead of "{cli}", "{restart}" and their like; see the
 * table in the source. NULL stays NULL.
 */
const char *doctor_place_expand(
    const struct doctor_place *place, const char *text, struct arena *arena);

#endif
