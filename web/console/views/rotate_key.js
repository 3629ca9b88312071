// Puts a new API key in the place of another, which goes on for a while: the same name, owner, rights, networks and rate.
import { html, useId, useState } from "../html.js";
import { duration, t } from "../i18n.js";
import { changeRow, writeRow } from "../model.js";
import { Button, Dialog, Fault, Secret } from "../ui.js";

const GRACES = [0, 3600, 86400, 604800, 2592000];
const KEPT = ["name", "ownerId", "permissions", "expireDate", "description", "allowedNetworks", "rateLimit"];

/** When the former key ends: no later than it would have. @param {import("../model.js").Row} row @param {number} grace Seconds */
function endOf(row, grace) {
	const end = new Date(Date.now() + grace * 1000);
	return row.expireDate && new Date(row.expireDate) < end ? row.expireDate : end.toISOString();
}

/** @param {import("../windows.js").WindowProps} props */
export function RotateKey({ title, place, row, onClose, onDone }) {
	const id = useId();
	const [grace, setGrace] = useState(86400);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [made, setMade] = useState("");
	const insert = /** @type {import("../model.js").Operation} */ (place.resource.insert);
	const rotate = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			const { body } = await writeRow(insert, {}, Object.fromEntries(KEPT.map((name) => [name, row[name]])));
			setMade(body.apiKey);
			// From here on the new key must be seen, whatever becomes of the former one.
			await changeRow(place.resource, place.parents, row, grace === 0 ? { revoked: true } : { expireDate: endOf(row, grace) });
		} catch (refused) {
			setError(refused);
		}
		setBusy(false);
		onDone();
	};
	if (made)
		return html`<${Dialog} title=${title} onClose=${onClose}><${Secret} title=${t("key.new")} text=${made} />
			${error ? html`<p class="notice bad" role="alert">${t("key.formerStays")}</p><${Fault} error=${error} />`
			: html`<p>${grace === 0 ? t("key.formerEnded") : t("key.formerUntil", { end: new Date(endOf(row, grace)) })}</p>`}<//>`;
	return html`
		<${Dialog} title=${title} onClose=${onClose}>
			<form class="form" onSubmit=${rotate}>
				<p>${t("key.rotate")}</p>
				${row.clientSecret && html`<p class="notice warn">${t("key.secretLost")}</p>`}
				<div class="field"><label for=${id}>${t("key.grace")}</label><select id=${id} value=${grace} onChange=${(/** @type {Event} */ event) => setGrace(Number(/** @type {HTMLSelectElement} */ (event.target).value))}>
					${GRACES.map((one) => html`<option value=${one}>${one === 0 ? t("key.atOnce") : duration(one)}</option>`)}</select></div>
				<${Fault} error=${error} />
				<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//><${Button} kind="primary" type="submit" busy=${busy}>${t("action.rotateKey")}<//></div>
			</form>
		<//>`;
}
