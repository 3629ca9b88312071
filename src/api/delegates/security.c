#include "api/delegates/security.h"

#include "api/delegates/delegates.h"

#define STORED(name, column, text) \
	{ BOOLEAN(name, column), .flags = FIELD_NOT_NULL, .fallback = "false", .doc = (text) },
#define STORED_BY_DELEGATES(name, column, text)                                 \
	{ BOOLEAN(name, column), .flags = FIELD_NOT_NULL | FIELD_OWNER_CHANGES, \
		.fallback = "false", .doc = (text) },
#define THAT_HOLDS(name, column, text)                                                      \
	{ BOOLEAN(name, NULL), .flags = FIELD_NOT_NULL | FIELD_BY_RULE,                     \
		.expression = "IF({}.inherit_group_security, g." column ", {}." column ")", \
		.doc = (text) },

static const struct field group_fields[] = { SECURITY_SETTINGS(STORED) };
static const struct field holding_fields[] = { SECURITY_SETTINGS(THAT_HOLDS) };
static const struct field own_fields[] = {
	SECURITY_SETTINGS(STORED_BY_DELEGATES){
	    INT32("id", "id"), .flags = FIELD_KEY | FIELD_READONLY, .doc = "The delegate." },
};

const struct resource delegate_group_security = {
	.name = "security settings",
	.type_name = "DelegateSecurity",
	.area = AREA_DELEGATES,
	FIELDS(group_fields),
	.doc = "What delegates may do.",
};

const struct resource delegate_security = {
	.name = "security settings of delegate",
	.type_name = "DelegateSecurity",
	.area = AREA_DELEGATES,
	FIELDS(holding_fields),
	.doc = "What delegates may do.",
};

const struct resource delegate_own_security = {
	.name = "own security settings of delegate",
	.type_name = "DelegateOwnSecurity",
	.area = AREA_DELEGATES,
	.table = "delegate",
	.owner = OWNER_DELEGATE,
	.owner_condition = "{}.group_id IN (" DELEGATE_OWN_GROUPS_WITH("can_manage_delegates") ")",
	.owner_may = PERMISSION_UPDATE,
	FIELDS(own_fields),
	.unaudited = "a part of the delegate",
	.doc = "What a delegate may do who does not inherit it.",
};
