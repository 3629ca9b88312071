/*
 * The language of messages. Sources hold them in English, as formats of printf; a catalogue has the
 * text that stands for one in another language, or in the words of a contract's original. A process
 * serves one request at a time: what is chosen at its start holds until its end, and whatever runs
 * outside of requests speaks English, as logs do.
 */
#ifndef CLIENTELE_BASE_LANGUAGE_H
#define CLIENTELE_BASE_LANGUAGE_H

#include "base/arena.h"
#include "base/str.h"

enum language { LANGUAGE_ENGLISH, LANGUAGE_GERMAN, LANGUAGE__MAX };

/*
 * A text of a catalogue. `english` is a message as sources have it. `text` says the same: "{1}" is
 * what the first conversion of `english` prints, in any order and any number of times. "{2~}" is a
 * part that is a text of the catalogue itself, where there is one. "{2!}" is, too; and where that
 * part is a whole sentence, which ends with a full stop, it is the message, with what "{1}" would
 * be in place of its "{0}".
 */
struct catalogue_text {
	const char *english;
	const char *text;
};

/* Texts of one subject, in the order of their English bytes. */
struct catalogue_part {
	const struct catalogue_text *texts;
	unsigned count;
};

/* All parts of one language or one kind of wording. */
struct catalogue {
	const struct catalogue_part *const *parts;
	unsigned part_count;
	bool by_sentence; /* what was printed may have a text of its own, too */
};

/* How the language is called in Accept-Language and Content-Language: "de". */
const char *language_tag(enum language language);

/* The catalogue of a language; NULL of the one that sources have. */
const struct catalogue *language_catalogue(enum language language);

/* Sets the language of this process, and the catalogue of its messages; NULL for none. */
void language_begin(enum language language, const struct catalogue *catalogue);

/*
 * The same when the first message is wanted, or the language is asked for: `choose` says then which
 * one a header means, which must still be there. Most requests have no message.
 */
void language_begin_later(enum language (*choose)(struct str header), struct str header);

/* English again. */
void language_end(void);

/* The language that was set. */
enum language language_now(void);

/* A message without conversions, in the language of now; as it is where no catalogue has it. */
const char *language_text(const char *english);

/*
 * arena_printf() of a message or a part of one, in the language of now. The texts that it is given
 * are printed as they are, unless the catalogue says that one is a text of its own.
 */
const char *language_printf(struct arena *arena, const char *english, ...)
    __attribute__((format(printf, 2, 3)));
const char *language_vprintf(struct arena *arena, const char *english, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* The text that stands for a message in a catalogue; NULL where none does. */
const char *language_find(const struct catalogue *catalogue, const char *english);

/* A place in a text of a catalogue: "{2~}". */
struct catalogue_hole {
	const char *begin;
	unsigned number; /* of the conversion that prints it; 0 = the first, in a whole sentence */
	char mark;       /* '~', '!', or zero */
};

/* The next one from `*at` on, which is moved behind it; false where there is none. */
bool language_next_hole(const char **at, struct catalogue_hole *hole);

/* How many conversions a format has, and whether language_printf() knows them all. */
bool language_count_conversions(const char *format, unsigned *count);

#endif
