/*
 * Work in a process of its own, which may become somebody else while this one stays who it is.
 */
#ifndef CLIENTELE_CLI_APART_H
#define CLIENTELE_CLI_APART_H

/*
 * Runs `work` apart, as one that nobody else runs, and waits for its end. From now on SIGHUP,
 * SIGINT and SIGTERM end it and not this process, which can clean up behind it. Returns what `work`
 * has returned (0 to 255), or -1 with errno set: EINTR where it was ended by a signal.
 */
int apart_run(int (*work)(void *data), void *data);

#endif
