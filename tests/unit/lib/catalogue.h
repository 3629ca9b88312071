/*
 * A small family for tests of queries: items of every type, their makers and those makers'
 * countries, their labels; and the tables behind them.
 */
#ifndef CLIENTELE_TESTS_CATALOGUE_H
#define CLIENTELE_TESTS_CATALOGUE_H

#include "op/contract.h"
#include "schema/sight.h"

extern const struct resource catalogue_item;
extern const struct resource catalogue_maker;
extern const struct resource catalogue_country;
extern const struct resource catalogue_label;
extern const struct contract catalogue_contract;

/* Of somebody who sees all of them. Countries are of an area of their own. */
extern const struct sight catalogue_sight;

/* Resource by its name; NULL when there is none. */
const struct resource *catalogue_find(struct str name);

/* Statements that make the tables, dropping old ones. */
extern const char catalogue_tables[];

#endif
