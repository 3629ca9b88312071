#include "auth/scope.h"

static const struct {
	struct str word;
	uint8_t permission;
} permissions[] = {
	{ { "read", 4 }, PERMISSION_READ },
	{ { "update", 6 }, PERMISSION_UPDATE },
	{ { "delete", 6 }, PERMISSION_DELETE },
	{ { "create", 6 }, PERMISSION_CREATE },
};

#define PERMISSION_WORDS (sizeof(permissions) / sizeof(permissions[0]))

const struct scope scope_everything = { .roles = SCOPE_ALL_ROLES, .permissions = PERMISSION_ALL };

static bool add_word(struct scope *scope, struct str word)
{
	int role = role_find(word);

	if (role >= 0) {
		scope->roles |= UINT32_C(1) << role;
		return true;
	}
	for (size_t i = 0; i < PERMISSION_WORDS; i++) {
		if (str_equal(permissions[i].word, word)) {
			scope->permissions |= permissions[i].permission;
			return true;
		}
	}
	return false;
}

bool scope_parse(struct str text, struct scope *scope, struct str *unknown)
{
	struct str word;

	*scope = (struct scope){ 0 };
	if (str_equal(str_trim(text), STR(SCOPE_NOTHING)))
		return true;
	while (str_next(&text, ' ', &word)) {
		if (word.length == 0 || add_word(scope, word))
			continue;
		if (unknown != NULL)
			*unknown = word;
		return false;
	}
	if (scope->roles == 0)
		scope->roles = SCOPE_ALL_ROLES;
	if (scope->permissions == 0)
		scope->permissions = PERMISSION_ALL;
	return true;
}

bool scope_within(const struct scope *wanted, const struct scope *bound)
{
	/* Who names no role asks for those that there are, whichever they may be. */
	bool roles = wanted->roles == SCOPE_ALL_ROLES || (wanted->roles & ~bound->roles) == 0;

	return roles && (wanted->permissions == PERMISSION_ALL ||
			    (wanted->permissions & ~bound->permissions) == 0);
}

struct scope scope_intersect(const struct scope *a, const struct scope *b)
{
	return (struct scope){ .roles = a->roles & b->roles,
		.permissions = a->permissions & b->permissions };
}

static void append_word(struct buf *out, struct str word)
{
	if (out->length > 0)
		buf_append_char(out, ' ');
	buf_append_str(out, word);
}

static void append_words(struct buf *out, uint32_t roles, uint8_t granted)
{
	unsigned count;
	const struct role *table = role_table(&count);

	for (unsigned i = 0; i < count; i++) {
		if (roles & (UINT32_C(1) << i))
			append_word(out, str_from(table[i].name));
	}
	for (size_t i = 0; i < PERMISSION_WORDS; i++) {
		if (granted & permissions[i].permission)
			append_word(out, permissions[i].word);
	}
}

void scope_print(const struct scope *scope, uint32_t roles, struct buf *out)
{
	if ((scope->roles & roles) != 0 && scope->permissions != 0)
		append_words(out, scope->roles & roles, scope->permissions);
}

void scope_print_words(const struct scope *scope, struct buf *out)
{
	append_words(out, scope->roles == SCOPE_ALL_ROLES ? 0 : scope->roles, scope->permissions);
}

struct str scope_permission_names(struct arena *arena, uint8_t granted)
{
	struct buf names = { 0 };
	struct str copy;

	for (size_t i = 0; i < PERMISSION_WORDS; i++) {
		if (!(granted & permissions[i].permission))
			continue;
		buf_append_text(&names, names.length == 0 ? "[" : ",");
		buf_append_json_string(&names, permissions[i].word);
	}
	buf_append_text(&names, names.length == 0 ? "[]" : "]");
	copy = arena_str(arena, buf_str(&names));
	buf_free(&names);
	return copy;
}
