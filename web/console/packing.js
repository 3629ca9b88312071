// The form of model.json: web/build.mjs packs the model, the console unpacks it.

// What an operation of a resource is called by, and what it needs, unless it says otherwise.
/** @type {Record<string, [string, string]>} */
const USUAL = { insert: ["POST", "create"], update: ["PUT", "update"], remove: ["DELETE", "delete"], item: ["GET", "read"], bulk: ["POST", "create"] };

/** @param {any} resource @param {string} kind */
const usualPath = (resource, kind) => (/** @type {Record<string, string>} */ ({ insert: resource.path, bulk: `${resource.path}/bulk` }))[kind] ?? `${resource.path}/{${resource.parameter}}`;

/** @param {any} resource @param {string} kind */
const usualAccess = (resource, kind) => resource.access && { area: resource.access.area, permission: USUAL[kind][1] };

/** The same in fewer bytes: what is usual is left out, and the words about members stand one after another. @param {any} model */
export function packModel(model) {
	/** @type {string[]} */
	const words = [];
	/** @param {any} field */
	const packField = ({ type, doc, ...rest }) => {
		if (doc)
			words.push(doc);
		return { ...rest, ...(type !== "string" && { type }), ...(doc && { doc: 1 }) };
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

/** What packModel() has packed, as it was. @param {any} packed @returns {any} */
export function unpackModel({ words, ...model }) {
	let next = 0;
	for (const field of /** @type {any[]} */ (Object.values(model.types).flat())) {
		field.type ??= "string";
		if (field.doc)
			field.doc = words[next++];
	}
	for (const resource of model.resources)
		for (const kind of Object.keys(USUAL))
			if (resource[kind])
				resource[kind] = { method: USUAL[kind][0], path: usualPath(resource, kind), access: usualAccess(resource, kind), ...resource[kind] };
	return model;
}
