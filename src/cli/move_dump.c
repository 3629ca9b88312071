/*
 * Dumps of MariaDB and MySQL as sources of an import: their tables and rows go into an SQLite file
 * of the import's own, so that no server is needed, and nothing that a dump says is carried out
 * anywhere else.
 */
#include <errno.h>
#include <stdio.h>

#include "cli/move_source_file.h"

#define PIECE_MOST ((size_t)512 * 1024 * 1024) /* bytes of one row */

enum token_kind {
	TOKEN_END, /* of the file */
	TOKEN_WORD,
	TOKEN_NAME,   /* `quoted` */
	TOKEN_TEXT,   /* 'quoted', as its bytes are */
	TOKEN_HEX,    /* digits of 0x… or X'…' */
	TOKEN_NUMBER, /* and what else is written without quotes */
	TOKEN_SIGN,   /* one byte */
};

struct dump {
	FILE *stream;
	struct move_source_file *target;
	struct error *error;
	enum token_kind kind;
	struct buf token;
	struct buf head;  /* of the statement, up to VALUES */
	struct buf piece; /* what is run next, with the head before it */
	bool failed;
};

/* --- tokens --- */

static void skip_until(struct dump *dump, int end)
{
	int byte;

	do
		byte = getc_unlocked(dump->stream);
	while (byte != EOF && byte != end);
}

static void skip_comment(struct dump *dump)
{
	int before = 0, byte;

	while ((byte = getc_unlocked(dump->stream)) != EOF && !(before == '*' && byte == '/'))
		before = byte;
}

static int peek(struct dump *dump)
{
	int byte = getc_unlocked(dump->stream);

	if (byte != EOF)
		(void)ungetc(byte, dump->stream);
	return byte;
}

/* The first byte that is neither a blank nor of a comment. */
static int next_byte(struct dump *dump)
{
	int byte;

	for (;;) {
		byte = getc_unlocked(dump->stream);
		if (byte == '#' || (byte == '-' && peek(dump) == '-')) {
			skip_until(dump, '\n');
		} else if (byte == '/' && peek(dump) == '*') {
			(void)getc_unlocked(dump->stream);
			skip_comment(dump);
		} else if (byte == EOF || strchr(" \t\r\n", byte) == NULL) {
			return byte;
		}
	}
}

static char unescaped(int byte)
{
	static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1a";
	const char *found = byte != 0 ? strchr(from, byte) : NULL;

	return found != NULL ? to[found - from] : (char)byte;
}

/* What is quoted, up to its end; a quote that stands there twice is one. */
static void read_quoted(struct dump *dump, int quote)
{
	int byte;

	while ((byte = getc_unlocked(dump->stream)) != EOF) {
		if (byte == '\\' && quote != '`') {
			byte = getc_unlocked(dump->stream);
			if (byte != EOF)
				buf_append_char(&dump->token, unescaped(byte));
		} else if (byte != quote) {
			buf_append_char(&dump->token, (char)byte);
		} else if (peek(dump) == quote) {
			buf_append_char(&dump->token, (char)getc_unlocked(dump->stream));
		} else {
			return;
		}
	}
}

static bool is_word_byte(int byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '.' || byte == '$' ||
	       byte >= 0x80;
}

static bool has_only_hex(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (str_hex_digit(text.data[i]) < 0)
			return false;
	}
	return text.length > 0 && text.length % 2 == 0;
}

static void read_word(struct dump *dump, int byte)
{
	struct str text;

	dump->kind = byte >= '0' && byte <= '9' ? TOKEN_NUMBER : TOKEN_WORD;
	do
		buf_append_char(&dump->token, (char)byte);
	while (is_word_byte(byte = getc_unlocked(dump->stream)));
	if (byte != EOF)
		(void)ungetc(byte, dump->stream);
	text = buf_str(&dump->token);
	if (str_equal_ignore_case(text, STR("x")) && byte == '\'') {
		(void)getc_unlocked(dump->stream);
		buf_reset(&dump->token, dump->token.capacity);
		read_quoted(dump, '\'');
		dump->kind = TOKEN_HEX;
	} else if (str_starts_with_ignore_case(text, STR("0x")) &&
		   has_only_hex(str_slice(text, 2, text.length))) {
		memmove(dump->token.data, dump->token.data + 2, dump->token.length - 2);
		buf_truncate(&dump->token, dump->token.length - 2);
		dump->kind = TOKEN_HEX;
	}
}

static void next_token(struct dump *dump)
{
	int byte = next_byte(dump);

	buf_reset(&dump->token, dump->token.capacity);
	if (byte == EOF) {
		dump->kind = TOKEN_END;
	} else if (byte == '`' || byte == '\'' || byte == '"') {
		dump->kind = byte == '`' ? TOKEN_NAME : TOKEN_TEXT;
		read_quoted(dump, byte);
	} else if (is_word_byte(byte)) {
		read_word(dump, byte);
	} else {
		dump->kind = TOKEN_SIGN;
		buf_append_char(&dump->token, (char)byte);
	}
	if (dump->token.length > PIECE_MOST)
		dump->failed = true;
}

static bool is_sign(const struct dump *dump, char sign)
{
	return dump->kind == TOKEN_SIGN && dump->token.data[0] == sign;
}

static bool is_word(const struct dump *dump, const char *word)
{
	return dump->kind == TOKEN_WORD &&
	       str_equal_ignore_case(buf_str(&dump->token), str_from(word));
}

static bool is_over(const struct dump *dump)
{
	return dump->kind == TOKEN_END || is_sign(dump, ';') || dump->failed;
}

static void skip_statement(struct dump *dump)
{
	while (!is_over(dump))
		next_token(dump);
}

/* --- statements of SQLite --- */

/* Bytes that are no text are written as digits. */
static void append_text(struct buf *out, struct str text)
{
	static const char digits[] = "0123456789abcdef";

	if (str_utf8_valid(text) == text.length &&
	    (text.length == 0 || memchr(text.data, '\0', text.length) == NULL)) {
		buf_append_char(out, '\'');
		for (size_t i = 0; i < text.length; i++) {
			if (text.data[i] == '\'')
				buf_append_char(out, '\'');
			buf_append_char(out, text.data[i]);
		}
		buf_append_text(out, "' ");
		return;
	}
	buf_append_text(out, "X'");
	for (size_t i = 0; i < text.length; i++) {
		buf_append_char(out, digits[(unsigned char)text.data[i] >> 4]);
		buf_append_char(out, digits[(unsigned char)text.data[i] & 15]);
	}
	buf_append_text(out, "' ");
}

static void append_token(struct dump *dump, struct buf *out)
{
	struct str text = buf_str(&dump->token);

	switch (dump->kind) {
	case TOKEN_NAME:
		move_source_append_name(out, text);
		return;
	case TOKEN_TEXT:
		append_text(out, text);
		return;
	case TOKEN_HEX:
		buf_append_text(out, "X'");
		buf_append_str(out, text);
		buf_append_text(out, "' ");
		return;
	case TOKEN_WORD:
		/* _binary '…': the bytes are told by themselves. */
		if (text.data[0] == '_')
			return;
		break;
	default:
		break;
	}
	buf_append_str(out, text);
	buf_append_char(out, ' ');
}

static void run_piece(struct dump *dump, const struct buf *head)
{
	struct buf sql = { 0 };

	if (head != NULL)
		buf_append_str(&sql, buf_str(head));
	buf_append_str(&sql, buf_str(&dump->piece));
	buf_append_char(&sql, '\0');
	if (sql.failed || dump->piece.failed)
		dump->failed = true;
	else if (sqlite3_exec(dump->target->database, sql.data, NULL, NULL, NULL) != SQLITE_OK) {
		(void)error_set_detail(dump->error, ERROR_UNAVAILABLE,
		    "%s has a statement that cannot be read (%s)", dump->target->source.label,
		    sqlite3_errmsg(dump->target->database));
		dump->failed = true;
	}
	buf_free(&sql);
	buf_reset(&dump->piece, dump->piece.capacity);
}

/* --- what is read of a dump --- */

/* "CREATE TABLE `name` (`column` type …, KEY …)": names of columns are all that counts. */
static void read_table(struct dump *dump)
{
	unsigned depth = 0;
	bool begins = false, some = false;

	while (!is_over(dump) && dump->kind != TOKEN_NAME)
		next_token(dump);
	if (is_over(dump))
		return;
	buf_append_text(&dump->piece, "CREATE TABLE IF NOT EXISTS ");
	append_token(dump, &dump->piece);
	for (next_token(dump); !is_over(dump); next_token(dump)) {
		if (is_sign(dump, '('))
			begins = depth++ == 0;
		else if (is_sign(dump, ')'))
			depth--;
		else if (is_sign(dump, ',') && depth == 1)
			begins = true;
		else if (begins) {
			begins = false;
			if (dump->kind != TOKEN_NAME)
				continue;
			buf_append_char(&dump->piece, some ? ',' : '(');
			append_token(dump, &dump->piece);
			some = true;
		}
	}
	buf_append_char(&dump->piece, ')');
	if (some && !dump->failed)
		run_piece(dump, NULL);
	buf_reset(&dump->piece, dump->piece.capacity);
}

/* "INSERT INTO `name` VALUES (…),(…)": row by row. */
static void read_rows(struct dump *dump)
{
	unsigned depth = 0;

	buf_reset(&dump->head, dump->head.capacity);
	while (!is_over(dump)) {
		bool values = is_word(dump, "VALUES") || is_word(dump, "VALUE");

		append_token(dump, &dump->head);
		next_token(dump);
		if (values)
			break;
	}
	for (; !is_over(dump); next_token(dump)) {
		if (depth == 0 && is_sign(dump, ','))
			continue;
		depth += is_sign(dump, '(');
		depth -= depth > 0 && is_sign(dump, ')');
		append_token(dump, &dump->piece);
		if (depth == 0 && is_sign(dump, ')'))
			run_piece(dump, &dump->head);
	}
}

static void read_change(struct dump *dump)
{
	for (; !is_over(dump); next_token(dump))
		append_token(dump, &dump->piece);
	run_piece(dump, NULL);
}

static void read_statement(struct dump *dump)
{
	if (is_word(dump, "INSERT") || is_word(dump, "REPLACE")) {
		read_rows(dump);
	} else if (is_word(dump, "UPDATE")) {
		read_change(dump);
	} else if (is_word(dump, "CREATE")) {
		next_token(dump);
		if (is_word(dump, "TABLE"))
			read_table(dump);
	}
	skip_statement(dump);
}

/* Rows of the file itself are all that its statements may touch. */
static int authorize(void *data, int action, const char *first, const char *second,
    const char *database, const char *trigger)
{
	(void)data, (void)first, (void)second, (void)database, (void)trigger;
	switch (action) {
	case SQLITE_CREATE_TABLE:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_READ:
	case SQLITE_SELECT:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static void read_dump(struct dump *dump)
{
	sqlite3 *database = dump->target->database;

	(void)sqlite3_set_authorizer(database, authorize, NULL);
	(void)sqlite3_exec(database, "BEGIN", NULL, NULL, NULL);
	for (next_token(dump); dump->kind != TOKEN_END && !dump->failed; next_token(dump))
		read_statement(dump);
	if (sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		dump->failed = true;
	(void)sqlite3_set_authorizer(database, NULL, NULL);
	if (dump->failed && dump->error->code == ERROR_NONE)
		(void)error_set_detail(dump->error, ERROR_UNAVAILABLE,
		    "%s cannot be read to its end (%s)", dump->target->source.label,
		    sqlite3_errmsg(database));
}

struct move_source *move_source_open_dump(
    struct arena *arena, const char *file, struct error *error)
{
	struct dump dump = { .error = error, .stream = fopen(file, "re") };

	if (dump.stream == NULL) {
		(void)error_set_detail(
		    error, ERROR_UNAVAILABLE, "%s cannot be opened (%s)", file, strerror(errno));
		return NULL;
	}
	dump.target = move_source_new_file(
	    arena, "", file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
	if (dump.target != NULL)
		read_dump(&dump);
	fclose(dump.stream);
	buf_free(&dump.token);
	buf_free(&dump.head);
	buf_free(&dump.piece);
	if (dump.target == NULL || !dump.failed)
		return dump.target != NULL ? &dump.target->source : NULL;
	move_source_close(&dump.target->source);
	return NULL;
}
