// Where a person is: the part of the address after #, such as #/licenses/12?tab=seats. Every view has an address of its own, so
// that links, bookmarks and the browser's arrows work, and the web server knows of one page only.
import { useEffect, useState } from "./html.js";
import { t } from "./i18n.js";

/** @typedef {{ path: string[], query: Record<string, string>, text: string }} Route */

/** @returns {Route} */
export function route() {
	const text = location.hash.replace(/^#/, "") || "/";
	const [path, query = ""] = text.split("?");
	return {
		path: path.split("/").filter(Boolean).map(decodeURIComponent),
		query: Object.fromEntries(new URLSearchParams(query)),
		text,
	};
}

/**
 * The address of a view. Members of the query that are empty are left out.
 * @param {(string | number)[]} path
 * @param {Record<string, unknown>} [query]
 */
export function address(path, query = {}) {
	const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
	const parameters = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
	return `#/${path.map((one) => encodeURIComponent(one)).join("/")}${parameters && `?${parameters}`}`;
}

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {Set<() => boolean>} Of views with work that is not saved. */
const guards = new Set();
let current = location.hash;

const unsaved = () => [...guards].some((guard) => guard());

window.addEventListener("hashchange", () => {
	if (location.hash === current)
		return;
	if (unsaved() && !window.confirm(t("form.leave"))) {
		history.replaceState(null, "", current || "#/");
		return;
	}
	current = location.hash;
	listeners.forEach((tell) => tell());
});
window.addEventListener("beforeunload", (event) => {
	if (unsaved())
		event.preventDefault();
});

/**
 * Goes to an address.
 * @param {string} target As address() makes it
 * @param {{ replace?: boolean, saved?: boolean }} [how] replace: instead of the present one; saved: nothing is lost
 */
export function go(target, { replace = false, saved = false } = {}) {
	if (!saved && unsaved() && !window.confirm(t("form.leave")))
		return;
	if (replace)
		history.replaceState(null, "", target);
	else
		history.pushState(null, "", target);
	current = location.hash;
	listeners.forEach((tell) => tell());
}

/** The present address as a state of a view. @returns {Route} */
export function useRoute() {
	const [now, set] = useState(route);
	useEffect(() => {
		const tell = () => set(route());
		listeners.add(tell);
		return () => void listeners.delete(tell);
	}, []);
	return now;
}

/** While `dirty`, the view is left only when the person says so. @param {boolean} dirty */
export function useUnsaved(dirty) {
	useEffect(() => {
		const guard = () => dirty;
		guards.add(guard);
		return () => void guards.delete(guard);
	}, [dirty]);
}
