/*
 * The source tree that the tests were built from, wherever they are run.
 */
#ifndef CLIENTELE_TEST_SOURCE_H
#define CLIENTELE_TEST_SOURCE_H

/*
 * The path of a file or folder of the source tree, "docs/api.md" say; valid until the next call.
 * Aborts when it is too long.
 */
const char *source_path(const char *name);

#endif
