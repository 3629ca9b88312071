#include "server/config.h"

#include "cli/print.h"
#include "cli/session.h"
#include "server/config_rule.h"

/* One option; numbers and booleans are such, all other values are as in the file. */
static void describe_option(
    struct session *session, struct writer *writer, unsigned number, const struct option *option)
{
	struct buf value = { 0 };
	int64_t integer;

	config_print_value(&session->config, number, &value);
	writer_object_begin(writer, NULL);
	print_add_text(writer, "name", option->name);
	if (option->type == OPTION_BOOLEAN)
		writer_boolean(writer, "value", str_equal(buf_str(&value), STR("yes")));
	else if (option->type == OPTION_INTEGER && str_to_int64(buf_str(&value), &integer))
		writer_integer(writer, "value", integer);
	else
		writer_text(writer, "value", buf_str(&value));
	print_add_text(writer, "source", session->config.sources[number]);
	writer_boolean(writer, "changed", config_is_changed(&session->config, number));
	writer_object_end(writer);
	buf_free(&value);
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
	struct print_json json;

	print_json_begin(&json);
	writer_array_begin(&json.writer, NULL, "option");
	for (unsigned i = 0; i < count; i++)
		describe_option(session, &json.writer, numbers[i], &options[numbers[i]]);
	writer_array_end(&json.writer);
	return print_json_end(session, &json);
}

static enum command_status show_options(struct session *session)
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

static void add_lines(struct writer *writer, const char *name, struct str lines)
{
	struct str line;

	writer_array_begin(writer, name, "line");
	while (lines.length > 0 && str_next(&lines, '\n', &line)) {
		if (line.length > 0)
			writer_text(writer, NULL, line);
	}
	writer_array_end(writer);
}

/* The file, each fault and each warning, for programs. */
static enum command_status print_check(
    struct session *session, struct str faults, struct str warnings)
{
	struct print_json json;

	print_json_begin(&json);
	writer_object_begin(&json.writer, NULL);
	print_add_text(&json.writer, "file", session->config.file);
	add_lines(&json.writer, "faults", faults);
	add_lines(&json.writer, "warnings", warnings);
	writer_object_end(&json.writer);
	return print_json_end(session, &json);
}

static enum command_status check_faulty(struct session *session, struct str faults)
{
	if (session->json)
		(void)print_check(session, faults, STR(""));
	else
		fwrite(faults.data, 1, faults.length, session->err);
	return session_fail(
	    session, "The configuration has errors; correct the lines listed above.");
}

static void append_warning(void *context, const char *option, const char *text)
{
	buf_printf(context, "%s: %s\n", option, text);
}

static enum command_status check_config(struct session *session)
{
	struct buf warnings = { 0 }, note = { 0 };
	enum command_status status;
	struct str rest, line;

	config_rule_warnings(
	    session->settings, &(const struct config_listener){ append_warning, &warnings });
	rest = buf_str(&warnings);
	if (session->json) {
		status = print_check(session, STR(""), rest);
		buf_free(&warnings);
		return status;
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
	    .run = check_config,
	    .run_faulty = check_faulty },
	{ .words = "config show",
	    .arguments = "[NAME]",
	    .most = 1,
	    .flags = show_flags,
	    .doc = "Print the options, or one of them, with values and sources.",
	    .run = show_options },
	{ 0 },
};
