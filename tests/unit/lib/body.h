/*
 * What the tests of the three body readers share: an arena and limits per program, and a tree of
 * nodes as one line of text.
 */
#ifndef CLIENTELE_TEST_BODY_H
#define CLIENTELE_TEST_BODY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/reader.h"

/* One body, and either the tree as text or the message. */
struct body_case {
	const char *body;
	size_t length;       /* of the body; 0 = up to its NUL */
	const char *tree;    /* NULL = an error is expected */
	const char *message; /* the error's sentence, or its beginning */
};

/* A reader with the arguments that differ between formats filled in. */
typedef int body_reader(struct arena *arena, const struct limits *limits, struct str text,
    struct body *body, struct error *error);

/* The limits of a default configuration. */
extern const struct limits body_limits;

/* Runs every row; a row that fails is printed with its number and ends the test. */
void body_run(body_reader *reader, const struct body_case *cases, size_t count);

/* Reads one body; returns its message ("" on success), valid until the next call. */
const char *body_message(body_reader *reader, const struct limits *limits, struct str text);

/*
 * Reads a hostile body that must be refused with a message that begins with `message`, prints how
 * long it took and how much memory the process grew by, and fails when either is out of proportion.
 */
void body_run_hostile(body_reader *reader, const struct limits *limits, const char *title,
    struct str text, const char *message);

/* A hostile body: `count` times `part` between `before` and `after`. */
struct body_hostile {
	const char *title, *before, *part, *after;
	size_t count;
	const char *message;
};

/* body_run_hostile() for every row, with the usual limits. */
void body_run_hostile_rows(body_reader *reader, const struct body_hostile *rows, size_t count);

/*
 * Reads a body that no arena of up to `largest` bytes can hold: each is refused as too large, and
 * leaves no root. Frees the text.
 */
void body_run_arena_limit(body_reader *reader, struct str text, size_t largest);

/*
 * The tree as text: null, true, #12 for numbers, "text", {name:value,…}, [value,…]. A body without
 * a root is "-".
 */
void body_print(struct buf *out, const struct body *body);

/* `count` times `part` between `before` and `after`, in memory that the caller frees. */
struct str body_repeat(const char *before, const char *part, size_t count, const char *after);

#endif
