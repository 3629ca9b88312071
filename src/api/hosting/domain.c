#include "api/hosting/hosting.h"

#include "base/host_name.h"

#define PATH_LONGEST 1000
#define ITEMS_MOST 1000

static const struct enumerator storage_words[] = { { 0, "cookie" }, { 1, "localStorage" },
	{ 2, "sessionStorage" } };
static const struct enumeration storage = { "ConsentStorage", storage_words,
	COUNT_OF(storage_words) };
static const struct enumerator structure_words[] = { { 0, "cookie" }, { 1, "embedding" } };
static const struct enumeration structure = { "ManagementStructure", structure_words,
	COUNT_OF(structure_words) };
static const struct enumerator block_words[] = { { 0, "blacklist" }, { 1, "whitelist" } };
static const struct enumeration block_mode = { "IframeBlockMode", block_words,
	COUNT_OF(block_words) };
static const struct enumerator display_words[] = { { 0, "direct" }, { 1, "link" } };
static const struct enumeration display_mode = { "DisplayMode", display_words,
	COUNT_OF(display_words) };

static const char *check_country(struct str text)
{
	bool good = text.length == 2;

	for (size_t i = 0; i < text.length; i++)
		good = good && text.data[i] >= 'A' && text.data[i] <= 'Z';
	return good ? NULL : "two capital letters (ISO 3166-1), or ZZ for unknown";
}

static struct str strip_scheme(struct str text)
{
	if (str_starts_with_ignore_case(text, STR("https://")))
		return str_slice(text, 8, text.length);
	if (str_starts_with_ignore_case(text, STR("http://")))
		return str_slice(text, 7, text.length);
	return text;
}

/* Host and path of a website as callers write it: "https://www.mysite.xyz/shop/" or just the host.
 */
static void split_website(struct str text, struct str *host, struct str *path)
{
	text = strip_scheme(str_trim(text));
	*path = str_slice(text, str_find(text, '/'), text.length);
	*host = str_slice(text, 0, str_find(text, '/'));
}

static const char *check_website(struct str text)
{
	struct str host, path;
	struct buf folded = { 0 };
	bool good;

	split_website(text, &host, &path);
	if (str_utf8_length(path) > PATH_LONGEST)
		return "a host name with a path of at most 1000 characters";
	good = host_name_fold(host, &folded);
	buf_free(&folded);
	return good ? NULL : "a host name, optionally with scheme and path";
}

#define SWITCH(name, column, preset, text)                                                      \
	{                                                                                       \
		BOOLEAN(name, column), .flags = FIELD_NOT_NULL, .fallback = preset, .doc = text \
	}
#define TEXTS(name, column, text)                                                                 \
	{                                                                                         \
		STRING_LIST(name, column, ITEMS_MOST), .flags = FIELD_NOT_NULL, .fallback = "[]", \
						       .doc = text                                \
	}
#define NUMBERS(name, column, text)                                                              \
	{                                                                                        \
		INT32_LIST(name, column, ITEMS_MOST), .flags = FIELD_NOT_NULL, .fallback = "[]", \
						      .doc = text                                \
	}
#define CHOICE(name, column, words, preset, text)                                       \
	{                                                                               \
		CODE(name, column, words), .flags = FIELD_NOT_NULL, .fallback = preset, \
					   .doc = text                                  \
	}

/* Members that the code below addresses stand first, in the order of the table. */
enum { DOMAIN_ID, DOMAIN_NAME, DOMAIN_PATH, DOMAIN_COUNTRY, DOMAIN_WHITELABEL };

static const struct field domain_fields[] = {
	[DOMAIN_ID] = { STRING("id", "id", HOSTING_ID_LENGTH), .flags = KEY_CHOOSABLE,
	    .check = hosting_check_id,
	    .doc = "Identifier of the domain: seven hexadecimal characters.",
	    .example = "\"1ed845d\"" },
	[DOMAIN_NAME] = { STRING("name", "name", 1300), .flags = FIELD_REQUIRED,
	    .check = check_website,
	    .doc = "Host name; may be sent with scheme and path, returned as the host only.",
	    .example = "\"www.example.org\"" },
	[DOMAIN_PATH] = { STRING("path", "path", PATH_LONGEST), .flags = FIELD_READONLY,
	    .doc = "Path of the website on its host." },
	[DOMAIN_COUNTRY] = { STRING("country", "country", 2),
	    .flags = FIELD_EMPTY_ABSENT | FIELD_TYPICAL, .check = check_country,
	    .doc = "ISO 3166-1 code; ZZ means unknown, null means that of the account.",
	    .example = "\"DE\"" },
	[DOMAIN_WHITELABEL] =
	    SWITCH("whitelabel", "whitelabel", "false", "Uses a white-label license."),
	CHOICE("consentStorage", "consent_storage", &storage, "localStorage",
	    "Where consents are kept."),
	{ INT32("consentCookieLifetime", "consent_cookie_lifetime"), .least = 0, .most = INT32_MAX,
	    .flags = FIELD_NOT_NULL, .fallback = "365", .doc = "Lifetime of a consent, in days." },
	SWITCH("consentCookieSecure", "consent_cookie_secure", "true",
	    "Sends the cookie over TLS only."),
	{ DATE("consentResetBeforeDate", "consent_reset_before_date"),
	    .doc = "Older consents are invalid." },
	SWITCH("consentResetOnLegalChange", "consent_reset_on_legal_change", "false",
	    "Asks again when the law changes."),
	TEXTS("consentSharingDomains", "consent_sharing_domains", "Domains that share consents."),
	SWITCH("consentSharingCrossDomain", "consent_sharing_cross_domain", "false",
	    "Shares consents across domains."),
	SWITCH("frontendWidgetEnabled", "frontend_widget_enabled", "true", "Shows the widget."),
	SWITCH("frontendWidgetCache", "frontend_widget_cache", "true", "Caches the widget."),
	SWITCH("frontendWidgetMinifyCode", "frontend_widget_minify_code", "true",
	    "Minifies the widget."),
	CHOICE("managementStructure", "management_structure", &structure, "embedding",
	    "What is managed; cookie is obsolete."),
	SWITCH(
	    "deleteUnknownCookies", "delete_unknown_cookies", "false", "Deletes unknown cookies."),
	SWITCH("deleteUnknownCookiesForceReload", "delete_unknown_cookies_force_reload", "false",
	    "Reloads after deleting."),
	SWITCH("requireConsentForMandatoryEmbeddings", "require_consent_for_mandatory_embeddings",
	    "false", "Asks for necessary embeddings too."),
	SWITCH("declineButtonEnforced", "decline_button_enforced", "false",
	    "Always offers to decline."),
	TEXTS("allowedScriptMarkers", "allowed_script_markers", "Marks of scripts that may run."),
	TEXTS("blockedScriptMarkers", "blocked_script_markers", "Marks of scripts that may not."),
	SWITCH("evalInlineScripts", "eval_inline_scripts", "false", "Evaluates inline scripts."),
	SWITCH("recordScriptsOnWebsite", "record_scripts_on_website", "false",
	    "Records scripts seen."),
	SWITCH("blockNewScripts", "block_new_scripts", "false", "Blocks scripts not seen before."),
	SWITCH(
	    "blockFirstPartyScripts", "block_first_party_scripts", "false", "Blocks own scripts."),
	SWITCH("blockInlineScripts", "block_inline_scripts", "false", "Blocks inline scripts."),
	SWITCH("permanentScanEnabled", "permanent_scan_enabled", "false",
	    "Scans the site continually."),
	SWITCH("tcfEnabled", "tcf_enabled", "false", "Takes part in the TCF."),
	SWITCH("tcfEnableNewVendorsAfterGvlUpdate", "tcf_enable_new_vendors_after_gvl_update",
	    "false", "Enables vendors new in the list."),
	NUMBERS("tcfVendorBlacklist", "tcf_vendor_blacklist", "Vendors that are left out."),
	NUMBERS("tcfSpecialFeatures", "tcf_special_features", "Special features in use."),
	SWITCH("tcfGoogleAdditionalConsentMode", "tcf_google_additional_consent_mode", "false",
	    "Additional consent mode."),
	NUMBERS("tcfGoogleAdditionalConsentAdProviders",
	    "tcf_google_additional_consent_ad_providers", "Providers of that mode."),
	SWITCH("tcfUrlMacroAutoAppend", "tcf_url_macro_auto_append", "false",
	    "Appends the URL macro."),
	SWITCH("tcfUrlMacroHandling", "tcf_url_macro_handling", "false", "Handles the URL macro."),
	SWITCH("blockIframes", "block_iframes", "false", "Blocks iframes."),
	SWITCH("rememberIframeConsentPerDomain", "remember_iframe_consent_per_domain", "false",
	    "Remembers consents to iframes by domain."),
	SWITCH("appendConsentSwitchToIframes", "append_consent_switch_to_iframes", "false",
	    "Puts a switch below iframes."),
	CHOICE("iframeBlockMode", "iframe_block_mode", &block_mode, "whitelist",
	    "What the marks mean."),
	TEXTS("iframeMarkers", "iframe_markers", "Marks of iframes."),
	{ INT32("cookieDeclarationTableHeadingStartLevel",
	      "cookie_declaration_table_heading_start_level"),
	    .least = 2, .most = 5, .flags = FIELD_NOT_NULL, .fallback = "3",
	    .doc = "Level of the first heading of the declaration." },
	SWITCH("cookieDeclarationTablePrependConsentChangeLink",
	    "cookie_declaration_table_prepend_consent_change_link", "false",
	    "Puts a link before it."),
	SWITCH("cookieDeclarationTablePrependIntroText",
	    "cookie_declaration_table_prepend_intro_text", "false", "Puts a text before it."),
	CHOICE("imprintDisplayMode", "imprint_display_mode", &display_mode, "link",
	    "How the imprint is shown."),
	CHOICE("privacyPolicyDisplayMode", "privacy_policy_display_mode", &display_mode, "link",
	    "How the privacy policy is shown."),
	SWITCH("imprintOpenInNewTab", "imprint_open_in_new_tab", "false", "Opens it in a new tab."),
	SWITCH("imprintShowWidget", "imprint_show_widget", "false", "Shows the widget on it."),
	SWITCH("privacyPolicyOpenInNewTab", "privacy_policy_open_in_new_tab", "false",
	    "Opens it in a new tab."),
	SWITCH("privacyPolicyShowWidget", "privacy_policy_show_widget", "false",
	    "Shows the widget on it."),
	CHOICE("accessibilityDisplayMode", "accessibility_display_mode", &display_mode, "link",
	    "How the accessibility statement is shown."),
	SWITCH("accessibilityLinkEnabled", "accessibility_link_enabled", "false", "Links to it."),
	/* As many as every reader of JSON can tell apart. */
	{ INT64(HOSTING_CALL_COUNT, "call_count"), .least = 0, .most = INT64_C(9007199254740991),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
	{ DATETIME("updatedAt", "updated_at"),
	    .flags = FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND },
	{ STRING("clientId", "client_id", HOSTING_ID_LENGTH),
	    .flags = FIELD_READONLY | FIELD_HIDDEN, .doc = "Account of the domain." },
};

/* A website is stored as its host, in the one form of its name, and its path. */
static int split_name(struct context *context, struct row *row, struct error *error)
{
	struct str host, path, name = { NULL, 0 };
	struct buf folded = { 0 };

	if (!row_filled(row, DOMAIN_NAME))
		return 0;
	split_website(row->values[DOMAIN_NAME].text, &host, &path);
	if (host_name_fold(host, &folded))
		name = arena_str(context->arena, buf_str(&folded));
	buf_free(&folded);
	if (name.data == NULL)
		return error_out_of_memory(error);
	row_set_text(row, DOMAIN_NAME, name);
	row_set_text(row, DOMAIN_PATH, path.length > 0 ? path : STR("/"));
	return 0;
}

static int check_limit(
    int64_t used, int64_t most, const char *member, const char *limit, struct error *error)
{
	if (most < 0 || used < most)
		return 0;
	error->word = "LIMIT_REACHED";
	return error_add_fault(
	    error, member, "The account has reached its %s of %lld.", limit, (long long)most);
}

/*
 * Holds what the account has against its limits; it is claimed, so that two calls at once cannot
 * both take the last place. A domain that is not new only gets a white label.
 */
static int check_limits(
    struct context *context, struct str client, bool is_new, bool whitelabel, struct error *error)
{
	const struct resource *resource = &hosting_client_resource;
	const struct value account = { .text = client };
	struct hosting_usage usage;

	if (record_claim(context, resource, "updated_at", &account, error) != 0 ||
	    hosting_client_usage(context, client, &usage, error) != 0)
		return -1;
	if (is_new &&
	    check_limit(usage.domains, usage.domains_most, "name", "domainMaxCount", error) != 0)
		return -1;
	return whitelabel ? check_limit(usage.whitelabels, usage.whitelabels_most, "whitelabel",
				"whitelabelMaxCount", error)
			  : 0;
}

/* Identifier of the account that the domain is of. */
static struct str account_of(const struct row *row)
{
	return row->values[resource_field(row->resource, "clientId")].text;
}

static bool wants_whitelabel(const struct row *row)
{
	return row_filled(row, DOMAIN_WHITELABEL) && row->values[DOMAIN_WHITELABEL].boolean;
}

static int before_insert(struct context *context, struct row *row, struct error *error)
{
	if (check_limits(context, account_of(row), true, wants_whitelabel(row), error) != 0 ||
	    split_name(context, row, error) != 0)
		return -1;
	return hosting_make_id(context, row, DOMAIN_ID, error);
}

/* A domain that has a white label already keeps its place. */
static int has_whitelabel(
    struct context *context, const struct row *key, bool *has, struct error *error)
{
	struct row *stored;

	if (record_fetch_one(
		context, key->resource, FIELD_BIT(DOMAIN_WHITELABEL), key, &stored, error) != 0)
		return -1;
	*has = stored->values[DOMAIN_WHITELABEL].boolean;
	return 0;
}

static int before_update(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	const struct row *key = change->keys;
	bool has = true;

	if (wants_whitelabel(row) && has_whitelabel(context, key, &has, error) != 0)
		return -1;
	if (!has && check_limits(context, account_of(key), false, true, error) != 0)
		return -1;
	return split_name(context, row, error);
}

static const struct unique_key domain_uniques[] = {
	{ .index = "hosting_domain_place",
	    .member = "name",
	    .word = "DUPLICATE_DOMAIN",
	    .message = "The account already has a domain with this name and path." },
};

static const struct relation domain_parent = {
	.target = &hosting_client_resource,
	.local = "clientId",
	.foreign = "id",
};

static const struct table_index domain_indexes[] = {
	{ .name = "hosting_domain_host", .columns = { "name" } },
};

static const struct search_member domain_searched[] = {
	{ .member = "name", .way = SEARCH_BEGIN },
};

static const struct resource_search domain_search = {
	.name = "hosting.domain",
	SEARCH_MEMBERS(domain_searched),
	.titles = { "name" },
	.details = { "path" },
	.owner = "clientId",
};

const struct resource hosting_domain_resource = {
	.name = "domain",
	.type_name = "Domain",
	.area = AREA_HOSTING,
	.table = "hosting_domain",
	ORDER_BY(ASCENDING("name"), ASCENDING("path")),
	FIELDS(domain_fields),
	UNIQUES(domain_uniques),
	.parent = &domain_parent,
	INDEXES(domain_indexes),
	.event = "hosting_domain",
	.search = &domain_search,
	.owner_condition = "{}.client_id = ?",
	.owner = OWNER_HOSTING,
	.doc = "A website of a hosting account.",
};

const struct record hosting_domain_record = {
	.resource = &hosting_domain_resource,
	.before_insert = before_insert,
	.before_update = before_update,
};

static int before_move(struct context *context, struct row *row, struct error *error)
{
	if (split_name(context, row, error) != 0)
		return -1;
	return hosting_make_id(context, row, DOMAIN_ID, error);
}

static int before_moved_change(struct context *context, const struct record_change *change,
    struct row *row, struct error *error)
{
	(void)change;
	return split_name(context, row, error);
}

const struct record hosting_moved_domain_record = {
	.resource = &hosting_domain_resource,
	.before_insert = before_move,
	.before_update = before_moved_change,
};
