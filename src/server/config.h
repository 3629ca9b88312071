/*
 * Reads the options. Later sources win: built-in defaults, the configuration file, environment
 * variables CLIENTELE_NAME, command-line flags --name=value. Used by clienteled and clientele
 * alike.
 */
#ifndef CLIENTELE_SERVER_CONFIG_H
#define CLIENTELE_SERVER_CONFIG_H

#include "base/flags.h"
#include "server/option.h"

#define CONFIG_OPTIONS_MAX 160

enum config_action {
	CONFIG_RUN,
	CONFIG_CHECK,   /* --check */
	CONFIG_PRINT,   /* --print-config */
	CONFIG_OPENAPI, /* --openapi */
	CONFIG_HELP,    /* --help */
	CONFIG_VERSION, /* --version */
};

struct config {
	struct settings settings; /* text belongs to the arena */
	struct arena *arena;
	enum config_action action;
	const char *file;                        /* configuration file that was read, or NULL */
	const char *sources[CONFIG_OPTIONS_MAX]; /* where each option's value comes from */
	/* Id of the key that an option's value was sealed under; NULL where it stood in clear. */
	const char *sealed_under[CONFIG_OPTIONS_MAX];
	int first_operand; /* index in argv; argc when there is none */
};

enum config_flag {
	CONFIG_OPERANDS = 1u << 0, /* words that are no flags may follow, and end the flags */
	CONFIG_SERVES = 1u << 1,   /* for a pool: its key file must be there to run */
	CONFIG_MIGRATES = 1u << 2, /* the program may change the schema: it may know the password */
};

#define CONFIG_FLAGS(op) (CONFIG_OPERANDS op CONFIG_SERVES op CONFIG_MIGRATES)
ASSERT_FLAGS_DISTINCT(CONFIG_FLAGS);

/*
 * Fills `config` from all sources. `argv` is that of main(). Returns 0, or -1 when anything is
 * wrong: then one line per fault is appended to `faults`, each with its place, the option and what
 * was expected. --help and --version are recognised even then. In both cases the caller calls
 * config_free() when the settings are no longer needed. Sets the process's time zone.
 */
int config_load(struct config *config, int argc, char *const *argv, unsigned flags,
    struct buf *faults) MUST_CHECK;
void config_free(struct config *config);

/* Whether there is a key file; where not, `fault` says so and how it is made. */
bool config_check_key(const struct config *config, struct buf *fault);

/*
 * Reads the key file that was made or changed meanwhile. Returns 0, or -1 with what is wrong in
 * `fault`: then the keys are those of before.
 */
int config_read_key(struct config *config, struct buf *fault) MUST_CHECK;

/* What a sealed value of an option begins with. */
#define CONFIG_SEALED "{sealed}"

/*
 * Seals the value of a secret option as text that can stand in its place, in the configuration or
 * in the option's file. There must be a key file. data == NULL when the arena is exhausted.
 */
struct str config_seal(const struct config *config, const struct option *option, struct str value,
    struct arena *arena);

/*
 * For a reload: gives options that need a restart the values of `running`. Appends the names of
 * those that differed to `names`, separated by blanks, and returns their number, or -1 when memory
 * runs out.
 */
int config_keep(struct config *config, const struct config *running, struct buf *names);

/* Appends the effective values with their sources, as a file that could be read again; secrets are
 * masked. */
void config_print(const struct config *config, struct buf *out);

/* The same for one option, by its number in option_table(): its line, or its value alone, without
 * quotes. */
void config_print_option(const struct config *config, unsigned number, struct buf *out);
void config_print_value(const struct config *config, unsigned number, struct buf *out);

/* Whether the value differs from the default, wherever it comes from. */
bool config_is_changed(const struct config *config, unsigned number);

/* Appends the flags and all options with type, default and purpose. */
void config_help(struct buf *out);

#endif
