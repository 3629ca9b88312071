/*
 * How a user signs in, and has: commands of "clientele user".
 */
#ifndef CLIENTELE_CLI_USER_SIGN_IN_H
#define CLIENTELE_CLI_USER_SIGN_IN_H

#include "cli/session.h"

/* Handlers; the first operand is the user. */
enum command_status user_list_sessions(struct session *session);
enum command_status user_end_sessions(struct session *session);
enum command_status user_make_link(struct session *session);
enum command_status user_reset_second_factor(struct session *session);

/* Their flags. */
extern const struct command_flag user_link_flags[3];

#endif
