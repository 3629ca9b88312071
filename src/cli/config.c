#include "server/config.h"

#include <json-c/json_object.h>

#include "cli/print.h"
#include "cli/session.h"
#include "server/config_rule.h"

/* One option; numbers and booleans are such, all other values are as in the file. */
static struct json_object *describe(
    struct session *session, unsigned number, const struct option *option)
{
	struct json_object *object = json_object_new_object();
	struct buf value = { 0 };
	int64_t integer;

	config_print_value(&session->config, number, &value);
	print_add_text(object, "name", option->name);
	if (option->type == OPTION_BOOLEAN)
		print_add_boolean(object, "value", str_equal(buf_str(&value), STR("yes")));
	else if (option->type == OPTION_INTEGER && str_to_int64(buf_str(&value), &integer))
		print_add_integer(object, "value", integer);
	else
		print_add_text(object, "value", value.data != NULL ? value.data : "");
	print_add_text(object, "source", session->config.sources[number]);
	print_add_boolean(object, "changed", config_is_changed(&session->config, number));
	buf_free(&value);
	return object;
}

static enum command_status show_text(
    struct session *session, const unsigned *numbers, unsigned count)
{
	struct buf text = { 0 };

	for (unsigned i = 0; i < count; i++)
		config_print_option(&session->config, numbers[i], &text);
	if (text.data != NULL)
		fwrite(text.data, 1, text.length, session->out);
	buf_free(&text);
	return COMMAND_OK;
}

static enum command_status show_json(
    struct session *session, const unsigned *numbers, unsigned count)
{
	unsigned all;
	const struct option *options = option_table(&all);
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; i < count; i++)
		json_object_array_add(list, describe(session, numbers[i], &options[numbers[i]]));
	print_value(session, list);
	return COMMAND_OK;
}

static enum command_status show(struct session *session)
{
	unsigned count, chosen = 0, numbers[CONFIG_OPTIONS_MAX];
	const struct option *options = option_table(&count), *wanted = NULL;
	bool changed = session_flag(session, "changed") != NULL;

	if (session->operand_count > 0) {
		wanted = option_find(str_from(session->operands[0]));
		if (wanted == NULL)
			return session_fail(session,
			    "There is no option \"%s\"; 'clientele config show' lists them all.",
			    session->operands[0]);
	}
	for (unsigned i = 0; i < count; i++) {
		if ((wanted == NULL || wanted == &options[i]) &&
		    (!changed || config_is_changed(&session->config, i)))
			numbers[chosen++] = i;
	}
	return session->json ? show_json(session, numbers, chosen)
			     : show_text(session, numbers, chosen);
}

static struct json_object *list_lines(struct str lines)
{
	struct json_object *list = json_object_new_array();
	struct str line;

	while (lines.length > 0 && str_next(&lines, '\n', &line)) {
		if (line.length > 0)
			json_object_array_add(
			    list, json_object_new_string_len(line.data, (int)line.length));
	}
	return list;
}

/* The file, each fault and each warning, for programs. */
static void print_check(struct session *session, struct str faults, struct str warnings)
{
	struct json_object *object = json_object_new_object();

	print_add_text(object, "file", session->config.file);
	json_object_object_add(object, "faults", list_lines(faults));
	json_object_object_add(object, "warnings", list_lines(warnings));
	print_value(session, object);
}

static enum command_status check_faulty(struct session *session, struct str faults)
{
	if (session->json)
		print_check(session, faults, STR(""));
	else
		fwrite(faults.data, 1, faults.length, session->err);
	return session_fail(
	    session, "The configuration has errors; correct the lines listed above.");
}

static void append_warning(void *context, const char *option, const char *text)
{
	buf_printf(context, "%s: %s\n", option, text);
}

static enum command_status check(struct session *session)
{
	struct buf warnings = { 0 }, note = { 0 };
	struct str rest, line;

	config_rule_warnings(
	    session->settings, &(const struct config_listener){ append_warning, &warnings });
	rest = buf_str(&warnings);
	if (session->json) {
		print_check(session, STR(""), rest);
		buf_free(&warnings);
		return COMMAND_OK;
	}
	while (rest.length > 0 && str_next(&rest, '\n', &line)) {
		if (line.length > 0)
			session_note(session, "Warning: " STR_FORMAT, STR_ARGUMENTS(line));
	}
	buf_free(&warnings);
	if (session->config.file != NULL)
		session_note(session, "The configuration is valid (%s).", session->config.file);
	else
		session_note(
		    session, "The configuration is valid; there is no configuration file.");
	if (!config_check_key(&session->config, &note))
		session_note(session, "Before the pool can start: %s", note.data);
	buf_free(&note);
	return COMMAND_OK;
}

static const struct command_flag show_flags[] = {
	{ .name = "changed", .doc = "Print only options that differ from their defaults." },
	COMMAND_FLAG_JSON,
	{ 0 },
};

static const struct command_flag check_flags[] = {
	COMMAND_FLAG_JSON,
	{ 0 },
};

const struct command config_commands[] = {
	{ .words = "config check",
	    .arguments = "",
	    .flags = check_flags,
	    .doc = "Report every error of the configuration.",
	    .run = check,
	    .run_faulty = check_faulty },
	{ .words = "config show",
	    .arguments = "[NAME]",
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Print the options, or one of them, with values and sources.",
	    .run = show },
	{ 0 },
};
