/*
 * clientele(1): commands as a table, and what a command has at hand while it runs.
 */
#ifndef CLIENTELE_CLI_COMMAND_H
#define CLIENTELE_CLI_COMMAND_H

#include <stdio.h>

#include "record/context.h"
#include "server/config.h"

#define COMMAND_OPERANDS_MAX 8
#define COMMAND_FLAGS_MAX 64

/* Exit statuses of the program. */
enum command_status { COMMAND_OK, COMMAND_FAILED, COMMAND_USAGE };

struct command_flag {
	const char *name;  /* without its dashes; NULL ends a list */
	const char *value; /* what follows it, for the help; NULL = it is a switch */
	const char *doc;
};

#define COMMAND_FLAG_JSON                            \
	{                                            \
		.name = "json", .doc = "Print JSON." \
	}

struct session;

struct command {
	const char *words;     /* "user create"; NULL ends a table */
	const char *arguments; /* "NAME", for the help */
	unsigned least, most;  /* how many operands */
	const struct command_flag *flags;
	const char *doc; /* one sentence */
	/* Stays who called it; without that, root becomes the user of the options. */
	bool as_caller;
	enum command_status (*run)(struct session *session);
	/* Runs instead where the configuration has faults, one in each line; NULL = they are
	 * refused. */
	enum command_status (*run_faulty)(struct session *session, struct str faults);
};

/* A flag as it was given. */
struct command_given {
	const struct command_flag *flag;
	const char *value;
};

struct session {
	FILE *out, *err;
	struct config config;
	const struct settings *settings;
	struct arena *arena; /* emptied by nobody but long commands themselves */
	struct error error;
	struct database *database; /* connects at its first use */
	struct context context;    /* session_context() */
	const char *caller;        /* name of who called the command */
	const struct command *command;
	const char *operands[COMMAND_OPERANDS_MAX];
	unsigned operand_count;
	struct command_given given[COMMAND_FLAGS_MAX];
	unsigned given_count;
	bool json;
};

/* One table per file. */
extern const struct command associate_commands[];
extern const struct command audit_commands[];
extern const struct command backup_commands[];
extern const struct command certificate_commands[];
extern const struct command client_commands[];
extern const struct command cluster_commands[];
extern const struct command config_commands[];
extern const struct command doctor_commands[];
extern const struct command expire_commands[];
extern const struct command export_commands[];
extern const struct command delegate_commands[];
extern const struct command group_commands[];
extern const struct command mail_commands[];
extern const struct command hosting_commands[];
extern const struct command import_commands[];
extern const struct command key_commands[];
extern const struct command license_commands[];
extern const struct command license_offline_commands[];
extern const struct command migrate_commands[];
extern const struct command person_commands[];
extern const struct command queue_commands[];
extern const struct command restore_commands[];
extern const struct command roles_commands[];
extern const struct command secret_commands[];
extern const struct command setup_commands[];
extern const struct command signing_key_commands[];
extern const struct command status_commands[];
extern const struct command throttle_commands[];
extern const struct command token_commands[];
extern const struct command top_commands[];
extern const struct command user_commands[];

/* Table number `number`, or NULL after the last. */
const struct command *command_table(unsigned number);

/* Heading of that table in the help and the manual; neighbours may share one. */
const char *command_table_title(unsigned number);

/* The command that the words begin with, and how many of them are its own; NULL when there is none.
 */
const struct command *command_find(int count, char *const *words, int *matched);

/*
 * Runs one command line: argv as of main(), with the results on `out` and everything said to people
 * on `err`. Returns the exit status.
 */
enum command_status command_line(int argc, char *const *argv, FILE *out, FILE *err);

#endif
