/*
 * Resources and operations of the hosting family.
 */
#ifndef CLIENTELE_API_HOSTING_HOSTING_H
#define CLIENTELE_API_HOSTING_HOSTING_H

#include "op/operation.h"

#define HOSTING_ID_LENGTH 7 /* lower-case hexadecimal characters */

extern const struct resource hosting_client_resource;
extern const struct resource hosting_loads_resource; /* how much is shown of an account's domains */
extern const struct resource hosting_domain_resource;
extern const struct resource hosting_consent_resource;
extern const struct resource hosting_visitor_resource; /* whose consents are looked for */
/* What an account's owner sees of both, by the account's own key. */
extern const struct resource hosting_own_account_resource;
extern const struct resource hosting_own_domain_resource;

/* Their rules. */
extern const struct record hosting_client_record;
extern const struct record hosting_domain_record;
/* Of accounts and domains that another service has: own keys may be sent at each change, and the
 * limits of an account keep no domain out. */
extern const struct record hosting_moved_client_record;
extern const struct record hosting_moved_domain_record;
extern const struct record hosting_consent_record;

/* Member of a domain that counts its widget loads: hidden, since accounts show the sum of theirs.
 */
#define HOSTING_CALL_COUNT "callCount"

/* What an account has of what is limited, and how much of it; -1 = any number. */
struct hosting_usage {
	int64_t domains, domains_most;
	int64_t whitelabels, whitelabels_most;
};

/* ERROR_NOT_FOUND when there is no such account. */
int hosting_client_usage(struct context *context, struct str client, struct hosting_usage *usage,
    struct error *error) MUST_CHECK;

/* GET /hosting/api/client/by-apiKey/{apiKey}: the account whose own key it is. */
int hosting_client_by_key(struct operation *operation, struct error *error) MUST_CHECK;

/* GET /hosting/api/clientgetid/{searchTerm}: the account with that username, else that e-mail
 * address. */
int hosting_client_search(struct operation *operation, struct error *error) MUST_CHECK;

/* POST /hosting/api/client/{clientId}/apiKey: a new own key, shown once; the old one ends at once.
 */
int hosting_client_renew_key(struct operation *operation, struct error *error) MUST_CHECK;

/* GET /api/test: whose own key it is. */
int hosting_own_account(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * GET of consents/{ucid}: those of one visitor, whose beginning is enough as long as it is that of
 * no other; else the list is empty. DELETE: those of the visitor that is named in full.
 */
int hosting_consents_of_visitor(struct operation *operation, struct error *error) MUST_CHECK;
int hosting_delete_consents(struct operation *operation, struct error *error) MUST_CHECK;

/* Widget loads of a domain that are to be counted. */
struct hosting_calls {
	struct str domain; /* its identifier */
	int64_t count;
};

/*
 * For record_transaction(): adds them (`data` is a struct hosting_calls) to what the domain has,
 * which goes no further than its limit. ERROR_NOT_FOUND when there is no such domain.
 */
int hosting_add_calls(struct context *context, void *data, struct error *error) MUST_CHECK;

/* The same: sets the counts of all domains to 0. `data` is an int64_t, set to how many had some. */
int hosting_reset_calls(struct context *context, void *data, struct error *error) MUST_CHECK;

/* NULL for a text that can be an identifier, else what it must be. */
const char *hosting_check_id(struct str id);

/* Sets a field to a new random identifier in the arena, unless the row has brought one. */
int hosting_make_id(
    struct context *context, struct row *row, unsigned field, struct error *error) MUST_CHECK;

#endif
