#include "db/server_version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_MAJOR 10
#define LEAST_MINOR 10
/* Put before the real one by servers that had to please old replicas. */
#define REPLICATION_PREFIX "5.5.5-"

bool server_version_check(const char *version, char *reason, size_t size)
{
	const char *own = version;
	char *end;
	long major, minor;

	if (strstr(version, "MariaDB") == NULL) {
		snprintf(reason, size,
		    "the server is not MariaDB (its version is %.64s); " SERVER_VERSION_LEAST
		    " or newer is required",
		    version);
		return false;
	}
	if (strncmp(own, REPLICATION_PREFIX, sizeof(REPLICATION_PREFIX) - 1) == 0)
		own += sizeof(REPLICATION_PREFIX) - 1;
	major = strtol(own, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	if (major > LEAST_MAJOR || (major == LEAST_MAJOR && minor >= LEAST_MINOR))
		return true;
	snprintf(reason, size,
	    "the server has version %.64s; " SERVER_VERSION_LEAST " or newer is required", own);
	return false;
}
