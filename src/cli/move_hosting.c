/*
 * Accounts of another hosting service, as its list answers them: with the hashes of their passwords
 * and their own API keys, which go on working, and with what their domains have counted.
 */
#include "api/hosting/hosting.h"
#include "auth/password.h"
#include "cli/move_columns.h"

/* --- accounts --- */

static const struct move_column account_columns[] = {
	NEEDED("username", "username"),
	COLUMN("passwordHash", "passwordHash"),
	COLUMN("active", "active"),
	COLUMN("firstName", "firstName"),
	COLUMN("lastName", "lastName"),
	NEEDED("emailAddress", "emailAddress"),
	COLUMN("company", "company"),
	COLUMN("domainMaxCount", "domainMaxCount"),
	COLUMN("whitelabelMaxCount", "whitelabelMaxCount"),
	COLUMN("widgetDisplayMaxCount", "widgetDisplayMaxCount"),
	COLUMN("autoCreateDomains", "autoCreateDomains"),
	COLUMN("features", "features"),
	COLUMN("apiKey", "apiKey"),
	/* They are counted here. */
	IGNORED("domainCount"),
	IGNORED("whitelabelCount"),
	IGNORED("widgetDisplayCount"),
	IGNORED("actualCallCount"),
};

/* As the list of widget loads calls it. */
static const char *const account_renames[] = { "userId", "id", NULL };

/* Nobody's password has this hash. */
#define NO_PASSWORD "*"

static const char *complete_account(struct move_line *line)
{
	unsigned hash = resource_member(&hosting_client_resource, "passwordHash");

	/* One that is here keeps what it has. */
	if (line->target.length == 0 && !row_filled(line->row, hash)) {
		row_set_text(line->row, hash, STR(NO_PASSWORD));
		move_note(line, "",
		    "has no password that can be taken along; the account needs a new one");
	}
	return NULL;
}

/* --- domains --- */

/* Their names may come with the path, or the path beside them. */
#define WEBSITE \
	"(t.`name` || CASE WHEN t.`name` LIKE '%/%' THEN '' ELSE COALESCE(t.`path`, '') END)"
#define LOADS_OF_WEBSITE                                                                           \
	"(SELECT MAX(c.`count`) FROM `DomainCounts` c WHERE c.`" MOVE_PARENT "` = t.`" MOVE_PARENT \
	"` AND LOWER(c.`domName`) = LOWER(t.`name`))"

static const struct move_column domain_columns[] = {
	PARENT(MOVE_PARENT, "clientId", "Accounts"),
	IGNORED("name"),
	IGNORED("path"),
	NEEDED(WEBSITE, "name"),
	COLUMN(LOADS_OF_WEBSITE, HOSTING_CALL_COUNT),
	COLUMN("country", "country"),
	COLUMN("whitelabel", "whitelabel"),
	COLUMN("consentStorage", "consentStorage"),
	COLUMN("consentCookieLifetime", "consentCookieLifetime"),
	COLUMN("consentCookieSecure", "consentCookieSecure"),
	COLUMN("consentResetBeforeDate", "consentResetBeforeDate"),
	COLUMN("consentResetOnLegalChange", "consentResetOnLegalChange"),
	COLUMN("consentSharingDomains", "consentSharingDomains"),
	COLUMN("consentSharingCrossDomain", "consentSharingCrossDomain"),
	COLUMN("frontendWidgetEnabled", "frontendWidgetEnabled"),
	COLUMN("frontendWidgetCache", "frontendWidgetCache"),
	COLUMN("frontendWidgetMinifyCode", "frontendWidgetMinifyCode"),
	COLUMN("managementStructure", "managementStructure"),
	COLUMN("deleteUnknownCookies", "deleteUnknownCookies"),
	COLUMN("deleteUnknownCookiesForceReload", "deleteUnknownCookiesForceReload"),
	COLUMN("requireConsentForMandatoryEmbeddings", "requireConsentForMandatoryEmbeddings"),
	COLUMN("declineButtonEnforced", "declineButtonEnforced"),
	COLUMN("allowedScriptMarkers", "allowedScriptMarkers"),
	COLUMN("blockedScriptMarkers", "blockedScriptMarkers"),
	COLUMN("evalInlineScripts", "evalInlineScripts"),
	COLUMN("recordScriptsOnWebsite", "recordScriptsOnWebsite"),
	COLUMN("blockNewScripts", "blockNewScripts"),
	COLUMN("blockFirstPartyScripts", "blockFirstPartyScripts"),
	COLUMN("blockInlineScripts", "blockInlineScripts"),
	COLUMN("permanentScanEnabled", "permanentScanEnabled"),
	COLUMN("tcfEnabled", "tcfEnabled"),
	COLUMN("tcfEnableNewVendorsAfterGvlUpdate", "tcfEnableNewVendorsAfterGvlUpdate"),
	COLUMN("tcfVendorBlacklist", "tcfVendorBlacklist"),
	COLUMN("tcfSpecialFeatures", "tcfSpecialFeatures"),
	COLUMN("tcfGoogleAdditionalConsentMode", "tcfGoogleAdditionalConsentMode"),
	COLUMN("tcfGoogleAdditionalConsentAdProviders", "tcfGoogleAdditionalConsentAdProviders"),
	COLUMN("tcfUrlMacroAutoAppend", "tcfUrlMacroAutoAppend"),
	COLUMN("tcfUrlMacroHandling", "tcfUrlMacroHandling"),
	COLUMN("blockIframes", "blockIframes"),
	COLUMN("rememberIframeConsentPerDomain", "rememberIframeConsentPerDomain"),
	COLUMN("appendConsentSwitchToIframes", "appendConsentSwitchToIframes"),
	COLUMN("iframeBlockMode", "iframeBlockMode"),
	COLUMN("iframeMarkers", "iframeMarkers"),
	COLUMN(
	    "cookieDeclarationTableHeadingStartLevel", "cookieDeclarationTableHeadingStartLevel"),
	COLUMN("cookieDeclarationTablePrependConsentChangeLink",
	    "cookieDeclarationTablePrependConsentChangeLink"),
	COLUMN("cookieDeclarationTablePrependIntroText", "cookieDeclarationTablePrependIntroText"),
	COLUMN("imprintDisplayMode", "imprintDisplayMode"),
	COLUMN("privacyPolicyDisplayMode", "privacyPolicyDisplayMode"),
	COLUMN("imprintOpenInNewTab", "imprintOpenInNewTab"),
	COLUMN("imprintShowWidget", "imprintShowWidget"),
	COLUMN("privacyPolicyOpenInNewTab", "privacyPolicyOpenInNewTab"),
	COLUMN("privacyPolicyShowWidget", "privacyPolicyShowWidget"),
	COLUMN("accessibilityDisplayMode", "accessibilityDisplayMode"),
	COLUMN("accessibilityLinkEnabled", "accessibilityLinkEnabled"),
};

/* Domains of which only the loads are known. */
static const struct move_column count_columns[] = {
	PARENT(MOVE_PARENT, "clientId", "Accounts"),
	NEEDED("domName", "name"),
	COLUMN("count", HOSTING_CALL_COUNT),
};

/* Loads that nobody tells are none of a new domain, and those that are known of another. */
static const char *complete_domain(struct move_line *line)
{
	unsigned count = resource_member(&hosting_domain_resource, HOSTING_CALL_COUNT);

	if (!row_filled(line->row, count))
		line->row->present &= ~FIELD_BIT(count);
	return NULL;
}

static const char *const count_renames[] = { "domainName", "domName", "callCount", "count", NULL };

static const struct move_table tables[] = {
	{ .name = "Accounts",
	    .record = &hosting_moved_client_record,
	    .keys = { "id" },
	    COLUMNS(account_columns),
	    .complete = complete_account,
	    .by_rows = true,
	    .paths = "[] .",
	    .renames = account_renames },
	{ .name = "Domains",
	    .record = &hosting_moved_domain_record,
	    .keys = { "id" },
	    COLUMNS(domain_columns),
	    .complete = complete_domain,
	    .within = "Accounts",
	    .paths = "domains[]" },
	{ .name = "DomainCounts",
	    .record = &hosting_moved_domain_record,
	    .more = "WHERE NOT EXISTS (SELECT 1 FROM `Domains` d WHERE d.`" MOVE_PARENT
		    "` = t.`" MOVE_PARENT "` AND LOWER(d.`name`) = LOWER(t.`domName`))",
	    .reason = "the domains themselves are there",
	    .keys = { MOVE_PARENT, "domName" },
	    COLUMNS(count_columns),
	    .complete = complete_domain,
	    .within = "Accounts",
	    .paths = "domainCountData[]",
	    .renames = count_renames },
};

static const struct move_documents documents = { .holds = "list of accounts" };

const struct move_kind move_hosting = {
	.name = "a hosting service",
	.label = "hosting",
	.documents = &documents,
	.first = "Accounts",
	.tables = tables,
	.table_count = COUNT_OF(tables),
};
