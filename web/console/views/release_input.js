// Chooses a release of the product that the form has chosen.
import { html } from "../html.js";
import { t } from "../i18n.js";
import { may, readPage, resourceAt } from "../model.js";
import { titleOf } from "../screens.js";
import { useRead } from "../ui.js";

const MOST = 200;

/** @param {import("../inputs.js").OwnInputProps} props */
export function ReleaseInput({ value, row = {}, onChange, name, notes, attributes }) {
	const resource = /** @type {import("../model.js").Resource} */ (resourceAt("/v1/products/{productId}/releases"));
	const { productId } = row;
	const read = useRead(async (signal) => (productId && may(resource) ? readPage(resource, { productId }, { sort: "id desc", take: MOST, total: "none" }, signal) : undefined), [productId]);
	const rows = read.value?.rows ?? [];
	const known = !value || rows.some((one) => one.id === value);
	return html`
		<div class="field"><label for=${attributes.id}>${name}</label><select ...${attributes} value=${value ?? ""} disabled=${!productId}
			onChange=${(/** @type {Event} */ event) => onChange(Number(/** @type {HTMLSelectElement} */ (event.target).value) || null)}>
			<option value="">${t(productId ? "form.none" : "form.productFirst")}</option>${!known && html`<option value=${value}>${value}</option>`}
			${rows.map((one) => html`<option value=${one.id}>${titleOf(resource, one)}</option>`)}</select>${notes}</div>`;
}
