/*
 * Who a process is: the change from root to the user and group of the configuration.
 */
#ifndef CLIENTELE_SERVER_IDENTITY_H
#define CLIENTELE_SERVER_IDENTITY_H

#include <sys/types.h>

#include "base/error.h"
#include "base/settings.h"

struct identity {
	const char *user; /* of the settings; NULL = the user stays as it is */
	uid_t uid;
	gid_t gid;
};

/* Looks up the options user and group. Returns 0, or -1 with ERROR_UNAVAILABLE when one is unknown.
 */
int identity_find(const struct settings *settings, struct identity *identity, struct error *error);

/*
 * Becomes that identity for good, with its supplementary groups. Without root nothing changes; a
 * warning is logged where something should have. Returns 0, or -1 with ERROR_UNAVAILABLE.
 */
int identity_take(const struct identity *identity, struct error *error);

#endif
