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
 * @param {Record<string, any>} raw
 * @param {Schema} schema
 * @param {number} [depth]
 * @returns {any} what is answered, by the examples of its members
 */
function answerOf(raw, schema, depth = 0) {
	const own = resolve(raw, present(resolve(raw, schema)));
	if (own.examples?.length > 0)
		return own.examples[0];
	if (own.enum)
		return own.enum[0];
	if (typeOf(own) === 'array')
		return depth < DEEPEST ? [answerOf(raw, own.items, depth + 1)] : [];
	if (own.properties) {
		const shown = Object.entries(depth < DEEPEST ? own.properties : {}).filter(([, member]) => !resolve(raw, member).writeOnly);
		return Object.fromEntries(shown.map(([name, member]) => [name, answerOf(raw, member, depth + 1)]));
	}
	return own.default ?? { integer: 1, number: 1, boolean: true, string: 'text', object: {} }[typeOf(own)] ?? null;
}

/**
 * @param {Record<string, any>} raw
 * @param {Record<string, any>} content of one media type
 * @returns {any} the document's own example of an answer, else one that fits the schema
 */
export function answerExample(raw, content) {
	const named = Object.values(content.examples ?? {})[0];
	return resolve(raw, named).value ?? answerOf(raw, content.schema ?? {});
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
