#include "base/language.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/catalogue.h"

/* Of one message. */
#define CONVERSIONS_MAX 8

/* A number with its sign. */
#define NUMBER_LENGTH 24

static const struct {
	const char *tag;
	const struct catalogue *catalogue;
} languages[LANGUAGE__MAX] = {
	[LANGUAGE_ENGLISH] = { "en", NULL },
	[LANGUAGE_GERMAN] = { "de", &catalogue_german },
};

static enum language current_language;
static const struct catalogue *current_catalogue;

/* Who is still to say which language that is; NULL = it is said. */
static enum language (*chooser)(struct str header);
static struct str chosen_by;

/* The width of a size_t, "z". */
#define WIDE_SIZE 3

/* One conversion of a format. */
struct conversion {
	const char *begin, *end;
	char kind;     /* the letter at its end */
	unsigned wide; /* how many "l" stand before it, or WIDE_SIZE */
	bool measured; /* text with its length: "%.*s" */
};

/* What one has printed; where it starts as text, that text. */
struct piece {
	struct str text;
	const char *whole; /* text that ends with NUL; NULL of all others */
	char room[NUMBER_LENGTH];
};

const char *language_tag(enum language language)
{
	return languages[language].tag;
}

const struct catalogue *language_catalogue(enum language language)
{
	return languages[language].catalogue;
}

void language_begin(enum language language, const struct catalogue *catalogue)
{
	current_language = language;
	current_catalogue = catalogue;
	chooser = NULL;
}

void language_begin_later(enum language (*choose)(struct str header), struct str header)
{
	chooser = choose;
	chosen_by = header;
}

static const struct catalogue *current(void)
{
	enum language language;

	if (chooser != NULL) {
		language = chooser(chosen_by);
		language_begin(language, language_catalogue(language));
	}
	return current_catalogue;
}

void language_end(void)
{
	language_begin(LANGUAGE_ENGLISH, NULL);
}

enum language language_now(void)
{
	(void)current();
	return current_language;
}

const char *language_find(const struct catalogue *catalogue, const char *english)
{
	for (unsigned i = 0; i < catalogue->part_count; i++) {
		const struct catalogue_part *part = catalogue->parts[i];
		unsigned low = 0, high = part->count;

		while (low < high) {
			unsigned middle = low + (high - low) / 2;
			int order = strcmp(english, part->texts[middle].english);

			if (order == 0)
				return part->texts[middle].text;
			if (order < 0)
				high = middle;
			else
				low = middle + 1;
		}
	}
	return NULL;
}

const char *language_text(const char *english)
{
	const struct catalogue *catalogue = current();
	const char *text = catalogue != NULL ? language_find(catalogue, english) : NULL;

	return text != NULL ? text : english;
}

/* The next conversion from `at` on; false where there is none, or one that nobody uses here. */
static bool next_conversion(const char *at, struct conversion *conversion, bool *known)
{
	*known = true;
	while ((at = strchr(at, '%')) != NULL && at[1] == '%')
		at += 2;
	if (at == NULL)
		return false;
	*conversion = (struct conversion){ .begin = at++ };
	if (strncmp(at, ".*", 2) == 0) {
		conversion->measured = true;
		at += 2;
	} else if (strncmp(at, "04", 2) == 0) {
		at += 2;
	}
	for (; *at == 'l'; at++)
		conversion->wide++;
	if (*at == 'z') {
		conversion->wide = WIDE_SIZE;
		at++;
	}
	conversion->kind = *at;
	conversion->end = at + 1;
	*known = *at != '\0' && strchr("sduXc", *at) != NULL &&
		 conversion->measured == (conversion->measured && *at == 's');
	return *known;
}

bool language_count_conversions(const char *format, unsigned *count)
{
	struct conversion conversion;
	bool known;

	for (*count = 0; next_conversion(format, &conversion, &known); format = conversion.end)
		++*count;
	return known && *count <= CONVERSIONS_MAX;
}

static void print_number(struct piece *piece, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(piece->room, sizeof(piece->room), format, arguments);
	va_end(arguments);
	piece->text = (struct str){ piece->room, length > 0 ? (size_t)length : 0 };
}

static void take_text(const struct conversion *conversion, struct piece *piece, va_list *arguments)
{
	size_t most = conversion->measured ? (size_t)va_arg(*arguments, int) : SIZE_MAX;
	const char *text = va_arg(*arguments, const char *);

	if (!conversion->measured)
		piece->whole = text;
	piece->text =
	    conversion->measured ? (struct str){ text, strnlen(text, most) } : str_from(text);
}

static void take_signed(
    const struct conversion *conversion, struct piece *piece, va_list *arguments)
{
	if (conversion->wide == 0)
		print_number(piece, "%d", va_arg(*arguments, int));
	else if (conversion->wide == 1)
		print_number(piece, "%ld", va_arg(*arguments, long));
	else
		print_number(piece, "%lld", va_arg(*arguments, long long));
}

static void take_unsigned(
    const struct conversion *conversion, struct piece *piece, va_list *arguments)
{
	if (conversion->wide == WIDE_SIZE)
		print_number(piece, "%zu", va_arg(*arguments, size_t));
	else if (conversion->wide == 0)
		print_number(piece, "%u", va_arg(*arguments, unsigned));
	else if (conversion->wide == 1)
		print_number(piece, "%lu", va_arg(*arguments, unsigned long));
	else
		print_number(piece, "%llu", va_arg(*arguments, unsigned long long));
}

/* Takes what the conversions of a format print; returns how many there are. */
static unsigned take_pieces(
    const char *format, struct piece pieces[CONVERSIONS_MAX], va_list *arguments)
{
	struct conversion conversion;
	unsigned count = 0;
	bool known;

	while (count < CONVERSIONS_MAX && next_conversion(format, &conversion, &known)) {
		struct piece *piece = &pieces[count++];

		format = conversion.end;
		piece->whole = NULL;
		if (conversion.kind == 's')
			take_text(&conversion, piece, arguments);
		else if (conversion.kind == 'd')
			take_signed(&conversion, piece, arguments);
		else if (conversion.kind == 'u')
			take_unsigned(&conversion, piece, arguments);
		else
			print_number(
			    piece, conversion.kind == 'c' ? "%c" : "%04X", va_arg(*arguments, int));
	}
	return count;
}

bool language_next_hole(const char **at, struct catalogue_hole *hole)
{
	const char *open = *at;

	for (; (open = strchr(open, '{')) != NULL; open++) {
		bool marked = open[1] != '\0' && (open[2] == '~' || open[2] == '!');

		if (open[1] < '0' || open[1] > '9' || open[marked ? 3 : 2] != '}')
			continue;
		hole->begin = open;
		hole->number = (unsigned)(open[1] - '0');
		hole->mark = marked ? open[2] : '\0';
		*at = open + (marked ? 4 : 3);
		return true;
	}
	return false;
}

static bool is_sentence(struct str text)
{
	return text.length > 0 && text.data[text.length - 1] == '.';
}

/* Parts have few holes, and none in themselves: a sentence as a part has "{0}" alone. */
static void fill(
    struct buf *out, const char *text, const struct piece *pieces, unsigned count, unsigned zeroth)
{
	struct catalogue_hole hole;
	const char *before = text;

	while (language_next_hole(&text, &hole)) {
		unsigned number = hole.number > 0 ? hole.number : zeroth;

		buf_append(out, before, (size_t)(hole.begin - before));
		if (number == 0 || number > count)
			buf_append(out, hole.begin, (size_t)(text - hole.begin));
		else if (hole.mark != '\0' && pieces[number - 1].whole != NULL)
			buf_append_text(out, language_text(pieces[number - 1].whole));
		else
			buf_append_str(out, pieces[number - 1].text);
		before = text;
	}
	buf_append_text(out, before);
}

/* The part that is the message by itself; NULL where none is. */
static const char *find_sentence(const char *text, const struct piece *pieces, unsigned count)
{
	struct catalogue_hole hole;

	while (language_next_hole(&text, &hole)) {
		const struct piece *piece =
		    hole.number > 0 && hole.number <= count ? &pieces[hole.number - 1] : NULL;
		const char *part =
		    piece != NULL && piece->whole != NULL ? language_text(piece->whole) : NULL;

		if (hole.mark == '!' && part != NULL && is_sentence(str_from(part)))
			return part;
	}
	return NULL;
}

/* What is printed where the sentence has a text of its own. */
static const char *print_text(
    struct arena *arena, const char *text, const char *english, va_list *arguments)
{
	struct piece pieces[CONVERSIONS_MAX];
	unsigned count = take_pieces(english, pieces, arguments);
	const char *sentence = find_sentence(text, pieces, count);
	struct buf out = { 0 };
	const char *printed;

	fill(&out, sentence != NULL ? sentence : text, pieces, count, sentence != NULL ? 1 : 0);
	printed =
	    out.failed ? NULL : arena_copy(arena, out.data != NULL ? out.data : "", out.length);
	buf_free(&out);
	return printed != NULL ? printed : "";
}

const char *language_vprintf(struct arena *arena, const char *english, va_list arguments)
{
	const struct catalogue *catalogue = current();
	const char *text = catalogue != NULL ? language_find(catalogue, english) : NULL;
	const char *printed;
	va_list copy;

	if (text == NULL) {
		printed = arena_vprintf(arena, english, arguments);
	} else {
		va_copy(copy, arguments);
		printed = print_text(arena, text, english, &copy);
		va_end(copy);
	}
	return catalogue != NULL && catalogue->by_sentence ? language_text(printed) : printed;
}

const char *language_printf(struct arena *arena, const char *english, ...)
{
	va_list arguments;
	const char *text;

	va_start(arguments, english);
	text = language_vprintf(arena, english, arguments);
	va_end(arguments);
	return text;
}
