/*
 * What no value of an option shows by itself: whether names are there, and values go together.
 */
#include <grp.h>
#include <pwd.h>

#include "api/activation/alias.h"
#include "base/identifier.h"
#include "base/mail_address.h"
#include "base/url.h"
#include "base/zone.h"
#include "db/hosts.h"
#include "db/provision.h"
#include "server/config_load.h"
#include "server/config_rule.h"
#include "server/listener.h"
#include "server/site.h"

static void tell_fault(void *context, const char *option, const char *text)
{
	loading_fault_option(context, option, text);
}

static void check_paths(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	const struct {
		const char *name;
		const char *value;
		bool optional;
	} paths[] = {
		{ "database_socket", settings->database_socket,
		    settings->database_hosts[0] != '\0' },
		{ "database_tls_ca", settings->database_tls_ca, true },
		{ "database_tls_certificate", settings->database_tls_certificate, true },
		{ "database_tls_key", settings->database_tls_key, true },
		{ "mail_ca_file", settings->mail_ca_file, true },
		{ "migrate_password_file", settings->migrate_password_file, true },
		{ "pid_file", settings->pid_file, true },
		{ "runtime_directory", settings->runtime_directory, false },
		{ "state_directory", settings->state_directory, false },
	};

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i].value[0] != '/' && !(paths[i].optional && paths[i].value[0] == '\0'))
			loading_fault_option(
			    loading, paths[i].name, "expected an absolute file name");
	}
	if (settings->log_target[0] != '/' && strcmp(settings->log_target, "stderr") != 0 &&
	    strcmp(settings->log_target, "syslog") != 0)
		loading_fault_option(
		    loading, "log_target", "expected stderr, syslog or an absolute file name");
}

/* What one site has seen is nothing to go by for another. */
static void place_state(struct loading *loading)
{
	struct config *config = loading->config;
	unsigned number = option_number_of(option_find(STR("state_directory")));
	const char *own = site_state_directory(config->file, config->arena);

	if (own != NULL && strcmp(config->sources[number], CONFIG_DEFAULT) == 0)
		config->settings.state_directory = own;
}

static void check_accounts(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;

	if (settings->user[0] != '\0' && getpwnam(settings->user) == NULL)
		loading_fault_option(loading, "user", "this user does not exist");
	if (settings->listen_owner[0] != '\0' && getpwnam(settings->listen_owner) == NULL)
		loading_fault_option(loading, "listen_owner", "this user does not exist");
	if (settings->group[0] != '\0' && getgrnam(settings->group) == NULL)
		loading_fault_option(loading, "group", "this group does not exist");
	if (settings->listen_group[0] != '\0' && getgrnam(settings->listen_group) == NULL)
		loading_fault_option(loading, "listen_group", "this group does not exist");
}

/* By the reader that connects with it. */
static void check_hosts(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	struct hosts hosts;

	if (settings->database_name[0] == '\0' ||
	    strlen(settings->database_name) > DATABASE_NAME_MAX)
		loading_fault_option(
		    loading, "database_name", "expected a name of 1 to 64 characters");
	if (hosts_read(&hosts, settings, 0))
		return;
	if (settings->database_hosts[0] != '\0')
		loading_fault_option(loading, "database_hosts",
		    "expected at most 16 of host[:port] or /socket, separated by commas, with "
		    "ports "
		    "from 1 to 65535 and IPv6 addresses in brackets");
	else
		loading_fault_option(loading, "database_socket", "expected the path of a socket");
}

static void check_mail(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	struct str server = str_from(settings->mail_server);
	struct str host;
	unsigned port;

	if (server.length > 0 && !mail_server_parse(server, &host, &port))
		loading_fault_option(loading, "mail_server", "expected host[:port]");
	if (settings->mail_from[0] != '\0' && !mail_address_is_good(str_from(settings->mail_from)))
		loading_fault_option(loading, "mail_from", "expected an e-mail address");
}

/* An identifier that cannot be drawn at random would be taken from the second row on. */
static void check_formats(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	const struct {
		const char *name, *format;
	} formats[] = {
		{ "activation_token_format", settings->activation_token_format },
		{ "customer_code_format", settings->customer_code_format },
		{ "floating_token_format", settings->floating_token_format },
		{ "license_id_format", settings->license_id_format },
		{ "order_number_format", settings->order_number_format },
		{ "user_key_format", settings->user_key_format },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!identifier_format_is_good(str_from(formats[i].format)))
			loading_fault_option(loading, formats[i].name,
			    "expected text of at most 64 characters with placeholders such as "
			    "{TOKEN:8} or {HEX:8}");
	}
}

static void check_client_routes(struct loading *loading)
{
	unsigned position = 0;
	const char *option;

	while ((option = alias_next_fault(&loading->config->settings, &position)) != NULL)
		loading_fault_option(loading, option,
		    "expected a method (GET, POST, PUT or DELETE) and a path such as POST "
		    "/v2/activate");
}

void loading_check_settings(struct loading *loading)
{
	const struct settings *settings = &loading->config->settings;
	struct str base = str_from(settings->base_path);
	struct listener_address address;
	const char *reason;

	if (!listener_parse(str_from(settings->listen), &address, &reason))
		loading_fault_option(loading, "listen", reason);
	if (base.length > 0 && !url_path_is_good(base))
		loading_fault_option(loading, "base_path",
		    "expected a path such as /registry that starts but does not end with /");
	if (!zone_set(settings->time_zone))
		loading_fault_option(loading, "time_zone", "this time zone does not exist");
	place_state(loading);
	check_paths(loading);
	loading_check_secret_paths(loading);
	check_accounts(loading);
	check_hosts(loading);
	check_mail(loading);
	check_formats(loading);
	check_client_routes(loading);
	config_rule_faults(settings, &(const struct config_listener){ tell_fault, loading });
	site_faults(loading->config->file, settings,
	    &(const struct config_listener){ tell_fault, loading });
}
