// Screens that no list makes, by the first segment of their address, and what stands above lists or in the head of every page.
// A new view is a module in views/ and a row here.

/**
 * @typedef {object} OwnView
 * @property {(props: { path: string[], query: Record<string, string> }) => any} view
 * @property {string} [group] Of the side bar; absent: it is reached from elsewhere
 * @property {() => boolean} [may] Whether the caller may see it; absent: everybody
 * @property {number} [depth] Segments of its address at most; default 1
 */
import { may, maySearch, resourceAt, resources } from "./model.js";
import { later } from "./ui.js";
import { Finder } from "./views/finder.js";
import { Home } from "./views/home.js";

/** @type {Record<string, OwnView>} */
export const VIEWS = {
	account: { view: later(async () => (await import("./views/account.js")).Account) },
	home: { view: Home },
	search: { view: later(async () => (await import("./views/search.js")).Search), may: maySearch },
	health: { view: later(async () => (await import("./views/health.js")).Health), group: "watch", may: () => ["credentials", "licenses", "webhooks"].some((area) => may({ access: { area, permission: "read" } })) },
	explorer: { view: later(async () => (await import("./views/explorer.js")).Explorer), group: "more", depth: 2 },
	import: { view: later(async () => (await import("./views/import.js")).Import), group: "more", may: () => resources().some((one) => one.bulk && !one.path.includes("{") && may(one.bulk)) },
	settings: { view: later(async () => (await import("./views/settings.js")).Settings), group: "access", may: () => may(resourceAt("/v1/settings")) },
};

/** Above the list of a resource, by its path; "top" stands in the head of every page. @type {Record<string, (props: any) => any>} */
export const HEADS = {
	"/v1/signing-keys": later(async () => (await import("./views/jwks.js")).JwksLink),
	top: Finder,
	"/v1/log": later(async () => (await import("./views/log_histogram.js")).LogHistogram),
};
