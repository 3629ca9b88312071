/*
 * MariaDB and MySQL servers as sources of an import: one connection that only reads, all of it from
 * one state of the database.
 */
#include <mysql.h>

#include "cli/move_source.h"
#include "codec/reader.h"

#define CELLS_MAX 64

struct server {
	struct move_source source;
	MYSQL *handle;
};

/* Where it is, as the address says. */
struct address {
	const char *user, *host, *database;
	const char *socket, *ca; /* NULL = not given */
	int64_t port;            /* 0 = the usual one */
};

static int fail_server(struct server *server, struct error *error)
{
	return error_set_detail(error, ERROR_UNAVAILABLE, "%s cannot be read (%s)",
	    server->source.label, mysql_error(server->handle));
}

static int fail_address(struct error *error, const char *why)
{
	return error_set_detail(error, ERROR_INVALID,
	    "the address %s; it is written mysql://USER@HOST/DATABASE, with :PORT behind the host, "
	    "and ?socket=FILE or ?ca=FILE at the end",
	    why);
}

/* --- the address --- */

static const char *decode(struct arena *arena, struct str text)
{
	struct str plain = form_decode(arena, text, false);

	return arena_copy(arena, plain.data, plain.length);
}

static int read_parameters(
    struct arena *arena, struct str rest, struct address *address, struct error *error)
{
	struct str parameter;

	while (rest.length > 0 && str_next(&rest, '&', &parameter)) {
		if (str_starts_with(parameter, STR("socket=")))
			address->socket = decode(arena, str_slice(parameter, 7, parameter.length));
		else if (str_starts_with(parameter, STR("ca=")))
			address->ca = decode(arena, str_slice(parameter, 3, parameter.length));
		else
			return fail_address(error, "has an unknown parameter");
	}
	return 0;
}

static int read_host(
    struct arena *arena, struct str text, struct address *address, struct error *error)
{
	size_t at = str_find(text, '@');
	struct str user = str_slice(text, 0, at);
	struct str host = str_slice(text, at + 1, text.length);
	size_t colon = str_find(host, ':');

	if (at >= text.length || user.length == 0)
		return fail_address(error, "names no user");
	if (str_find(user, ':') < user.length)
		return error_set_detail(error, ERROR_INVALID,
		    "a password in the address would be seen by others; give --password-stdin or "
		    "--password-file");
	if (colon < host.length &&
	    (!str_to_int64(str_slice(host, colon + 1, host.length), &address->port) ||
		address->port < 1 || address->port > 65535))
		return fail_address(error, "has no port behind the colon");
	address->user = decode(arena, user);
	address->host = decode(arena, str_slice(host, 0, colon));
	return 0;
}

static int read_address(
    struct arena *arena, const char *from, struct address *address, struct error *error)
{
	struct str rest = str_from(from), scheme;
	size_t slash, mark;

	scheme = str_slice(rest, 0, (size_t)(strstr(from, "://") - from));
	if (!str_equal(scheme, STR("mysql")) && !str_equal(scheme, STR("mariadb")))
		return fail_address(error, "is none of a MariaDB or MySQL server");
	rest = str_slice(rest, scheme.length + 3, rest.length);
	slash = str_find(rest, '/');
	if (slash >= rest.length)
		return fail_address(error, "names no database");
	if (read_host(arena, str_slice(rest, 0, slash), address, error) != 0)
		return -1;
	rest = str_slice(rest, slash + 1, rest.length);
	mark = str_find(rest, '?');
	address->database = decode(arena, str_slice(rest, 0, mark));
	if (address->database == NULL || address->database[0] == '\0')
		return fail_address(error, "names no database");
	return read_parameters(arena,
	    mark < rest.length ? str_slice(rest, mark + 1, rest.length) : STR(""), address, error);
}

/* --- rows --- */

static int fetch_rows(struct server *server, MYSQL_RES *rows, unsigned columns, move_take *take,
    void *data, struct error *error)
{
	struct str cells[CELLS_MAX];
	MYSQL_ROW row;

	while ((row = mysql_fetch_row(rows)) != NULL) {
		const unsigned long *lengths = mysql_fetch_lengths(rows);

		for (unsigned i = 0; i < columns; i++)
			cells[i] = row[i] != NULL ? (struct str){ row[i], lengths[i] }
						  : (struct str){ NULL, 0 };
		if (take(data, cells, error) != 0)
			return -1;
	}
	return mysql_errno(server->handle) == 0 ? 0 : fail_server(server, error);
}

static int select_rows(struct move_source *base, const char *sql, unsigned columns, move_take *take,
    void *data, struct error *error)
{
	struct server *server = (struct server *)base;
	MYSQL_RES *rows;
	int result;

	if (mysql_real_query(server->handle, sql, strlen(sql)) != 0)
		return fail_server(server, error);
	rows = mysql_use_result(server->handle);
	if (rows == NULL)
		return fail_server(server, error);
	result = fetch_rows(server, rows, columns, take, data, error);
	mysql_free_result(rows); /* reads what is left of it */
	return result;
}

static void close_server(struct move_source *base)
{
	mysql_close(((struct server *)base)->handle);
}

static const struct move_source_kind server_kind = {
	.schema = "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN "
		  "information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name "
		  "= c.table_name AND t.table_type = 'BASE TABLE' WHERE c.table_schema = "
		  "DATABASE() ORDER BY c.table_name, c.ordinal_position",
	.exact = "CAST(%s AS BINARY)",
	.select = select_rows,
	.close = close_server,
};

/* --- connecting --- */

/* The library goes on in the clear where a server has no TLS, unless it is told. */
static void set_options(struct server *server, const struct address *address)
{
	unsigned protocol = address->socket != NULL ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned local_files = 0;
	my_bool verified = address->ca != NULL;

	mysql_options(server->handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(server->handle, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_options(server->handle, MYSQL_OPT_LOCAL_INFILE, &local_files);
	mysql_options(server->handle, MYSQL_OPT_SSL_ENFORCE, &verified);
	mysql_options(server->handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified);
	if (verified)
		mysql_options(server->handle, MYSQL_OPT_SSL_CA, address->ca);
}

/* A row may wait while those before it are stored; all tables are read as they are now. */
static int begin_reading(struct server *server, struct error *error)
{
	static const char *const statements[] = {
		"SET SESSION net_write_timeout = 86400, time_zone = '+00:00', sql_mode = ''",
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
	};

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (mysql_real_query(server->handle, statements[i], strlen(statements[i])) != 0)
			return fail_server(server, error);
	}
	return 0;
}

static bool is_local(const struct address *address)
{
	return address->socket != NULL || strcmp(address->host, "localhost") == 0 ||
	       strcmp(address->host, "127.0.0.1") == 0 || strcmp(address->host, "::1") == 0;
}

struct move_source *move_source_open_server(
    struct arena *arena, const struct move_place *place, struct error *error)
{
	struct server *server = arena_alloc(arena, sizeof(*server));
	struct address address = { 0 };

	if (server == NULL || read_address(arena, place->from, &address, error) != 0)
		return NULL;
	*server = (struct server){ .source = { .kind = &server_kind,
				       .label = place->from,
				       .arena = arena,
				       .clear = !is_local(&address) && address.ca == NULL },
		.handle = mysql_init(NULL) };
	if (server->handle == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	set_options(server, &address);
	if (mysql_real_connect(server->handle, address.host, address.user, place->password,
		address.database, (unsigned)address.port, address.socket, 0) == NULL) {
		(void)error_set_detail(error, ERROR_UNAVAILABLE, "%s cannot be reached (%s)",
		    place->from, mysql_error(server->handle));
	} else if (begin_reading(server, error) == 0) {
		return &server->source;
	}
	close_server(&server->source);
	return NULL;
}
