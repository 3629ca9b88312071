/*
 * Values of options as text: what may be written, and how they are printed.
 */
#include "server/option.h"

struct unit {
	char suffix; /* 0 ends the list */
	int64_t factor;
};

/* From large to small, so that printing finds the shortest form first. */
static const struct unit size_units[] = { { 'g', GIB }, { 'm', MIB }, { 'k', KIB }, { 0, 1 } };
static const struct unit duration_units[] = { { 'h', HOUR }, { 'm', 60 }, { 's', 1 }, { 0, 1 } };

static void print_units(struct buf *out, int64_t value, const struct unit *units)
{
	/* Nothing is told in the smallest unit. */
	while (units->suffix != 0 && (value == 0 ? units->factor > 1 : value % units->factor != 0))
		units++;
	buf_append_int64(out, value / units->factor);
	if (units->suffix != 0)
		buf_append_char(out, units->suffix);
}

static bool parse_units(struct str text, const struct unit *units, int64_t *value)
{
	int64_t factor = 1;
	int64_t number;

	for (const struct unit *unit = units; text.length > 0 && unit->suffix != 0; unit++) {
		if (str_lower(text.data[text.length - 1]) == unit->suffix) {
			factor = unit->factor;
			text.length--;
			break;
		}
	}
	if (!str_to_int64(text, &number) || number > INT64_MAX / factor || number < 0)
		return false;
	*value = number * factor;
	return true;
}

static bool parse_octal(struct str text, int64_t *value)
{
	*value = 0;
	if (text.length == 0 || text.length > 6)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < '0' || text.data[i] > '7')
			return false;
		*value = *value * 8 + (text.data[i] - '0');
	}
	return true;
}

static bool parse_choice(struct str text, const char *const *choices, int64_t *value)
{
	for (*value = 0; choices[*value] != NULL; (*value)++) {
		if (str_equal_ignore_case(text, str_from(choices[*value])))
			return true;
	}
	return false;
}

/* Each word once or more; none at all is the empty set. */
static bool parse_words(struct str text, const char *const *choices, int64_t *value)
{
	struct str word;
	int64_t number;

	*value = 0;
	while (str_next_word(&text, &word)) {
		if (!parse_choice(word, choices, &number))
			return false;
		*value |= INT64_C(1) << number;
	}
	return true;
}

static void print_words(struct buf *out, int64_t value, const char *const *choices)
{
	const char *separator = "";

	for (unsigned i = 0; choices[i] != NULL; i++) {
		if (!(value & (INT64_C(1) << i)))
			continue;
		buf_printf(out, "%s%s", separator, choices[i]);
		separator = " ";
	}
}

static bool parse_boolean(struct str text, bool *value)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1",
		NULL };
	int64_t number;

	if (!parse_choice(text, words, &number))
		return false;
	*value = number % 2 != 0;
	return true;
}

static void expect_number(const struct option *option, struct buf *expected)
{
	static const char *const forms[OPTION_TYPE__MAX] = {
		[OPTION_DURATION] = "a duration such as 30s, 5m or 1h",
		[OPTION_INTEGER] = "an integer",
		[OPTION_MODE] = "an octal mode such as 0660",
		[OPTION_SIZE] = "a size such as 512k, 8m or 1g",
	};
	struct settings bounds = { 0 };
	int64_t *place = (int64_t *)(void *)((char *)&bounds + option->offset);

	buf_append_text(expected, forms[option->type]);
	buf_append_text(expected, " from ");
	*place = option->least;
	option_print(option, &bounds, expected);
	buf_append_text(expected, " to ");
	*place = option->most;
	option_print(option, &bounds, expected);
}

static void expect_choice(const struct option *option, struct buf *expected)
{
	for (unsigned i = 0; option->choices[i] != NULL; i++) {
		if (i > 0)
			buf_append_text(expected, option->choices[i + 1] != NULL ? ", " : " or ");
		buf_append_text(expected, option->choices[i]);
	}
}

static bool parse_number(const struct option *option, struct str text, int64_t *value)
{
	bool read;

	switch (option->type) {
	case OPTION_DURATION:
		read = parse_units(text, duration_units, value);
		break;
	case OPTION_MODE:
		read = parse_octal(text, value);
		break;
	case OPTION_SIZE:
		read = parse_units(text, size_units, value);
		break;
	default:
		read = str_to_int64(text, value);
		break;
	}
	return read && *value >= option->least && *value <= option->most;
}

/* Text goes to C interfaces and into files of one line per option. */
static bool parse_text(struct arena *arena, struct str text, const char **value)
{
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.data[i] < 0x20)
			return false;
	}
	*value = arena_copy(arena, text.length > 0 ? text.data : "", text.length);
	return *value != NULL;
}

bool option_parse(const struct option *option, struct arena *arena, struct str text,
    struct settings *settings, struct buf *expected)
{
	void *place = (char *)settings + option->offset;
	const char *copy;
	int64_t number;
	bool flag;

	switch (option->type) {
	case OPTION_TEXT:
		if (!parse_text(arena, text, &copy)) {
			buf_append_text(expected, "text without control characters");
			return false;
		}
		*(const char **)place = copy;
		return true;
	case OPTION_BOOLEAN:
		if (!parse_boolean(text, &flag)) {
			buf_append_text(expected, "yes or no");
			return false;
		}
		*(bool *)place = flag;
		return true;
	case OPTION_CHOICE:
		if (!parse_choice(text, option->choices, &number)) {
			expect_choice(option, expected);
			return false;
		}
		*(int64_t *)place = number;
		return true;
	case OPTION_WORDS:
		if (!parse_words(text, option->choices, &number)) {
			buf_append_text(expected, "some of ");
			expect_choice(option, expected);
			return false;
		}
		*(int64_t *)place = number;
		return true;
	default:
		if (!parse_number(option, text, &number)) {
			expect_number(option, expected);
			return false;
		}
		*(int64_t *)place = number;
		return true;
	}
}

void option_print(const struct option *option, const struct settings *settings, struct buf *out)
{
	const void *place = (const char *)settings + option->offset;

	switch (option->type) {
	case OPTION_TEXT:
		buf_append_text(out, *(const char *const *)place);
		break;
	case OPTION_BOOLEAN:
		buf_append_text(out, *(const bool *)place ? "yes" : "no");
		break;
	case OPTION_CHOICE:
		buf_append_text(out, option->choices[*(const int64_t *)place]);
		break;
	case OPTION_WORDS:
		print_words(out, *(const int64_t *)place, option->choices);
		break;
	case OPTION_DURATION:
		print_units(out, *(const int64_t *)place, duration_units);
		break;
	case OPTION_MODE:
		buf_printf(out, "%04o", (unsigned)*(const int64_t *)place);
		break;
	case OPTION_SIZE:
		print_units(out, *(const int64_t *)place, size_units);
		break;
	default:
		buf_append_int64(out, *(const int64_t *)place);
		break;
	}
}

const char *option_type_name(enum option_type type)
{
	static const char *const names[OPTION_TYPE__MAX] = {
		[OPTION_BOOLEAN] = "boolean",
		[OPTION_CHOICE] = "choice",
		[OPTION_DURATION] = "duration",
		[OPTION_INTEGER] = "integer",
		[OPTION_MODE] = "mode",
		[OPTION_SIZE] = "size",
		[OPTION_TEXT] = "text",
		[OPTION_WORDS] = "words",
	};

	return names[type];
}
