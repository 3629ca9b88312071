// How values are shown: in a cell of a list, and beside a member's name.
import { html } from "./html.js";
import { has, label, number, t } from "./i18n.js";
import { actorOf, fieldsOf, parentsOf } from "./model.js";
import { address } from "./router.js";
import { screenOf, screenOfType, screens, titleMembers, titleOf } from "./screens.js";
import { Badge, Copy, Icon, Moment } from "./ui.js";

/** @typedef {import("./model.js").Field} Field */
/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */

/** @type {Record<string, "good" | "warn" | "bad">} Words of states, whatever resource has them */
const TONES = {
	active: "good", delivered: "good", paid: "good", succeeded: "good", information: "good", suspended: "warn", pending: "warn", waiting: "warn", retiring: "warn",
	warning: "warn", revoked: "bad", failed: "bad", error: "bad", critical: "bad", fatal: "bad", retired: "bad",
};
/** Members that say what a row is at present, on which it depends what is done to it. */
const STATES = ["state", "enabled", "revoked"];
const COPIED = /^(licenseId|userKey|keyId|code|uid|token|publicKey|key)$/;

/** The number that means that there is no limit, of members that may be it. */
export const UNLIMITED = -1;

/** Names of the permissions that a sum of bits holds. */
export const BITS = ["read", "update", "delete", "create"];

/** The name of a value that has one. @param {string} type @param {string} member @param {unknown} value */
export function choiceName(type, member, value) {
	const key = `choice.${type.split(".").pop()}.${member}.${value}`;
	const common = `choice.${member}.${value}`;
	return has(key) ? t(key) : has(common) ? t(common) : String(value);
}

/** The screen to which a member that holds a key leads. @param {Field} field */
export const screenOfReference = (field) => (field.references ? screens().find((one) => one.resource.name === field.references) : undefined);

/** The name of a member; one that holds the key of another row is called as that row is. @param {Field} field @param {string} [type] */
export const fieldLabel = (field, type) => label(screenOfReference(field) ? field.name.replace(/Id$|ID$/, "") : field.name, type);

/**
 * One value.
 * @param {{ resource: Resource, field: Field, row: Row, full?: boolean }} props full: beside its name, not in a list
 */
export function Value({ resource, field, row, full }) {
	const value = row[field.name];
	const screen = screenOf(resource);
	if (value === null || value === undefined || value === "")
		return html`<span class="faint">–</span>`;
	if (screen.bits?.[field.name])
		return html`${BITS.filter((_, bit) => value & (1 << bit)).map((one) => html`<${Badge}>${t(`permission.${one}`)}<//> `)}`;
	if (screen.choices?.[field.name])
		return html`${choiceName(resource.type, field.name, value)}`;
	if (field.type === "boolean")
		return value ? html`<${Icon} name="check" label=${t("yes")} />` : html`<span class="faint">${t("no")}</span>`;
	if (field.format === "date-time" || field.format === "date")
		return html`<${Moment} value=${value} />`;
	const target = screenOfReference(field);
	if (target || field.type === "integer" || field.type === "number") {
		const relation = row[field.name.replace(/Id$/, "")];
		return target && field.name !== resource.key ? html`<a href=${address([target.name, value])}>${relation?.[target.resource.key] === value ? titleOf(target.resource, relation) : value}</a>`
			: html`<span class="number">${field.name === resource.key ? value : field.minimum === UNLIMITED && value === UNLIMITED ? t("unlimited") : number(value)}</span>`;
	}
	if (field.type === "array" && field.of && full)
		return html`<${Rows} resource=${resource} field=${field} rows=${value} />`;
	if (field.type === "array")
		return field.of ? html`<span>${value.map((/** @type {Row} */ one) => one.name ?? one.feature ?? one.id ?? "").slice(0, full ? 100 : 3).join(", ")}${!full && value.length > 3 ? "…" : ""}</span>`
			: html`<span>${value.slice(0, full ? 100 : 3).join(", ")}${!full && value.length > 3 ? ` +${value.length - 3}` : ""}</span>`;
	if (field.type === "object" && field.of) {
		const target = screenOfType(field.of);
		return target ? html`<a href=${address([target.name, value[target.resource.key]])}>${titleOf(target.resource, value)}</a>`
			: html`<dl class="members small">${fieldsOf(field.of).filter((one) => value[one.name] !== null && value[one.name] !== undefined).map((one) => html`
				<div><dt>${fieldLabel(one, field.of)}</dt><dd><${Value} resource=${resource} field=${one} row=${value} full=${full} /></dd></div>`)}</dl>`;
	}
	if (typeof value === "object")
		return html`<pre class="value">${JSON.stringify(value, null, 2)}</pre>`;
	if (TONES[String(value).toLowerCase()] && String(value).length < 16)
		return html`<${Badge} tone=${TONES[String(value).toLowerCase()]}>${choiceName(resource.type, field.name, value)}<//>`;
	if (full && (screen.long?.includes(field.name) || String(value).includes("\n")))
		return html`<div class="row top"><pre class="value">${value}</pre><${Copy} text=${String(value)} /></div>`;
	if (COPIED.test(field.name))
		return html`<span class="row"><code>${value}</code>${full && html`<${Copy} text=${String(value)} />`}</span>`;
	return html`<span class=${full ? "" : "clip"} title=${full ? undefined : String(value)}>${value}</span>`;
}

/** The rows that a row holds, as a table of what any of them says. @param {{ resource: Resource, field: Field, rows: Row[] }} props */
function Rows({ resource, field, rows }) {
	const fields = fieldsOf(field.of).filter((one) => rows.some((row) => row[one.name] !== null && row[one.name] !== undefined && row[one.name] !== ""));
	return rows.length === 0 ? html`<span class="faint">–</span>` : html`
		<div class="scroll" tabindex="0" role="region" aria-label=${fieldLabel(field, resource.type)}><table>
			<thead><tr>${fields.map((one) => html`<th>${fieldLabel(one, field.of)}</th>`)}</tr></thead>
			<tbody>${rows.map((row) => html`<tr>${fields.map((one) => html`<td data-label=${fieldLabel(one, field.of)}><${Value} resource=${resource} field=${one} row=${row} /></td>`)}</tr>`)}</tbody></table></div>`;
}

/** The members of a row that a list can show as columns. @param {Resource} resource */
export const columnsOf = (resource) => fieldsOf(resource.type).filter((one) => one.type !== "object" || screenOfType(one.of));

/** Members that a list must ask for to show these columns. @param {Resource} resource @param {Field[]} columns */
export function selection(resource, columns) {
	const relations = columns.filter((one) => one.of);
	const members = columns.flatMap((one) => {
		const target = one.of && screenOfType(one.of);
		return one.type !== "object" || !target ? [one.name] : titleMembers(target.resource).map((member) => `${one.name}.${member}`);
	});
	// What tells the address by which something is done to a row, and what may be done.
	const known = fieldsOf(resource.type).map((one) => one.name);
	const needed = [...Object.keys(parentsOf(actorOf(resource), {})), ...STATES.filter((one) => known.includes(one))];
	return {
		select: [...new Set([...needed, ...members.filter((one) => one.includes(".") || !relations.some((relation) => relation.name === one)), ...titleMembers(resource)])].join(","),
		include: relations.map((one) => one.name).join(","),
	};
}

/** What a column is sorted by. @param {Field} field */
export function sortMember(field) {
	const target = field.type === "object" ? screenOfType(field.of) : undefined;
	return target ? `${field.name}.${titleMembers(target.resource)[0]}` : field.type === "array" || field.type === "object" ? "" : field.name;
}
