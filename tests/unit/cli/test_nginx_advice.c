#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/nginx_advice.h"

#define SOCKET "/run/clientele/clientele.sock"
#define PROCESSORS 4
#define WORKERS 8

#define GOOD "worker_processes 2; pcre_jit on; events { worker_connections 4096; }\n"
#define LOG "access_log /var/log/nginx/a.log clientele buffer=64k flush=1s;\n"
#define UPSTREAM "upstream clientele { server unix:" SOCKET " max_fails=0; keepalive 16; }\n"
#define CLOSE "fastcgi_param CONNECTION close;\n"

static const struct {
	const char *name;
	const char *text;
	struct nginx_setup wanted;
	/* A word of each notice; those that are warnings begin with '!'. */
	const char *notices[NGINX_NOTICES];
} rows[] = {
	{ "nothing", "", { 1, 512, .compiles = false }, { "256 calls", "interprets" } },
	{ "good", GOOD LOG CLOSE, { 2, 4096, .compiles = true, .says_close = true }, { NULL } },
	/* As Debian has it. */
	{ "stock",
	    "user www-data;\nworker_processes auto;\nevents {\n\tworker_connections 768;\n"
	    "\t# multi_accept on;\n}\nhttp { access_log /var/log/nginx/access.log;\n"
	    "server { access_log /var/log/nginx/b.log clientele; } }",
	    { PROCESSORS, 768, .logs_at_once = true },
	    { "4 processes", "1536 calls at once, and its site", "interprets", "a line of" } },
	{ "few connections", "worker_processes 1; pcre_jit on; events { worker_connections 14; }",
	    { 1, 14, .compiles = true }, { "!7 calls at once, and the pool" } },
	{ "as many as workers",
	    "worker_processes 1; pcre_jit on; events { worker_connections 16; }",
	    { 1, 16, .compiles = true }, { "8 calls at once, and its site" } },
	{ "one log of two", GOOD LOG "access_log /x clientele;access_log /y clientele gzip;",
	    { 2, 4096, .compiles = true, .logs_at_once = true }, { "a line of" } },
	{ "another's log", GOOD "access_log /x combined;", { 2, 4096, .compiles = true },
	    { NULL } },
	{ "kept and closed", GOOD UPSTREAM CLOSE,
	    { 2, 4096, .compiles = true, .keeps = true, .says_close = true },
	    { "!calls get lost" } },
	{ "kept", GOOD UPSTREAM, { 2, 4096, .compiles = true, .keeps = true }, { NULL } },
	{ "another's connections are kept",
	    GOOD CLOSE "upstream x { keepalive 8; server unix:/other.sock; }"
		       "upstream y { server unix:" SOCKET "; }",
	    { 2, 4096, .compiles = true, .says_close = true }, { NULL } },
	{ "what is quoted or commented out",
	    GOOD "# worker_processes 9;\nlog_format x escape=json '{\"a\":\"$b\"; worker_processes "
		 "9;}';\n"
		 "map $a $b { \"~^[{;]\\\"\" ${c}; worker_connections 1x; }\n",
	    { 2, 4096, .compiles = true }, { NULL } },
	{ "cut off", GOOD "access_log /x \"clien", { 2, 4096, .compiles = true }, { NULL } },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nginx_setup *wanted = &rows[i].wanted;
		struct nginx_notice notices[NGINX_NOTICES];
		struct nginx_setup setup;
		unsigned count, expected = 0;

		nginx_setup_read(str_from(rows[i].text), SOCKET, PROCESSORS, &setup);
		if (setup.processes != wanted->processes ||
		    setup.connections != wanted->connections ||
		    setup.compiles != wanted->compiles ||
		    setup.logs_at_once != wanted->logs_at_once || setup.keeps != wanted->keeps ||
		    setup.says_close != wanted->says_close)
			fail_msg("%s was read otherwise", rows[i].name);
		count = nginx_advise(&setup, WORKERS, PROCESSORS, notices);
		while (expected < NGINX_NOTICES && rows[i].notices[expected] != NULL)
			expected++;
		if (count != expected)
			fail_msg("%s: %u notices", rows[i].name, count);
		for (unsigned j = 0; j < count; j++) {
			const char *word = rows[i].notices[j];
			bool warning = word[0] == '!';

			if (notices[j].is_warning != warning ||
			    strstr(notices[j].text, word + warning) == NULL ||
			    notices[j].remedy[0] == '\0')
				fail_msg("%s: %s", rows[i].name, notices[j].text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
