// The content of a resource or of a key: a text that is written, or a file, whose bytes are sent in base64 unless it is a text that is
// sent as it is.
import { html, useRef } from "../html.js";
import { t } from "../i18n.js";
import { Button, messageOf, tell } from "../ui.js";

/** Bytes at a time, which a call may take as arguments. */
const STEP = 0x8000;
/** Characters in which base64 has three bytes. */
const GROUP = 4;

/** @param {Uint8Array} bytes */
function base64(bytes) {
	let text = "";
	for (let at = 0; at < bytes.length; at += STEP)
		text += String.fromCharCode(...bytes.subarray(at, at + STEP));
	return btoa(text);
}

/** The text of a file that is to be read by people or is PEM; undefined for any other. @param {Uint8Array} bytes @param {import("../model.js").Row} row */
function textOf(bytes, row) {
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		return /^email$/i.test(row.type ?? "") || text.startsWith("-----BEGIN") ? text : undefined;
	} catch {
		return undefined;
	}
}

/** @param {import("../inputs.js").OwnInputProps} props */
export function FileInput({ field, value, row = {}, onRow, onChange, name, notes, attributes }) {
	const chooser = useRef(/** @type {HTMLInputElement | null} */ (null));
	const take = async (/** @type {File | undefined} */ file) => {
		if (!file)
			return;
		const limit = field.maxLength ?? Infinity;
		if (file.size > limit / GROUP * (GROUP - 1)) {
			tell(t("file.long", { name: file.name }), { tone: "bad" });
			return;
		}
		const bytes = new Uint8Array(await file.arrayBuffer());
		onRow?.({ [field.name]: textOf(bytes, row) ?? base64(bytes), source: file.name, ...(row.name ? {} : { name: file.name }) });
	};
	return html`
		<div class="field wide"><label for=${attributes.id}>${name}</label>
			<textarea ...${attributes} rows="6" spellcheck=${false} value=${value ?? ""} onInput=${(/** @type {Event} */ event) => {
				const text = /** @type {HTMLTextAreaElement} */ (event.target).value;
				onChange(text === "" ? (field.nullable ? null : undefined) : text);
			}}></textarea>
			<div class="row wrap"><${Button} icon="add" onClick=${() => chooser.current?.click()}>${t("file.choose")}<//>
				<input type="file" hidden ref=${chooser} onChange=${(/** @type {Event} */ event) => {
					const input = /** @type {HTMLInputElement} */ (event.target);
					take(input.files?.[0]).catch((error) => tell(messageOf(error), { tone: "bad" })).then(() => { input.value = ""; });
				}} /></div>${notes}</div>`;
}

const TYPES = ["email", "RSA", "file"];

/** The type of a resource: any word; those that the program knows are offered. @param {import("../inputs.js").OwnInputProps} props */
export const TypeInput = ({ value, onChange, name, notes, attributes }) => html`
	<div class="field"><label for=${attributes.id}>${name}</label>
		<input ...${attributes} list=${`${attributes.id}-list`} autocomplete="off" spellcheck=${false} value=${value ?? ""}
			onInput=${(/** @type {Event} */ event) => onChange(/** @type {HTMLInputElement} */ (event.target).value || null)} />
		<datalist id=${`${attributes.id}-list`}>${TYPES.map((one) => html`<option value=${one}></option>`)}</datalist>${notes}</div>`;
