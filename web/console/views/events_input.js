// Chooses events of webhooks: all, all of a kind, or single ones, of those that the caller may be told of.
import { html } from "../html.js";
import { has, label, t } from "../i18n.js";
import { events } from "../model.js";

const kindOf = (/** @type {string} */ name) => name.split(".")[0];

/** @param {string} name */
const words = (name) => (has(`event.${name}`) ? t(`event.${name}`) : label(name));

/** @param {import("../inputs.js").OwnInputProps} props */
export function EventsInput({ value, name, notes, attributes, onChange }) {
	/** @type {string[]} */
	const chosen = value ?? [];
	const known = events().map((one) => one.name);
	const kinds = [...new Set([...known, ...chosen].filter((one) => one !== "*").map(kindOf))];
	const set = (/** @type {string} */ one, /** @type {boolean} */ on) => onChange(on ? [...chosen.filter((other) => one !== "*" && !(one.endsWith(".*") && kindOf(other) === kindOf(one))), one] : chosen.filter((other) => other !== one));
	const box = (/** @type {string} */ one, /** @type {string} */ text, /** @type {boolean} */ covered) => html`
		<label class="inline"><input type="checkbox" checked=${covered || chosen.includes(one)} disabled=${covered} onChange=${() => set(one, !chosen.includes(one))} /> ${text}</label>`;
	return html`
		<fieldset class="field wide events" id=${attributes.id} tabindex="-1" aria-invalid=${attributes["aria-invalid"]} aria-describedby=${attributes["aria-describedby"]}><legend>${name}</legend>${notes}
			<div>${box("*", t("events.all"), false)}</div>
			<div class="kinds">${kinds.map((kind) => {
				const all = chosen.includes("*") || chosen.includes(`${kind}.*`);
				const single = [...new Set([...known, ...chosen])].filter((one) => kindOf(one) === kind && one !== `${kind}.*`);
				const count = all ? single.length : single.filter((one) => chosen.includes(one)).length;
				return html`<details key=${kind} open=${count > 0 && !chosen.includes("*") ? true : undefined}><summary>${words(kind)}${count > 0 ? ` (${count})` : ""}</summary>
					<div class="row wrap">${box(`${kind}.*`, t("events.kind"), chosen.includes("*"))}${single.map((one) => box(one, words(one.slice(kind.length + 1)), all))}</div></details>`;
			})}</div>
		</fieldset>`;
}
