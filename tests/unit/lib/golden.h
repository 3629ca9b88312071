/*
 * Golden files: what a test makes is held against a file of the source tree. With GOLDEN_UPDATE in
 * the environment the file is written anew first; look at the difference before you commit it.
 */
#ifndef CLIENTELE_TEST_GOLDEN_H
#define CLIENTELE_TEST_GOLDEN_H

#include "base/buf.h"

/* Appends the file at `path` to `content`; fails the test when it cannot be read. */
void golden_read(const char *path, struct buf *content);

/* Fails the test at the first place where `made` and the file at `path` differ. */
void golden_check(const char *path, const struct buf *made);

#endif
