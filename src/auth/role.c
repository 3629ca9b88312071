#include "auth/role.h"

#include "base/buf.h"

#define R PERMISSION_READ
#define U PERMISSION_UPDATE
#define D PERMISSION_DELETE
#define C PERMISSION_CREATE
#define ALL PERMISSION_ALL

#define AREA_WHOLE(id, name, title, unknown) [AREA_##id] = ALL,

/* The identifiers of the first four are those that programs written for the reference API know. */
static const struct role roles[] = {
	{ .name = "Administrator", .id = "1734e428-eaa4-47e2-b66e-281443fe3e1d", .doc = "May do everything.",
	    .permissions = {
	        AREAS(AREA_WHOLE)
	    } },
	{ .name = "Customer", .id = "825d86a9-f620-417c-93a9-edf4fdbdeebe",
	    .doc = "A customer: sees its own record, orders, licenses and seats, changes its contact "
		   "data, frees its seats.",
	    .permissions = { [AREA_OWN] = R | U | D } },
	{ .name = "LicenseManager", .id = "8659d2c3-13b1-46e7-9600-9cb3abf38843",
	    .doc = "Manages licenses and everything they are created from.",
	    .permissions = {
	        [AREA_LICENSES] = ALL,
	        [AREA_PRODUCTS] = ALL,
	        [AREA_RESOURCES] = ALL,
	        [AREA_LOG] = R,
	        [AREA_WEBHOOKS] = ALL,
	        [AREA_SIGNING_KEYS] = ALL,
	        [AREA_MAIL] = R | C,
	        [AREA_FREE_MAIL] = C, /* who writes the stored texts may write any */
	    } },
	{ .name = "Sales", .id = "efc6b584-2c4a-4c2b-8f3a-51e5cf0e54cf",
	    .doc = "Manages customers and orders, issues licenses.",
	    .permissions = {
	        [AREA_LICENSES] = R | U | C,
	        [AREA_PRODUCTS] = R,
	        [AREA_RESOURCES] = R,
	        [AREA_CUSTOMERS] = ALL,
	        [AREA_ORDERS] = ALL,
	        [AREA_LOG] = R,
	        [AREA_MAIL] = R | C,
	        [AREA_SIGNING_KEYS] = R,
	    } },
	{ .name = "Application", .id = "5b0c2f0e-6a5f-4d53-9f1e-0b7d3a1c8e42",
	    .doc = "An installed application: activates, validates, reports, announces itself.",
	    .permissions = {
	        [AREA_DISCOVERY] = ALL,
	        [AREA_ACTIVATION] = ALL,
	        [AREA_SIGNING_KEYS] = R, /* public halves, to verify licenses */
	    } },
	{ .name = "HostingManager", .id = "c9d1a6b7-3e58-4f0a-8a64-2f7be1d90c15",
	    .doc = "Manages hosting accounts and their domains.",
	    .permissions = { [AREA_HOSTING] = ALL } },
	{ .name = "DelegateManager", .id = "e47f8b12-90c3-4a6d-b5d8-716c2e03fa9b",
	    .doc = "Manages delegate groups and their clients.",
	    .permissions = { [AREA_DELEGATES] = ALL } },
	{ .name = "AccountManager", .id = "3f6b9a80-52c7-4d1e-8b94-e7d03c5a1f68",
	    .doc = "Manages the own account, those below it, and their users.",
	    .permissions = { [AREA_ACCOUNTS] = ALL } },
	{ .name = "Delegate", .id = "b2d94c17-6e0f-4a83-9c5b-1f7a38e6d042",
	    .doc = "A delegate: sees the own groups with their delegates and clients, and changes them "
		   "where its canManageClients and canManageDelegates say so.",
	    .permissions = { [AREA_OWN_GROUPS] = ALL } },
};

const struct role *role_table(unsigned *count)
{
	*count = sizeof(roles) / sizeof(roles[0]);
	return roles;
}

int role_find(struct str name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (str_equal_ignore_case(str_from(roles[i].name), name))
			return (int)i;
	}
	return -1;
}

struct str role_names(struct arena *arena, uint32_t set)
{
	struct buf names = { 0 };
	struct str copy;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (!(set & (UINT32_C(1) << i)))
			continue;
		buf_append_text(&names, names.length == 0 ? "[" : ",");
		buf_append_json_string(&names, str_from(roles[i].name));
	}
	buf_append_text(&names, names.length == 0 ? "[]" : "]");
	copy = arena_str(arena, buf_str(&names));
	buf_free(&names);
	return copy;
}

uint32_t role_bit(const struct uuid *id)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct uuid known;

		if (uuid_parse(str_from(roles[i].id), &known) && uuid_equal(&known, id))
			return UINT32_C(1) << i;
	}
	return 0;
}

uint8_t role_permissions(uint32_t mask, enum area area)
{
	uint8_t permissions = 0;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]) && mask != 0; i++, mask >>= 1) {
		if (mask & 1)
			permissions |= roles[i].permissions[area];
	}
	return permissions;
}
