#define _GNU_SOURCE 1
#include "server/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

int identity_find(const struct settings *settings, struct identity *identity, struct error *error)
{
	const struct passwd *user;
	const struct group *group;

	*identity = (struct identity){ .uid = geteuid(), .gid = getegid() };
	if (settings->user[0] != '\0') {
		user = getpwnam(settings->user);
		if (user == NULL)
			return error_set_detail(
			    error, ERROR_UNAVAILABLE, "no user %s", settings->user);
		identity->user = settings->user;
		identity->uid = user->pw_uid;
		identity->gid = user->pw_gid;
	}
	if (settings->group[0] != '\0') {
		group = getgrnam(settings->group);
		if (group == NULL)
			return error_set_detail(
			    error, ERROR_UNAVAILABLE, "no group %s", settings->group);
		identity->gid = group->gr_gid;
	}
	return 0;
}

int identity_take(const struct identity *identity, struct error *error)
{
	if (geteuid() != 0) {
		if (identity->uid != geteuid() || identity->gid != getegid())
			log_event(LOG_LEVEL_WARNING, "only root can change to user and group");
		return 0;
	}
	if (identity->user != NULL && initgroups(identity->user, identity->gid) != 0)
		return error_set_detail(error, ERROR_UNAVAILABLE, "groups: %s", strerror(errno));
	if (setgid(identity->gid) != 0 || setuid(identity->uid) != 0)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "change user: %s", strerror(errno));
	return 0;
}
