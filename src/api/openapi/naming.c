/*
 * What operations are about, and what the document calls them: names of operations and the tags
 * that viewers put them under.
 */
#include "api/contracts.h"
#include "api/openapi/parts.h"

const char *openapi_word(struct openapi *openapi, const struct resource *resource)
{
	struct str rest = str_from(resource->name), part;
	struct buf text = { 0 };
	const char *word;

	if (resource->word != NULL)
		return resource->word;
	while (str_next(&rest, ' ', &part)) {
		for (size_t i = 0; i < part.length; i++) {
			bool upper = i == 0 && text.length > 0;

			buf_append_char(
			    &text, upper ? str_upper(part.data[i]) : str_lower(part.data[i]));
		}
	}
	word = arena_copy(openapi->arena, text.data, text.length);
	buf_free(&text);
	return word != NULL ? word : "";
}

/* --- what they do, and to what --- */

static const struct {
	const char *kind;
	const char *verb; /* before the name of the rows; NULL = the route has a name of its own */
	bool many;
} shapes[SHAPE__MAX] = {
	[SHAPE_ROW] = { "item", "get", false },
	[SHAPE_NULLABLE] = { "item", "get", false },
	[SHAPE_COUNT] = { "count", "count", true },
	[SHAPE_TEXT] = { "action", NULL, false },
	[SHAPE_NOTHING] = { "action", NULL, false },
	[SHAPE_PAGE] = { "item", "get", true },
	[SHAPE_LIST] = { "list", "list", true },
	[SHAPE_QUERY] = { "list", "list", true },
	[SHAPE_GET] = { "item", "get", false },
	[SHAPE_INSERT] = { "insert", "create", false },
	[SHAPE_BULK] = { "bulk", "create", true },
	[SHAPE_UPDATE] = { "update", "update", false },
	[SHAPE_DELETE] = { "delete", "delete", false },
};

/* The shape that says what a route does to rows. */
static enum shape told_shape(const struct route *route)
{
	if (route_lists(route))
		return SHAPE_LIST;
	return route->shape < SHAPE_LIST && route->method != METHOD_GET ? SHAPE_NOTHING
									: route->shape;
}

/* What is answered to be kept, not to be read by the caller's program. */
static bool answers_file(const struct route *route)
{
	return route->media != NULL && strcmp(route->media, "application/json") != 0;
}

const char *openapi_kind(const struct route *route)
{
	return answers_file(route) ? "file" : shapes[told_shape(route)].kind;
}

/* The rows that are listed, or changed, at a path of the family; NULL where there are none. */
static const struct resource *rows_at(const struct contract *contract, struct str path)
{
	for (unsigned i = 0; i < contract->route_count; i++) {
		const struct route *route = &contract->routes[i];

		if (str_equal(str_from(route->path), path) && route->resource != NULL &&
		    route->resource->table != NULL)
			return route->resource;
	}
	return NULL;
}

const struct resource *openapi_about(const struct contract *contract, const struct route *route)
{
	struct str path = str_from(route->path);
	const struct resource *found;

	if (route->resource != NULL && route->resource->table != NULL)
		return route->resource;
	found = rows_at(contract, path);
	if (found != NULL)
		return found;
	/* What is done to one row stands below its path, or that of the list that it is in. */
	while (path.length > 0 && path.data[path.length - 1] != '}')
		path.length--;
	found = rows_at(contract, path);
	while (path.length > 0 && path.data[path.length - 1] != '/')
		path.length--;
	if (found == NULL && path.length > 0)
		found = rows_at(contract, str_slice(path, 0, path.length - 1));
	return found;
}

/* Whose rows a route is about: "/customers/{customerId}/orders". NULL where it is about all. */
static const struct resource *owner_of(const struct route *route)
{
	const struct resource *resource = route->resource;

	for (unsigned i = route->key_count; i-- > 0;) {
		const struct field *field =
		    &resource->fields[resource_member(resource, route->keys[i])];

		if (field->flags & FIELD_KEY)
			continue;
		if (route->parent != NULL && strcmp(route->parent->local, field->name) == 0)
			return route->parent->target;
		return resource_referred(resource, field);
	}
	return NULL;
}

/* --- names --- */

static void append_capital(struct buf *text, const char *word)
{
	buf_append_char(text, str_upper(word[0]));
	buf_append_text(text, word + 1);
}

/* "License" and "LicenseToken" are "LicenseToken" together. */
static bool says_owner(const char *word, const char *owner)
{
	return strncmp(word, owner, strlen(owner)) == 0;
}

/* The plural of the word that the text ends in. */
static void make_plural(struct buf *text)
{
	struct str word = buf_str(text);

	if (str_ends_with(word, STR("y")) && !str_ends_with(word, STR("ey"))) {
		text->length--;
		buf_append_text(text, "ies");
	} else {
		buf_append_char(text, 's');
	}
}

const char *openapi_operation_name(struct openapi *openapi, const struct route *route)
{
	enum shape shape = told_shape(route);
	const struct resource *owner;
	struct buf text = { 0 };
	const char *name, *word;

	if (route->name != NULL)
		return route->name;
	if (shapes[shape].verb == NULL || answers_file(route))
		return "";
	owner = owner_of(route);
	word = openapi_word(openapi, route->resource);
	buf_append_text(&text, shapes[shape].verb);
	if (owner != NULL && !says_owner(word, openapi_word(openapi, owner)))
		append_capital(&text, openapi_word(openapi, owner));
	append_capital(&text, word);
	if (shapes[shape].many)
		make_plural(&text);
	name = arena_copy(openapi->arena, text.data, text.length);
	buf_free(&text);
	return name != NULL ? name : "";
}

/* --- tags --- */

const char *openapi_tag(const struct contract *contract, const struct route *route)
{
	const struct resource *const told[] = { route->resource, openapi_about(contract, route),
		route->body };

	if (!contract->family.by_area)
		return contract->family.title;
	if (route->chapter != NULL)
		return route->chapter;
	for (size_t i = 0; i < COUNT_OF(told); i++) {
		if (told[i] != NULL && told[i]->chapter != NULL)
			return told[i]->chapter;
	}
	return area_title(route->area);
}

/* Whether the route is the first one of its family with this tag. */
static bool is_first_of_tag(const struct contract *contract, const struct route *route)
{
	const char *tag = openapi_tag(contract, route);

	for (const struct route *earlier = contract->routes; earlier != route; earlier++) {
		if (strcmp(openapi_tag(contract, earlier), tag) == 0)
			return false;
	}
	return true;
}

static void write_tag(struct openapi *openapi, const struct contract *contract, const char *tag)
{
	writer_object_begin(&openapi->writer, NULL);
	openapi_text(openapi, "name", tag);
	openapi_text(openapi, "description",
	    contract->family.by_area
		? arena_printf(openapi->arena, "%s: %s", contract->family.title, tag)
		: contract->family.doc);
	openapi_text(openapi, "x-family", contract->family.name);
	writer_object_end(&openapi->writer);
}

/* Calls `each` with the tags of a family, in the order of its routes. */
static void each_tag(struct openapi *openapi, const struct contract *contract,
    void (*each)(struct openapi *openapi, const struct contract *contract, const char *tag))
{
	for (unsigned i = 0; i < contract->route_count; i++) {
		if (is_first_of_tag(contract, &contract->routes[i]))
			each(openapi, contract, openapi_tag(contract, &contract->routes[i]));
	}
}

static void write_name(struct openapi *openapi, const struct contract *contract, const char *tag)
{
	(void)contract;
	openapi_text(openapi, NULL, tag);
}

static void write_group(struct openapi *openapi, const struct contract *contract)
{
	const struct family *family = &contract->family;
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, NULL);
	openapi_text(openapi, "name", family->title);
	openapi_text(openapi, "x-description", family->doc);
	openapi_text(openapi, "x-family", family->name);
	if (!family->json_only)
		openapi_text(
		    openapi, "x-xml-nulls", family->xml_style == XML_SERIALIZER ? "absent" : "nil");
	writer_array_begin(writer, "tags", "tag");
	each_tag(openapi, contract, write_name);
	writer_array_end(writer);
	writer_object_end(writer);
}

void openapi_tags(struct openapi *openapi)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	writer_array_begin(&openapi->writer, "tags", "tag");
	for (unsigned i = 0; i < count; i++)
		each_tag(openapi, contracts[i], write_tag);
	writer_array_end(&openapi->writer);
	writer_array_begin(&openapi->writer, "x-tagGroups", "group");
	for (unsigned i = 0; i < count; i++) {
		if (contracts[i]->route_count > 0)
			write_group(openapi, contracts[i]);
	}
	writer_array_end(&openapi->writer);
}
