/*
 * What no single option shows: options that need a partner, files that must hold something, and
 * settings that are valid but leave a door open.
 */
#ifndef CLIENTELE_SERVER_CONFIG_RULE_H
#define CLIENTELE_SERVER_CONFIG_RULE_H

#include "server/option.h"

/* Told once for each finding; `option` is its name. The text is the callee's only during the call.
 */
struct config_listener {
	void (*tell)(void *context, const char *option, const char *text);
	void *context;
};

/* Tells every fault: the settings must not be used then. */
void config_rule_faults(const struct settings *settings, const struct config_listener *listener);

/* Tells what an operator should know of settings that can be used. */
void config_rule_warnings(const struct settings *settings, const struct config_listener *listener);

#endif
