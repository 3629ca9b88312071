// Inputs of members that want more than their type says: by the word that the table of screens has for a member. Each is read when a
// form shows it.
import { later } from "./ui.js";

/** @typedef {import("./form.js").InputProps & { name: any, notes: any, attributes: Record<string, any> }} OwnInputProps `name`, `notes` and `attributes` are as of any input */

/** @type {Record<string, (props: OwnInputProps) => any>} */
export const INPUTS = {
	events: later(async () => (await import("./views/events_input.js")).EventsInput),
	file: later(async () => (await import("./views/file_input.js")).FileInput),
	release: later(async () => (await import("./views/release_input.js")).ReleaseInput),
	resourceType: later(async () => (await import("./views/file_input.js")).TypeInput),
};
