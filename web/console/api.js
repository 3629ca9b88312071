// Calls of the API. The session's cookie goes along by itself; scripts hold no credential, only the token that proves that a
// request comes from this page.

const ROOT = new URL("../", location.href.split("#")[0]);
const SAFE = new Set(["GET", "HEAD"]);

/** What a call was refused with, in one shape whatever family of the API has said it. */
export class ApiError extends Error {
	/**
	 * @param {number} status 0: there was no answer
	 * @param {string} message
	 * @param {Record<string, string[]>} members What is wrong with which member of the body
	 * @param {{ code?: string | number, retryAfter?: number, requestId?: string, body?: any }} [more]
	 */
	constructor(status, message, members = {}, more = {}) {
		super(message);
		this.status = status;
		this.members = members;
		this.code = more.code;
		/** Seconds, where the server says so. */
		this.retryAfter = more.retryAfter;
		this.requestId = more.requestId;
		this.body = more.body;
	}
}

/** @typedef {{ status: number, body: any, etag: string | null, headers: Headers }} Answer */
/** @typedef {{ query?: Record<string, unknown>, body?: unknown, headers?: Record<string, string>, accept?: string, signal?: AbortSignal }} Call */

let csrfToken = "";
let language = "";
/** @type {(() => void) | undefined} */
let onSignedOut;
let answered = Date.now();

/** When the server last answered: each answer lets the session go on. @returns {number} Milliseconds, as Date.now() */
export const lastAnswer = () => answered;

/** @param {string} token Of the session that has begun */
export const setCsrfToken = (token) => { csrfToken = token; };
/** @param {string} tag Of the language that messages shall be in; "" as the browser says */
export const setLanguage = (tag) => { language = tag; };
/** @param {() => void} tell What to do when the server does not know the session any more */
export const whenSignedOut = (tell) => { onSignedOut = tell; };

/**
 * The address of an operation.
 * @param {string} path As in the OpenAPI document, with its {parameters}
 * @param {Record<string, unknown>} [parameters]
 */
export function fill(path, parameters = {}) {
	return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(parameters[name] ?? "")));
}

/** @param {string} path @param {Record<string, unknown>} [query] */
export function urlOf(path, query = {}) {
	const url = new URL(path.replace(/^\//, ""), ROOT);
	for (const [name, value] of Object.entries(query))
		if (value !== undefined && value !== null && value !== "")
			url.searchParams.set(name, String(value));
	return url;
}

/** @param {Response} response @param {any} body */
function refusal(response, body) {
	const error = body?.Error ?? body ?? {};
	const members = error.errors ?? error.modelState ?? error.ModelState ?? error.Errors ?? {};
	const message = error.message ?? error.Message ?? error.ErrorReason ?? error.error_description ?? response.statusText;
	return new ApiError(response.status, message || String(response.status), members, {
		code: error.reason ?? error.code ?? error.ErrorCode ?? error.error,
		retryAfter: Number(response.headers.get("Retry-After")) || undefined,
		requestId: response.headers.get("X-Request-Id") ?? undefined,
		body,
	});
}

/**
 * Sends a request and answers whatever came back; that nothing came is the only error.
 * @param {string} method @param {string} path @param {Call} [call]
 */
export async function request(method, path, { query, body, headers = {}, accept = "application/json", signal } = {}) {
	/** @type {Record<string, string>} */
	const all = { Accept: accept, ...language && { "Accept-Language": language }, ...headers };
	if (!SAFE.has(method))
		all["X-CSRF-Token"] = csrfToken;
	const text = body !== undefined && typeof body !== "string" ? JSON.stringify(body) : /** @type {string | undefined} */ (body);
	if (text !== undefined && !all["Content-Type"])
		all["Content-Type"] = "application/json";
	try {
		return await fetch(urlOf(path, query), { method, headers: all, body: text, signal, credentials: "same-origin", cache: "no-store" });
	} catch (error) {
		if (signal?.aborted)
			throw error;
		throw new ApiError(0, "", {}, { code: "NO_ANSWER" });
	}
}

/**
 * Sends a request and answers what came back, whatever its format is; a refusal is an error.
 * @param {string} method @param {string} path @param {Call} [call]
 * @returns {Promise<Response>} A success, or 304
 */
export async function send(method, path, call) {
	const response = await request(method, path, call);
	if (response.status !== 401)
		answered = Date.now();
	if (response.ok || response.status === 304)
		return response;
	const refused = refusal(response, await response.json().catch(() => null));
	if (response.status === 401 && !path.startsWith("/v1/session"))
		onSignedOut?.();
	throw refused;
}

/**
 * Sends a request and reads the JSON that comes back.
 * @param {string} method @param {string} path @param {Call} [more]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, more = {}) {
	const response = await send(method, path, more);
	const text = await response.text();
	return {
		status: response.status, body: text ? JSON.parse(text) : null,
		etag: response.headers.get("ETag"), headers: response.headers,
	};
}
