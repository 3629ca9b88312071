// What is done to rows: edit, delete, and the operations below a row's address. Which there are, the OpenAPI document says; which
// make sense for a row, and which take one another back, the table of screens.
import { call, fill, send } from "./api.js";
import { html, useState } from "./html.js";
import { has, label, t } from "./i18n.js";
import { actorOf, changeRow, fieldsOf, may, parentsOf, pathOf } from "./model.js";
import { address, go } from "./router.js";
import { screenOf, screenOfType, screens, titleOf } from "./screens.js";
import { Button, Confirm, Dialog, Secret, download, tell } from "./ui.js";
import { Form } from "./form.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Operation} Operation */
/** @typedef {import("./model.js").Row} Row */
/** @typedef {import("./screens.js").RowAction} RowAction */
/** @typedef {{ resource: Resource, parents: Record<string, unknown>, base: (string | number)[] }} Place `base` is the address of the list */

/**
 * Where something is done to a row of a list, which may be at another address than the list's.
 * @param {Place} place @param {Row} row @returns {Place}
 */
export function placeOf(place, row) {
	const resource = actorOf(place.resource);
	return resource === place.resource ? place : { resource, parents: parentsOf(resource, row), base: baseOf(resource, row) ?? place.base };
}

/** The address of a list of a resource, as far as rows tell it. @param {Resource} resource @param {Row} row */
function baseOf(resource, row) {
	const screen = screens().filter((one) => resource.path === one.path || resource.path.startsWith(`${one.path}/`)).sort((one, other) => other.path.length - one.path.length)[0];
	return screen && [screen.name, ...resource.path.slice(screen.path.length + 1).split("/").filter(Boolean).map((one) => (one.startsWith("{") ? row[one.slice(1, -1)] : one))];
}

/** The address of a row: where rows of its type are at home, else in its list. @param {Place} place @param {Row} row */
export function linkOf(place, row) {
	const home = place.resource.parameter ? undefined : screenOfType(place.resource.type);
	return address([...(home ? [home.name] : place.base), row[place.resource.key]]);
}

/** The text of an action that a resource's screen has for it, or that all have. @param {string} kind @param {Resource} resource @param {string} name */
const actionText = (kind, resource, name) => [`${kind}.${screenOf(resource).name}.${name}`, `${kind}.${name}`].find(has);

/** @param {Resource} resource @param {string} name */
export function actionTitle(resource, name) {
	const key = actionText("action", resource, name);
	return key ? t(key) : label(name.replaceAll("/", " "));
}

/** What a person should know before. @param {Resource} resource @param {string} name */
const actionWarning = (resource, name) => t(actionText("confirm", resource, name) ?? "confirm.any");

/** What the table of screens says of an action. @param {Resource} resource @param {string} name */
const namedAction = (resource, name) => screenOf(resource).actions?.find((one) => one.name === name);

/** Whether it changes members. @param {RowAction | undefined} action */
const changes = (action) => Boolean(action?.set || action?.only);

/** @param {Resource} resource @param {string} name @returns {Operation | undefined} */
export const operationOf = (resource, name) => (name === "edit" || changes(namedAction(resource, name)) ? resource.update : name === "delete" ? resource.remove : resource.actions.find((one) => one.name === name));

/** Actions that the table names, then those that it does not know; all that the caller may do. @param {Resource} resource @returns {RowAction[]} */
export function actionsOf(resource) {
	const screen = screenOf(resource);
	if (screen.readOnly)
		return [];
	const named = screen.path === resource.path ? screen.actions ?? [] : [];
	const others = ["edit", ...resource.actions.filter((one) => one.method !== "GET").map((one) => one.name), "delete"]
		.filter((name) => !named.some((one) => one.name === name)).map((name) => ({ name, danger: name === "delete", many: name === "delete" }));
	return [...named.filter((one) => one.name !== "delete"), ...others.filter((one) => one.name !== "delete"),
		...[...named, ...others].filter((one) => one.name === "delete")].filter((one) => may(operationOf(resource, one.name)));
}

/** Files that a row has. @param {Resource} resource */
export const documentsOf = (resource) => resource.actions.filter((one) => one.method === "GET" && may(one));

/** @param {Place} place @param {import("./model.js").Action} document @param {Row} row */
export async function fetchDocument({ resource, parents }, document, row) {
	const response = await send("GET", fill(document.path, pathOf(resource, parents, row[resource.key])), { accept: "*/*" });
	const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
	download(await response.blob(), name ?? `${titleOf(resource, row)}-${document.name}`);
}

/** @param {Place} place @param {string} name @param {Row} row @param {unknown} [body] */
export function perform({ resource, parents }, name, row, body) {
	const action = namedAction(resource, name);
	if (changes(action))
		return changeRow(resource, parents, row, action?.set ?? /** @type {Row} */ (body));
	const operation = /** @type {Operation} */ (operationOf(resource, name));
	return call(operation.method, fill(operation.path, pathOf(resource, parents, row[resource.key])), { body: body ?? (operation.type ? {} : undefined) });
}

/** Tells what was done, and how to take it back. @param {Place} place @param {RowAction} action @param {Row[]} rows @param {() => void} changed */
export function tellDone(place, action, rows, changed) {
	const { undo } = action;
	tell(t("action.done", { action: actionTitle(place.resource, action.name), count: rows.length, title: rows.length === 1 ? titleOf(place.resource, rows[0]) : "" }), {
		undo: undo ? async () => {
			for (const row of rows)
				await perform(placeOf(place, row), undo, row).catch((error) => tell(String(error.message), { tone: "bad" }));
			changed();
		} : undefined,
	});
}

/** @param {RowAction} action @param {Operation | undefined} operation */
const needsForm = (action, operation) => !action.set && fieldsOf(operation?.type).length > 0;

/** Members of an answer that are told once: what an action made. @param {any} body */
const secretsOf = (body) => Object.entries(body ?? {}).filter(([name, value]) => typeof value === "string" && value && /secret|key|token/i.test(name) && !/Id$/.test(name) && name !== "message");

/**
 * One action on one row, with its form where it needs one.
 * @param {{ place: Place, action: RowAction, row: Row, onClose: () => void, onDone: () => void }} props
 */
export function ActionDialog({ place, action, row, onClose, onDone }) {
	const operation = /** @type {Operation} */ (operationOf(place.resource, action.name));
	const [made, setMade] = useState(/** @type {[string, any][] | null} */ (null));
	const title = `${actionTitle(place.resource, action.name)}: ${titleOf(place.resource, row)}`;
	const run = async (/** @type {unknown} */ body) => {
		const answer = await perform(place, action.name, row, body);
		const secrets = answer.body && action.name !== "delete" ? secretsOf(answer.body) : [];
		onDone();
		if (secrets.length > 0) {
			setMade(secrets);
			return;
		}
		tellDone(place, action, [row], onDone);
		onClose();
	};
	if (made)
		return html`<${Dialog} title=${title} onClose=${onClose}>${made.map(([name, value]) => html`<${Secret} title=${label(name)} text=${value} />`)}<//>`;
	if (needsForm(action, operation))
		return html`<${Dialog} title=${title} onClose=${onClose} wide=${true}>
			<${Form} operation=${operation} resource=${place.resource} initial=${{}} submit=${actionTitle(place.resource, action.name)} onSubmit=${run} onCancel=${onClose} only=${action.only} /><//>`;
	return html`<${Confirm} title=${title} action=${actionTitle(place.resource, action.name)} danger=${Boolean(action.danger)} onClose=${onClose} onConfirm=${() => run(undefined)}>
		<p>${actionWarning(place.resource, action.name)}</p><//>`;
}

/** Begins an action: at once where it needs nothing more, else in a window. @param {Place} place @param {RowAction} action @param {Row} row @param {(action: RowAction) => void} ask @param {() => void} changed */
export function begin(place, action, row, ask, changed) {
	const operation = operationOf(place.resource, action.name);
	if (action.name === "edit")
		go(address([...place.base, row[place.resource.key], "edit"]));
	else if (action.danger || needsForm(action, operation) || !action.undo)
		ask(action);
	else
		perform(place, action.name, row).then(() => { tellDone(place, action, [row], changed); changed(); }, (error) => tell(error.message, { tone: "bad" }));
}

/**
 * An action on all rows that are chosen, one call after another, with a bar that tells how far it is. What was refused stays told.
 * @param {{ place: Place, action: RowAction, rows: Row[], onClose: () => void, onDone: () => void }} props
 */
export function ManyDialog({ place, action, rows, onClose, onDone }) {
	const [done, setDone] = useState(-1);
	const [refused, setRefused] = useState(/** @type {{ row: Row, error: unknown }[]} */ ([]));
	const [stop] = useState({ wanted: false });
	const fitting = rows.filter((row) => action.when?.(row) ?? true);
	const running = done >= 0 && done < fitting.length && !stop.wanted;
	const run = async () => {
		const failed = [];
		const changed = [];
		for (const [at, row] of fitting.entries()) {
			setDone(at);
			if (stop.wanted)
				break;
			try {
				await perform(placeOf(place, row), action.name, row);
				changed.push(row);
			} catch (error) {
				failed.push({ row, error });
			}
		}
		setDone(fitting.length);
		setRefused(failed);
		onDone();
		if (changed.length > 0)
			tellDone(place, action, changed, onDone);
		if (failed.length === 0)
			onClose();
	};
	const close = () => { stop.wanted = true; onClose(); };
	return html`
		<${Dialog} title=${t("many.title", { action: actionTitle(place.resource, action.name), count: fitting.length })} onClose=${close}>
			<p>${actionWarning(place.resource, action.name)}</p>
			${fitting.length < rows.length && html`<p class="faint">${t("many.left", { count: rows.length - fitting.length })}</p>`}
			${done >= 0 && html`<label class="progress">${t("many.progress", { done: Math.max(done, 0), all: fitting.length })}<progress max=${fitting.length} value=${done}></progress></label>`}
			${refused.map(({ row, error }) => html`<p class="fault" role="alert">${titleOf(place.resource, row)}: ${/** @type {Error} */ (error).message}</p>`)}
			<div class="buttons"><${Button} onClick=${close}>${running ? t("action.stop") : done >= 0 ? t("action.close") : t("action.cancel")}<//>
				${done < 0 && html`<${Button} kind=${action.danger ? "danger" : "primary"} disabled=${fitting.length === 0} onClick=${run}>${actionTitle(place.resource, action.name)}<//>`}</div>
		<//>`;
}

