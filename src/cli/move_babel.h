/*
 * What the tables of Babel Licensing and their rules share.
 */
#ifndef CLIENTELE_CLI_MOVE_BABEL_H
#define CLIENTELE_CLI_MOVE_BABEL_H

#include "cli/move.h"

/* Columns that rules look at. */
#define PRODUCT_OF_LICENSE(column)                                                                \
	"(SELECT MIN(p." column ") FROM ProductLicenses l JOIN Products p ON p.Id = l.ProductId " \
	"WHERE l.LicenseId = t.Id)"

/* struct move_table.complete of each. */
const char *move_babel_complete_user(struct move_line *line);
const char *move_babel_complete_resource(struct move_line *line);
const char *move_babel_complete_order(struct move_line *line);
const char *move_babel_complete_template(struct move_line *line);
const char *move_babel_complete_license(struct move_line *line);

#endif
