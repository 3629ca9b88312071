// The signed document of a license as programs read it, and who has signed it.
import { documentsOf, fetchDocument } from "../actions.js";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { fieldsOf } from "../model.js";
import { Button, Copy, Empty, messageOf, tell } from "../ui.js";
import { Value } from "../values.js";

/** What the middle of a JSON Web Signature says, laid out to be read; undefined where it is none. @param {string} text */
function claimsOf(text) {
	const [, payload, signature, ...rest] = text.trim().split(".");
	if (!signature || rest.length > 0)
		return undefined;
	try {
		const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
		return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, 2);
	} catch {
		return undefined;
	}
}

/** @param {import("../detail.js").TabProps} props */
export function LicenseDocument({ place, row }) {
	const { resource } = place;
	const text = String(row.licenseKey ?? "");
	if (!text)
		return html`<${Empty} title=${t("document.none")} />`;
	const claims = claimsOf(text);
	const file = documentsOf(resource).find((one) => one.name === "file");
	const member = (/** @type {string} */ name) => html`<${Value} resource=${resource} field=${fieldsOf(resource.type).find((one) => one.name === name)} row=${row} full=${true} />`;
	return html`
		${row.signedById === null && html`<p class="notice warn">${t("document.unsigned")}</p>`}
		<dl class="members"><div><dt>${t("field.format")}</dt><dd>${member("format")}</dd></div>
			<div><dt>${t("document.signedBy")}</dt><dd>${member("signedById")}</dd></div>
			<div class="wide"><dt>${t("document.hash")}</dt><dd><code>${row.hash ?? "–"}</code></dd></div></dl>
		<div class="row wrap"><${Copy} text=${text} label=${t("document.copy")} wide=${true} />
			${file && html`<${Button} icon="download" onClick=${() => fetchDocument(place, file, row).catch((error) => tell(messageOf(error), { tone: "bad" }))}>${t("document.save")}<//>`}</div>
		<pre class="value document" tabindex="0" role="region" aria-label=${t("tab.document")}>${text}</pre>
		${claims && html`<details><summary>${t("document.claims")}</summary><pre class="value document" tabindex="0" role="region" aria-label=${t("document.claims")}>${claims}</pre></details>`}`;
}
