// What the program can do, as its OpenAPI document says: resources, types and their members (web/model.mjs makes model.json).
import { call, fill } from "./api.js";
import { speak, unpackModel } from "./packing.js";
import { session } from "./session.js";

/**
 * @typedef {object} Field A member of a type
 * @property {string} name
 * @property {string} type string, integer, number, boolean, object or array
 * @property {string} [format]
 * @property {boolean} [required] @property {boolean} [nullable] @property {boolean} [readOnly] @property {boolean} [writeOnly]
 * @property {number} [minimum] @property {number} [maximum]
 * @property {number} [minLength] @property {number} [maxLength] @property {number} [maxItems] @property {string} [pattern]
 * @property {any[]} [enum]
 * @property {string} [of] Type of the object, or of the array's items
 * @property {{ type: string, enum?: any[] }} [items] Items that are no objects
 * @property {boolean} [key] @property {string} [references] Name of the resource whose key it is
 * @property {"once" | "masked"} [secret]
 * @property {boolean} [filter] Whether conditions may be about it
 * @property {any} [default] What the server takes where it is absent
 * @property {boolean} [deprecated] Kept for old callers
 * @property {boolean} [map] An object whose members are named by its rows, all of them texts
 * @property {string} [doc]
 */
/** @typedef {{ area?: string, permission?: string, own?: string, other?: string }} Access `own`: who may do it in that area may, with rows of its own; `other` "sight": who may read anything */
/**
 * @typedef {object} Operation
 * @property {string} method @property {string} path @property {string} [summary]
 * @property {Access} [access]
 * @property {string} [type] Of its body @property {string} [member] Of the body that holds the row; absent: the body is the row
 * @property {Field[]} [beside] Members of the body beside that one
 * @property {string[]} [rows] Where in its answer the row stands
 * @property {string} [placed] Parameter of the path by which the caller says which row a new one is to be
 * @property {boolean} [conditional] Whether it takes If-Match @property {boolean} [include] Whether relations may be asked for
 */
/** @typedef {Operation & { name: string }} Action Below the address of a row */
/**
 * @typedef {object} Resource
 * @property {string} path @property {string} [name] In the tables, such as license
 * @property {string[]} [audit] What entries of the audit log call a row, those of today first; absent: the words of its name
 * @property {string} type Of its rows @property {string[]} rows Where in the list's answer they stand
 * @property {string} key Member that identifies a row
 * @property {string} [parameter] Of the path of a row
 * @property {Access} [access]
 * @property {"cursor" | "offset" | "none"} paging
 * @property {boolean} [filter] @property {boolean} [sort] @property {boolean} [include] @property {boolean} [select]
 * @property {boolean} [searchTerm] What narrows lists that take no conditions
 * @property {string} [total] Member of the list's answer with the number of all rows
 * @property {Operation} [insert] @property {Operation} [update] @property {Operation} [remove] @property {Operation} [clear]
 * @property {Operation} [item] @property {Operation} [bulk]
 * @property {Action[]} actions
 */
/** @typedef {Record<string, any>} Row */
/** @typedef {{ name: string, description: string, permissions: Record<string, string[]> }} Role permissions: by area */
/** @typedef {{ group: string, name: string, type: string, description: string, readOnly?: boolean, default?: any, minimum?: number, maximum?: number }} Setting */

/** @typedef {{ name: string, area?: string }} Event That webhooks may tell of */
/**
 * @typedef {object} Model
 * @property {string} version @property {Resource[]} resources @property {Record<string, Field[]>} types
 * @property {Role[]} roles @property {Setting[]} settings @property {Event[]} events
 * @property {Record<string, { access?: Access }>} calls Operations that belong to no list, by path
 * @property {Record<string, string>} reasons Why programs are refused
 */

/** @type {Model} */
let model = { version: "", resources: [], types: {}, roles: [], settings: [], events: [], calls: {}, reasons: {} };

/** Members about which there are words. @type {{ doc?: string }[]} */
let spoken = [];
/** @type {Promise<void> | undefined} */
let speaking;

/** @param {string} name @returns {Promise<any>} */
const file = async (name) => (await fetch(name)).json();

export async function loadModel() {
	({ model, spoken } = unpackModel(await file("model.json")));
}

/** Words about members, which only forms and rows show: fetched once, and done without where they cannot be had. */
export function loadWords() {
	speaking ??= file("words.json").then((words) => speak(spoken, words)).catch(() => { speaking = undefined; });
	return speaking;
}

/** Lets a session that has just begun know nothing of the model but its number. */
export const version = () => model.version;

/** Adds types that no resource needs, and those of resources with all that is said of them. @param {Record<string, Field[]>} types */
export const addTypes = (types) => { Object.assign(model.types, types); };

export const resources = () => model.resources;
export const roles = () => model.roles;
export const settings = () => model.settings;

/** @param {string} path @returns {Resource | undefined} */
export const resourceAt = (path) => model.resources.find((one) => one.path === path);

/** @param {string | undefined} type @returns {Field[]} */
export const fieldsOf = (type) => (type && model.types[type]) || [];

/** An operation that belongs to no list, such as sending an e-mail. @param {string} path @returns {{ access?: Access } | undefined} */
export const callAt = (path) => model.calls[path];

/** Events of which the caller may be told. */
export const events = () => model.events.filter((one) => !one.area || may({ access: { area: one.area, permission: "read" } }));

/** Why a program was refused, in words. @param {string} name */
export const reasonOf = (name) => model.reasons[name] ?? name;

/** The members of a request, with what only the row's type says of them. @param {Operation} operation @param {string} type */
export function fieldsOfBody(operation, type) {
	const known = fieldsOf(type);
	const fields = fieldsOf(operation.type).map((field) => {
		const other = known.find((one) => one.name === field.name);
		return other ? { ...field, doc: field.doc ?? other.doc, references: field.references ?? other.references } : field;
	});
	const placed = known.filter((one) => one.name === operation.placed).map((one) => ({ ...one, readOnly: false, required: true }));
	return [...placed, ...fields, ...(operation.beside ?? [])];
}

/** @param {any} body @param {string[]} path */
export const inside = (body, path) => path.reduce((value, name) => value?.[name], body);

/** Whether the caller's session may do it. What needs no permission may be done. @param {{ access?: Access } | undefined} operation */
export function may(operation) {
	if (!operation)
		return false;
	const { area, permission = "", own, other } = operation.access ?? {};
	const { permissions } = session();
	if (other === "sight")
		return Object.values(permissions).some((one) => one.includes("read"));
	return !area || Boolean(permissions[area]?.includes(permission)) || Boolean(own && permissions[own]?.includes(permission));
}

/** Whether there is anything to search, and to count. */
export const maySearch = () => may(callAt("/v1/search"));

/** Names of the parameters of a path. @param {string} path @returns {string[]} */
const parametersOf = (path) => [...path.matchAll(/\{(\w+)\}/g)].map((one) => one[1]);

/** @param {Resource} resource */
const acts = (resource) => Boolean(resource.update || resource.remove || resource.actions.some((one) => one.method !== "GET"));

/**
 * The resource by which something is done to rows of a list: itself, or another with rows of the same type whose address a row tells,
 * as the seats of all licenses are freed below the license of each.
 * @param {Resource} resource
 */
export function actorOf(resource) {
	const members = fieldsOf(resource.type).map((one) => one.name);
	return acts(resource) ? resource : model.resources.find((one) => one.type === resource.type && acts(one) &&
		parametersOf(one.path).every((name) => members.includes(name))) ?? resource;
}

/** Parameters of the path of a resource that a row tells. @param {Resource} resource @param {Row} row */
export const parentsOf = (resource, row) => Object.fromEntries(parametersOf(resource.path).map((name) => [name, row[name]]));

/** @typedef {{ rows: Row[], next?: string, total: number | null }} Page */

/**
 * Reads a page of a resource.
 * @param {Resource} resource
 * @param {Record<string, unknown>} [parents] Parameters of its path
 * @param {Record<string, unknown>} [query] @param {AbortSignal} [signal]
 * @returns {Promise<Page>}
 */
export async function readPage(resource, parents, query, signal) {
	const { body, headers } = await call("GET", fill(resource.path, parents), { query, signal });
	const counted = headers.get("X-Total-Count");
	const total = resource.total ? inside(body, [resource.total]) : null;
	return { rows: inside(body, resource.rows) ?? [], next: body?.nextCursor, total: total ?? (counted === null ? null : Number(counted)) };
}

/** A literal of the query language. @param {unknown} value */
export const literal = (value) => (typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : String(value));

/** A key as rows have it. @param {Resource} resource @param {string} text Of an address @returns {string | number} */
export const keyOf = (resource, text) => (fieldsOf(resource.type).find((one) => one.name === resource.key)?.type === "string" ? text : Number(text));

/**
 * Reads one row, with its tag where there is one.
 * @param {Resource} resource @param {Record<string, unknown>} parents @param {string} key
 * @returns {Promise<{ row: Row | undefined, etag: string | null }>}
 */
export async function readRow(resource, parents, key) {
	if (resource.item && resource.parameter) {
		const query = resource.item.include ? { include: "*" } : {};
		const answer = await call("GET", fill(resource.item.path, { ...parents, [resource.parameter]: key }), { query });
		return { row: inside(answer.body, resource.item.rows ?? []), etag: answer.etag };
	}
	const value = keyOf(resource, key);
	const page = await readPage(resource, parents, resource.filter
		? { filter: `${resource.key} = ${literal(value)}`, ...(resource.include && { include: "*" }), take: 1, total: "none" } : {});
	return { row: page.rows.find((one) => String(one[resource.key]) === key), etag: null };
}

/**
 * A row, or an empty one that is to be added, once there are words about its members.
 * @param {Resource} resource @param {Record<string, unknown>} parents @param {string | undefined} key
 * @returns {Promise<{ row: Row | undefined, etag: string | null }>}
 */
export async function readWithWords(resource, parents, key) {
	const [read] = await Promise.all([key === undefined ? { row: {}, etag: null } : readRow(resource, parents, key), loadWords()]);
	return read;
}

/** The parameters of a row's own path. @param {Resource} resource @param {Record<string, unknown>} parents @param {string | number} key */
export const pathOf = (resource, parents, key) => (resource.parameter ? { ...parents, [resource.parameter]: key } : parents);

/**
 * Adds or changes a row.
 * @param {Operation} operation @param {Record<string, unknown>} parameters Of its path @param {Row} row
 * @param {string | null} [etag] That the row must still have
 */
export function writeRow(operation, parameters, row, etag) {
	const beside = operation.beside?.map((one) => one.name) ?? [];
	const parts = (/** @type {(name: string) => boolean} */ which) => Object.fromEntries(Object.entries(row).filter(([name]) => which(name)));
	const { placed } = operation;
	if (placed)
		return writeRow({ ...operation, placed: undefined }, { ...parameters, [placed]: row[placed] }, parts((name) => name !== placed), etag);
	return call(operation.method, fill(operation.path, parameters), {
		body: operation.member ? { [operation.member]: parts((name) => !beside.includes(name)), ...parts((name) => beside.includes(name)) } : row,
		headers: etag && operation.conditional ? { "If-Match": etag } : {},
	});
}

/**
 * Changes some members of a row. Where its key stands in the body and not in the address, it goes along.
 * @param {Resource} resource @param {Record<string, unknown>} parents @param {Row} row @param {Row} changes @param {string | null} [etag]
 */
export function changeRow(resource, parents, row, changes, etag) {
	const operation = /** @type {Operation} */ (resource.update);
	const key = operation.path.endsWith("}") ? {} : { [resource.key]: row[resource.key] };
	return writeRow(operation, pathOf(resource, parents, row[resource.key]), { ...key, ...changes }, etag);
}

/** Pages that are read one after another where a list cannot be asked for what is wanted. */
const MOST_PAGES = 10;
const MOST_ROWS = 1000;

/**
 * Rows of a list, page after page; `whole` is false where there are more than a person would look through.
 * @param {Resource} resource @param {Record<string, unknown>} parents @param {Record<string, unknown>} query @param {AbortSignal} signal
 * @returns {Promise<{ rows: Row[], whole: boolean }>}
 */
export async function readRows(resource, parents, query, signal) {
	/** @type {Row[]} */
	const rows = [];
	let after;
	for (let page = 0; page < MOST_PAGES; page++) {
		const paging = resource.paging === "cursor" ? { take: MOST_ROWS, total: "none", after } : resource.paging === "offset" ? { count: MOST_ROWS, offset: page * MOST_ROWS } : {};
		const read = await readPage(resource, parents, { ...query, ...paging }, signal);
		rows.push(...read.rows);
		after = read.next;
		if (resource.paging === "cursor" ? !after : read.rows.length < MOST_ROWS)
			return { rows, whole: true };
	}
	return { rows, whole: false };
}
