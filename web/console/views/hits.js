// What a search over everything finds, and where it is at home in the console.
import { call } from "../api.js";
import { label, t } from "../i18n.js";
import { resources } from "../model.js";
import { address } from "../router.js";
import { screens } from "../screens.js";

/** @typedef {{ resource: string, id: string, title: string, detail: string | null, matched: string, exact: boolean, ownerId: string | null }} Hit */

/** In the body: no proxy on the way keeps what is looked for. @param {string} text @param {number} take @param {AbortSignal} signal @returns {Promise<{ hits: Hit[], moreHits: boolean }>} */
export const find = async (text, take, signal) => (await call("POST", "/v1/search", { body: { q: text, take }, signal })).body;

/** As the document calls it, which no other resource is called: "hosting.account" is the account. @param {string} resource */
const nameOf = (resource) => /** @type {string} */ (resource.split(".").pop());

/** The page of a hit: of its own screen, or below its owner's; undefined where the console has none. @param {Hit} hit @returns {string | undefined} */
export function addressOf(hit) {
	const own = screens().find((one) => one.resource.name === nameOf(hit.resource) && !one.path.includes("{"));
	if (own)
		return address([own.name, hit.id]);
	const part = resources().find((one) => one.name === nameOf(hit.resource) && one.path.split("{").length === 2);
	const owner = screens().find((one) => part?.path.startsWith(`${one.path}/{`));
	return part && owner && hit.ownerId ? address([owner.name, hit.ownerId, /** @type {string} */ (part.path.split("/").pop()), hit.id]) : undefined;
}

/** @param {string} resource */
export const kindOf = (resource) => t(`found.${nameOf(resource)}`);

/** By which member it was found. @param {Hit} hit */
export const reasonOf = (hit) => label(hit.matched);

/** A text that lets somebody in: it stands in no address, which browsers remember. @param {string} text */
export const isSecret = (text) => /^[a-z]{2,6}_[A-Za-z0-9_-]{16,}$/.test(text.trim());
