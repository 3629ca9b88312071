#include "schema/access.h"

#include <stddef.h>

/* AREA_NONE has no row: it has no name, and everything unknown is a fault there. */
enum unknown_members { FAULTS, SKIPPED };

#define AREA_ROW(id, name, title, unknown) [AREA_##id] = { name, title, unknown },

static const struct {
	const char *name, *title;
	enum unknown_members unknown;
} areas[AREA__MAX] = { AREAS(AREA_ROW) };

#define OWNER_ROW(id, area, name, rows) [OWNER_##id] = { area, name, rows },

static const struct {
	enum area area;
	const char *name, *rows;
} owners[OWNER__MAX] = { OWNER_KINDS(OWNER_ROW) };

static const char *const access_names[ACCESS__MAX] = {
	[ACCESS_KEY] = "key",
	[ACCESS_SIGHT] = "sight",
	[ACCESS_PUBLIC] = "public",
	[ACCESS_GROUP] = "group",
	[ACCESS_CLIENT] = "client",
	[ACCESS_KEY_OR_CLIENT] = "key or client",
	[ACCESS_REGISTRATION] = "registration",
	[ACCESS_USER_KEY] = "user key",
	[ACCESS_SESSION] = "session",
	[ACCESS_OPERATOR] = "operator",
	[ACCESS_ACCOUNT] = "account",
};

const char *access_name(enum access access)
{
	return access_names[access];
}

const char *permission_name(enum permission permission)
{
	switch (permission) {
	case PERMISSION_READ:
		return "read";
	case PERMISSION_UPDATE:
		return "update";
	case PERMISSION_DELETE:
		return "delete";
	case PERMISSION_CREATE:
		return "create";
	default:
		return NULL;
	}
}

const char *area_name(enum area area)
{
	return areas[area].name;
}

const char *area_title(enum area area)
{
	return areas[area].title;
}

bool area_skips_unknown(enum area area)
{
	return areas[area].unknown == SKIPPED;
}

enum area owner_area(enum owner owner)
{
	return owners[owner].area;
}

const char *owner_name(enum owner owner)
{
	return owners[owner].name;
}

const char *owner_rows(enum owner owner)
{
	return owners[owner].rows;
}
