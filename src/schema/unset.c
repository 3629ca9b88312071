#include "schema/unset.h"

/* Blanks are characters of a secret as good as others. */
static bool is_blank(const struct field *field, const struct node *node)
{
	struct str text = field->flags & FIELD_SECRET ? node->text : str_trim(node->text);

	return node->kind == NODE_TEXT && text.length == 0;
}

static bool is_zero(const struct field *field, const struct node *node)
{
	const struct field_type_info *type = field_type_info(field->type);

	return type->is_zero != NULL && type->is_zero(node);
}

/* Whether the member's own words or range have no blank text or zero. */
static bool is_refused(const struct field *field)
{
	enum text_kind text = field_type_info(field->type)->text;

	if (text != TEXT_NONE)
		return text == TEXT_WORDS;
	return (field->flags & FIELD_NOT_NULL) && (field->least > 0 || field->most < 0);
}

static bool is_reference(const struct resource *resource, const struct field *field)
{
	for (unsigned i = 0; i < resource->reference_count; i++) {
		if (strcmp(resource->references[i].member, field->name) == 0)
			return true;
	}
	return false;
}

static bool may_be_null(const struct field *field)
{
	return !(field->flags & (FIELD_REQUIRED | FIELD_NOT_NULL | FIELD_OWNED));
}

/* A zero that nobody means. */
static enum unset of_unset(const struct field *field)
{
	return may_be_null(field) || (field->flags & FIELD_REQUIRED) ? UNSET_NULL : UNSET_ABSENT;
}

static enum unset of_null(const struct field *field)
{
	if (may_be_null(field))
		return UNSET_NULL;
	if (field->flags & FIELD_EMPTY_ABSENT)
		return UNSET_ABSENT;
	return (field->flags & FIELD_REQUIRED) || field_type_info(field->type)->value_type
		   ? UNSET_NULL
		   : UNSET_ABSENT;
}

bool unset_takes_null(const struct field *field, bool insert)
{
	if (insert && (field->flags & FIELD_REQUIRED))
		return false;
	return may_be_null(field) || of_null(field) == UNSET_ABSENT;
}

enum unset unset_of(
    const struct resource *resource, const struct field *field, const struct node *node)
{
	bool text = field_type_info(field->type)->text != TEXT_NONE;
	bool blank = is_blank(field, node), zero = is_zero(field, node);

	if (field->flags & FIELD_CHOOSABLE)
		return node->kind == NODE_NULL || blank || zero ? UNSET_ABSENT : UNSET_NOT;
	if (node->kind == NODE_NULL)
		return of_null(field);
	if (!blank && !zero)
		return UNSET_NOT;
	if (field->flags & FIELD_EMPTY_ABSENT)
		return UNSET_ABSENT;
	if (zero && field_type_info(field->type)->zero_is_unset)
		return of_unset(field);
	if (field->flags & FIELD_REQUIRED)
		return blank && field_type_info(field->type)->value_type ? UNSET_NULL : UNSET_NOT;
	if ((text || zero) && is_refused(field))
		return UNSET_ABSENT;
	if (blank && field_type_info(field->type)->value_type)
		return of_null(field);
	if (zero && !(field->flags & FIELD_NOT_NULL) && is_reference(resource, field))
		return UNSET_NULL;
	return UNSET_NOT;
}
