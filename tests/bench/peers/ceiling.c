/*
 * What the database can do alone: one prepared SELECT by a key, or a transaction of two rows, on so
 * many connections at once, without anything between.
 *
 *   ceiling select|insert CONNECTIONS SECONDS KEY...
 *
 * Prints statements or transactions in a second, and the median and the 99th percentile in
 * milliseconds. Statements and the database's socket come from the environment, as for all peers.
 */
#include <mysql.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX 1000000
#define CONNECTIONS_MAX 64

struct shared {
	unsigned counts[CONNECTIONS_MAX];
	float milliseconds[CONNECTIONS_MAX][SAMPLES_MAX / CONNECTIONS_MAX];
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void give_up(const char *what)
{
	fprintf(stderr, "ceiling: %s\n", what);
	exit(1);
}

static MYSQL_STMT *prepare(MYSQL *connection, const char *name)
{
	MYSQL_STMT *statement = mysql_stmt_init(connection);
	const char *sql = getenv(name);

	if (sql == NULL || mysql_stmt_prepare(statement, sql, strlen(sql)) != 0)
		give_up(name);
	return statement;
}

static void run(MYSQL_STMT *statement, const char *text)
{
	unsigned long length = strlen(text);
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = (void *)text,
		.buffer_length = length,
		.length = &length,
	};

	if (mysql_stmt_bind_param(statement, &bind) != 0 || mysql_stmt_execute(statement) != 0)
		give_up(mysql_stmt_error(statement));
	if (mysql_stmt_field_count(statement) > 0 && mysql_stmt_store_result(statement) != 0)
		give_up(mysql_stmt_error(statement));
	mysql_stmt_free_result(statement);
}

static void work(struct shared *shared, unsigned number, int inserts, double end, char **keys,
    unsigned key_count)
{
	MYSQL *connection = mysql_init(NULL);
	MYSQL_STMT *first, *second;
	char code[64];
	unsigned count = 0;
	const unsigned most = SAMPLES_MAX / CONNECTIONS_MAX;
	double begun;

	if (mysql_real_connect(connection, NULL, "root", NULL, "clientele", 0,
		getenv("BENCH_DATABASE"), 0) == NULL)
		give_up(mysql_error(connection));
	first = prepare(connection, inserts ? "BENCH_INSERT" : "BENCH_LICENSE");
	second = prepare(connection, "BENCH_ENTRY");
	while ((begun = now()) < end) {
		if (inserts) {
			snprintf(code, sizeof(code), "ceiling-%ld-%u", (long)getpid(), count);
			if (mysql_query(connection, "START TRANSACTION") != 0)
				give_up(mysql_error(connection));
			run(first, code);
			run(second, code);
			if (mysql_query(connection, "COMMIT") != 0)
				give_up(mysql_error(connection));
		} else {
			run(first, keys[count % key_count]);
		}
		shared->milliseconds[number][count % most] = (float)((now() - begun) * 1000);
		count++;
	}
	shared->counts[number] = count;
	mysql_stmt_close(first);
	mysql_stmt_close(second);
	mysql_close(connection);
}

static int compare(const void *left, const void *right)
{
	float a = *(const float *)left, b = *(const float *)right;

	return (a > b) - (a < b);
}

static void report(const struct shared *shared, unsigned connections, double seconds)
{
	float *all = calloc(SAMPLES_MAX, sizeof(*all));
	unsigned count = 0, total = 0;

	for (unsigned i = 0; i < connections; i++) {
		const unsigned most = SAMPLES_MAX / CONNECTIONS_MAX;
		unsigned kept = shared->counts[i] < most ? shared->counts[i] : most;

		memcpy(all + count, shared->milliseconds[i], kept * sizeof(*all));
		count += kept;
		total += shared->counts[i];
	}
	if (count == 0)
		give_up("nothing was done");
	qsort(all, count, sizeof(*all), compare);
	printf("%.1f %.4f %.4f\n", total / seconds, all[count / 2], all[(size_t)count * 99 / 100]);
	free(all);
}

int main(int argc, char **argv)
{
	unsigned connections = argc > 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	double seconds = argc > 4 ? strtod(argv[3], NULL) : 0;
	struct shared *shared;
	double end;
	int status;

	if (connections == 0 || connections > CONNECTIONS_MAX)
		give_up("usage: ceiling select|insert CONNECTIONS SECONDS KEY...");
	shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		give_up("out of memory");
	end = now() + seconds;
	for (unsigned i = 0; i < connections; i++) {
		if (fork() == 0) {
			work(shared, i, strcmp(argv[1], "insert") == 0, end, argv + 4,
			    (unsigned)argc - 4);
			_exit(0);
		}
	}
	while (wait(&status) > 0) {
		if (status != 0)
			give_up("a connection failed");
	}
	report(shared, connections, seconds);
	return 0;
}
