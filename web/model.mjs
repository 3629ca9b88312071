// Makes the console's model out of the OpenAPI document: which resources there are, how each is listed, read, added, changed
// and deleted, and what its members are. A resource that the program gains shows up by itself.

const SUCCESS = ["200", "201"];
const NAMES_OF_STATUS = new Set(["success", "code", "message"]);

/** The last word of an address such as #/components/schemas/licensing.License. */
const short = (name) => name.split("/").pop();

/**
 * @param {object} document OpenAPI 3.1
 * @param {boolean} all Whether to tell all operations as well, those of no resource among them
 * @returns {object} As console/make_model.d.ts says
 */
export function makeModel(document, all = false) {
	const schemas = document.components.schemas;
	const types = {};

	const resolve = (schema) => {
		if (schema?.$ref)
			return schemas[short(schema.$ref)];
		const only = schema?.anyOf?.filter((one) => one.type !== "null");
		return only?.length === 1 ? resolve(only[0]) : schema;
	};
	const reference = (schema) => schema?.$ref ?? schema?.anyOf?.find((one) => one.$ref)?.$ref;

	/** Puts the members of a schema down as a type, with all that they lead to. */
	function addType(name, known) {
		if (types[name])
			return name;
		const schema = schemas[name];
		const fields = types[name] = [];
		// An envelope says beside the rows what came of the call; a row may have members of these names.
		const envelope = "success" in (schema.properties ?? {});
		for (const [member, property] of Object.entries(schema.properties ?? {}))
			if (!envelope || !NAMES_OF_STATUS.has(member))
				fields.push(makeField(member, property, schema.required?.includes(member), known));
		return name;
	}

	function makeField(name, property, required, known) {
		const kinds = [property.type ?? resolve(property)?.type].flat().filter(Boolean);
		const field = { name, type: kinds.find((kind) => kind !== "null") ?? "object" };
		const target = reference(property);
		const before = known?.find((one) => one.name === name);

		if (required)
			field.required = true;
		if (kinds.includes("null") || property.anyOf?.some((one) => one.type === "null"))
			field.nullable = true;
		// Nobody types what is only read: how long it may be helps nobody.
		for (const member of ["format", "readOnly", "writeOnly", "minimum", ...(property.readOnly ? [] : ["maximum", "minLength", "maxLength", "maxItems"]), "pattern", "deprecated"])
			if (property[member] !== undefined && !/^int\d/.test(property[member])) // their limits say how wide they are
				field[member] = property[member];
		if (property.enum)
			field.enum = property.enum.filter((one) => one !== null);
		for (const member of ["key", "references", "secret", "filter", "default"])
			if (property[`x-${member}`] !== undefined)
				field[member] = property[`x-${member}`];
		if (property.description && property.description !== before?.doc)
			field.doc = property.description;
		if (property.additionalProperties)
			field.map = true;
		if (target)
			field.of = addType(short(target), before?.of && types[before.of]);
		if (field.type === "array") {
			const items = property.items ?? {};
			const item = reference(items);
			if (item)
				field.of = addType(short(item), before?.of && types[before.of]);
			else
				field.items = { type: [items.type].flat()[0], ...(items.enum && { enum: items.enum }) };
		}
		return field;
	}

	const answerOf = (operation) => {
		const status = SUCCESS.find((one) => operation.responses?.[one]);
		return operation.responses?.[status]?.content?.["application/json"]?.schema;
	};
	const bodyOf = (operation) => operation.requestBody?.content?.["application/json"]?.schema;

	/** Where in an answer the rows of a list stand, and of which type they are. */
	function findRows(schema, path = []) {
		const resolved = resolve(schema);
		if (resolved?.type === "array" && reference(resolved.items))
			return { path, type: short(reference(resolved.items)) };
		if (path.length < 2)
			for (const [member, property] of Object.entries(resolved?.properties ?? {})) {
				const found = (property.type === "array" || property.$ref || property.anyOf) && !/^(Error|Identification)$/.test(member) &&
					findRows(property, [...path, member]);
				if (found)
					return found;
			}
		return undefined;
	}

	/** Where in an answer one row of a type stands: in the answer itself, or in a member that has it. */
	function findRow(schema, type, path = []) {
		for (const [member, property] of Object.entries(path.length < 2 ? resolve(schema)?.properties ?? {} : {})) {
			const target = reference(property);
			const found = target && (short(target) === type ? [...path, member] : findRow(property, type, [...path, member]));
			if (found?.length)
				return found;
		}
		return [];
	}

	/** The type of a body; where a member of it holds the row, that member, and what stands beside it. */
	function describeBody(operation, row) {
		const schema = bodyOf(operation);
		if (!schema)
			return {};
		const resolved = resolve(schema);
		const members = Object.entries(resolved?.properties ?? {});
		const holder = members.find(([, property]) => reference(property) && short(reference(property)).replace(/\.(Insert|Update|Item)$/, "") === row);
		if (!holder)
			return reference(schema) ? { type: addType(short(reference(schema)), types[row]) } : {};
		const beside = members.filter((one) => one !== holder).map(([name, property]) => makeField(name, property, resolved.required?.includes(name)));
		return { member: holder[0], type: addType(short(reference(holder[1])), types[row]), ...(beside.length > 0 && { beside }) };
	}

	function describe(method, path, row) {
		const operation = document.paths[path][method];
		const access = operation["x-access"];
		return {
			method: method.toUpperCase(), path, ...(access && { access }), ...(all && { summary: operation.summary }),
			...(operation.parameters?.some((one) => one.$ref?.endsWith("/IfMatch")) && { conditional: true }),
			...describeBody(operation, row),
		};
	}

	/** An operation for whoever calls it by hand. */
	function describeAlone(method, path) {
		const operation = document.paths[path][method];
		const success = SUCCESS.map((one) => operation.responses[one]).find(Boolean);
		return {
			...describe(method, path), tag: operation.tags[0], description: operation.description ?? "", kind: operation["x-kind"], other: operation["x-access"]?.other,
			parameters: (operation.parameters ?? []).map((one) => (one.$ref ? document.components.parameters[short(one.$ref)] : one)).map((one) => ({
				in: one.in, ...makeField(one.name, { ...one.schema, "x-references": one["x-references"] }, one.required), doc: one.description })),
			bodies: Object.keys(operation.requestBody?.content ?? {}), answers: Object.keys(success?.content ?? {}), schema: bodyOf(operation), example: Object.values(operation.requestBody?.content ?? {})[0]?.example,
		};
	}

	const resources = [];
	const paths = Object.keys(document.paths);
	// A list that is one thing: a page with numbers beside its rows. Its last segment may say where it begins.
	const pages = new Set(paths.filter((one) => document.paths[one].get?.["x-kind"] === "item" && resolve(answerOf(document.paths[one].get))?.type === "array"));
	for (const path of paths) {
		const get = document.paths[path].get;
		const rows = get && findRows(answerOf(get));
		// A list is an address whose last segment is a name; below a row's own address its members are no resource.
		// What answers one thing, such as statistics, may have lists in it.
		// Nor is what an account asks for by its own key, which nobody here has.
		if (!rows || path.endsWith("}") || get["x-kind"] === "item" || get["x-access"]?.other === "account")
			continue;
		const parameters = new Set((get.parameters ?? []).map((one) => one.name));
		const type = addType(rows.type);
		const known = types[type];
		// Where a page stands at the address of a row, rows have theirs in the singular.
		const below = paths.filter((one) => [path, path.replace(/s$/, "")].some((start) => one.startsWith(`${start}/{`)) && !pages.has(one));
		const item = below.find((one) => one.split("/").length === path.split("/").length + 1);
		const resource = {
			path, name: get["x-resource"], type, rows: rows.path,
			...(get["x-access"] && { access: get["x-access"] }),
			paging: parameters.has("after") ? "cursor" : parameters.has("count") ? "offset" : "none",
			...Object.fromEntries(["filter", "sort", "include", "select", "searchTerm"].filter((one) => parameters.has(one)).map((one) => [one, true])),
			actions: [],
		};
		// What the audit log calls a row, first of all today; most are called by the words of their name.
		const audited = schemas[rows.type]["x-audit"] ?? [];
		if (audited.join() !== resource.name?.replace(/[A-Z]/g, " $&").toLowerCase())
			resource.audit = audited;
		const total = Object.keys(resolve(answerOf(get))?.properties ?? {}).find((one) => /^total\w*Count$/.test(one));
		if (total)
			resource.total = total;
		if (document.paths[path].post)
			resource.insert = describe("post", path, type);
		if (document.paths[path].put)
			resource.update = describe("put", path, type);
		else {
			// The caller says with the address which row it is to be, as with the products of an order.
			const placed = document.paths[item]?.post && item.startsWith(`${path}/{`) ? item : undefined;
			if (placed)
				resource.insert = { ...describe("post", placed, type), placed: placed.slice(path.length + 2, -1) };
		}
		if (document.paths[path].delete)
			resource.clear = describe("delete", path, type);
		// A row has an address of its own where something can be done to it, even if it cannot be read or changed there.
		if (below.length > 0)
			resource.parameter = /\{(\w+)\}/.exec(below[0].slice(path.length - 1))[1];
		if (item) {
			const operations = document.paths[item];
			if (operations.get && operations.get["x-kind"] !== "list")
				resource.item = { ...describe("get", item), ...(operations.get.parameters?.some((one) => one.name === "include") && { include: true }), rows: findRow(answerOf(operations.get), type) };
			if (operations.put)
				resource.update = describe("put", item, type);
			if (operations.delete)
				resource.remove = describe("delete", item);
		}
		resource.key = (known.find((one) => one.key) ?? known.find((one) => /^id$/i.test(one.name)) ??
			known.find((one) => one.name.toLowerCase() === resource.parameter?.toLowerCase()) ?? known[0]).name;
		if (document.paths[`${path}/bulk`]?.post)
			resource.bulk = describe("post", `${path}/bulk`, type);
		resources.push(resource);
	}
	// What paths of rows call one thing has one name, that of the lists below them.
	for (const resource of resources) {
		const [, name] = resources.map((one) => one.path.startsWith(`${resource.path}/{`) && /^\{(\w+)\}\//.exec(one.path.slice(resource.path.length + 1))).find(Boolean) ?? [];
		if (!name || name === resource.parameter)
			continue;
		for (const operation of [resource.item, resource.update, resource.remove].filter(Boolean))
			operation.path = operation.path.replace(`{${resource.parameter}}`, `{${name}}`);
		resource.parameter = name;
	}
	// What is done to one row: below its address, and no list.
	const lists = new Set(resources.map((one) => one.path));
	for (const path of paths) {
		const prefix = path.slice(0, path.lastIndexOf("}") + 1);
		const owner = resources.find((one) => one.parameter && `${one.path}/{${one.parameter}}` === prefix);
		const rest = path.slice(prefix.length + 1);
		if (!owner || !rest || lists.has(path) || document.paths[path].get?.["x-kind"] === "count" || pages.has(path) || /(^|\/)bulk$/.test(rest))
			continue;
		for (const method of ["get", "post"])
			if (document.paths[path][method])
				owner.actions.push({ name: rest, ...describe(method, path) });
	}
	// A member beside the object that it identifies is a reference, whether or not the document says so.
	for (const fields of Object.values(types))
		for (const field of fields.filter((one) => !one.references && one.name.endsWith("Id"))) {
			const relation = fields.find((one) => one.of && one.name === field.name.slice(0, -2));
			const target = relation && resources.find((one) => one.type === relation.of && one.name);
			if (target)
				field.references = target.name;
		}
	const calls = {};
	for (const [path, operations] of Object.entries(document.paths))
		if (operations.post?.["x-access"] && operations.post["x-access"].other !== "account" && !resources.some((one) => [one.insert, one.bulk, ...one.actions].some((operation) => operation?.path === path)))
			calls[path] = { access: operations.post["x-access"] };
	const events = (document["x-events"] ?? []).map((one) => ({ name: one.name, area: one["x-area"] }));
	const reasons = Object.fromEntries((document["x-reasons"] ?? []).map((one) => [one.name, one.description]));
	const operations = all ? paths.flatMap((path) => Object.keys(document.paths[path]).map((method) => describeAlone(method, path))) : undefined;
	return {
		version: document.info.version, resources, types, roles: document["x-roles"], settings: document["x-settings"], calls, events, reasons, operations,
	};
}
