// Which resource an address speaks of: #/products/5/releases/7/edit is the screen "products", its row 5, of that the list below
// "releases", and its row 7, to be changed.
import { resources } from "./model.js";
import { screens } from "./screens.js";

/** @typedef {{ place: import("./actions.js").Place, key?: string, mode: "list" | "row" | "new" | "edit" }} Found */

/** @param {string[]} path @returns {Found | undefined} */
export function findPlace(path) {
	const screen = screens().find((one) => one.name === path[0]);
	if (!screen)
		return undefined;
	let { resource } = screen;
	/** @type {Record<string, unknown>} */
	let parents = {};
	for (let at = 1; ; at += 2) {
		const place = { resource, parents, base: path.slice(0, at) };
		const [key, next] = path.slice(at, at + 2);
		if (key === undefined)
			return { place, mode: "list" };
		if (key === "new" && next === undefined)
			return { place, mode: "new" };
		if (next === undefined)
			return { place, key, mode: "row" };
		if (next === "edit")
			return { place, key, mode: "edit" };
		const parent = `${resource.path}/{${resource.parameter}}`;
		const below = resources().find((one) => one.path === `${parent}/${next}`);
		if (!below)
			return undefined;
		parents = { ...parents, [resource.parameter ?? ""]: key };
		resource = below;
	}
}
