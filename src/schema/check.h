/*
 * The rules that a resource table must keep and that the compiler cannot check. Run by a unit test
 * over every table, and once by each worker at start.
 */
#ifndef CLIENTELE_SCHEMA_CHECK_H
#define CLIENTELE_SCHEMA_CHECK_H

#include "schema/family.h"

/*
 * Checks one resource: every field named, typed and documented once, columns distinct, lengths
 * given, relations joined by members that exist and agree in type, a key where there is a table.
 * Appends one line per fault to `report`; returns the number of faults.
 */
unsigned schema_check_resource(const struct resource *resource, struct buf *report);

/* Checks a family: names, shapes, all its resources. */
unsigned schema_check(const struct family *family, struct buf *report);

#endif
