#include "cli/move_convert.h"

#include "auth/password.h"
#include "auth/role.h"
#include "base/base64.h"
#include "base/timestamp.h"
#include "codec/reader.h"

/* Somebody who is locked out for so long was not by an error of typing. */
#define LOCKED_FOR_GOOD (INT64_C(86400) * 30 * MICROSECONDS_PER_SECOND)

static void take_text(struct move_cell *cell, struct buf *text)
{
	cell->text = text->failed ? (struct str){ NULL, 0 } : arena_str(cell->arena, buf_str(text));
	buf_free(text);
}

void move_convert_bytes(struct move_cell *cell)
{
	struct buf text = { 0 };

	if (cell->text.length == 0) {
		cell->text.data = NULL;
		return;
	}
	base64_append(&text, cell->text.data, cell->text.length);
	take_text(cell, &text);
}

void move_convert_blank(struct move_cell *cell)
{
	if (str_trim(cell->text).length == 0)
		cell->text = (struct str){ NULL, 0 };
}

void move_convert_roles(struct move_cell *cell)
{
	struct str rest = cell->text, name;
	struct buf unknown = { 0 };
	uint32_t roles = 0;

	while (rest.length > 0 && str_next(&rest, ',', &name)) {
		int number = role_find(str_trim(name));

		if (number >= 0)
			roles |= UINT32_C(1) << number;
		else
			buf_printf(&unknown, "%s" STR_FORMAT, unknown.length > 0 ? ", " : "",
			    STR_ARGUMENTS(name));
	}
	cell->text = role_names(cell->arena, roles);
	if (unknown.length > 0 && !unknown.failed)
		cell->note = arena_printf(cell->arena, "there are no such roles here: " STR_FORMAT,
		    STR_ARGUMENTS(buf_str(&unknown)));
	else if (roles == 0)
		cell->note = "the user has no role, and so no permission";
	buf_free(&unknown);
}

void move_convert_lockout(struct move_cell *cell)
{
	int64_t end;
	bool locked = cell->text.data != NULL && timestamp_parse_utc(cell->text, &end) &&
		      end > timestamp_now() + LOCKED_FOR_GOOD;

	cell->text = locked ? STR("false") : STR("true");
	if (locked)
		cell->note = "the user is locked out, and so disabled here";
}

void move_convert_password(struct move_cell *cell)
{
	if (cell->text.length == 0) {
		cell->text.data = NULL;
	} else if (password_check_import(cell->text) != NULL) {
		cell->text = (struct str){ NULL, 0 };
		cell->note = "the stored password cannot be taken along; the user needs a new one";
	}
}

void move_convert_format(struct move_cell *cell)
{
	static const struct {
		const char *name, *number, *note;
	} formats[] = {
		{ "", "0", NULL },
		{ "XML", "0", NULL },
		{ "XML DSig", "1", NULL },
		{ "XMLDSig", "1", NULL },
		{ "DSig", "1", NULL },
		{ "ASCII", "3", "is a serial here; what was issued stays as it is" },
		{ "BASE32", "3", "is a serial here; what was issued stays as it is" },
	};

	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		if (!str_equal_ignore_case(str_trim(cell->text), str_from(formats[i].name)))
			continue;
		cell->text = str_from(formats[i].number);
		cell->note = formats[i].note;
		return;
	}
	cell->note =
	    arena_printf(cell->arena, "there is no format \"" STR_FORMAT "\" here: it is XML",
		STR_ARGUMENTS(str_slice(cell->text, 0, 40)));
	cell->text = STR("0");
}

void move_convert_list(struct move_cell *cell)
{
	struct str rest = str_trim(cell->text);
	struct buf text = { 0 };

	if (rest.length == 0 || rest.data[0] == '[')
		return;
	buf_append_char(&text, '[');
	for (size_t i = 0; i < rest.length; i++) {
		bool between = strchr(";, \t", rest.data[i]) != NULL;

		if (!between)
			buf_append_char(&text, rest.data[i]);
		else if (text.data[text.length - 1] != ',')
			buf_append_char(&text, ',');
	}
	buf_append_char(&text, ']');
	take_text(cell, &text);
}

void move_convert_object(struct move_cell *cell)
{
	const struct node *node =
	    cell->text.data != NULL ? json_read_stored(cell->arena, cell->text) : NULL;

	if (cell->text.data == NULL || (node != NULL && node->kind == NODE_OBJECT))
		return;
	cell->text = (struct str){ NULL, 0 };
	cell->note = "is no object of JSON, and was left out";
}

void move_convert_lower(struct move_cell *cell)
{
	struct buf text = { 0 };

	if (cell->text.data == NULL)
		return;
	for (size_t i = 0; i < cell->text.length; i++)
		buf_append_char(&text, str_lower(cell->text.data[i]));
	take_text(cell, &text);
}
