#include "source.h"

#include <stdio.h>
#include <stdlib.h>

const char *source_path(const char *name)
{
	static char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", SOURCE_DIRECTORY, name) >= sizeof(path))
		abort();
	return path;
}
