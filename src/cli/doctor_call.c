/*
 * One call of the service as its callers make it: by name, through TLS, web server, socket and
 * pool.
 */
#include <stdio.h>
#include <strings.h>

#include "cli/child.h"
#include "cli/doctor.h"
#include "cli/session.h"
#include "schema/resource.h"

#define CALL_PATH "/openapi.json" /* public, and answered by the pool without its database */
#define CALL_SECONDS "10"
#define CALL_FORMAT "%{exitcode} %{http_code} %{time_total} %{errormsg}"
#define CALL_SAID_MAX 1024

/* What curl has found. */
struct call {
	int failure; /* its exit status; 0 = there was an answer */
	int status;
	double seconds;
	char reason[CALL_SAID_MAX];
};

/* Exit statuses of curl, and what to do about them. */
static const struct {
	int failure;
	const char *remedy;
} failures[] = {
	{ 3, "check the spelling of the URL" },
	{ 6, "add the name to the DNS, or to /etc/hosts" },
	{ 7, "start the web server, and check the address that its site listens on" },
	{ 28, "{cli} status; a firewall may be dropping the call" },
	{ 35, "check the certificate and the TLS protocols of the site" },
	{ 60, "install a certificate for that name, signed by an authority that callers trust" },
};

/* Answers other than the right one. */
static const struct {
	int status;
	const char *finding, *remedy;
} answers[] = {
	{ 403, "the web server denies access to this machine",
	    "check the access rules of its site" },
	{ 404, "the service is not found there",
	    "use the same prefix for base_path and in the web server's site" },
	{ 502, "the web server cannot reach the pool", "{web}" },
	{ 503, "the web server cannot reach the pool, or the pool is full", "{web}" },
	{ 504, "the pool did not answer in time", "{cli} top" },
};

bool doctor_url_is_usable(const char *url)
{
	return (strncasecmp(url, "https://", 8) == 0 || strncasecmp(url, "http://", 7) == 0) &&
	       strlen(url) <= DOCTOR_URL_MAX && strpbrk(url, "?# @\"\\") == NULL;
}

/* Runs curl, which follows no configuration, proxy or redirection. -1 with `error` filled. */
static int make_call(const char *url, struct call *call, struct error *error)
{
	const char *const arguments[] = { "curl", "--disable", "--silent", "--head", "--globoff",
		"--noproxy", "*", "--max-time", CALL_SECONDS, "--output", "/dev/null",
		"--write-out", CALL_FORMAT, "--url", url, NULL };
	char said[CALL_SAID_MAX];
	struct child child;
	int begin = 0;

	if (child_start(&child, arguments, CHILD_READ, -1, -1, error) != 0)
		return -1;
	child_read_text(&child, said, sizeof(said));
	child_abandon(&child); /* its status is in what it said */
	if (sscanf(said, "%d %d %lf %n", &call->failure, &call->status, &call->seconds, &begin) < 3)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "curl is older than version 7.75");
	snprintf(call->reason, sizeof(call->reason), "%s", said + begin);
	return 0;
}

static void judge_failure(struct doctor *doctor, const char *url, const struct call *call)
{
	const char *remedy = arena_printf(doctor->session->arena, "curl --head %s", url);

	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		if (failures[i].failure == call->failure)
			remedy = failures[i].remedy;
	}
	doctor_note(doctor, DOCTOR_FAULT, remedy, "%s: %s", url, call->reason);
}

static void judge_answer(struct doctor *doctor, const char *url, const struct call *call)
{
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		if (answers[i].status == call->status) {
			doctor_note(doctor, DOCTOR_FAULT, answers[i].remedy, "%s: %s (status %d)",
			    url, answers[i].finding, call->status);
			return;
		}
	}
	doctor_note(doctor, DOCTOR_FAULT,
	    call->status / 100 == 3 ? "use the URL that it redirects to"
				    : "check the logs of the web server and of the pool",
	    "%s: the answer has status %d", url, call->status);
}

void doctor_check_call(struct doctor *doctor)
{
	struct session *session = doctor->session;
	const char *base = session_flag(session, "url"), *url;
	struct call call = { 0 };

	if (base == NULL) {
		doctor_note(doctor, DOCTOR_SKIPPED, "{cli} doctor --url https://name/prefix",
		    "no URL of the service was given");
		return;
	}
	url = arena_printf(session->arena, "%.*s" CALL_PATH,
	    (int)(strlen(base) - (base[strlen(base) - 1] == '/')), base);
	if (make_call(url, &call, &session->error) != 0)
		doctor_note(
		    doctor, DOCTOR_SKIPPED, "apt install curl", "%s", session->error.detail);
	else if (call.failure != 0)
		judge_failure(doctor, url, &call);
	else if (call.status != 200)
		judge_answer(doctor, url, &call);
	else
		doctor_note(
		    doctor, DOCTOR_OK, NULL, "%s answers in %.1f ms", url, call.seconds * 1000);
}
