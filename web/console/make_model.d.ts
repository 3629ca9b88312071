// web/model.mjs, which the build puts here: it makes the model at build time, too.
import type { Field, Operation, Resource, Role, Setting } from "./model.js";

export type Whole = Operation & {
	tag: string;
	description: string;
	kind?: string;
	/** Whoever is let in by something else than a key */
	other?: string;
	parameters: (Field & { in: "path" | "query" | "header" })[];
	/** Content types of its body, and of its answer */
	bodies: string[];
	answers: string[];
	/** JSON Schema of its body, and what could be sent */
	schema?: any;
	example?: any;
};

export function makeModel(document: any, all: true): {
	version: string; resources: Resource[]; types: Record<string, Field[]>; operations: Whole[]; roles: Role[]; settings: Setting[];
};
