/*
 * Settings of the server that are seen and changed over HTTP. Those of the configuration file are
 * shown and cannot be changed; the others are kept in the database.
 */
#ifndef CLIENTELE_API_LICENSING_SETTINGS_H
#define CLIENTELE_API_LICENSING_SETTINGS_H

#include "op/operation.h"

/* Settings that can be changed, as the rest of the program uses them. */
struct server_settings {
	bool mail_attach_license;        /* the license goes with its mail as a file */
	int64_t mail_most_recipients;    /* of one message */
	struct str mail_license_subject; /* with placeholders */
	struct str mail_reply_to;        /* empty = none */
	struct str mail_sender_name;     /* empty = none */
};

/* Reads them: one query; what is not stored has its default. */
int server_settings_read(
    struct operation *operation, struct server_settings *settings, struct error *error) MUST_CHECK;

#endif
