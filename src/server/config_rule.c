#include "server/config_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/network.h"
#include "base/mail_address.h"
#include "base/url.h"
#include "db/hosts.h"
#include "http/cross_origin.h"
#include "server/listener.h"

/* An option that is worth nothing, or worse than nothing, without another one. */
static const struct {
	const char *given, *needed;
} partners[] = {
	{ "database_tls_certificate", "database_tls_key" },
	{ "database_tls_key", "database_tls_certificate" },
	{ "hosting_hawk", "hosting_hawk_secret" },
	{ "mail_password", "mail_user" },
	{ "mail_server", "mail_from" },
	{ "mail_user", "mail_password" },
	{ "migrate_password", "migrate_user" },
	{ "migrate_password_file", "migrate_user" },
};

/* Files that other libraries read, late: that they can be is known here, early. */
static const char *const files[] = { "database_tls_ca", "database_tls_certificate",
	"database_tls_key", "mail_ca_file", "webhook_ca_file" };

static const struct option *find_option(const char *name)
{
	return option_find(str_from(name));
}

/* Text that is not empty, or a choice other than its first word, which is "off" or "none". */
static bool is_given(const struct settings *settings, const struct option *option)
{
	const char *place = (const char *)settings + option->offset;

	if (option->type == OPTION_TEXT)
		return option_text(option, settings)[0] != '\0';
	return *(const int64_t *)(const void *)place != 0;
}

static void tell_option(const struct config_listener *listener, const char *option,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void tell_option(
    const struct config_listener *listener, const char *option, const char *format, ...)
{
	struct buf text = { 0 };
	va_list arguments;

	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	listener->tell(listener->context, option, text.data != NULL ? text.data : "out of memory");
	buf_free(&text);
}

static void check_partners(const struct settings *settings, const struct config_listener *listener)
{
	for (size_t i = 0; i < sizeof(partners) / sizeof(partners[0]); i++) {
		if (is_given(settings, find_option(partners[i].given)) &&
		    !is_given(settings, find_option(partners[i].needed)))
			tell_option(listener, partners[i].given, "expected %s beside it",
			    partners[i].needed);
	}
}

/* NULL, or why the file is of no use. */
static const char *file_fault(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	const char *fault = NULL;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &status) != 0)
		fault = strerror(errno);
	else if (!S_ISREG(status.st_mode))
		fault = "it is not a file";
	else if (status.st_size == 0)
		fault = "it is empty";
	(void)close(fd);
	return fault;
}

static void check_files(const struct settings *settings, const struct config_listener *listener)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = option_text(find_option(files[i]), settings);
		const char *fault = path[0] == '/' ? file_fault(path) : NULL;

		if (fault != NULL)
			tell_option(listener, files[i], "%s: %s", path, fault);
	}
}

static void check_networks(const struct settings *settings, const struct config_listener *listener)
{
	struct str rest = str_from(settings->operator_networks), part;
	struct network network;

	while (rest.length > 0 && str_next(&rest, ',', &part)) {
		if (!network_parse(str_trim(part), &network))
			tell_option(listener, "operator_networks",
			    "expected networks such as 127.0.0.0/8,::1, not \"" STR_FORMAT "\"",
			    STR_ARGUMENTS(part));
	}
}

static void check_origins(const struct settings *settings, const struct config_listener *listener)
{
	struct str rest = str_from(settings->cors_origins), origin;

	while (str_next_word(&rest, &origin)) {
		if (!cross_origin_is_good(origin))
			tell_option(listener, "cors_origins",
			    "expected origins such as https://app.example.org:8443, in lower case "
			    "and without a path, not \"" STR_FORMAT "\"",
			    STR_ARGUMENTS(origin));
	}
}

void config_rule_faults(const struct settings *settings, const struct config_listener *listener)
{
	check_partners(settings, listener);
	check_files(settings, listener);
	check_networks(settings, listener);
	check_origins(settings, listener);
	if (settings->public_url[0] != '\0' && !url_base_is_good(str_from(settings->public_url)))
		tell_option(listener, "public_url",
		    "expected an address such as https://registry.example.org/prefix, without a "
		    "trailing slash");
}

static void warn_of_listener(
    const struct settings *settings, const struct config_listener *listener)
{
	struct listener_address address;
	const char *reason;

	if (!listener_parse(str_from(settings->listen), &address, &reason))
		return;
	if (listener_is_exposed(&address))
		tell_option(listener, "listen",
		    "every machine that reaches this port can impersonate any caller; listen on a "
		    "Unix socket or a loopback address");
	if (address.kind == LISTENER_UNIX && (settings->listen_mode & S_IWOTH) != 0)
		tell_option(listener, "listen_mode",
		    "every user of this machine can impersonate any caller; use 0660 and "
		    "listen_group to admit only the web server");
}

static void warn_of_database(
    const struct settings *settings, const struct config_listener *listener)
{
	struct hosts hosts;

	(void)hosts_read(&hosts, settings, 0);
	for (unsigned i = 0; i < hosts.count; i++) {
		if (host_is_local(&hosts.list[i]) || host_wants_tls(&hosts.list[i], settings))
			continue;
		tell_option(listener, "database_tls",
		    "passwords and rows cross the network to %s unencrypted", hosts.list[i].name);
	}
}

static void warn_of_mail(const struct settings *settings, const struct config_listener *listener)
{
	char name[256];
	struct str host;
	unsigned port;

	if (settings->mail_tls != MAIL_TLS_NONE || settings->mail_password[0] == '\0' ||
	    !mail_server_parse(str_from(settings->mail_server), &host, &port) ||
	    host.length >= sizeof(name))
		return;
	memcpy(name, host.data, host.length);
	name[host.length] = '\0';
	if (!host_name_is_local(name))
		tell_option(listener, "mail_tls",
		    "mail_password crosses the network to %s unencrypted", name);
}

void config_rule_warnings(const struct settings *settings, const struct config_listener *listener)
{
	warn_of_listener(settings, listener);
	warn_of_database(settings, listener);
	warn_of_mail(settings, listener);
}
