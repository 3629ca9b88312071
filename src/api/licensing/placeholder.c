#include "api/licensing/placeholder.h"

#define NAME_LONGEST 100

static void append_html(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		switch (text.data[i]) {
		case '&':
			buf_append_text(out, "&amp;");
			break;
		case '<':
			buf_append_text(out, "&lt;");
			break;
		case '>':
			buf_append_text(out, "&gt;");
			break;
		case '"':
			buf_append_text(out, "&quot;");
			break;
		case '\'':
			buf_append_text(out, "&#39;");
			break;
		default:
			buf_append_char(out, text.data[i]);
			break;
		}
	}
}

/* Length of "{{name}}" at the front of `text` with the name in it, or 0. */
static size_t find_placeholder(struct str text, struct str *name)
{
	size_t end = 2;

	if (!str_starts_with(text, STR("{{")))
		return 0;
	while (end + 1 < text.length && end <= NAME_LONGEST && text.data[end] != '\n' &&
	       text.data[end] != '{' && text.data[end] != '}')
		end++;
	if (!str_starts_with(str_slice(text, end, 2), STR("}}")))
		return 0;
	*name = str_trim(str_slice(text, 2, end - 2));
	return end + 2;
}

int placeholder_fill(struct arena *arena, struct str text, bool html, placeholder_lookup *lookup,
    void *context, const char *path, struct str *filled, struct error *error)
{
	unsigned before = error->fault_count;
	struct buf out = { 0 };

	for (size_t i = 0; i < text.length;) {
		struct str name, value = { NULL, 0 };
		size_t length = find_placeholder(str_slice(text, i, text.length), &name);
		enum placeholder_found found;

		if (length == 0) {
			buf_append_char(&out, text.data[i++]);
			continue;
		}
		found = lookup(context, name, &value);
		if (found != PLACEHOLDER_FOUND)
			error_add_fault(error, path,
			    found == PLACEHOLDER_UNSEEN
				? "This credential may not read the placeholder {{" STR_FORMAT "}}."
				: "There is no placeholder {{" STR_FORMAT "}}.",
			    STR_ARGUMENTS(name));
		else if (html)
			append_html(&out, value);
		else
			buf_append_str(&out, value);
		i += length;
	}
	*filled = arena_str(arena, buf_str(&out));
	buf_free(&out);
	if (filled->data == NULL)
		return error_set(
		    error, ERROR_BUSY, "The request needs more memory than one request may use.");
	return error->fault_count == before ? 0 : -1;
}
