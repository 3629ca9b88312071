/*
 * The words and signs of the query language: one lexer for filter, sort, select and include.
 */
#ifndef CLIENTELE_QUERY_LEXER_H
#define CLIENTELE_QUERY_LEXER_H

#include "base/error.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,   /* a member or a word; which one is told by where it stands */
	TOKEN_TEXT,   /* in quotes of either kind; the quote itself is written twice */
	TOKEN_NUMBER, /* with its sign */
	TOKEN_SIGN,   /* = == != <> < <= > >= && || ! ( ) , . * */
	TOKEN_BROKEN, /* an open quote, or a character that nothing begins with */
};

struct token {
	enum token_kind kind;
	struct str text;      /* as written, quotes included */
	const char *expected; /* of a broken one: what would be right */
};

/* One parameter being read. */
struct lexer {
	const char *parameter; /* its name, for errors: "filter" */
	struct arena *arena;
	struct error *error;
	struct str text;
	size_t next;        /* where the token after this one is looked for */
	struct token token; /* the one to be looked at */
};

/* Begins with the first token of `text`, which must be valid UTF-8. */
void lexer_begin(struct lexer *lexer, const char *parameter, struct str text, struct arena *arena,
    struct error *error);

/* Goes on to the next token. */
void lexer_advance(struct lexer *lexer);

/* True when the token is this sign, or this word in any case. */
bool lexer_is_sign(const struct lexer *lexer, const char *sign);
bool lexer_is_word(const struct lexer *lexer, const char *word);

/* The same, and goes on if so. */
bool lexer_accept_sign(struct lexer *lexer, const char *sign);
bool lexer_accept_word(struct lexer *lexer, const char *word);

/* What a text token stands for: without its quotes. data == NULL when the arena is exhausted. */
struct str lexer_text(const struct lexer *lexer);

/*
 * Adds the fault that `expected` ("a closing parenthesis") should stand where `token` does, with
 * its position in characters, counted from 1. Returns -1.
 */
int lexer_fault(struct lexer *lexer, const struct token *token, const char *expected);

#endif
