/*
 * The option table: every option of clienteled and clientele, once. Parsing, defaults, reload, the
 * printed configuration and the test against the manual all come from it.
 */
#ifndef CLIENTELE_SERVER_OPTION_H
#define CLIENTELE_SERVER_OPTION_H

#include "base/buf.h"
#include "base/error.h"
#include "base/settings.h"

/* Sizes in bytes, durations in seconds. */
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define HOUR INT64_C(3600)

enum option_type {
	OPTION_BOOLEAN,  /* bool: yes or no */
	OPTION_CHOICE,   /* int64_t: number of the word */
	OPTION_DURATION, /* int64_t: seconds; suffixes s, m, h */
	OPTION_INTEGER,  /* int64_t */
	OPTION_MODE,     /* int64_t: octal permission bits */
	OPTION_SIZE,     /* int64_t: bytes; suffixes k, m, g */
	OPTION_TEXT,     /* const char * */
	OPTION_WORDS,    /* int64_t: a bit for each word; blanks or commas stand between them */
	OPTION_TYPE__MAX
};

/* What an option's value names that is a secret of its own. */
enum option_file {
	OPTION_FILE_NONE,
	OPTION_FILE_VALUE,   /* a file whose first line is the value of the option `value_of` */
	OPTION_FILE_MIGRATE, /* the same, for the command line alone: no pool reads it, no backup
				has it */
	OPTION_FILE_PRIVATE, /* a private key that a library reads */
	OPTION_FILE_KEYS, /* the file of base/seal, which goes into a backup only when asked for */
};

struct option {
	const char *name; /* as in the file: lower case with underscores */
	enum option_type type;
	size_t offset;              /* of the member in struct settings */
	const char *fallback;       /* default, as it would stand in the file */
	int64_t least, most;        /* range of numbers */
	const char *const *choices; /* of OPTION_CHOICE in the order of their numbers, of
				       OPTION_WORDS in that of their bits; NULL ends it */
	bool reloadable;            /* SIGHUP takes a new value */
	bool secret;                /* never printed */
	/* Files of secrets: the only list of them, for reading, checking, backing up and the
	 * doctor. */
	enum option_file file;
	const char *value_of; /* of OPTION_FILE_VALUE and OPTION_FILE_MIGRATE */
	const char *doc;      /* one line */
};

/* All options in alphabetical order; `*count` is set. */
const struct option *option_table(unsigned *count);

/* Its number in the table. */
unsigned option_number_of(const struct option *option);

/* The option called `name`, dashes taken for underscores. NULL when there is none. */
const struct option *option_find(struct str name);

/* What to say of a name that no option has, with the one that was nearly meant. The text is of the
 * arena. */
const char *option_unknown(struct arena *arena, struct str name);

/* Value of an option of text. */
const char *option_text(const struct option *option, const struct settings *settings);

/* The file of a pool's secrets that an option names, "" when it names none: see enum option_file.
 */
const char *option_secret_file(const struct option *option, const struct settings *settings);

/* Name of a type for the manual and --help: "text", "duration", … */
const char *option_type_name(enum option_type type);

/*
 * Reads `text` into the option's place. Text values are copied into `arena`. On failure returns
 * false, nothing is changed and what was expected is appended to `expected`.
 */
bool option_parse(const struct option *option, struct arena *arena, struct str text,
    struct settings *settings, struct buf *expected);

/* Appends the value as it would stand in the file, secrets too. */
void option_print(const struct option *option, const struct settings *settings, struct buf *out);

#endif
