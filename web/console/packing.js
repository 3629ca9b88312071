// The form of model.json and words.json: web/build.mjs packs the model, the console unpacks it.

// What an operation of a resource is called by, and what it needs, unless it says otherwise.
/** @type {Record<string, [string, string]>} */
const USUAL = { insert: ["POST", "create"], update: ["PUT", "update"], remove: ["DELETE", "delete"], item: ["GET", "read"], bulk: ["POST", "create"] };

/** @param {any} resource @param {string} kind */
const usualPath = (resource, kind) => (/** @type {Record<string, string>} */ ({ insert: resource.path, bulk: `${resource.path}/bulk` }))[kind] ?? `${resource.path}/{${resource.parameter}}`;

/** @param {any} resource @param {string} kind */
const usualAccess = (resource, kind) => resource.access && { area: resource.access.area, permission: USUAL[kind][1] };

// What most members are, in a letter each behind the member's name.
/** @type {[string, unknown, string][]} */
const MARKS = [["required", true, "!"], ["readOnly", true, "-"], ["nullable", true, "?"], ["key", true, "#"], ["filter", true, "="], ["type", "integer", "i"], ["type", "number", "n"],
	["type", "boolean", "b"], ["type", "array", "a"], ["type", "object", "o"], ["format", "date-time", "t"], ["doc", 1, "d"]];

/** The same in fewer bytes: what is usual is left out, and the words about members stand one after another. @param {any} model */
export function packModel(model) {
	/** @type {string[]} */
	const words = [];
	/** @param {any} field */
	const packField = ({ name, doc, maxLength = "", ...rest }) => {
		if (doc)
			words.push(doc);
		const said = { ...rest, doc: doc && 1 };
		const marks = MARKS.filter(([member, value]) => said[member] === value);
		const others = Object.entries(rest).filter(([member, value]) => !marks.some(([one]) => one === member) && !(member === "type" && value === "string"));
		const head = `${name} ${marks.map(([, , letter]) => letter).join("")}${maxLength}`;
		return others.length > 0 ? [head, Object.fromEntries(others)] : head;
	};
	/** @param {any} resource @param {string} kind */
	const packOperation = (resource, kind) => {
		const { method, path, access, ...rest } = resource[kind];
		return {
			...rest, ...(method !== USUAL[kind][0] && { method }), ...(path !== usualPath(resource, kind) && { path }),
			...(JSON.stringify(access) !== JSON.stringify(usualAccess(resource, kind)) && { access: access ?? null }),
		};
	};
	/** @param {any} resource */
	const packResource = (resource) => ({
		...resource, ...Object.fromEntries(Object.keys(USUAL).filter((kind) => resource[kind]).map((kind) => [kind, packOperation(resource, kind)])),
	});
	return {
		...model, resources: model.resources.map(packResource),
		types: Object.fromEntries(Object.entries(model.types).map(([name, fields]) => [name, /** @type {any[]} */ (fields).map(packField)])), words,
	};
}

/**
 * What packModel() has packed, as it was but for the words; `spoken` are the members that have some, in their order.
 * @param {any} model Without its words @returns {{ model: any, spoken: { doc?: string }[] }}
 */
export function unpackModel(model) {
	/** @type {{ doc?: string }[]} */
	const spoken = [];
	/** @param {any} packed */
	const unpackField = (packed) => {
		const [head, others] = [packed].flat();
		const [, name, letters, length] = /^(\S+) (\D*)(\d*)$/.exec(head) ?? [];
		const field = { name, type: "string", ...Object.fromEntries(MARKS.filter(([, , letter]) => letters.includes(letter))), ...(length && { maxLength: Number(length) }), ...others };
		if (field.doc) {
			delete field.doc;
			spoken.push(field);
		}
		return field;
	};
	model.types = Object.fromEntries(Object.entries(model.types).map(([name, fields]) => [name, fields.map(unpackField)]));
	for (const resource of model.resources)
		for (const kind of Object.keys(USUAL))
			if (resource[kind])
				resource[kind] = { method: USUAL[kind][0], path: usualPath(resource, kind), access: usualAccess(resource, kind), ...resource[kind] };
	return { model, spoken };
}

/** Gives members the words about them. @param {{ doc?: string }[]} spoken @param {string[]} words */
export const speak = (spoken, words) => spoken.forEach((field, at) => { field.doc = words[at]; });
