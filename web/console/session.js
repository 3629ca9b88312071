// Who is using the console. What is shown follows from it; what may be done is decided by the server.
import { call, setCsrfToken } from "./api.js";
import { useEffect, useState } from "./html.js";

/**
 * @typedef {object} Session
 * @property {Record<string, any>} user
 * @property {string[]} roles
 * @property {Record<string, string[]>} permissions By area
 * @property {string} csrfToken
 * @property {number} idleSeconds @property {string | null} expires
 * @property {"none" | "totp"} secondFactor @property {boolean} secondFactorRequired @property {number} recoveryCodesLeft
 */

/** @type {Session} */
const NOBODY = {
	user: {}, roles: [], permissions: {}, csrfToken: "", idleSeconds: 0, expires: null, secondFactor: "none", secondFactorRequired: false, recoveryCodesLeft: 0,
};

let now = NOBODY;
let known = false;
/** @type {Set<() => void>} */
const listeners = new Set();

export const session = () => now;
export const isSignedIn = () => known;

/** Whether the session can do nothing but set a second factor up. */
export const mustEnrol = () => now.secondFactorRequired && now.secondFactor === "none";

/** @param {Session | null} next null: nobody is signed in */
export function setSession(next) {
	now = next ?? NOBODY;
	known = next !== null;
	setCsrfToken(now.csrfToken);
	listeners.forEach((tell) => tell());
}

/** The session ended on the server; what is on the page stays until somebody signs in again. */
export function sessionLost() {
	known = false;
	listeners.forEach((tell) => tell());
}

/** Looks whether the browser has a session already. Errors but that there is none are the caller's. */
export async function loadSession() {
	try {
		setSession((await call("GET", "/v1/session")).body.session);
	} catch (error) {
		if (/** @type {import("./api.js").ApiError} */ (error).status !== 401)
			throw error;
		setSession(null);
	}
}

/** @param {Record<string, unknown>} proof User name and password, a code, a link or a key */
export async function signIn(proof) {
	const { body } = await call("POST", "/v1/session", { body: proof });
	setSession(body.session);
}

export async function signOut() {
	await call("DELETE", "/v1/session").catch(() => undefined);
	setSession(null);
}

/** @returns {[Session, boolean]} The session, and whether it stands */
export function useSession() {
	const [, redraw] = useState(0);
	useEffect(() => {
		const tell = () => redraw((count) => count + 1);
		listeners.add(tell);
		return () => void listeners.delete(tell);
	}, []);
	return [now, known];
}
