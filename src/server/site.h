/*
 * Sites: pools beside that of the machine, each with a configuration …/clientele/sites/NAME.conf
 * and units clientele@NAME. The name is that of the system user, too.
 */
#ifndef CLIENTELE_SERVER_SITE_H
#define CLIENTELE_SERVER_SITE_H

#include "base/arena.h"
#include "server/config_rule.h"

#define SITE_FOLDER SYSCONFDIR "/clientele/sites"
#define SITE_NAME_MAX 32
/* What stands before the name in the folders of a site. That of all sockets, /run/clientele-sites,
 * is none of them, whatever a site is called. */
#define SITE_RUNTIME "/run/clientele-site-"
#define SITE_STATE "/var/lib/clientele-site-"
#define SITE_LOGS "/var/log/clientele-site-"
#define SITE_BACKUPS "/var/backups/clientele-site-"

/* Name of the site that a configuration file (NULL = none) belongs to; empty where it is no site's.
 */
struct str site_of(const char *config_file);

/* The state directory of that site, in `arena`; NULL where the file is no site's. */
const char *site_state_directory(const char *config_file, struct arena *arena);

/* Tells what the units of a site do not allow; nothing where the file is no site's. */
void site_faults(const char *config_file, const struct settings *settings,
    const struct config_listener *listener);

#endif
