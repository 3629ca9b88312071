// What is done to rows: edit, delete, and the operations below a row's address. Which there are, the OpenAPI document says; which
// make sense for a row, and which take one another back, the table of screens.
import { call, fill, send } from "./api.js";
import { html, useState } from "./html.js";
import { has, label, t } from "./i18n.js";
import { actorOf, callAt, changeRow, fieldsOf, loadWords, may, parentsOf, pathOf, readRow, resourceAt, resources } from "./model.js";
import { address, go } from "./router.js";
import { screenOf, screenOfType, screens, titleOf } from "./screens.js";
import { Button, Confirm, Dialog, Fault, Loading, Secret, download, messageOf, tell, useRead } from "./ui.js";
import { Form } from "./form.js";
import { WINDOWS } from "./windows.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Operation} Operation */
/** @typedef {import("./model.js").Row} Row */
/** @typedef {import("./screens.js").RowAction} RowAction */
/** @typedef {{ resource: Resource, row: Row }} Owner */
/** @typedef {{ resource: Resource, parents: Record<string, unknown>, base: (string | number)[], owner?: Owner }} Place `base` is the address of the list, `owner` the row that it is below */

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

/** @param {Resource} resource @param {RowAction} action @returns {Operation | undefined} */
export function operationOf(resource, action) {
	if (action.set || action.only || action.name === "edit")
		return resource.update;
	const owner = action.at ? resourceAt(action.at) : resource;
	return action.name === "delete" ? resource.remove : owner?.actions.find((one) => one.name === action.name);
}

/** Whether the caller may. @param {Resource} resource @param {RowAction} action */
function mayAct(resource, action) {
	if (action.makes)
		return may(resourceAt(action.makes)?.insert);
	return may(action.calls ? callAt(action.calls) ?? resourceAt(action.calls)?.insert : operationOf(resource, action));
}

/** Actions that the table names, then those that it does not know; all that the caller may do. @param {Resource} resource @returns {RowAction[]} */
export function actionsOf(resource) {
	const screen = screenOf(resource);
	if (screen.readOnly)
		return [];
	const named = screen.path === resource.path ? screen.actions ?? [] : [];
	const others = ["edit", ...resource.actions.filter((one) => one.method !== "GET").map((one) => one.name), "delete"]
		.filter((name) => !named.some((one) => one.name === name)).map((name) => ({ name, danger: name === "delete", many: name === "delete" }));
	return [...named.filter((one) => one.name !== "delete"), ...others.filter((one) => one.name !== "delete"),
		...[...named, ...others].filter((one) => one.name === "delete")].filter((one) => mayAct(resource, one));
}

/**
 * Where a new row of a list is begun: in the list, or where such rows are at home, with the members that lead to the row that the
 * list is below, as a contact of a customer; undefined where the caller may not.
 * @param {Place} place @returns {string | undefined}
 */
export function newAddress({ resource, parents, base, owner }) {
	if (screenOf(resource).readOnly)
		return undefined;
	if (resource.insert)
		return may(resource.insert) ? address([...base, "new"]) : undefined;
	const home = screenOfType(resource.type);
	if (!home || home.resource === resource || !may(home.resource.insert))
		return undefined;
	const fields = fieldsOf(home.resource.insert?.type).filter((one) => one.references);
	const filled = Object.entries(parents).flatMap(([name, value]) => {
		const above = resources().find((one) => one.parameter === name && one.name);
		return fields.filter((one) => one.references === above?.name).slice(0, 1).map((one) => [one.name, value]);
	});
	// What the row above says of a third one holds for the new one, too: an order's customer.
	const same = owner ? fieldsOf(owner.resource.type).filter((one) => one.references && fields.some((other) => other.name === one.name && other.references === one.references))
		.map((one) => [one.name, owner.row[one.name]]) : [];
	return filled.length > 0 ? address([home.name, "new"], Object.fromEntries([...same, ...filled])) : undefined;
}

/** Files that a row has. @param {Resource} resource */
export const documentsOf = (resource) => resource.actions.filter((one) => one.method === "GET" && may(one));

/** @param {Place} place @param {import("./model.js").Action} document @param {Row} row */
export async function fetchDocument({ resource, parents }, document, row) {
	const response = await send("GET", fill(document.path, pathOf(resource, parents, row[resource.key])), { accept: "*/*" });
	const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
	download(await response.blob(), name ?? `${titleOf(resource, row)}-${document.name}`);
}

/** @param {Place} place @param {RowAction} action @param {Row} row @param {Row} [body] */
export function perform(place, action, row, body) {
	const { resource, parents } = place;
	if (action.set || action.only)
		return changeRow(resource, parents, row, action.set ?? body ?? {});
	const operation = /** @type {Operation} */ (operationOf(resource, action));
	const sent = action.sends ? { ...action.sends, ...body } : body;
	return call(operation.method, fill(operation.path, { ...pathOf(resource, parents, row[resource.key]), ...action.parameters }), { body: sent ?? (operation.type ? {} : undefined) });
}

/** @typedef {{ row: Row, sent?: Row, answer?: any }} Done */

/** The action that takes another one back. @param {Resource} resource @param {RowAction} action @param {Done} done @returns {RowAction | undefined} */
function undoOf(resource, { undo }, { row, sent = {}, answer }) {
	const back = typeof undo === "function" ? undo(row, sent, answer) : actionsOf(resource).find((one) => one.name === undo);
	return back && mayAct(resource, back) ? back : undefined;
}

/** Tells what was done, and how to take it back. @param {Place} place @param {RowAction} action @param {Done[]} all @param {() => void} changed */
export function tellDone(place, action, all, changed) {
	const backs = all.map((done) => ({ at: placeOf(place, done.row), row: done.row, back: undoOf(placeOf(place, done.row).resource, action, done) }));
	const undo = async () => {
		for (const { at, row, back } of backs)
			await perform(at, /** @type {RowAction} */ (back), row).catch((error) => tell(messageOf(error), { tone: "bad" }));
		changed();
	};
	tell(t("action.done", { action: actionTitle(actorOf(place.resource), action.name), count: all.length, title: all.length === 1 ? titleOf(place.resource, all[0].row) : "" }),
		{ undo: backs.every((one) => one.back) ? undo : undefined });
}

/** Whether it asks for members. @param {Resource} resource @param {RowAction} action */
const needsForm = (resource, action) => !action.set && fieldsOf(operationOf(resource, action)?.type).some((one) => !(one.name in (action.sends ?? {})));

/** Members of an answer that are told once: what an action made, and no row shows again. @param {Resource} resource @param {any} body */
export const secretsOf = (resource, body) => Object.entries(body ?? {}).filter(([name, value]) => {
	const field = fieldsOf(resource.type).find((one) => one.name === name);
	const secret = field ? field.secret === "once" || field.secret === "masked" : /secret|key|token/i.test(name) && !/Id$/.test(name);
	return secret && typeof value === "string" && value && value !== "********";
});

/**
 * One action on one row, with its form where it needs one.
 * @param {{ place: Place, action: RowAction, row: Row, onClose: () => void, onDone: () => void }} props
 */
export function ActionDialog({ place, action, row: shown, onClose, onDone }) {
	const { resource, parents } = place;
	const operation = operationOf(resource, action);
	const [made, setMade] = useState(/** @type {[string, any][] | null} */ (null));
	const read = useRead(async () => {
		await loadWords();
		return action.whole ? (await readRow(resource, parents, String(shown[resource.key]))).row ?? shown : shown;
	}, []);
	const row = read.value;
	const title = `${actionTitle(resource, action.name)}: ${titleOf(resource, row ?? shown)}`;
	if (!row)
		return html`<${Dialog} key="reading" title=${title} onClose=${onClose}>${read.error ? html`<${Fault} error=${read.error} retry=${read.again} />` : html`<${Loading} />`}<//>`;
	const run = async (/** @type {Row | undefined} */ sent) => {
		const answer = await perform(place, action, row, sent);
		const secrets = answer.body && action.name !== "delete" && !action.set && !action.only ? secretsOf(resource, answer.body) : [];
		onDone();
		if (secrets.length > 0) {
			setMade(secrets);
			return false;
		}
		tellDone(place, action, [{ row, sent, answer: answer.body }], onDone);
		onClose();
		return true;
	};
	const own = WINDOWS[action.name];
	if (own && action.calls)
		return html`<${own} title=${title} place=${place} row=${row} onClose=${onClose} onDone=${onDone} />`;
	if (made)
		return html`<${Dialog} title=${title} onClose=${onClose}>${made.map(([name, value]) => html`<${Secret} title=${label(name)} text=${value} />`)}<//>`;
	const about = action.about && html`<p>${t(...action.about(row))}</p>`;
	if (needsForm(resource, action))
		return html`<${Dialog} title=${title} onClose=${onClose} wide=${true}>${about}
			<${Form} operation=${operation} resource=${resource} initial=${{}} hide=${Object.keys(action.sends ?? {})} only=${action.only} choices=${action.choices?.(row)} submit=${actionTitle(resource, action.name)}
				onSubmit=${run} onCancel=${onClose} /><//>`;
	return html`<${Confirm} title=${title} action=${actionTitle(resource, action.name)} danger=${Boolean(action.danger)} onClose=${onClose} onConfirm=${() => run(undefined)}>
		${about}<p>${actionWarning(resource, action.name)}</p><//>`;
}

/** Begins an action: at once where it needs nothing more, else in a window. @param {Place} place @param {RowAction} action @param {Row} row @param {(action: RowAction) => void} ask @param {() => void} changed */
export function begin(place, action, row, ask, changed) {
	const target = action.makes && screens().find((one) => one.path === action.makes);
	if (target)
		go(address([target.name, "new"], action.fills?.(row)));
	else if (action.name === "edit")
		go(address([...place.base, row[place.resource.key], "edit"]));
	else if (action.danger || action.calls || needsForm(place.resource, action) || !action.undo)
		ask(action);
	else
		perform(place, action, row).then(({ body }) => { tellDone(place, action, [{ row, answer: body }], changed); changed(); }, (error) => tell(messageOf(error), { tone: "bad" }));
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
				await perform(placeOf(place, row), action, row);
				changed.push({ row });
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
		<${Dialog} title=${t("many.title", { action: actionTitle(actorOf(place.resource), action.name), count: fitting.length })} onClose=${close}>
			<p>${actionWarning(actorOf(place.resource), action.name)}</p>
			${fitting.length < rows.length && html`<p class="faint">${t("many.left", { count: rows.length - fitting.length })}</p>`}
			${done >= 0 && html`<label class="progress">${t("many.progress", { done: Math.max(done, 0), all: fitting.length })}<progress max=${fitting.length} value=${done}></progress></label>`}
			${refused.map(({ row, error }) => html`<p class="fault" role="alert">${titleOf(place.resource, row)}: ${messageOf(error)}</p>`)}
			<div class="buttons"><${Button} onClick=${close}>${running ? t("action.stop") : done >= 0 ? t("action.close") : t("action.cancel")}<//>
				${done < 0 && html`<${Button} kind=${action.danger ? "danger" : "primary"} disabled=${fitting.length === 0} onClick=${run}>${actionTitle(actorOf(place.resource), action.name)}<//>`}</div>
		<//>`;
}

