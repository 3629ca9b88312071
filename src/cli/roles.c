#include "auth/role.h"
#include "cli/print.h"
#include "cli/session.h"

/* Letters in the order of the bits: "rud-" may not create. */
static void append_letters(struct buf *out, uint8_t permissions)
{
	buf_append_char(out, permissions & PERMISSION_READ ? 'r' : '-');
	buf_append_char(out, permissions & PERMISSION_UPDATE ? 'u' : '-');
	buf_append_char(out, permissions & PERMISSION_DELETE ? 'd' : '-');
	buf_append_char(out, permissions & PERMISSION_CREATE ? 'c' : '-');
}

static void describe_role(struct writer *writer, const struct role *role)
{
	writer_object_begin(writer, NULL);
	print_add_text(writer, "name", role->name);
	print_add_text(writer, "id", role->id);
	print_add_text(writer, "doc", role->doc);
	writer_object_begin(writer, "permissions");
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++)
		print_add_permissions(writer, area_name(area), role->permissions[area]);
	writer_object_end(writer);
	writer_object_end(writer);
}

static enum command_status print_all(struct session *session)
{
	unsigned count;
	const struct role *roles = role_table(&count);
	struct print_json json;

	print_json_begin(&json);
	writer_array_begin(&json.writer, NULL, "role");
	for (unsigned i = 0; i < count; i++)
		describe_role(&json.writer, &roles[i]);
	writer_array_end(&json.writer);
	return print_json_end(session, &json);
}

/* Areas go down and roles across: there are more areas than roles, and their names are longer. */
static void append_matrix(struct buf *out)
{
	unsigned count;
	const struct role *roles = role_table(&count);

	buf_printf(out, "%-12s", "AREA");
	for (unsigned i = 0; i < count; i++)
		buf_printf(out, "  %s", roles[i].name);
	buf_append_char(out, '\n');
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		buf_printf(out, "%-12s", area_name(area));
		for (unsigned i = 0; i < count; i++) {
			struct buf letters = { 0 };

			append_letters(&letters, roles[i].permissions[area]);
			buf_printf(out, "  %-*s", i + 1 < count ? (int)strlen(roles[i].name) : 0,
			    letters.data != NULL ? letters.data : "");
			buf_free(&letters);
		}
		buf_append_char(out, '\n');
	}
	buf_append_text(out, "\nr read, u update, d delete, c create\n\n");
	for (unsigned i = 0; i < count; i++)
		buf_printf(out, "%-16s %s\n", roles[i].name, roles[i].doc);
}

static enum command_status print_roles(struct session *session)
{
	struct buf text = { 0 };

	if (session->json)
		return print_all(session);
	append_matrix(&text);
	if (text.data != NULL)
		fwrite(text.data, 1, text.length, session->out);
	buf_free(&text);
	return COMMAND_OK;
}

static void append_role(struct buf *out, const struct role *role)
{
	buf_printf(out, "%s\n%s\n%s\n\n", role->name, role->id, role->doc);
	for (enum area area = AREA_NONE + 1; area < AREA__MAX; area++) {
		if (role->permissions[area] == 0)
			continue;
		buf_printf(out, "%-12s ", area_name(area));
		print_permissions(out, role->permissions[area], ", ");
		buf_append_char(out, '\n');
	}
}

static enum command_status show_role(struct session *session)
{
	int number = session_find_role(session, session->operands[0]);
	struct print_json json;
	struct buf text = { 0 };
	unsigned count;

	if (number < 0)
		return COMMAND_FAILED;
	if (session->json) {
		print_json_begin(&json);
		describe_role(&json.writer, &role_table(&count)[number]);
		return print_json_end(session, &json);
	}
	append_role(&text, &role_table(&count)[number]);
	if (text.data != NULL)
		fwrite(text.data, 1, text.length, session->out);
	buf_free(&text);
	return COMMAND_OK;
}

static const struct command_flag flags[] = { COMMAND_FLAG_JSON, { 0 } };

const struct command roles_commands[] = {
	{ .words = "role list",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Print what each role may do; the same as 'clientele roles'.",
	    .run = print_roles },
	{ .words = "role show",
	    .arguments = "ROLE",
	    .least = 1,
	    .most = 1,
	    .flags = flags,
	    .doc = "Print what one role may do.",
	    .run = show_role },
	{ .words = "roles",
	    .arguments = "",
	    .flags = flags,
	    .doc = "Print what each role may do.",
	    .run = print_roles },
	{ 0 },
};
