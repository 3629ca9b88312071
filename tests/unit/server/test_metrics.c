#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/contracts.h"
#include "server/metrics.h"
#include "server/shared.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define LAST_ROUTE (SHARED_ROUTES - 1)

static const struct {
	struct exchange_outcome outcome;
	int64_t microseconds;
	const char *line; /* that must be there afterwards */
} request_rows[] = {
	{ { .status = 200, .method = "GET", .family = "hosting", .queries = 2, .hashes = 3 }, 400,
	    "clientele_requests_total{method=\"read\",status=\"2xx\",family=\"hosting\"} 1\n" },
	{ { .status = 204, .method = "HEAD", .family = "hosting" }, 500,
	    "clientele_requests_total{method=\"read\",status=\"2xx\",family=\"hosting\"} 2\n" },
	{ { .status = 404, .method = "DELETE", .family = "licensing" }, 501,
	    "clientele_requests_total{method=\"write\",status=\"4xx\",family=\"licensing\"} 1\n" },
	{ { .status = 503,
	      .method = "POST",
	      .family = "discovery",
	      .database_error = true,
	      .route_number = 1 },
	    3000000,
	    "clientele_requests_total{method=\"write\",status=\"5xx\",family=\"discovery\"} 1\n" },
	{ { .status = 200, .method = "BREW", .family = "kitchen", .route_number = LAST_ROUTE },
	    10000001,
	    "clientele_requests_total{method=\"other\",status=\"2xx\",family=\"other\"} 1\n" },
	{ { .status = 0 }, -5,
	    "clientele_requests_total{method=\"other\",status=\"5xx\",family=\"other\"} 1\n" },
};

static const char *const final_lines[] = {
	"# TYPE clientele_request_duration_seconds histogram\n",
	"clientele_request_duration_seconds_bucket{le=\"0.0005\"} 3\n",
	"clientele_request_duration_seconds_bucket{le=\"0.001\"} 4\n",
	"clientele_request_duration_seconds_bucket{le=\"2.5\"} 4\n",
	"clientele_request_duration_seconds_bucket{le=\"10\"} 5\n",
	"clientele_request_duration_seconds_bucket{le=\"+Inf\"} 6\n",
	"clientele_request_duration_seconds_count 6\n",
	"clientele_request_duration_seconds_sum 13.001402\n",
	"clientele_route_requests_total{route=\"POST /first\"} 1\n",
	"clientele_route_failures_total{route=\"POST /first\"} 1\n",
	"clientele_route_duration_seconds_total{route=\"POST /first\"} 3.000000\n",
	"clientele_route_requests_total{route=\"GET /last\"} 1\n",
	"clientele_route_failures_total{route=\"GET /last\"} 0\n",
	"clientele_queries_total 2\n",
	"clientele_unprepared_statements_total 0\n",
	"clientele_password_hashes_total 3\n",
	"clientele_database_errors_total 1\n",
	"clientele_response_bytes_total 60\n",
	"clientele_workers{state=\"busy\"} 1\n",
	"clientele_workers{state=\"draining\"} 2\n",
	"clientele_worker_restarts_total{reason=\"signal\"} 3\n",
	"clientele_processes{kind=\"mailer\"} 2\n",
	"clientele_processes_leaving{kind=\"mailer\"} 1\n",
	"clientele_processes_wanted{kind=\"prober\"} 0\n",
	"clientele_process_drain_seconds{kind=\"mailer\"} 65.000000\n",
	"clientele_process_restarts_total{kind=\"worker\",reason=\"signal\"} 3\n",
	"clientele_process_restarts_total{kind=\"mailer\",reason=\"planned\"} 4\n",
	"clientele_queue_items{kind=\"mail\",state=\"waiting\"} 6\n",
	"clientele_queue_items{kind=\"mail\",state=\"dead\"} 7\n",
	"clientele_queue_attempts_total{kind=\"mail\",state=\"done\"} 8\n",
	"clientele_mail_queued 6\n",
	"clientele_mail_sent_total 8\n",
	"clientele_start_time_seconds 1.500000\n",
};

static struct shared *make_shared(void)
{
	struct arena *arena = arena_new(1024, 4096);
	struct error error;
	struct shared *shared;

	error_init(&error, arena);
	shared = shared_new(NULL, &error);
	arena_free(arena);
	assert_non_null(shared);
	strcpy(shared->routes[1].name, "POST /first");
	strcpy(shared->routes[2].name, "PUT /unused");
	strcpy(shared->routes[LAST_ROUTE].name, "GET /last");
	return shared;
}

static void assert_line(struct shared *shared, const char *line)
{
	struct buf out = { 0 };

	metrics_print(shared, &out);
	assert_false(out.failed);
	if (strstr(out.data, line) == NULL)
		fail_msg("%s is not in\n%s", line, out.data);
	buf_free(&out);
}

static void test_requests(void **state)
{
	struct shared *shared = make_shared();
	struct buf out = { 0 };

	(void)state;
	for (unsigned i = 0; i < ROWS(request_rows); i++) {
		shared_count_request(
		    shared, &request_rows[i].outcome, request_rows[i].microseconds, 10);
		assert_line(shared, request_rows[i].line);
	}
	shared_slot_set(&shared->slots[0], WORKER_BUSY, 1);
	shared_slot_set(&shared->slots[1], WORKER_DRAINING, 0);
	shared_slot_set(&shared->slots[SHARED_SLOTS - 1], WORKER_DRAINING_BUSY, 1);
	atomic_store(&shared->children[CHILD_WORKER].restarts[LEAVE_SIGNAL], 3);
	atomic_store(&shared->children[CHILD_MAILER].running, 2);
	atomic_store(&shared->children[CHILD_MAILER].leaving, 1);
	atomic_store(&shared->children[CHILD_MAILER].drain, 65000000);
	atomic_store(&shared->children[CHILD_MAILER].restarts[LEAVE_PLANNED], 4);
	atomic_store(&shared->queues[QUEUE_MAIL].waiting, 6);
	atomic_store(&shared->queues[QUEUE_MAIL].dead, 7);
	atomic_store(&shared->queues[QUEUE_MAIL].ended[QUEUE_DONE], 8);
	atomic_store(&shared->start_time, 1500000);
	for (unsigned i = 0; i < ROWS(final_lines); i++)
		assert_line(shared, final_lines[i]);
	metrics_print(shared, &out);
	assert_null(strstr(out.data, "route=\"\""));
	assert_null(strstr(out.data, "PUT /unused"));
	buf_free(&out);
	shared_free(shared);
}

/* Each family has a number of its own, but for what only the operator calls. */
static void test_families(void **state)
{
	struct shared *shared = make_shared();
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	(void)state;
	assert_true(count < SHARED_FAMILIES);
	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;
		struct exchange_outcome outcome = {
			.status = 200, .method = "GET", .family = family->name
		};
		char line[128];

		shared_count_request(shared, &outcome, 1, 1);
		snprintf(line, sizeof(line),
		    "clientele_requests_total{method=\"read\",status=\"2xx\",family=\"%s\"} 1\n",
		    family->without_database ? "other" : family->name);
		assert_line(shared, line);
	}
	shared_free(shared);
}

/* Every sample line belongs to a metric that has HELP and TYPE before it. */
static void test_format(void **state)
{
	struct shared *shared = make_shared();
	struct exchange_outcome outcome = { .status = 200, .method = "GET", .family = "hosting" };
	struct buf out = { 0 };
	struct str rest, line, name = STR("");

	(void)state;
	shared_count_request(shared, &outcome, 1, 1);
	metrics_print(shared, &out);
	assert_int_equal(out.data[out.length - 1], '\n');
	rest = str_slice(buf_str(&out), 0, out.length - 1);
	while (str_next(&rest, '\n', &line)) {
		struct str previous = name;

		if (str_starts_with(line, STR("# HELP "))) {
			name = str_slice(line, 7, str_find(str_slice(line, 7, line.length), ' '));
			assert_false(str_equal(name, previous));
			assert_true(str_starts_with(name, STR("clientele_")));
		} else if (str_starts_with(line, STR("# TYPE "))) {
			assert_true(str_starts_with(str_slice(line, 7, line.length), name));
		} else {
			assert_true(str_starts_with(line, name));
		}
	}
	buf_free(&out);
	shared_free(shared);
}

/* Counting in several processes loses nothing. */
static void test_processes(void **state)
{
	enum { PROCESSES = 4, REQUESTS = 20000 };
	struct shared *shared = make_shared();
	struct exchange_outcome outcome = { .status = 200, .method = "GET", .family = "hosting" };
	char line[128];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() == 0) {
			for (int j = 0; j < REQUESTS; j++)
				shared_count_request(shared, &outcome, 1, 1);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	snprintf(line, sizeof(line), "clientele_response_bytes_total %d\n", PROCESSES * REQUESTS);
	assert_line(shared, line);
	shared_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
