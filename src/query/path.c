#include "query/path.h"

#include "base/language.h"

#define NOT_COMPARABLE \
	(FIELD_HIDDEN | FIELD_WRITEONLY | FIELD_SECRET | FIELD_NOT_STORED | FIELD_MASKED)

const struct field *path_field(const struct path *path)
{
	return path->steps[path->step_count - 1];
}

bool path_may_be_null(const struct path *path)
{
	for (unsigned i = 0; i < path->step_count; i++) {
		if (path->steps[i]->relation != NULL ||
		    !(path->steps[i]->flags & (FIELD_KEY | FIELD_REQUIRED | FIELD_NOT_NULL)))
			return true;
	}
	return false;
}

bool path_equal(const struct path *a, const struct path *b)
{
	return a->step_count == b->step_count &&
	       memcmp(a->steps, b->steps, a->step_count * sizeof(a->steps[0])) == 0;
}

const struct resource *path_target(const struct field *field)
{
	return field->relation != NULL ? field->relation->target : field->object;
}

const struct field *path_read_member(struct lexer *lexer, const struct sight *sight,
    enum sight_rows least, const struct resource *resource)
{
	int number = lexer->token.kind == TOKEN_NAME
			 ? resource_field_ignore_case(resource, lexer->token.text)
			 : -1;

	if (number < 0 || (resource->fields[number].flags & FIELD_HIDDEN)) {
		lexer_fault(lexer, &lexer->token,
		    language_printf(lexer->arena, "a member of the %s", resource->name));
		return NULL;
	}
	if (sight_may_follow(sight, &resource->fields[number]) < least) {
		lexer_fault(lexer, &lexer->token, "a member that this credential may read");
		return NULL;
	}
	return &resource->fields[number];
}

static bool leads_on(const struct field *field)
{
	return field_holds(field) == VALUE_ROW;
}

bool path_compares(const struct field *field)
{
	return field_type_info(field->type)->literals != 0 && !(field->flags & NOT_COMPARABLE);
}

/* NULL, or what must stand there instead. */
static const char *refuse_end(const struct path *path)
{
	const struct field *field = path_field(path);

	if (leads_on(field))
		return "one of its members, after a dot,";
	if (field_type_info(field->type)->literals == 0)
		return "a member with a single value";
	if (!path_compares(field))
		return "a member that can be compared";
	/* What another table of the target's own query holds is out of reach from here. */
	if (path->step_count > 1 && field->column != NULL && strchr(field->column, '.') != NULL)
		return "a member that can be compared";
	return NULL;
}

int path_read(struct lexer *lexer, const struct sight *sight, const struct resource *resource,
    struct path *path, bool *call)
{
	const char *refused;
	struct token last;

	path->step_count = 0;
	if (sight_may_see(sight, resource) == SIGHT_NONE)
		return lexer_fault(lexer, &lexer->token,
		    "no condition and no order (this credential may not read the rows)");
	for (;;) {
		const struct field *field;

		last = lexer->token;
		if (path->step_count == PATH_STEPS_MAX)
			return lexer_fault(lexer, &last, "a path of at most 4 names");
		field = path_read_member(lexer, sight, SIGHT_ALL, resource);
		if (field == NULL)
			return -1;
		path->steps[path->step_count++] = field;
		lexer_advance(lexer);
		if (!lexer_is_sign(lexer, "."))
			break;
		if (!leads_on(field)) {
			refused = refuse_end(path);
			if (refused != NULL)
				return lexer_fault(lexer, &last, refused);
			if (call == NULL)
				return lexer_fault(lexer, &lexer->token, "the end of the path");
			lexer_advance(lexer);
			*call = true;
			return 0;
		}
		resource = path_target(field);
		lexer_advance(lexer);
	}
	refused = refuse_end(path);
	return refused != NULL ? lexer_fault(lexer, &last, refused) : 0;
}
