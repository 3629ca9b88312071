/*
 * What an nginx is set to, and what that means for the pool behind it: decided from the text of its
 * configuration alone, as "nginx -T" prints it.
 */
#ifndef CLIENTELE_CLI_NGINX_ADVICE_H
#define CLIENTELE_CLI_NGINX_ADVICE_H

#include "base/str.h"

struct nginx_setup {
	int64_t processes;   /* worker_processes */
	int64_t connections; /* worker_connections, of each */
	bool compiles;       /* pcre_jit */
	bool logs_at_once;   /* the access log of a site of ours is written at each call */
	bool keeps;          /* connections to the pool are kept, */
	bool says_close;     /* and the pool is told to close them */
};

/* Reads what is set, with nginx's own defaults for the rest; `socket` is the pool's. */
void nginx_setup_read(
    struct str text, const char *socket, int64_t processors, struct nginx_setup *setup);

/* What is noticed. */
struct nginx_notice {
	bool is_warning; /* else calls are answered, but could be sooner */
	char text[160], remedy[160];
};

#define NGINX_NOTICES 5

/* Judges it for a pool with so many workers; returns the number of notices. */
unsigned nginx_advise(const struct nginx_setup *setup, int64_t workers, int64_t processors,
    struct nginx_notice notices[NGINX_NOTICES]);

#endif
