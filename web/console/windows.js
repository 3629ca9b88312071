// Windows of actions that the form of their operation does not do: by the action's name in the table of screens. Each is read when it
// is opened.
import { later } from "./ui.js";

/** @typedef {{ title: string, place: import("./actions.js").Place, row: import("./model.js").Row, onClose: () => void, onDone: () => void }} WindowProps */

/** @type {Record<string, (props: WindowProps) => any>} */
export const WINDOWS = {
	email: later(async () => (await import("./views/send_license.js")).SendLicense),
	rotate: later(async () => (await import("./views/rotate_key.js")).RotateKey),
};
