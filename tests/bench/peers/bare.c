/*
 * The least that a FastCGI program can do for an answer: it takes connections as the program does,
 * asks the database by one prepared statement, and prints what came. No key is looked at, nothing
 * is logged, nothing is checked. What the program needs more than this is the price of its work.
 *
 *   bare SOCKET WORKERS
 *
 * Statements and the database's socket come from the environment, as for all peers: BENCH_DATABASE,
 * BENCH_LICENSE, BENCH_HOSTING, BENCH_LIST, BENCH_INSERT, BENCH_ENTRY.
 */
#include <mysql.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "server/fastcgi.h"
#include "server/listener.h"

#define COLUMNS_MAX 64
#define CELL_MAX 4096
#define HEAD "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n"

struct statement {
	MYSQL_STMT *handle;
	unsigned columns;
	char names[COLUMNS_MAX][80];
	bool quoted[COLUMNS_MAX];
	MYSQL_BIND binds[COLUMNS_MAX];
	char cells[COLUMNS_MAX][CELL_MAX];
	unsigned long lengths[COLUMNS_MAX];
	my_bool nulls[COLUMNS_MAX];
};

static MYSQL *connection;
static struct statement license, hosting, list, insert_row, insert_entry;
static volatile sig_atomic_t stopping;

static void give_up(const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what, connection != NULL ? mysql_error(connection) : "");
	exit(1);
}

/* Columns are read as text, whatever their type. */
static void prepare(struct statement *statement, const char *name)
{
	const char *sql = getenv(name);
	MYSQL_RES *columns;

	statement->handle = mysql_stmt_init(connection);
	if (sql == NULL || mysql_stmt_prepare(statement->handle, sql, strlen(sql)) != 0)
		give_up(name);
	columns = mysql_stmt_result_metadata(statement->handle);
	if (columns == NULL)
		return;
	statement->columns = mysql_num_fields(columns);
	for (unsigned i = 0; i < statement->columns; i++) {
		const MYSQL_FIELD *field = mysql_fetch_field_direct(columns, i);

		snprintf(statement->names[i], sizeof(statement->names[i]), "\"%s\":", field->name);
		statement->quoted[i] = !IS_NUM(field->type);
		statement->binds[i] = (MYSQL_BIND){
			.buffer_type = MYSQL_TYPE_STRING,
			.buffer = statement->cells[i],
			.buffer_length = CELL_MAX,
			.length = &statement->lengths[i],
			.is_null = &statement->nulls[i],
		};
	}
	mysql_free_result(columns);
	if (mysql_stmt_bind_result(statement->handle, statement->binds) != 0)
		give_up(name);
}

static void print_text(struct buf *out, const char *text, size_t length)
{
	size_t begun = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '"' && text[i] != '\\' && (unsigned char)text[i] >= ' ')
			continue;
		buf_append(out, text + begun, i - begun);
		buf_printf(out, "\\u%04x", (unsigned char)text[i]);
		begun = i + 1;
	}
	buf_append(out, text + begun, length - begun);
}

static void print_row(struct buf *out, const struct statement *statement)
{
	for (unsigned i = 0; i < statement->columns; i++) {
		buf_append_char(out, i == 0 ? '{' : ',');
		buf_append_text(out, statement->names[i]);
		if (statement->nulls[i]) {
			buf_append_text(out, "null");
			continue;
		}
		if (statement->quoted[i])
			buf_append_char(out, '"');
		print_text(out, statement->cells[i],
		    statement->lengths[i] < CELL_MAX ? statement->lengths[i] : CELL_MAX);
		if (statement->quoted[i])
			buf_append_char(out, '"');
	}
	buf_append_char(out, '}');
}

static void execute(struct statement *statement, struct str parameter)
{
	unsigned long length = parameter.length;
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = (void *)parameter.data,
		.buffer_length = length,
		.length = &length,
	};

	if ((parameter.data != NULL && mysql_stmt_bind_param(statement->handle, &bind) != 0) ||
	    mysql_stmt_execute(statement->handle) != 0)
		give_up(mysql_stmt_error(statement->handle));
}

static void answer_rows(struct buf *out, struct statement *statement, struct str parameter)
{
	bool one = parameter.data != NULL;
	unsigned count = 0;
	int state;

	execute(statement, parameter);
	if (!one)
		buf_append_char(out, '[');
	while (
	    (state = mysql_stmt_fetch(statement->handle)) == 0 || state == MYSQL_DATA_TRUNCATED) {
		if (count++ > 0)
			buf_append_char(out, ',');
		print_row(out, statement);
	}
	if (!one)
		buf_append_char(out, ']');
	mysql_stmt_free_result(statement->handle);
}

/* A row and an entry that tells of it, as the program stores them. */
static void answer_insert(struct buf *out, struct str code)
{
	if (mysql_query(connection, "START TRANSACTION") != 0)
		give_up("insert");
	execute(&insert_row, code);
	execute(&insert_entry, code);
	if (mysql_query(connection, "COMMIT") != 0)
		give_up("insert");
	buf_printf(out, "{\"code\":\"%.*s\"}", STR_ARGUMENTS(code));
}

static struct str find_parameter(const struct exchange_input *input, const char *name)
{
	size_t length = strlen(name);

	for (char *const *entry = input->environment; *entry != NULL; entry++) {
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return str_from(*entry + length + 1);
	}
	return STR("");
}

static void answer(struct buf *out, const struct exchange_input *input)
{
	struct str path = find_parameter(input, "SCRIPT_NAME");
	struct str query = find_parameter(input, "QUERY_STRING");

	buf_append_text(out, HEAD);
	if (str_equal(path, STR("/license")))
		answer_rows(out, &license, query);
	else if (str_equal(path, STR("/hosting")))
		answer_rows(out, &hosting, query);
	else if (str_equal(path, STR("/list")))
		answer_rows(out, &list, (struct str){ NULL, 0 });
	else if (str_equal(path, STR("/insert")))
		answer_insert(out, query);
	else
		buf_append_text(out, "{}");
}

static void stop(int number)
{
	(void)number;
	stopping = 1;
}

static int serve(int listener)
{
	struct fastcgi *fastcgi = fastcgi_new(listener, 10, 10, 65536);
	struct exchange_input input;
	struct buf out = { 0 };
	sigset_t mask;

	sigemptyset(&mask);
	connection = mysql_init(NULL);
	if (fastcgi == NULL || connection == NULL ||
	    mysql_real_connect(connection, NULL, "root", NULL, "clientele", 0,
		getenv("BENCH_DATABASE"), 0) == NULL)
		give_up("database");
	prepare(&license, "BENCH_LICENSE");
	prepare(&hosting, "BENCH_HOSTING");
	prepare(&list, "BENCH_LIST");
	prepare(&insert_row, "BENCH_INSERT");
	prepare(&insert_entry, "BENCH_ENTRY");
	while (!stopping) {
		if (fastcgi_wait(fastcgi, &mask, 100, &input) != FASTCGI_REQUEST)
			continue;
		buf_reset(&out, 1 << 20);
		answer(&out, &input);
		(void)fastcgi_respond(fastcgi, buf_str(&out));
	}
	buf_free(&out);
	fastcgi_free(fastcgi);
	mysql_close(connection);
	return 0;
}

int main(int argc, char **argv)
{
	struct settings settings = { .listen = argc == 3 ? argv[1] : "",
		.listen_owner = "",
		.listen_group = "",
		.listen_mode = 0600,
		.listen_backlog = 1024 };
	struct sigaction action = { .sa_handler = stop };
	struct arena *arena = arena_new(4096, 65536);
	struct listener listener;
	struct error error;

	error_init(&error, arena);
	(void)sigaction(SIGTERM, &action, NULL);
	if (argc != 3 || listener_open(&listener, &settings, &error) != 0)
		give_up("usage: bare unix:SOCKET WORKERS");
	for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
		if (fork() == 0)
			return serve(listener.fd);
	}
	while (wait(NULL) > 0 || !stopping)
		;
	listener_unlink(&listener);
	arena_free(arena);
	return 0;
}
