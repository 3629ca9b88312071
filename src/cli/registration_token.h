/*
 * Tokens that let API clients register themselves, on the command line: token create, and the other
 * commands on tokens with --registration.
 */
#ifndef CLIENTELE_CLI_REGISTRATION_TOKEN_H
#define CLIENTELE_CLI_REGISTRATION_TOKEN_H

#include "cli/command.h"

enum command_status registration_token_create(struct session *session);
enum command_status registration_token_list(struct session *session);
enum command_status registration_token_revoke(struct session *session);
enum command_status registration_token_show(struct session *session);

#endif
