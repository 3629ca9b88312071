#include "api/expiry_kinds.h"

#include "api/credentials/credentials.h"
#include "api/delegates/delegates.h"
#include "api/discovery/discovery.h"
#include "api/hosting/hosting.h"
#include "api/licensing/counter.h"
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"
#include "api/licensing/webhook.h"
#include "api/sign_in_link.h"
#include "queue/admin.h"
#include "queue/kinds.h"

#define RETENTION(option) .retention = offsetof(struct settings, option)

static const struct expiry kinds[] = {
	{ .what = "log entries",
	    .resource = &log_entry_resource,
	    .condition = "{}.time_stamp < ?",
	    .order = "{}.time_stamp, {}.level, {}.id" /* as an index has them */,
	    .size = "LENGTH({}.message) + LENGTH({}.message_template) + "
		    "IFNULL(LENGTH({}.exception), 0) + IFNULL(LENGTH({}.properties), 0)",
	    RETENTION(log_retention) },
	{ .what = "audit entries",
	    .resource = &licensing_audit_entry_resource,
	    .condition = "{}.made_at < ?",
	    .order = "{}.made_at, {}.id",
	    .size = "IFNULL(LENGTH({}.before_row), 0) + IFNULL(LENGTH({}.after_row), 0) + "
		    "IFNULL(LENGTH({}.detail), 0)",
	    RETENTION(audit_retention) },
	{ .what = "mail",
	    .table = "mail_message",
	    .area = AREA_MAIL,
	    .condition =
		"{}.created_at < ? AND NOT EXISTS (SELECT 1 FROM " QUEUE_TABLE
		" q WHERE q.content_id = {}.id) AND NOT EXISTS (SELECT 1 FROM mail_outbox o WHERE "
		"o.message_id = {}.id AND o.status = 'queued')",
	    .order = "{}.created_at, {}.id",
	    .size = "LENGTH({}.subject) + LENGTH({}.body) + LENGTH({}.recipients) * 2 + "
		    "LENGTH({}.attachments)",
	    RETENTION(mail_retention) },
	{ .what = "webhook deliveries",
	    .resource = &licensing_webhook_delivery_resource,
	    .condition = "{}.created_at < ? AND NOT EXISTS (SELECT 1 FROM " QUEUE_TABLE
			 " q WHERE q.content_id = {}.id)",
	    .order = "{}.created_at, {}.id",
	    .size = "LENGTH({}.payload)",
	    RETENTION(webhook_retention) },
	{ .what = "sessions",
	    .resource = &credentials_session_resource,
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.id",
	    .size = "2000" /* its tokens go with it */ },
	{ .what = "tokens",
	    .table = "oauth_token",
	    .area = AREA_CREDENTIALS,
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.token_hash" },
	{ .what = "sign-in links",
	    .resource = &sign_in_link_resource,
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.id" },
	{ .what = "idempotency keys",
	    .table = "idempotency",
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.key_hash",
	    .size = "LENGTH({}.response)" },
	/* Those of before schema 12 do not say when they were revoked, nor do older programs. */
	{ .what = "API keys",
	    .resource = &licensing_api_key_resource,
	    .condition = "LEAST(IFNULL({}.revoked_at, {}.expires_at), IFNULL({}.expires_at, "
			 "{}.revoked_at)) < ?",
	    .order = "{}.id",
	    .stamp = "UPDATE api_key SET revoked_at = IF(revoked, UTC_TIMESTAMP(6), NULL) "
		     "WHERE revoked <> (revoked_at IS NOT NULL)",
	    RETENTION(credential_retention) },
	{ .what = "API clients",
	    .resource = &credentials_client_resource,
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.id",
	    .size = "20000" /* its secrets, sessions and tokens go with it */,
	    RETENTION(credential_retention) },
	{ .what = "client secrets",
	    .resource = &credentials_secret_resource,
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.client_id, {}.number",
	    RETENTION(credential_retention) },
	{ .what = "client certificates",
	    .resource = &credentials_certificate_resource,
	    .condition = "{}.expires_at < ?",
	    .order = "{}.expires_at, {}.id",
	    RETENTION(credential_retention) },
	{ .what = "registration tokens",
	    .resource = &credentials_registration_token_resource,
	    .condition =
		"IF({}.uses_left = 0, IFNULL({}.last_used_at, {}.created_at), {}.expires_at) < ?",
	    .order = "{}.id",
	    RETENTION(credential_retention) },
	{ .what = "applications",
	    .resource = &discovery_client_resource,
	    .condition = "{}.updated_at < ?",
	    .order = "{}.updated_at, {}.id",
	    .size = "2000" /* its associations go with it */,
	    /* So many may go that callers who ask for changes get the whole group once. */
	    .tell = "UPDATE discovery_group SET version = version + 1, complete_from = version "
		    "WHERE id IN (SELECT c.group_id FROM discovery_client c WHERE c.updated_at < "
		    "?)",
	    RETENTION(application_retention) },
	{ .what = "discovery groups",
	    .resource = &licensing_discovery_group_resource,
	    .condition = "GREATEST({}.created_at, {}.synchronised_at) < ? AND NOT EXISTS (SELECT 1 "
			 "FROM discovery_client c WHERE c.group_id = {}.id)",
	    .order = "{}.created_at, {}.id",
	    RETENTION(application_retention) },
	{ .what = "delegate groups",
	    .resource = &delegate_group_resource,
	    .condition = "{}.deleted_at < ?",
	    .order = "{}.deleted_at, {}.id",
	    .size = "50 * (SELECT COUNT(*) FROM delegate_association a WHERE a.group_id = {}.id)",
	    RETENTION(group_retention) },
	{ .what = "consents",
	    .resource = &hosting_consent_resource,
	    .condition = "{}.given_at < TIMESTAMPDIFF(SECOND, '1970-01-01', ?)",
	    .order = "{}.given_at, {}.id",
	    .size = "LENGTH({}.purposes) + LENGTH({}.embeddings)",
	    RETENTION(consent_retention) },
	{ .what = "license traces",
	    .resource = &licensing_trace_resource,
	    .condition = "{}.created_at < ?",
	    .order = "{}.created_at, {}.id",
	    .size = "IFNULL(LENGTH({}.meta), 0)",
	    RETENTION(trace_retention) },
	/* Those that may still be taken again by a heartbeat stay. */
	{ .what = "seats",
	    .resource = &licensing_token_resource,
	    .condition = "{}.expire_date < ? AND {}.expire_date < UTC_TIMESTAMP(6) - INTERVAL "
			 "IFNULL((SELECT l.policy_revival_seconds FROM license l WHERE l.id = "
			 "{}.license_id), 0) SECOND",
	    .order = "{}.expire_date, {}.id",
	    .size = "IFNULL(LENGTH({}.machine_components), 0)",
	    RETENTION(seat_retention) },
	{ .what = "consumption entries",
	    .resource = &licensing_consumption_entry_resource,
	    .condition = "{}.created_at < ?",
	    .order = "{}.created_at, {}.id",
	    .size = "IFNULL(LENGTH({}.note), 0)",
	    RETENTION(consumption_retention) },
	{ .what = "reports",
	    .resource = &licensing_report_resource,
	    .condition = "{}.report_date < ?",
	    .order = "{}.report_date, {}.id",
	    .size = "IFNULL(LENGTH({}.content), 0) + (SELECT IFNULL(SUM(200 + "
		    "IFNULL(LENGTH(p.value), 0)), 0) FROM report_property p WHERE p.report_id = "
		    "{}.id)",
	    RETENTION(report_retention) },
	/* Caches live for a minute; the rest is for clocks that differ. */
	{ .what = "revocation marks",
	    .table = "revocation_mark",
	    .area = AREA_CREDENTIALS,
	    .condition = "{}.made_at < ? - INTERVAL 1 HOUR",
	    .order = "{}.made_at, {}.origin, {}.number" },
};

/* Of each kind of the queue what is done, and what was given up; before what they refer to. */
#define FINAL_STATES (QUEUE_STATE__MAX - 1)
#define QUEUE_KINDS (QUEUE_KIND__MAX * FINAL_STATES)

static struct expiry finished_items(struct arena *arena, unsigned number)
{
	const struct queue_kind *kind = &queue_kinds[number / FINAL_STATES];
	enum queue_state state = (enum queue_state)(QUEUE_DONE + number % FINAL_STATES);

	return (struct expiry){
		.what = arena_printf(arena, "queue, %s %s", kind->name, kind->words[state]),
		.table = QUEUE_TABLE,
		.condition = queue_finished_before(arena, kind, state),
		.order = "{}.finished_at, {}.id",
		.size = "LENGTH({}.payload)",
		.retention = kind->retention[state],
	};
}

const struct expiry *expiry_kinds(struct arena *arena, unsigned *count)
{
	struct expiry *all =
	    arena_alloc_array(arena, QUEUE_KINDS + COUNT_OF(kinds), sizeof(all[0]));

	if (all == NULL)
		return NULL;
	for (unsigned i = 0; i < QUEUE_KINDS; i++)
		all[i] = finished_items(arena, i);
	memcpy(all + QUEUE_KINDS, kinds, sizeof(kinds));
	*count = QUEUE_KINDS + COUNT_OF(kinds);
	return arena_exhausted(arena) ? NULL : all;
}
