// Sends a license to its holder: which text, and how it will read.
import { call } from "../api.js";
import { html, useId, useState } from "../html.js";
import { t } from "../i18n.js";
import { may, readPage, readRow, resourceAt } from "../model.js";
import { Picker } from "../picker.js";
import { address } from "../router.js";
import { Button, Dialog, Fault, tell, useRead } from "../ui.js";
import { FilledText, recipientOf } from "./mail_text.js";

/** Whether there is a mail server, as far as the caller may know. @param {AbortSignal} signal */
async function hasServer(signal) {
	const settings = resourceAt("/v1/settings");
	if (!settings || !may(settings))
		return true;
	const { rows } = await readPage(settings, {}, {}, signal);
	return rows.some((one) => one.group === "mail" && one.name === "server" && one.value);
}

/** @param {import("../windows.js").WindowProps} props */
export function SendLicense({ title, row, onClose, onDone }) {
	const id = useId();
	const texts = /** @type {import("../model.js").Resource} */ (resourceAt("/v1/resources"));
	const [chosen, setChosen] = useState(/** @type {string | number | null} */ (null));
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const server = useRead(hasServer, []);
	const offered = useRead((signal) => readPage(texts, {}, { filter: `type = "email"`, select: "id", take: 1, total: "none" }, signal), []);
	const text = useRead(async () => (chosen === null ? undefined : (await readRow(texts, {}, String(chosen))).row), [chosen]);
	const to = recipientOf(row);
	const send = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			const { body } = await call("POST", "/v1/email/license", { body: { licenseId: row.id, resourceId: chosen } });
			tell([t("mail.queued", { to }), body.message].filter(Boolean).join(" "));
			onDone();
			onClose();
		} catch (refused) {
			setError(refused);
			setBusy(false);
		}
	};
	return html`
		<${Dialog} title=${title} onClose=${onClose} wide=${true}>
			<form class="form" onSubmit=${send}>
				${server.value === false && html`<p class="notice warn">${t("mail.noServer")}</p>`}
				${to ? html`<p>${t("mail.to", { to })}</p>` : html`<p class="notice bad">${t("mail.noAddress")}</p>`}
				<div class="field"><label for=${id}>${t("mail.text")}</label><${Picker} resource=${texts} filter=${`type = "email"`} id=${id} value=${chosen} required=${true} onChange=${setChosen} /></div>
				${offered.value?.rows.length === 0 && html`<p class="notice warn">${t("mail.noText")} ${may(texts.insert) && html`<a href=${address(["resources", "new"], { type: "email" })}>${t("mail.newText")}</a>`}</p>`}
				${text.value && html`<${FilledText} resource=${text.value} license=${row} />`}
				<${Fault} error=${error ?? text.error} />
				<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//><${Button} kind="primary" type="submit" busy=${busy} disabled=${chosen === null || !to}>${t("mail.send")}<//></div>
			</form>
		<//>`;
}
