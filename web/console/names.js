// Names of rows that others point at by their keys alone. Those that a page needs at once are asked for in one request.
import { literal, may, readPage, readRow } from "./model.js";
import { titleMembers, titleOf } from "./screens.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {string | number} Key */

const KEPT_MILLISECONDS = 30000;
/** Keys of one request. */
const MOST = 100;
/** @type {Map<string, { since: number, name: Promise<string | undefined> }>} */
const known = new Map();
/** @type {Map<Resource, Map<Key, (name: string | undefined) => void>>} */
const waiting = new Map();

/** @param {Resource} resource @param {Key[]} keys @returns {Promise<Map<string, string>>} */
async function ask(resource, keys) {
	const rows = resource.filter
		? (await readPage(resource, {}, { filter: `${resource.key} in (${keys.map(literal).join(", ")})`, take: keys.length, total: "none",
			...(resource.select && { select: [resource.key, ...titleMembers(resource)].join(",") }) })).rows
		: await Promise.all(keys.map(async (key) => (await readRow(resource, {}, String(key))).row));
	return new Map(rows.filter((row) => row !== undefined).map((row) => [String(row[resource.key]), titleOf(resource, row)]));
}

function askAll() {
	for (const [resource, wanted] of waiting) {
		const all = [...wanted];
		for (let at = 0; at < all.length; at += MOST) {
			const part = all.slice(at, at + MOST);
			ask(resource, part.map(([key]) => key)).catch(() => new Map()).then((names) => part.forEach(([key, tell]) => tell(names.get(String(key)))));
		}
	}
	waiting.clear();
}

/** What a person calls a row; undefined where the caller may not know. @param {Resource} resource @param {Key} key @returns {Promise<string | undefined>} */
export function nameOf(resource, key) {
	if (!may(resource.filter ? resource : resource.item))
		return Promise.resolve(undefined);
	const id = `${resource.path}/${key}`;
	const before = known.get(id);
	if (before && Date.now() - before.since < KEPT_MILLISECONDS)
		return before.name;
	const name = new Promise((/** @type {(name: string | undefined) => void} */ tell) => {
		if (waiting.size === 0)
			setTimeout(askAll);
		waiting.set(resource, (waiting.get(resource) ?? new Map()).set(key, tell));
	});
	known.set(id, { since: Date.now(), name });
	return name;
}
