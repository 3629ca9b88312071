/*
 * The values of all options. server/config holds the option table that fills them; every layer may
 * read them. Sizes are bytes, durations seconds unless the name says otherwise.
 */
#ifndef CLIENTELE_BASE_SETTINGS_H
#define CLIENTELE_BASE_SETTINGS_H

#include "base/flags.h"

#include <stdbool.h>
#include <stdint.h>

enum discovery_auth { DISCOVERY_AUTH_NONE, DISCOVERY_AUTH_KEY };
enum oauth_registration { OAUTH_REGISTRATION_OFF, OAUTH_REGISTRATION_TOKEN };
enum hosting_hawk { HOSTING_HAWK_OFF, HOSTING_HAWK_ACCEPTED, HOSTING_HAWK_REQUIRED };
enum client_auth { CLIENT_AUTH_USER_KEY, CLIENT_AUTH_KEY, CLIENT_AUTH_BOTH };
enum client_format { CLIENT_FORMAT_CLASSES, CLIENT_FORMAT_PROTO3 };
enum second_factor_policy {
	SECOND_FACTOR_OPTIONAL,
	SECOND_FACTOR_ADMINISTRATORS,
	SECOND_FACTOR_ALL,
};
enum database_tls { DATABASE_TLS_AUTO, DATABASE_TLS_OFF, DATABASE_TLS_ON };
#define WEBHOOK_DELIVERERS_MOST 16

enum webhook_responses {
	WEBHOOK_RESPONSES_NONE,
	WEBHOOK_RESPONSES_PUBLIC,
	WEBHOOK_RESPONSES_ALL,
};
enum mail_tls { MAIL_TLS_NONE, MAIL_TLS_STARTTLS, MAIL_TLS_TLS };

/* How a family speaks with programs of the original: words of the options dialect_…. */
#define DIALECT_FLAGS(op)                                                                         \
	(DIALECT_ALL_ROWS op DIALECT_LENIENT_JSON op DIALECT_OMIT_ZEROS op DIALECT_ORIGINAL_TEXTS \
		op DIALECT_UNKNOWN_PARAMETERS op DIALECT_XML_BY_ACCEPT)

enum dialect_word {
	DIALECT_ALL_ROWS = 1u << 0,       /* lists are whole, and pages of any size */
	DIALECT_LENIENT_JSON = 1u << 1,   /* bodies may have what JavaScript allows besides JSON */
	DIALECT_OMIT_ZEROS = 1u << 2,     /* JSON without members that are 0, "", false or null */
	DIALECT_ORIGINAL_TEXTS = 1u << 3, /* messages of errors are those of the original */
	DIALECT_UNKNOWN_PARAMETERS = 1u << 4, /* unknown and repeated parameters are skipped */
	/* XML is asked for by Accept: a body in XML alone asks for nothing. */
	DIALECT_XML_BY_ACCEPT = 1u << 5,
};

ASSERT_FLAGS_DISTINCT(DIALECT_FLAGS);

/* What one request may bring. */
struct limits {
	int64_t body_bytes;      /* request body */
	int64_t body_values;     /* members, items and scalars in one body */
	int64_t body_depth;      /* nesting of one body */
	int64_t query_bytes;     /* query string */
	int64_t parameters;      /* query or form parameters */
	int64_t request_memory;  /* arena of one request */
	int64_t group_clients;   /* most clients of a discovery group */
	int64_t list_rows;       /* most rows of one page */
	int64_t filter_searches; /* Contains, EndsWith and StartsWith in one filter */
};

struct seal_keys;

struct settings {
	/* Database */
	const char *database_hosts; /* "host[:port],…", or empty for the socket */
	const char *database_socket;
	const char *database_name;
	const char *database_user;
	const char *database_password;        /* never printed */
	const char *database_password_file;   /* read when the options are; empty = none */
	const char *migrate_user;             /* for changes of the schema; empty = database_user */
	const char *migrate_password;         /* never printed */
	const char *migrate_password_file;    /* read by the command line; empty = none */
	int64_t database_tls;                 /* enum database_tls */
	const char *database_tls_ca;          /* who may have signed; empty = the system's */
	const char *database_tls_certificate; /* our own, and its key; empty = none */
	const char *database_tls_key;
	int64_t database_connect_timeout; /* 0 = by the number of hosts */
	int64_t database_read_timeout;
	/* After which a host that says nothing is lost; 0 = off. */
	int64_t database_silence_timeout;
	int64_t database_wsrep_sync_wait;
	int64_t database_statements; /* prepared statements kept per worker */

	/* HTTP and families */
	const char *base_path;  /* prefix taken off every path, such as "/registry" */
	const char *public_url; /* how callers call the place of base_path; empty = as they say */
	const char *operator_networks; /* who may see health and metrics, separated by commas */
	bool chosen_keys;              /* administrators may choose keys of new rows */
	const char *cors_origins;      /* whose pages may call, separated by blanks or commas */
	const char *time_zone;
	int64_t discovery_auth;  /* enum discovery_auth */
	int64_t discovery_lease; /* seconds, of new groups; 0 = none */
	bool error_links;        /* answers of errors name their explanation */
	struct limits limits;

	/* Families: enum dialect_word */
	int64_t dialect_activation;
	int64_t dialect_credentials;
	int64_t dialect_delegates;
	int64_t dialect_discovery;
	int64_t dialect_hosting;
	int64_t dialect_licensing;

	/* Credentials */
	int64_t hosting_hawk;                 /* enum hosting_hawk */
	const char *hosting_hawk_secret;      /* never printed */
	const char *hosting_hawk_secret_file; /* read when the options are; empty = none */
	int64_t limit_report;                 /* bytes of content and properties of a report */
	int64_t limit_report_properties;
	int64_t report_rate_limit; /* reports a minute of a license; 0 = any number */
	int64_t key_grace; /* how long an API key stays valid beside the one that replaces it */
	int64_t key_rate_limit; /* requests a minute of keys without one of their own; 0 = none */
	int64_t oauth_access_lifetime;
	int64_t oauth_refresh_grace; /* for which a spent refresh token is taken again */
	int64_t oauth_refresh_lifetime;
	int64_t oauth_registration;   /* enum oauth_registration */
	int64_t oauth_sessions;       /* most of one user through one client */
	int64_t second_factor;        /* enum second_factor_policy */
	int64_t session_idle_timeout; /* a console's session ends without a request for so long */
	int64_t session_lifetime;     /* it ends so long after signing in, used or not */
	int64_t client_secret_length; /* least characters of a secret that a caller chooses */
	int64_t client_secret_grace;  /* how long a former secret stays valid beside a new one */
	const char *secret_key_file;  /* empty = beside the configuration */
	const char *secret_key_path;  /* where that is; no option of its own */
	struct seal_keys *seal_keys;  /* what is in it; NULL where there is no such file */
	int64_t password_hashes;      /* at once, over all workers; 0 = a quarter of the workers */
	int64_t throttle_failures; /* wrong credentials after which more are refused; 0 = never */
	int64_t throttle_window;   /* in which they count, and for which they are refused */

	/* Programs that use licenses */
	int64_t client_auth;   /* enum client_auth */
	int64_t client_format; /* enum client_format: moments and bytes in answers */
	int64_t client_lease;  /* of a floating seat without a heartbeat */
	/* Further ways to the operations, "POST /v1/…" each; empty = none. */
	const char *client_route_activate;
	const char *client_route_activations;
	const char *client_route_consume;
	const char *client_route_deactivate;
	const char *client_route_heartbeat;
	const char *client_route_release;
	const char *client_route_report;
	const char *client_route_request;
	const char *client_route_validate;

	/* What is scarce */
	int64_t gate_share;             /* of the workers, for one caller's heavy work; percent */
	int64_t gate_wait_milliseconds; /* longest wait for heavy work to begin */
	int64_t heavy_requests;         /* at once; 0 = of half of the workers */
	int64_t list_heavy_rows;        /* from so many rows on a list may be heavy */
	int64_t list_heavy_timeout;     /* of one statement of a heavy list */
	int64_t list_timeout;           /* of one statement that finds a list */

	/* Identifiers that are made, as base/identifier.h has it */
	const char *activation_token_format;
	const char *customer_code_format;
	const char *floating_token_format;
	const char *license_id_format;
	const char *order_number_format;
	const char *user_key_format;

	/* Pool */
	const char *listen; /* "unix:/path", "tcp:host:port"; empty = inherited */
	const char *listen_owner;
	const char *listen_group;
	int64_t listen_mode; /* permission bits of the socket */
	int64_t listen_backlog;
	const char *user; /* drop to this user and group when started as root */
	const char *group;
	int64_t workers;          /* 0 = 2 × processors, at least 4 */
	int64_t max_requests;     /* a worker leaves after so many; 0 = never */
	int64_t request_deadline; /* a worker that takes longer is killed; 0 = never */
	int64_t read_timeout;     /* how long a request may take to arrive */
	int64_t send_timeout;     /* how long an answer may take to be sent */
	int64_t drain_timeout;    /* how long old workers may finish */
	int64_t worker_memory;    /* RLIMIT_AS of a worker; 0 = none */
	bool core_dumps;          /* workers may dump core and be traced */
	const char *pid_file;     /* the supervisor's process number goes here; empty = nowhere */
	int64_t slow_request_milliseconds; /* requests that take longer are logged in detail; 0 =
					      none */
	const char *runtime_directory;     /* shared counter file lives here */
	const char *state_directory;       /* what outlives the machine's boot lives here */

	/* Mail */
	const char *mail_server; /* "host[:port]"; empty = this machine sends none */
	int64_t mail_tls;        /* enum mail_tls */
	/* Who may have signed the server's certificate; empty = the system's. */
	const char *mail_ca_file;
	const char *mail_user;          /* empty = no authentication */
	const char *mail_password;      /* never printed */
	const char *mail_password_file; /* read when the options are; empty = none */
	const char *mail_from;          /* address that mail comes from */
	int64_t mail_timeout;           /* one delivery, from connect to answer */
	int64_t mail_quota;             /* recipients of one user in an hour; 0 = any number */
	int64_t mail_delay;             /* after the first attempt; twice as long after each */
	int64_t mail_delay_most;        /* seconds, as it */
	int64_t mail_retries;           /* attempts after the first before a delivery has failed */
	int64_t mail_retention;         /* outbox rows that are done are kept so long; 0 = ever */

	/* Webhooks */
	/* Who may have signed the receivers' certificates; empty = the system's. */
	const char *webhook_ca_file;
	int64_t webhook_deliverers;   /* processes; 0 = this machine delivers none */
	int64_t webhook_timeout;      /* one attempt, from connect to answer */
	int64_t webhook_retries;      /* attempts after the first before a delivery has failed */
	int64_t webhook_retention;    /* deliveries that have ended are kept so long; 0 = ever */
	int64_t webhook_responses;    /* enum webhook_responses */
	int64_t webhook_secret_grace; /* a former secret signs so long beside the new one */
	bool webhook_http;            /* to addresses without TLS, too */
	bool webhook_allow_private;   /* to addresses that are not public, too */

	/* How long rows are kept, seconds; 0 = ever */
	int64_t application_retention; /* applications since they were heard of, empty groups */
	int64_t audit_retention;       /* entries of the audit log */
	int64_t credential_retention;  /* keys, clients, secrets, tokens since they ended */
	int64_t group_retention;       /* delegate groups since they were deleted */
	int64_t consent_retention;     /* visitors' consents since they were given */
	int64_t consumption_retention; /* ledger of consumption */
	int64_t report_retention;      /* reports */
	int64_t seat_retention;        /* seats since their lease ended */
	int64_t trace_retention;       /* license traces */

	/* Log */
	int64_t log_retention; /* entries of the log table are kept so long; 0 = ever */
	const char *log_target;
	int64_t log_format; /* enum log_format */
	int64_t log_level;  /* enum log_level */
};

#endif
