/*
 * What the tests of documents and keys share: a license as the API takes it, and a key that others
 * have published.
 */
#ifndef CLIENTELE_TESTS_LICENSE_H
#define CLIENTELE_TESTS_LICENSE_H

#include "rows.h"
#include "schema/row.h"

/*
 * The public key pair of babelfornet/babel-licensing-docker-demo (Keys.snk), and the public half
 * that babelfornet/license-file-console-example has been given for it.
 */
#define TEST_SNK                                                                                   \
	"BwIAAAAkAABSU0EyAAQAAAEAAQANbkyKnPyGUdyQm8vPAeKfPlqiPNyB9WOOK6hJ+"                        \
	"IUNhT4rZdinaVwua5IRsAypw5dB06uOjJDu"                                                      \
	"uMNb+Ebgl67ENrFKVgRzO/f9RJCwnfwNEATRcby5XIQSeat9NLvEZzFvS6t/M+ab48jQcSRGnfEiI1g1u/"       \
	"cqWSV++tohYlTVxH8O"                                                                       \
	"+nSXkfgrNHD9ewk+hRYPHGpG8x5x5qZw6XWFNsaZm4yE5axb8JiiFNF/"                                 \
	"QCIg2hcees1S4ILUXorvhkac3ONzlXhYNVyPGbkSJ1GD"                                             \
	"qE2UEE7VLu//YMtyx6TxXhjLaikTV+/"                                                          \
	"3BD00Pp08FuwGRQ3eLYcIAVF+O9J3vsJR0SPdsY3oGBigGXawkr6H0CmMaC+RWqAV3toR"                    \
	"hyLU6HWvQj9FIkW189lFZUP6lAv6G6hcE9stIW6nrVqNRHgUyMYrGIuDbyYYU4dRXSQf4SXwkOmWKSGZ2GxsBJUp" \
	"2ZvKpDPS6Ok4"                                                                             \
	"Jngn3O1QbNCxN9dxb18M3XmbgHaIK9qPF0yt42gp5N+"                                              \
	"oYHOT3wxia0V2peI08UJw0OMX6etufdHy08NjXisxZu8GaN2XYEwJVg0Y"                                \
	"JonQM6IhP0ZU3sGV1phk+UlH2Ut1bp9HI2RcrBPZFRmKUX8Ok+"                                       \
	"5lwfRlZ2JxKDQ9avxUB26ALuoUCfEsLDi0O7KWuGG2dVlr1qm2"                                       \
	"ZmJGWllned4TL5Zl3bgJeolDORgP3LLho+ChO7UWlbdubutU1sQ5e0v/c6pZLZp6VCWBp/"                   \
	"kEdxrnRlvpc9zmJlYjFwCAcnI="

/* Reads the members of a license that is inserted, in JSON; what is wrong with it fails the test.
 */
struct row *license_read(struct arena *arena, const char *json);

#endif
