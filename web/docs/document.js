// What the viewer asks the OpenAPI document for: operations by tag, references, examples.

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {{ name: string, in: string, required?: boolean, description?: string, schema: Schema, example?: any }} Parameter
 * @typedef {{ id: string, method: string, path: string, tag: string, summary: string, description: string,
 *     security: Record<string, string[]>[], parameters: Parameter[], body?: Record<string, any>,
 *     answers: { status: string, answer: Record<string, any> }[] }} Operation
 * @typedef {{ tags: { name: string, description: string, operations: Operation[] }[], operations: Map<string, Operation>,
 *     raw: Record<string, any> }} Document
 */

const DEEPEST = 6;
const MOST_TEXTS = 3;

/**
 * @param {Record<string, any>} raw the document
 * @param {any} value that may be a reference
 */
export function resolve(raw, value) {
	let found = value;
	while (found?.$ref) {
		const { $ref, ...beside } = found;
		const target = $ref.split('/').slice(1).reduce((/** @type {any} */ node, /** @type {string} */ name) => node?.[name], raw);
		found = { ...target, ...beside };
	}
	return found ?? {};
}

/** @param {string} reference @returns {string} what is referred to, without its family */
export const nameOf = (reference) => reference.split('/').at(-1)?.replace(/^[a-z]+\./, '') ?? '';

/**
 * @param {Record<string, any>} raw
 * @returns {Document}
 */
export function readDocument(raw) {
	const operations = new Map();
	for (const [path, item] of Object.entries(raw.paths)) {
		for (const [method, operation] of Object.entries(item)) {
			operations.set(operation.operationId, {
				id: operation.operationId, method: method.toUpperCase(), path, tag: operation.tags[0],
				summary: operation.summary, description: operation.description ?? '', security: operation.security ?? [],
				parameters: (operation.parameters ?? []).map((/** @type {any} */ one) => resolve(raw, one)),
				body: operation.requestBody,
				answers: Object.entries(operation.responses).map(([status, answer]) => ({ status, answer: resolve(raw, answer) })),
			});
		}
	}
	const all = [...operations.values()];
	const tags = raw.tags.map((/** @type {any} */ tag) =>
		({ name: tag.name, description: tag.description, operations: all.filter((one) => one.tag === tag.name) }));
	return { tags, operations, raw };
}

/** @param {Schema} schema @returns {Schema} what it is where it is not null */
export function present(schema) {
	return schema.anyOf?.find((/** @type {Schema} */ one) => one.type !== 'null') ?? schema;
}

/** @param {Schema} schema @returns {string} */
export function typeOf(schema) {
	const { type } = present(schema);
	return (Array.isArray(type) ? type.find((one) => one !== 'null') : type) ?? 'any';
}

/**
 * Members of an example. A body that is sent has what it must have, or else the first texts: examples of switches and limits
 * would change more than somebody means who tries a call.
 * @param {Record<string, any>} raw
 * @param {Schema} object
 * @param {boolean} sent
 * @returns {string[]}
 */
function exampleMembers(raw, object, sent) {
	const names = Object.keys(object.properties);
	const member = (/** @type {string} */ name) => resolve(raw, object.properties[name]);
	if (!sent)
		return names.filter((name) => !member(name).writeOnly);
	const writable = names.filter((name) => !member(name).readOnly);
	const required = writable.filter((name) => object.required?.includes(name));
	return required.length > 0 ? required : writable.filter((name) => typeOf(member(name)) === 'string').slice(0, MOST_TEXTS);
}

/**
 * @param {Record<string, any>} raw
 * @param {Schema} schema
 * @param {boolean} sent whether it stands in a request: what only the server sets is left out
 * @param {number} [depth]
 * @returns {any} a value that fits
 */
export function exampleOf(raw, schema, sent, depth = 0) {
	const own = resolve(raw, present(resolve(raw, schema)));
	if (own.example !== undefined)
		return own.example;
	if (own.examples?.length > 0)
		return own.examples[0];
	if (own.enum)
		return own.enum[0];
	if (typeOf(own) === 'array')
		return depth < DEEPEST ? [exampleOf(raw, own.items, sent, depth + 1)] : [];
	if (own.properties) {
		const names = depth < DEEPEST ? exampleMembers(raw, own, sent) : [];
		return Object.fromEntries(names.map((name) => [name, exampleOf(raw, own.properties[name], sent, depth + 1)]));
	}
	return own.default ?? { integer: 1, number: 1, boolean: true, string: 'text', object: {} }[typeOf(own)] ?? null;
}

/**
 * @param {Record<string, any>} raw
 * @param {Record<string, any>} content of one media type
 * @param {boolean} sent
 * @returns {any} the document's own example, else one that fits the schema
 */
export function contentExample(raw, content, sent) {
	const named = Object.values(content.examples ?? {})[0];
	return content.example ?? resolve(raw, named).value ?? exampleOf(raw, content.schema ?? {}, sent);
}

/** @param {any} value @returns {string} a form, as browsers send it */
export function formOf(value) {
	const pairs = new URLSearchParams();
	const add = (/** @type {string} */ name, /** @type {any} */ one) => {
		if (one !== null && typeof one === 'object')
			Object.entries(one).forEach(([key, member]) => add(Array.isArray(one) ? `${name}[${key}]` : name ? `${name}.${key}` : key, member));
		else if (one !== null && one !== undefined)
			pairs.append(name, String(one));
	};
	add('', value);
	return pairs.toString();
}
