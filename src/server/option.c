#include "server/option.h"

#include "auth/secret.h"
#include "base/log.h"

static const char *const auth_choices[] = {
	[DISCOVERY_AUTH_NONE] = "none",
	[DISCOVERY_AUTH_KEY] = "key",
	NULL,
};

static const char *const client_auth_choices[] = {
	[CLIENT_AUTH_USER_KEY] = "user-key",
	[CLIENT_AUTH_KEY] = "key",
	[CLIENT_AUTH_BOTH] = "both",
	NULL,
};

static const char *const client_format_choices[] = {
	[CLIENT_FORMAT_CLASSES] = "classes",
	[CLIENT_FORMAT_PROTO3] = "proto3",
	NULL,
};

static const char *const database_tls_choices[] = {
	[DATABASE_TLS_AUTO] = "auto",
	[DATABASE_TLS_OFF] = "off",
	[DATABASE_TLS_ON] = "on",
	NULL,
};

static const char *const second_factor_choices[] = {
	[SECOND_FACTOR_OPTIONAL] = "optional",
	[SECOND_FACTOR_ADMINISTRATORS] = "administrators",
	[SECOND_FACTOR_ALL] = "all",
	NULL,
};

static const char *const mail_tls_choices[] = {
	[MAIL_TLS_NONE] = "none",
	[MAIL_TLS_STARTTLS] = "starttls",
	[MAIL_TLS_TLS] = "tls",
	NULL,
};

/* In the order of the bits of enum dialect_word. */
static const char *const dialect_choices[] = {
	"all-rows",
	"lenient-json",
	"omit-zeros",
	"original-texts",
	"unknown-parameters",
	"xml-by-accept",
	NULL,
};

static const char *const hosting_hawk_choices[] = {
	[HOSTING_HAWK_OFF] = "off",
	[HOSTING_HAWK_ACCEPTED] = "accepted",
	[HOSTING_HAWK_REQUIRED] = "required",
	NULL,
};

static const char *const oauth_registration_choices[] = {
	[OAUTH_REGISTRATION_OFF] = "off",
	[OAUTH_REGISTRATION_TOKEN] = "token",
	NULL,
};

static const char *const log_format_choices[] = {
	[LOG_FORMAT_TEXT] = "text",
	[LOG_FORMAT_JSON] = "json",
	NULL,
};

static const char *const log_level_choices[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_ERROR] = "error",
	NULL,
};

static const char *const webhook_responses_choices[] = {
	[WEBHOOK_RESPONSES_NONE] = "none",
	[WEBHOOK_RESPONSES_PUBLIC] = "public",
	[WEBHOOK_RESPONSES_ALL] = "all",
	NULL,
};

#define OPTION(option_name, kind) \
	.name = #option_name, .type = (kind), .offset = offsetof(struct settings, option_name)
#define LIMIT(option_name, member, kind) \
	.name = #option_name, .type = (kind), .offset = offsetof(struct settings, limits.member)
#define DIALECT(family) \
	OPTION(dialect_##family, OPTION_WORDS), .choices = dialect_choices, .reloadable = true
#define RANGE(smallest, largest) .least = (smallest), .most = (largest)

static const struct option options[] = {
	{ OPTION(activation_token_format, OPTION_TEXT), .fallback = "actk_{token:12}",
	    .reloadable = true, .doc = "Format of activation tokens; see Identifiers." },
	{ OPTION(application_retention, OPTION_DURATION), .fallback = "0s", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps applications that are silent; 0 means "
		   "forever." },
	{ OPTION(audit_retention, OPTION_DURATION), .fallback = "17520h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps entries of the audit log; 0 means forever." },
	{ OPTION(base_path, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Prefix that is stripped from every path, such as /registry." },
	{ OPTION(chosen_keys, OPTION_BOOLEAN), .fallback = "no", .reloadable = true,
	    .doc = "Whether administrators may choose identifiers and API keys of new rows." },
	{ OPTION(client_auth, OPTION_CHOICE), .fallback = "user-key",
	    .choices = client_auth_choices, .reloadable = true,
	    .doc = "What programs show that use licenses: the license's user key alone, an API "
		   "key, or both." },
	{ OPTION(client_format, OPTION_CHOICE), .fallback = "classes",
	    .choices = client_format_choices, .reloadable = true,
	    .doc = "Moments and bytes in answers to programs: seconds with nanoseconds and lists "
		   "of numbers (classes), or RFC 3339 and Base64 (proto3)." },
	{ OPTION(client_lease, OPTION_DURATION), .fallback = "15m", RANGE(10, 8784 * HOUR),
	    .reloadable = true,
	    .doc = "How long a floating seat is kept without a heartbeat, unless the license's "
		   "policy says it." },
	{ OPTION(client_route_activate, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/activate, such as POST "
		   "/v2/activate; empty for none." },
	{ OPTION(client_route_activations, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of GET /v1/license/activations; empty for none." },
	{ OPTION(client_route_consume, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/consume; empty for none." },
	{ OPTION(client_route_deactivate, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/deactivate; empty for none." },
	{ OPTION(client_route_heartbeat, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/heartbeat; empty for none." },
	{ OPTION(client_route_release, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/release; empty for none." },
	{ OPTION(client_route_report, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/report; empty for none." },
	{ OPTION(client_route_request, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/request; empty for none." },
	{ OPTION(client_route_validate, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Another method and path of POST /v1/license/validate; empty for none." },
	{ OPTION(client_secret_grace, OPTION_DURATION), .fallback = "168h", RANGE(0, 8760 * HOUR),
	    .reloadable = true,
	    .doc = "How long the previous secret of an API client stays valid after a new one is "
		   "added." },
	{ OPTION(client_secret_length, OPTION_INTEGER), .fallback = "1", RANGE(1, SECRET_LONGEST),
	    .reloadable = true,
	    .doc = "Minimum length of a secret that is chosen for an API client." },
	{ OPTION(consent_retention, OPTION_DURATION), .fallback = "26280h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps consents of visitors of hosted domains since "
		   "they were given; 0 means forever." },
	{ OPTION(consumption_retention, OPTION_DURATION), .fallback = "0s", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps entries of the ledger of consumption, and so "
		   "for how long a program's identifier of one is known again; 0 means forever." },
	{ OPTION(core_dumps, OPTION_BOOLEAN), .fallback = "no", .reloadable = true,
	    .doc = "Whether workers may dump core and be traced." },
	{ OPTION(cors_origins, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Origins whose pages may call the API, such as https://app.example.org; empty "
		   "for none." },
	{ OPTION(credential_retention, OPTION_DURATION), .fallback = "8760h",
	    RANGE(0, 87600 * HOUR), .reloadable = true,
	    .doc = "How long 'clientele expire' keeps ended credentials; 0 means forever." },
	{ OPTION(customer_code_format, OPTION_TEXT), .fallback = "C-{TOKEN:8}", .reloadable = true,
	    .doc = "Format of generated customer codes; see Identifiers." },
	{ OPTION(database_connect_timeout, OPTION_DURATION), .fallback = "0s", RANGE(0, 300),
	    .reloadable = true,
	    .doc = "Timeout for connecting to one database host; 0 for 5 s, or 1 s where "
		   "database_hosts names several." },
	{ OPTION(database_hosts, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc =
		"Database hosts, host[:port], separated by commas; empty to use database_socket." },
	{ OPTION(database_name, OPTION_TEXT), .fallback = "clientele", .reloadable = true,
	    .doc = "Name of the database." },
	{ OPTION(database_password, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .secret = true,
	    .doc = "Password of the database user; prefer database_password_file." },
	{ OPTION(database_password_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .file = OPTION_FILE_VALUE, .value_of = "database_password",
	    .doc = "File whose first line is the password of the database user." },
	{ OPTION(database_read_timeout, OPTION_DURATION), .fallback = "10s", RANGE(1, HOUR),
	    .reloadable = true, .doc = "Timeout for an answer from the database." },
	{ OPTION(database_silence_timeout, OPTION_DURATION), .fallback = "3s", RANGE(0, 300),
	    .reloadable = true,
	    .doc = "Time without any network response after which a database host is considered "
		   "down." },
	{ OPTION(database_socket, OPTION_TEXT), .fallback = "/run/mysqld/mysqld.sock",
	    .reloadable = true,
	    .doc = "Unix socket of the database, used when database_hosts is empty." },
	{ OPTION(database_statements, OPTION_INTEGER), .fallback = "256", RANGE(16, 4096),
	    .reloadable = true, .doc = "Maximum number of prepared statements per worker." },
	{ OPTION(database_tls, OPTION_CHOICE), .fallback = "auto", .choices = database_tls_choices,
	    .reloadable = true,
	    .doc = "Encryption of database connections: auto for hosts that are not local, off, or "
		   "on." },
	{ OPTION(database_tls_ca, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "File of CA certificates for the database; empty for those of the system." },
	{ OPTION(database_tls_certificate, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "File of the client certificate for the database; empty for none." },
	{ OPTION(database_tls_key, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .file = OPTION_FILE_PRIVATE,
	    .doc = "File of the private key for database_tls_certificate." },
	{ OPTION(database_user, OPTION_TEXT), .fallback = "clientele", .reloadable = true,
	    .doc = "Database user that serves requests." },
	{ OPTION(database_wsrep_sync_wait, OPTION_INTEGER), .fallback = "7", RANGE(0, 15),
	    .reloadable = true,
	    .doc = "Value of wsrep_sync_wait in each database session; 7 makes reads and writes "
		   "see what any node has acknowledged." },
	{ DIALECT(activation), .fallback = "",
	    .doc = "How the operations of calls of programs (/v1/license) treat programs of the "
		   "original." },
	{ DIALECT(credentials), .fallback = "xml-by-accept",
	    .doc = "How the operations of credentials (/api/v1/admin) treat programs of the "
		   "original." },
	{ DIALECT(delegates), .fallback = "",
	    .doc = "How the operations of delegate groups (/api/delegategroups) treat programs of "
		   "the original." },
	{ DIALECT(discovery), .fallback = "xml-by-accept",
	    .doc = "How the operations of discovery (/api/ClientHello) treat programs of the "
		   "original." },
	{ DIALECT(hosting), .fallback = "",
	    .doc = "How the operations of hosting accounts (/hosting/api) treat programs of the "
		   "original." },
	{ DIALECT(licensing), .fallback = "",
	    .doc = "How the operations of licensing (/v1) treat programs of the original." },
	{ OPTION(discovery_auth, OPTION_CHOICE), .fallback = "none", .choices = auth_choices,
	    .reloadable = true, .doc = "Whether discovery calls require an API key." },
	{ OPTION(discovery_lease, OPTION_DURATION), .fallback = "0s", RANGE(0, 30 * 24 * HOUR),
	    .reloadable = true,
	    .doc = "Lease of new discovery groups: an application that says no hello for so long "
		   "is gone; 0 for no lease." },
	{ OPTION(drain_timeout, OPTION_DURATION), .fallback = "25s", RANGE(1, HOUR),
	    .reloadable = true,
	    .doc = "How long stopping workers may take to finish their requests." },
	{ OPTION(error_links, OPTION_BOOLEAN), .fallback = "no", .reloadable = true,
	    .doc =
		"Whether answers of errors name the place in the documentation that explains them, "
		"in the header Link." },
	{ OPTION(floating_token_format, OPTION_TEXT), .fallback = "fltk_{token:12}",
	    .reloadable = true, .doc = "Format of floating license tokens; see Identifiers." },
	{ OPTION(gate_share, OPTION_INTEGER), .fallback = "50", RANGE(1, 100), .reloadable = true,
	    .doc = "Percentage of the workers that one caller's expensive requests may occupy." },
	{ OPTION(gate_wait_milliseconds, OPTION_INTEGER), .fallback = "3000", RANGE(0, 60000),
	    .reloadable = true,
	    .doc = "How long an expensive request may wait for a worker before it is refused." },
	{ OPTION(group, OPTION_TEXT), .fallback = "",
	    .doc = "Group to change to when started as root; empty for the group of user." },
	{ OPTION(group_retention, OPTION_DURATION), .fallback = "8760h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps deleted delegate groups; 0 means forever." },
	{ OPTION(heavy_requests, OPTION_INTEGER), .fallback = "0", RANGE(0, 1024),
	    .reloadable = true,
	    .doc =
		"Heavy requests (long lists, bulk inserts) in progress at once; 0 for half of the "
		"workers." },
	{ OPTION(hosting_hawk, OPTION_CHOICE), .fallback = "off", .choices = hosting_hawk_choices,
	    .reloadable = true,
	    .doc = "Signed requests of the hosting family: off, accepted, or required." },
	{ OPTION(hosting_hawk_secret, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .secret = true,
	    .doc = "Shared secret of signed requests; prefer hosting_hawk_secret_file." },
	{ OPTION(hosting_hawk_secret_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .file = OPTION_FILE_VALUE, .value_of = "hosting_hawk_secret",
	    .doc = "File whose first line is the shared secret of signed requests." },
	{ OPTION(key_grace, OPTION_DURATION), .fallback = "24h", RANGE(0, 8760 * HOUR),
	    .reloadable = true,
	    .doc = "How long the previous API key stays valid after a rotation." },
	{ OPTION(key_rate_limit, OPTION_INTEGER), .fallback = "0", RANGE(0, 1000000),
	    .reloadable = true,
	    .doc =
		"Requests per minute for API keys without a rate of their own; 0 for no limit." },
	{ OPTION(license_id_format, OPTION_TEXT), .fallback = "lic{HEX:8}", .reloadable = true,
	    .doc = "Format of generated license identifiers; see Identifiers." },
	{ LIMIT(limit_body, body_bytes, OPTION_SIZE), .fallback = "1m", RANGE(KIB, GIB),
	    .reloadable = true, .doc = "Maximum size of a request body." },
	{ LIMIT(limit_body_depth, body_depth, OPTION_INTEGER), .fallback = "32", RANGE(4, 256),
	    .reloadable = true, .doc = "Maximum nesting depth of a body." },
	{ LIMIT(limit_body_values, body_values, OPTION_INTEGER), .fallback = "10000",
	    RANGE(100, 10000000), .reloadable = true,
	    .doc = "Maximum number of members, items and scalars in a body." },
	{ LIMIT(limit_filter_searches, filter_searches, OPTION_INTEGER), .fallback = "20",
	    RANGE(0, 10000), .reloadable = true,
	    .doc = "Maximum number of Contains, StartsWith and EndsWith in a filter." },
	{ LIMIT(limit_group_clients, group_clients, OPTION_INTEGER), .fallback = "5000",
	    RANGE(1, 100000), .reloadable = true,
	    .doc = "Maximum number of applications in a discovery group; each hello returns all of "
		   "them." },
	{ LIMIT(limit_list_rows, list_rows, OPTION_INTEGER), .fallback = "1000", RANGE(1, 100000),
	    .reloadable = true, .doc = "Maximum number of rows in a page of a list." },
	{ LIMIT(limit_parameters, parameters, OPTION_INTEGER), .fallback = "1000",
	    RANGE(10, 100000), .reloadable = true,
	    .doc = "Maximum number of query or form parameters." },
	{ LIMIT(limit_query, query_bytes, OPTION_SIZE), .fallback = "8k", RANGE(256, MIB),
	    .reloadable = true, .doc = "Maximum length of a query string." },
	{ OPTION(limit_report, OPTION_SIZE), .fallback = "256k", RANGE(KIB, 16 * MIB),
	    .reloadable = true,
	    .doc = "Maximum size of a program's report, content and properties." },
	{ OPTION(limit_report_properties, OPTION_INTEGER), .fallback = "100", RANGE(0, 1000),
	    .reloadable = true, .doc = "Maximum number of properties of a report." },
	{ LIMIT(limit_request_memory, request_memory, OPTION_SIZE), .fallback = "16m",
	    RANGE(256 * KIB, 4 * GIB), .reloadable = true,
	    .doc = "Maximum memory for one request." },
	{ OPTION(list_heavy_rows, OPTION_INTEGER), .fallback = "100000", RANGE(0, INT32_MAX),
	    .reloadable = true,
	    .doc =
		"Rows of a table from which on lists without an index are heavy; 0 means never." },
	{ OPTION(list_heavy_timeout, OPTION_DURATION), .fallback = "3s", RANGE(1, HOUR),
	    .reloadable = true, .doc = "Time limit for a database statement of a heavy list." },
	{ OPTION(list_timeout, OPTION_DURATION), .fallback = "5s", RANGE(1, HOUR),
	    .reloadable = true, .doc = "Time limit for a database statement of a list." },
	{ OPTION(listen, OPTION_TEXT), .fallback = "unix:/run/clientele/clientele.sock",
	    .doc = "Where to listen unless a socket is inherited: unix:/path or tcp:host:port." },
	{ OPTION(listen_backlog, OPTION_INTEGER), .fallback = "4096", RANGE(1, 65535),
	    .doc = "Maximum number of connections waiting for a worker." },
	{ OPTION(listen_group, OPTION_TEXT), .fallback = "",
	    .doc = "Group of the Unix socket; empty to leave it unchanged." },
	{ OPTION(listen_mode, OPTION_MODE), .fallback = "0660", RANGE(0, 0777),
	    .doc = "Permission bits of the Unix socket." },
	{ OPTION(listen_owner, OPTION_TEXT), .fallback = "",
	    .doc = "Owner of the Unix socket; empty to leave it unchanged." },
	{ OPTION(log_format, OPTION_CHOICE), .fallback = "text", .choices = log_format_choices,
	    .reloadable = true, .doc = "Format of log lines." },
	{ OPTION(log_level, OPTION_CHOICE), .fallback = "info", .choices = log_level_choices,
	    .reloadable = true, .doc = "Lowest level to log." },
	{ OPTION(log_retention, OPTION_DURATION), .fallback = "2160h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps entries of the log table; 0 means forever." },
	{ OPTION(log_target, OPTION_TEXT), .fallback = "stderr", .reloadable = true,
	    .doc = "Where the log goes: stderr, syslog or the absolute name of a file." },
	{ OPTION(mail_ca_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "File of CA certificates for the mail server; empty for those of the system." },
	{ OPTION(mail_delay, OPTION_DURATION), .fallback = "5s", RANGE(1, 24 * HOUR),
	    .reloadable = true,
	    .doc = "Delay before the second attempt at a delivery; doubled after each further "
		   "attempt." },
	{ OPTION(mail_delay_most, OPTION_DURATION), .fallback = "1h", RANGE(1, 24 * HOUR),
	    .reloadable = true, .doc = "Maximum delay between two attempts at a delivery." },
	{ OPTION(mail_from, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Sender address of mail; required with mail_server." },
	{ OPTION(mail_password, OPTION_TEXT), .fallback = "", .reloadable = true, .secret = true,
	    .doc = "Password of mail_user; prefer mail_password_file." },
	{ OPTION(mail_password_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .file = OPTION_FILE_VALUE, .value_of = "mail_password",
	    .doc = "File whose first line is the password of mail_user." },
	{ OPTION(mail_quota, OPTION_INTEGER), .fallback = "200", RANGE(0, 1000000),
	    .reloadable = true,
	    .doc = "Maximum number of mail recipients per user and hour; 0 for no limit." },
	{ OPTION(mail_retention, OPTION_DURATION), .fallback = "720h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps sent and failed mail; 0 means forever." },
	{ OPTION(mail_retries, OPTION_INTEGER), .fallback = "40", RANGE(0, 1000),
	    .reloadable = true,
	    .doc = "How often a failed delivery is retried before it is given up." },
	{ OPTION(mail_server, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Mail server, host[:port]; empty to send no mail from this machine." },
	{ OPTION(mail_timeout, OPTION_DURATION), .fallback = "1m", RANGE(1, 300),
	    .reloadable = true, .doc = "Time limit for one delivery." },
	{ OPTION(mail_tls, OPTION_CHOICE), .fallback = "starttls", .choices = mail_tls_choices,
	    .reloadable = true, .doc = "How the connection to the mail server is encrypted." },
	{ OPTION(mail_user, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "User name for the mail server; empty for no authentication." },
	{ OPTION(max_requests, OPTION_INTEGER), .fallback = "100000", RANGE(0, 1000000000),
	    .reloadable = true,
	    .doc = "Number of requests after which a worker is replaced; 0 for never." },
	{ OPTION(migrate_password, OPTION_TEXT), .fallback = "", .reloadable = true, .secret = true,
	    .doc = "Password of migrate_user; prefer migrate_password_file." },
	{ OPTION(migrate_password_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .file = OPTION_FILE_MIGRATE, .value_of = "migrate_password",
	    .doc = "File whose first line is the password of migrate_user." },
	{ OPTION(migrate_user, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Database user that changes the schema; empty for database_user." },
	{ OPTION(oauth_access_lifetime, OPTION_DURATION), .fallback = "8h",
	    RANGE(10, 30 * 24 * HOUR), .reloadable = true, .doc = "Lifetime of an access token." },
	{ OPTION(oauth_refresh_grace, OPTION_DURATION), .fallback = "10s", RANGE(0, 300),
	    .reloadable = true,
	    .doc = "How long a refresh token may be used again if the answer was lost." },
	{ OPTION(oauth_refresh_lifetime, OPTION_DURATION), .fallback = "720h",
	    RANGE(10, 366 * 24 * HOUR), .reloadable = true,
	    .doc = "Lifetime of a refresh token; each use issues a new one." },
	{ OPTION(oauth_registration, OPTION_CHOICE), .fallback = "off",
	    .choices = oauth_registration_choices, .reloadable = true,
	    .doc = "Whether API clients may register themselves: off, or token." },
	{ OPTION(oauth_sessions, OPTION_INTEGER), .fallback = "100", RANGE(1, 100000),
	    .reloadable = true,
	    .doc = "Maximum number of OAuth sessions of one user with one API client; the one that "
		   "expires first is ended." },
	{ OPTION(operator_networks, OPTION_TEXT), .fallback = "127.0.0.0/8,::1", .reloadable = true,
	    .doc = "Networks that may call /healthz, /readyz and /metrics, separated by commas." },
	{ OPTION(order_number_format, OPTION_TEXT), .fallback = "O-{TOKEN:8}", .reloadable = true,
	    .doc = "Format of generated order numbers; see Identifiers." },
	{ OPTION(password_hashes, OPTION_INTEGER), .fallback = "0", RANGE(0, 1024),
	    .reloadable = true,
	    .doc = "Maximum number of passwords hashed at the same time; 0 for a quarter of the "
		   "workers." },
	{ OPTION(pid_file, OPTION_TEXT), .fallback = "",
	    .doc = "File for the process ID of the supervisor; empty for none." },
	{ OPTION(public_url, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "Public address of the service, such as https://registry.example.org; empty to "
		   "use the Host header." },
	{ OPTION(read_timeout, OPTION_DURATION), .fallback = "10s", RANGE(1, HOUR),
	    .reloadable = true, .doc = "How long the web server may take to send a request." },
	{ OPTION(report_rate_limit, OPTION_INTEGER), .fallback = "60", RANGE(0, 1000000),
	    .reloadable = true,
	    .doc = "Reports per minute of one license, at each machine of a cluster; 0 for any "
		   "number." },
	{ OPTION(report_retention, OPTION_DURATION), .fallback = "0s", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps reports of programs; 0 means forever." },
	{ OPTION(request_deadline, OPTION_DURATION), .fallback = "1m", RANGE(0, 24 * HOUR),
	    .reloadable = true,
	    .doc = "Time limit for one request, or for a part of a long list, after which its "
		   "worker is killed; 0 for none." },
	{ OPTION(runtime_directory, OPTION_TEXT), .fallback = "/run/clientele",
	    .doc = "Directory of the files shared by the pool and the command line." },
	{ OPTION(seat_retention, OPTION_DURATION), .fallback = "2160h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps seats whose lease has ended; 0 means "
		   "forever." },
	{ OPTION(second_factor, OPTION_CHOICE), .fallback = "optional",
	    .choices = second_factor_choices, .reloadable = true,
	    .doc = "Who must have a second factor to sign in: optional, administrators or all." },
	{ OPTION(secret_key_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .file = OPTION_FILE_KEYS,
	    .doc =
		"Key file for the secrets in the database; empty for the configuration's name with "
		".key instead of .conf." },
	{ OPTION(send_timeout, OPTION_DURATION), .fallback = "10s", RANGE(1, HOUR),
	    .reloadable = true,
	    .doc = "How long the web server may take to read an answer, or a MiB of a long list." },
	{ OPTION(session_idle_timeout, OPTION_DURATION), .fallback = "30m",
	    RANGE(60, 30 * 24 * HOUR), .reloadable = true,
	    .doc = "How long a browser session lasts without a request, exact to a minute." },
	{ OPTION(session_lifetime, OPTION_DURATION), .fallback = "12h", RANGE(60, 30 * 24 * HOUR),
	    .reloadable = true,
	    .doc = "How long after signing in a browser session ends in any case." },
	{ OPTION(slow_request_milliseconds, OPTION_INTEGER), .fallback = "1000", RANGE(0, 3600000),
	    .reloadable = true,
	    .doc = "Requests that take at least this long are logged with their slowest "
		   "statements; 0 for none." },
	{ OPTION(state_directory, OPTION_TEXT), .fallback = "/var/lib/clientele",
	    .doc = "Directory of state that must survive a reboot: how far the history of a "
		   "cluster was seen." },
	{ OPTION(throttle_failures, OPTION_INTEGER), .fallback = "5", RANGE(0, 10000),
	    .reloadable = true,
	    .doc = "Number of wrong credentials after which an address or account is blocked; 0 "
		   "for never." },
	{ OPTION(throttle_window, OPTION_DURATION), .fallback = "5m", RANGE(1, 24 * HOUR),
	    .reloadable = true,
	    .doc = "Window in which failures are counted, and how long the block lasts." },
	{ OPTION(time_zone, OPTION_TEXT), .fallback = "UTC", .reloadable = true,
	    .doc = "Time zone of local times for callers who have none of their own, as a name of "
		   "the tz database." },
	{ OPTION(trace_retention, OPTION_DURATION), .fallback = "0s", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps license traces; 0 means forever." },
	{ OPTION(user, OPTION_TEXT), .fallback = "",
	    .doc = "User to change to when started as root; empty to stay root." },
	{ OPTION(user_key_format, OPTION_TEXT),
	    .fallback = "{TOKEN:5}-{TOKEN:5}-{TOKEN:5}-{TOKEN:5}", .reloadable = true,
	    .doc = "Format of generated user keys; see Identifiers." },
	{ OPTION(webhook_allow_private, OPTION_BOOLEAN), .fallback = "no", .reloadable = true,
	    .doc = "Whether webhooks may be delivered to private, loopback and other addresses "
		   "that are not public." },
	{ OPTION(webhook_ca_file, OPTION_TEXT), .fallback = "", .reloadable = true,
	    .doc = "File of CA certificates for the receivers of webhooks; empty for those of the "
		   "system." },
	{ OPTION(webhook_deliverers, OPTION_INTEGER), .fallback = "2",
	    RANGE(0, WEBHOOK_DELIVERERS_MOST), .reloadable = true,
	    .doc = "Processes that deliver to webhooks; 0 to deliver nothing from this machine." },
	{ OPTION(webhook_http, OPTION_BOOLEAN), .fallback = "no", .reloadable = true,
	    .doc = "Whether webhooks may be delivered by http, without TLS." },
	{ OPTION(webhook_responses, OPTION_CHOICE), .fallback = "public",
	    .choices = webhook_responses_choices, .reloadable = true,
	    .doc =
		"Which receivers' answers are kept with their deliveries, up to 2000 characters, "
		"to be read by who may read webhooks: of none, of those at public addresses, or "
		"of all." },
	{ OPTION(webhook_retention, OPTION_DURATION), .fallback = "720h", RANGE(0, 87600 * HOUR),
	    .reloadable = true,
	    .doc = "How long 'clientele expire' keeps webhook deliveries that have ended; 0 means "
		   "forever." },
	{ OPTION(webhook_retries, OPTION_INTEGER), .fallback = "9", RANGE(0, 1000),
	    .reloadable = true,
	    .doc = "How often a failed webhook delivery is retried before it is given up." },
	{ OPTION(webhook_secret_grace, OPTION_DURATION), .fallback = "24h", RANGE(0, 720 * HOUR),
	    .reloadable = true,
	    .doc =
		"How long deliveries are signed with the former secret, too, after a rotation." },
	{ OPTION(webhook_timeout, OPTION_DURATION), .fallback = "15s", RANGE(1, 60),
	    .reloadable = true, .doc = "Time limit for one attempt at a webhook delivery." },
	{ OPTION(worker_memory, OPTION_SIZE), .fallback = "512m", RANGE(0, 1024 * GIB),
	    .reloadable = true, .doc = "Maximum address space of a worker; 0 for no limit." },
	{ OPTION(workers, OPTION_INTEGER), .fallback = "0", RANGE(0, 400), .reloadable = true,
	    .doc = "Worker processes; 0 for twice the number of processors, at least 4." },
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

const struct option *option_table(unsigned *count)
{
	*count = OPTION_COUNT;
	return options;
}

unsigned option_number_of(const struct option *option)
{
	return (unsigned)(option - options);
}

const char *option_text(const struct option *option, const struct settings *settings)
{
	const char *place = (const char *)settings + option->offset;

	return *(const char *const *)(const void *)place;
}

const char *option_secret_file(const struct option *option, const struct settings *settings)
{
	switch (option->file) {
	case OPTION_FILE_VALUE:
	case OPTION_FILE_PRIVATE:
		return option_text(option, settings);
	case OPTION_FILE_KEYS:
		return settings->secret_key_path;
	default:
		return "";
	}
}
