/*
 * What can be seen of the machine: web servers and their certificates, clock, disks, timers.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/doctor.h"
#include "cli/nginx_advice.h"
#include "schema/resource.h"
#include "server/worker.h"

#define CERTIFICATE_DAYS 14
#define EARLIEST_TIME INT64_C(1764547200) /* 2025-12-01: a clock before that is wrong */
#define DISK_LEAST ((uint64_t)100 << 20)
#define LINE_MAX_LENGTH 4096
#define NGINX_TEXT ((size_t)4 << 20) /* of its whole configuration, other sites included */
#define ENABLE_SITE "see \"Several sites on one machine\" in /usr/share/doc/clientele/README.Debian"

static void advise_nginx(struct doctor *doctor);

/* Web servers as Debian installs them. */
static const struct web_server {
	const char *name;
	const char *program;
	const char *sites;       /* glob of the enabled sites */
	const char *mark;        /* what a site of ours has in it */
	const char *check;       /* asks the server whether it can read its configuration */
	const char *enable;      /* remedy where no site is enabled */
	const char *certificate; /* what stands before the certificate's path */
	void (*advise)(struct doctor *doctor); /* looks at how it is set; NULL = nobody does */
} web_servers[] = {
	{ "nginx", "/usr/sbin/nginx", "/etc/nginx/sites-enabled/*", "clientele/clientele-",
	    "nginx -t 2>&1",
	    "ln -s ../sites-available/clientele /etc/nginx/sites-enabled/ && systemctl reload "
	    "nginx",
	    "ssl_certificate ", advise_nginx },
	{ "Apache", "/usr/sbin/apache2", "/etc/apache2/sites-enabled/*", "apache/clientele.conf",
	    "apache2ctl configtest 2>&1",
	    "a2enmod headers http2 proxy_fcgi ssl unique_id && a2ensite clientele && systemctl "
	    "restart "
	    "apache2",
	    "SSLCertificateFile ", NULL },
	{ "lighttpd", "/usr/sbin/lighttpd", "/etc/lighttpd/conf-enabled/*",
	    "lighttpd/clientele.conf", "lighttpd -tt -f /etc/lighttpd/lighttpd.conf 2>&1",
	    "lighty-enable-mod clientele && systemctl restart lighttpd", "ssl.pemfile", NULL },
};

/* Calls `look` for each line of a file without what stands before it. False when it cannot be read.
 */
static bool for_lines(
    const char *path, void (*look)(void *context, const char *line), void *context)
{
	char line[LINE_MAX_LENGTH];
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL)
		look(context, line + strspn(line, " \t"));
	(void)fclose(file);
	return true;
}

/* The pool that a site passes calls on to is known by its socket. */
struct search {
	const char *mark;
	const char *socket;
	bool marked, ours, others;
};

static void look_for_mark(void *context, const char *line)
{
	struct search *search = context;

	if (line[0] == '#')
		return;
	search->marked = search->marked || strstr(line, search->mark) != NULL;
	if (search->socket[0] != '\0' && strstr(line, search->socket) != NULL)
		search->ours = true;
	else if (strstr(line, ".sock") != NULL)
		search->others = true;
}

/* A site that names no socket has that of the machine's pool, which is in what it includes. */
static bool belongs_here(const struct doctor *doctor, const struct search *search)
{
	if (!search->marked)
		return false;
	return search->ours || (!search->others && doctor->place.kind == DOCTOR_MACHINE);
}

/* The enabled sites of this pool, one after the other; NULL after the last. `*next` begins at 0. */
static const char *next_site(
    struct doctor *doctor, const struct web_server *server, const glob_t *files, size_t *next)
{
	const char *which, *socket = doctor_socket_path(doctor->session, &which);

	while (*next < files->gl_pathc) {
		struct search search = { .mark = server->mark, .socket = socket };
		const char *path = files->gl_pathv[(*next)++];

		if (for_lines(path, look_for_mark, &search) && belongs_here(doctor, &search))
			return path;
	}
	return NULL;
}

static bool is_enabled(struct doctor *doctor, const struct web_server *server)
{
	glob_t files = { 0 };
	size_t next = 0;
	bool found = glob(server->sites, 0, NULL, &files) == 0 &&
		     next_site(doctor, server, &files, &next) != NULL;

	globfree(&files);
	return found;
}

bool doctor_site_is_enabled(struct doctor *doctor)
{
	for (size_t i = 0; i < COUNT_OF(web_servers); i++) {
		if (is_enabled(doctor, &web_servers[i]))
			return true;
	}
	return false;
}

static void note_advice(struct doctor *doctor, struct str configuration)
{
	struct nginx_notice notices[NGINX_NOTICES];
	struct nginx_setup setup;
	int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);
	const char *which;
	unsigned count;

	nginx_setup_read(
	    configuration, doctor_socket_path(doctor->session, &which), processors, &setup);
	count = nginx_advise(&setup, worker_count(doctor->session->settings), processors, notices);
	for (unsigned i = 0; i < count; i++)
		doctor_note(doctor, notices[i].is_warning ? DOCTOR_WARNING : DOCTOR_OK,
		    arena_printf(doctor->session->arena, "%s", notices[i].remedy), "%s",
		    notices[i].text);
}

/* What its files mean together, only nginx itself can tell. */
static void advise_nginx(struct doctor *doctor)
{
	const char *const arguments[] = { "sh", "-c", "nginx -T 2>/dev/null", NULL };
	struct error *error = &doctor->session->error;
	char *text = malloc(NGINX_TEXT);
	struct child child;

	if (text != NULL && child_start(&child, arguments, CHILD_READ, -1, -1, error) == 0) {
		child_read_text(&child, text, NGINX_TEXT);
		if (child_finish(&child, error) == 0)
			note_advice(doctor, str_from(text));
	}
	error_clear(error);
	free(text);
}

static void ask_web_server(struct doctor *doctor, const struct web_server *server)
{
	const char *const arguments[] = { "sh", "-c", server->check, NULL };
	struct error *error = &doctor->session->error;
	char said[1024];
	struct child child;

	/* The other sites in its configuration are no business of one. */
	if (doctor->place.kind == DOCTOR_SITE) {
		doctor_note(doctor, DOCTOR_OK, NULL, "%s passes calls on", server->name);
		return;
	}
	if (!doctor->is_root) {
		doctor_note(doctor, DOCTOR_SKIPPED, "run it as root",
		    "%s has a site of ours; only root can ask whether it can read it",
		    server->name);
		return;
	}
	if (child_start(&child, arguments, CHILD_READ, -1, -1, error) != 0) {
		doctor_note(doctor, DOCTOR_SKIPPED, NULL, "%s", error->detail);
		return;
	}
	child_read_text(&child, said, sizeof(said));
	said[strcspn(said, "\n")] = '\0';
	if (child_finish(&child, error) != 0)
		doctor_note(doctor, DOCTOR_FAULT, server->check, "%s refuses its configuration: %s",
		    server->name, said);
	else {
		doctor_note(doctor, DOCTOR_OK, NULL, "%s passes calls on", server->name);
		if (server->advise != NULL)
			server->advise(doctor);
	}
}

void doctor_check_web_servers(struct doctor *doctor)
{
	const struct web_server *installed = NULL;
	bool enabled = false;

	for (size_t i = 0; i < COUNT_OF(web_servers); i++) {
		if (access(web_servers[i].program, F_OK) != 0)
			continue;
		if (installed == NULL)
			installed = &web_servers[i];
		if (!is_enabled(doctor, &web_servers[i]))
			continue;
		enabled = true;
		ask_web_server(doctor, &web_servers[i]);
	}
	if (installed == NULL)
		doctor_note(
		    doctor, DOCTOR_WARNING, "apt install nginx", "no web server is installed");
	else if (!enabled)
		doctor_note(doctor, DOCTOR_WARNING,
		    doctor->place.kind == DOCTOR_SITE ? ENABLE_SITE : installed->enable,
		    "%s is installed, but has no site that passes calls on to this pool",
		    installed->name);
}

static void judge_certificate(struct doctor *doctor, const char *path, X509 *certificate)
{
	const char *renew = "renew the certificate and reload the web server";
	int days = 0, seconds = 0;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) != 1)
		doctor_note(doctor, DOCTOR_FAULT, renew, "%s has no end that can be read", path);
	else if (days < 0 || seconds < 0)
		doctor_note(doctor, DOCTOR_FAULT, renew, "%s has ended %d days ago", path, -days);
	else if (days < CERTIFICATE_DAYS)
		doctor_note(doctor, DOCTOR_WARNING, renew, "%s ends in %d days", path, days);
	else if (X509_NAME_cmp(
		     X509_get_issuer_name(certificate), X509_get_subject_name(certificate)) == 0)
		doctor_note(doctor, DOCTOR_WARNING,
		    "configure a certificate from a certification authority in the site",
		    "%s is signed by itself: callers must be told to trust it", path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "%s is good for %d days", path, days);
}

static void check_certificate(struct doctor *doctor, const char *path)
{
	FILE *file = fopen(path, "re");
	X509 *certificate = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

	if (file == NULL)
		doctor_note(doctor, DOCTOR_FAULT,
		    "put it there, or configure another one in the site", "%s cannot be read: %s",
		    path, strerror(errno));
	else if (certificate == NULL)
		doctor_note(doctor, DOCTOR_FAULT, "put a certificate in PEM format there",
		    "%s holds no certificate", path);
	else
		judge_certificate(doctor, path, certificate);
	X509_free(certificate);
	if (file != NULL)
		(void)fclose(file);
}

struct certificate_search {
	struct doctor *doctor;
	const char *directive;
};

/* Cuts the path out of "ssl_certificate /etc/x.pem;" or "ssl.pemfile = "/etc/x.pem"". */
static void look_for_certificate(void *context, const char *line)
{
	const struct certificate_search *search = context;
	const char *path = line + strlen(search->directive);

	if (strncmp(line, search->directive, strlen(search->directive)) != 0)
		return;
	path += strspn(path, " \t=\"");
	check_certificate(search->doctor, arena_printf(search->doctor->session->arena, "%.*s",
					      (int)strcspn(path, ";\"\n"), path));
}

void doctor_check_certificates(struct doctor *doctor)
{
	unsigned before = doctor->count;

	for (size_t i = 0; i < COUNT_OF(web_servers); i++) {
		struct certificate_search search = { doctor, web_servers[i].certificate };
		glob_t files = { 0 };
		const char *site;
		size_t next = 0;

		if (glob(web_servers[i].sites, 0, NULL, &files) == 0) {
			while ((site = next_site(doctor, &web_servers[i], &files, &next)) != NULL)
				(void)for_lines(site, look_for_certificate, &search);
		}
		globfree(&files);
	}
	if (doctor->count == before)
		doctor_note(doctor, DOCTOR_SKIPPED, NULL, "no enabled site has a certificate");
}

void doctor_check_clock(struct doctor *doctor)
{
	struct timex state = { 0 };

	if ((int64_t)time(NULL) < EARLIEST_TIME)
		doctor_note(doctor, DOCTOR_FAULT, "apt install systemd-timesyncd",
		    "the clock is far behind; expiry dates and signatures will be wrong");
	else if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		doctor_note(doctor, DOCTOR_WARNING, "apt install systemd-timesyncd",
		    "the clock is not synchronised");
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "it is synchronised");
}

static void check_disk(struct doctor *doctor, const char *path)
{
	struct statvfs disk;
	uint64_t bytes;

	if (statvfs(path, &disk) != 0)
		return;
	bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (bytes < DISK_LEAST || disk.f_bavail < disk.f_blocks / 100)
		doctor_note(doctor, DOCTOR_FAULT, "free some space there",
		    "only %llu MiB are free on %s", (unsigned long long)(bytes >> 20), path);
	else if (disk.f_files > 0 && disk.f_favail < disk.f_files / 100)
		doctor_note(doctor, DOCTOR_FAULT, "remove files there",
		    "almost no inodes are free on %s", path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "%llu MiB are free in %s",
		    (unsigned long long)(bytes >> 20), path);
}

void doctor_check_disks(struct doctor *doctor)
{
	const struct settings *settings = doctor->session->settings;
	const char *log = settings->log_target;
	const char *slash = log[0] == '/' ? strrchr(log, '/') : NULL;

	check_disk(doctor, settings->runtime_directory);
	if (doctor->place.kind != DOCTOR_QUICKSTART)
		check_disk(doctor, "/var/lib/mysql");
	check_disk(doctor, doctor_backups(doctor));
	if (slash != NULL)
		check_disk(
		    doctor, arena_printf(doctor->session->arena, "%.*s", (int)(slash - log), log));
}

bool doctor_ask_systemd(struct doctor *doctor, const char *question, const char *unit)
{
	const char *const arguments[] = { "systemctl", "--quiet", question, unit, NULL };
	struct error *error = &doctor->session->error;
	struct child child;
	char said[64];
	bool yes;

	if (child_start(&child, arguments, CHILD_READ, -1, -1, error) != 0) {
		error_clear(error);
		return false;
	}
	child_read_text(&child, said, sizeof(said));
	yes = child_finish(&child, error) == 0;
	error_clear(error);
	return yes;
}

void doctor_check_timers(struct doctor *doctor)
{
	struct arena *arena = doctor->session->arena;

	if (doctor->place.kind == DOCTOR_QUICKSTART) {
		doctor_note(doctor, DOCTOR_SKIPPED, "{expire}", "no timer deletes old rows here");
		return;
	}
	if (access("/run/systemd/system", F_OK) != 0) {
		doctor_note(doctor, DOCTOR_SKIPPED, NULL,
		    "systemd is not running; run 'clientele expire' and 'clientele backup' daily "
		    "by other means");
		return;
	}
	if (!doctor_ask_systemd(doctor, "is-active",
		doctor->place.kind == DOCTOR_SITE
		    ? arena_printf(arena, "clientele-expire@%s.timer", doctor->place.name)
		    : "clientele-expire.timer"))
		doctor_note(doctor, DOCTOR_WARNING, "{expire}", "old rows are not deleted");
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "old rows are deleted");
}
