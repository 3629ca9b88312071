/*
 * Golden files: what a test makes is held against a file of the source tree. With GOLDEN_UPDATE in
 * the environment the file is written anew first; look at the difference before you commit it.
 */
#ifndef CLIENTELE_TEST_GOLDEN_H
#define CLIENTELE_TEST_GOLDEN_H

#include "base/buf.h"

/* Appends the file `name` of the source tree; fails the test when it cannot be read. */
void golden_read(const char *name, struct buf *content);

/* Fails the test at the first place where `made` and the file `name` of the source tree differ. */
void golden_check(const char *name, const struct buf *made);

#endif
