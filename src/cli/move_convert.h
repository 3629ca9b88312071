/*
 * What cells of other programs become.
 */
#ifndef CLIENTELE_CLI_MOVE_CONVERT_H
#define CLIENTELE_CLI_MOVE_CONVERT_H

#include "cli/move.h"

/* Bytes as base64. */
void move_convert_bytes(struct move_cell *cell);

/* An empty text is none. */
void move_convert_blank(struct move_cell *cell);

/* Names of roles, separated by commas, as a list of those that there are here. */
void move_convert_roles(struct move_cell *cell);

/* A moment until which somebody is locked out, as whether that one may log in. */
void move_convert_lockout(struct move_cell *cell);

/* A password hash, where it is one that logins compute. */
void move_convert_password(struct move_cell *cell);

/* The name of a license format as its number. */
void move_convert_format(struct move_cell *cell);

/* A list of JSON, or numbers with commas, semicolons or blanks between them, as the former. */
void move_convert_list(struct move_cell *cell);

/* What is no object of JSON is left out. */
void move_convert_object(struct move_cell *cell);

/* Small letters: "True". */
void move_convert_lower(struct move_cell *cell);

#endif
