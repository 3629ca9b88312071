// Puts a new API key in the place of another, which goes on for a while.
import { call } from "../api.js";
import { html, useId, useState } from "../html.js";
import { duration, t } from "../i18n.js";
import { Button, Dialog, Fault, Secret } from "../ui.js";

const GRACES = [0, 3600, 86400, 604800, 2592000];

/** @param {import("../windows.js").WindowProps} props */
export function RotateKey({ title, row, onClose, onDone }) {
	const id = useId();
	const [graceSeconds, setGrace] = useState(86400);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [made, setMade] = useState(/** @type {{ apiKey: string, formerKeyUntil: string } | null} */ (null));
	const rotate = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			setMade((await call("POST", `/v1/api-keys/${row.id}/rotate`, { body: { graceSeconds } })).body);
			onDone();
		} catch (refused) {
			setError(refused);
		}
		setBusy(false);
	};
	if (made)
		return html`<${Dialog} title=${title} onClose=${onClose}><${Secret} title=${t("key.new")} text=${made.apiKey} />
			<p>${graceSeconds === 0 ? t("key.formerEnded") : t("key.formerUntil", { end: new Date(made.formerKeyUntil) })}</p><//>`;
	return html`
		<${Dialog} title=${title} onClose=${onClose}>
			<form class="form" onSubmit=${rotate}>
				<p>${t("key.rotate")}</p>
				<div class="field"><label for=${id}>${t("key.grace")}</label><select id=${id} value=${graceSeconds} onChange=${(/** @type {Event} */ event) => setGrace(Number(/** @type {HTMLSelectElement} */ (event.target).value))}>
					${GRACES.map((one) => html`<option value=${one}>${one === 0 ? t("key.atOnce") : duration(one)}</option>`)}</select></div>
				<${Fault} error=${error} />
				<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//><${Button} kind="primary" type="submit" busy=${busy}>${t("action.rotate")}<//></div>
			</form>
		<//>`;
}
