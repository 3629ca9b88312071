// What two persons have made of one row: both versions side by side, and for each member a choice which of them counts.
import { html, useId, useState } from "../html.js";
import { t } from "../i18n.js";
import { fieldsOfBody } from "../model.js";
import { useUnsaved } from "../router.js";
import { Button, Fault } from "../ui.js";
import { Value, fieldLabel } from "../values.js";

/** @typedef {import("../model.js").Row} Row */
/** @typedef {import("../model.js").Field} Field */

const same = (/** @type {unknown} */ one, /** @type {unknown} */ other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * @param {{ resource: import("../model.js").Resource, before: Row, mine: Row, theirs: Row, onSave: (changes: Row) => Promise<unknown>, onDiscard: () => void }} props
 *	`before`: what both have begun with; `mine`: members that were changed here; `onSave` gets those that shall differ from `theirs`
 */
export function Conflict({ resource, before, mine, theirs, onSave, onDiscard }) {
	const operation = /** @type {import("../model.js").Operation} */ (resource.update);
	const fields = fieldsOfBody(operation, resource.type).filter((one) => !one.readOnly && one.name !== resource.key && (one.name in mine || !same(before[one.name], theirs[one.name])));
	const own = { ...before, ...mine };
	const apart = fields.filter((one) => !same(own[one.name], theirs[one.name]));
	const both = (/** @type {Field} */ one) => one.name in mine && !same(before[one.name], theirs[one.name]);
	const [chosen, setChosen] = useState(/** @type {Record<string, "mine" | "theirs">} */ (Object.fromEntries(apart.filter((one) => !both(one)).map((one) => [one.name, one.name in mine ? "mine" : "theirs"]))));
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const open = apart.filter((one) => !chosen[one.name]);
	useUnsaved(!busy);
	const save = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			await onSave(Object.fromEntries(apart.filter((one) => chosen[one.name] === "mine").map((one) => [one.name, own[one.name] ?? null])));
		} catch (refused) {
			setError(refused);
			setBusy(false);
		}
	};
	return html`
		<form class="form" onSubmit=${save}>
			<p class="notice warn" role="alert">${t("conflict.told")}</p>
			${apart.length === 0 && html`<p>${t("conflict.same")}</p>`}
			${apart.map((field) => html`<${Member} key=${field.name} resource=${resource} field=${field} rows=${{ mine: own, theirs }} asks=${both(field)} chosen=${chosen[field.name]}
				onChoose=${(/** @type {"mine" | "theirs"} */ side) => setChosen({ ...chosen, [field.name]: side })} />`)}
			${open.length > 0 && html`<p class="faint" role="status">${t("conflict.open", { count: open.length })}</p>`}
			<${Fault} error=${error} />
			<div class="buttons sticky"><${Button} onClick=${onDiscard}>${t("conflict.discard")}<//><${Button} kind="primary" type="submit" busy=${busy} disabled=${open.length > 0}>${t("action.save")}<//></div>
		</form>`;
}

/** @param {{ resource: import("../model.js").Resource, field: Field, rows: Record<"mine" | "theirs", Row>, asks: boolean, chosen: string | undefined, onChoose: (side: "mine" | "theirs") => void }} props */
function Member({ resource, field, rows, asks, chosen, onChoose }) {
	const name = useId();
	return html`<fieldset class="nested"><legend>${fieldLabel(field, resource.type)}</legend>${asks && html`<p class="faint">${t("conflict.both")}</p>`}
		<div class="grid sides">${/** @type {("mine" | "theirs")[]} */ (["mine", "theirs"]).map((side) => html`<div class="field" key=${side}><label><input type="radio" name=${name} checked=${chosen === side} onChange=${() => onChoose(side)} />
			${t(`conflict.${side}`)}</label><div><${Value} resource=${resource} field=${field} row=${rows[side]} full=${true} /></div></div>`)}</div></fieldset>`;
}
