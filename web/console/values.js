// How values are shown: in a cell of a list, and beside a member's name.
import { html } from "./html.js";
import { day, duration, label, moment, number, relative, t } from "./i18n.js";
import { actorOf, fieldsOf, may, parentsOf } from "./model.js";
import { nameOf } from "./names.js";
import { address } from "./router.js";
import { PARTS, choiceName, screenOf, screenOfType, screens, titleMembers, titleOf, wordOfType } from "./screens.js";
import { Badge, Copy, Icon, Moment, useRead } from "./ui.js";

/** @typedef {import("./model.js").Field} Field */
/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */

/** @type {Record<string, "good" | "warn" | "bad">} Words of states, whatever resource has them */
const TONES = {
	active: "good", delivered: "good", sent: "good", queued: "warn", paid: "good", succeeded: "good", information: "good", suspended: "warn", pending: "warn", waiting: "warn", retiring: "warn",
	warning: "warn", revoked: "bad", failed: "bad", error: "bad", critical: "bad", fatal: "bad", retired: "bad",
};
/** Members that say what a row is at present, on which it depends what is done to it. */
const STATES = ["state", "enabled", "revoked"];
const COPIED = /^(licenseId|userKey|keyId|code|uid|token|publicKey|key)$/;
/** Long texts that are meant to be read; others are documents, keys and the like. */
const PROSE = /^(description|notes|details|message)$/;
/** What is told of a secret that nobody may see whole. */
const CUT = "…";
/** Numbers that count nothing. */
const NAMING = /port$/i;

/** The number that means that there is no limit, of members that may be it. */
export const UNLIMITED = -1;

/** Characters of the day in a moment, whatever its zone: 2026-12-01. */
export const DAY = 10;

/** Names of the permissions that a sum of bits holds. */
export const BITS = ["read", "update", "delete", "create"];

/** The screen to which a member that holds a key leads. @param {Field} field */
export const screenOfReference = (field) => (field.references ? screens().find((one) => one.resource.name === field.references) : undefined);

/** The name of a member; one that holds the key of another row is called as that row is. @param {Field} field @param {string} [type] */
export const fieldLabel = (field, type) => label(screenOfReference(field) ? field.name.replace(/Id$|ID$/, "") : field.name, wordOfType(type));

/** Seconds of what a member's name says that it is counted in. @type {Record<string, number>} */
const COUNTED_IN = { Seconds: 1, Days: 86400 };

/** @param {Field} field @param {number} value */
function printNumber(field, value) {
	if (field.minimum === UNLIMITED && value === UNLIMITED)
		return t("unlimited");
	const unit = /(Seconds|Days)$/.exec(field.name)?.[0];
	return unit ? duration(value * COUNTED_IN[unit]) : number(value);
}

export const isFilled = (/** @type {unknown} */ value) => value !== null && value !== undefined && value !== "" && !(typeof value === "object" && Object.keys(value).length === 0);

/** Whether a text of many lines is meant to be read. @param {Field} field */
export const isProse = (field) => PROSE.test(field.name);

/**
 * Members of a type in its parts; those of no part come first.
 * @param {Field[]} fields @param {string | undefined} type
 * @returns {[string, Field[]][]}
 */
export function partsOf(fields, type) {
	const parts = PARTS[wordOfType(type)] ?? [];
	const named = parts.flatMap(([, names]) => names);
	return /** @type {[string, Field[]][]} */ ([["", fields.filter((one) => !named.includes(one.name))],
		...parts.map(([name, names]) => [name, names.map((one) => fields.find((field) => field.name === one)).filter((one) => one !== undefined)])]).filter(([, all]) => all.length > 0);
}

/**
 * The members of a row or of an object in it, each beside its name. Of an object those that are empty are left out.
 * @param {{ resource: Resource, type: string | undefined, row: Row, full?: boolean, hide?: string[] }} props
 */
export function Members({ resource, type, row, full, hide = [] }) {
	const screen = screenOf(resource);
	const whole = type === resource.type;
	const fields = fieldsOf(type).filter((one) => !hide.includes(one.name) && (whole || isFilled(row[one.name])));
	if (fields.length === 0)
		return html`<span class="faint">${t("value.standard")}</span>`;
	return partsOf(fields, type).map(([part, members]) => html`${part && html`<h2 class="part">${t(`part.${part}`)}</h2>`}
		<dl class=${`members ${whole ? "" : "small"}`}>${members.map((field) => html`
			<div key=${field.name} class=${(screen.long?.includes(field.name) || field.of) && isFilled(row[field.name]) ? "wide" : ""}><dt title=${field.doc}>${fieldLabel(field, type)}</dt>
				<dd><${Value} resource=${resource} type=${type} field=${field} row=${row} full=${full} /></dd></div>`)}</dl>`);
}

/** Objects of one type, one a row. @param {{ resource: Resource, type: string, rows: Row[], label: string }} props */
function ItemTable({ resource, type, rows, label: name }) {
	const fields = fieldsOf(type).filter((one) => rows.some((row) => isFilled(row[one.name])) && !(one.name === "id" && one.type === "integer") && one.references !== resource.name);
	return html`<div class="scroll" role="region" tabindex="0" aria-label=${name}><table>
		<thead><tr>${fields.map((one) => html`<th title=${one.doc}>${fieldLabel(one, type)}</th>`)}</tr></thead>
		<tbody>${rows.map((row) => html`<tr>${fields.map((one) => html`
			<td data-label=${fieldLabel(one, type)}><${Value} resource=${resource} type=${type} field=${one} row=${row} /></td>`)}</tr>`)}</tbody></table></div>`;
}

/** A row of another resource, by its name, which is asked for where the row at hand does not tell it. @param {{ screen: ReturnType<typeof screens>[number], value: string | number, title?: string }} props */
function Reference({ screen, value, title }) {
	const found = useRead(async () => (title === undefined ? nameOf(screen.resource, value) : undefined), [screen.name, value, title]);
	const text = title ?? found.value ?? value;
	return may(screen.resource) ? html`<a href=${address([screen.name, value])}>${text}</a>` : html`<span>${text}</span>`;
}

/** A text, with a line for each member where it is an object in JSON. @param {string} text */
function spread(text) {
	try {
		return text.startsWith("{") ? JSON.stringify(JSON.parse(text), null, 2) : text;
	} catch {
		return text;
	}
}

/** Seconds until which a program is up, and then late. Programs say hello every few minutes, and who is silent for an hour is off. */
const UP_SECONDS = 300;
const LATE_SECONDS = 3600;

/** How old the latest sign of life is. @param {{ value: string }} props */
function Alive({ value }) {
	const age = (Date.now() - new Date(value).getTime()) / 1000;
	const state = age <= UP_SECONDS ? "up" : age <= LATE_SECONDS ? "late" : "silent";
	return html`<span class="row wrap"><${Badge} tone=${{ up: "good", late: "warn", silent: "bad" }[state]}>${t(`alive.${state}`)}<//> <time datetime=${value} title=${moment(value)}>${relative(value)}</time></span>`;
}

/**
 * One value.
 * @param {{ resource: Resource, field: Field, row: Row, full?: boolean, type?: string }} props full: beside its name, not in a list; type: of the row, where it is
 *	an object in one of the resource
 */
export function Value({ resource, field, row, full, type = resource.type }) {
	const value = row[field.name];
	const screen = screenOf(resource);
	if (!isFilled(value))
		return html`<span class="faint">–</span>`;
	if (screen.bits?.[field.name])
		return html`<span class="row wrap bits">${BITS.filter((_, bit) => value & (1 << bit)).map((one) => html`<${Badge}>${t(`permission.${one}`)}<//>`)}</span>`;
	if (screen.choices?.[field.name])
		return html`${choiceName(type, field.name, value)}`;
	if (field.type === "boolean")
		return value ? html`<${Icon} name="check" label=${t("yes")} />` : html`<span class="faint">${t("no")}</span>`;
	if (screen.alive?.includes(field.name))
		return html`<${Alive} value=${value} />`;
	if (screen.relative?.includes(field.name))
		return html`<time datetime=${value} title=${moment(value)}>${relative(value)}</time>`;
	if (field.format === "date" || screen.days?.includes(field.name))
		return html`<time datetime=${value}>${day(`${value.slice(0, DAY)}T00:00`)}</time>`;
	if (field.format === "date-time")
		return html`<${Moment} value=${value} />`;
	const target = screenOfReference(field);
	if (target && (field.name !== resource.key || field.name === resource.insert?.placed)) {
		const relation = row[field.name.replace(/Id$/, "")];
		return html`<${Reference} screen=${target} value=${value} title=${relation?.[target.resource.key] === value ? titleOf(target.resource, relation) : undefined} />`;
	}
	if (field.type === "integer" || field.type === "number")
		return html`<span class="number">${field.name === resource.key || NAMING.test(field.name) ? value : printNumber(field, value)}</span>`;
	if (field.type === "array" && field.of && full)
		return html`<${ItemTable} resource=${resource} type=${field.of} rows=${value} label=${fieldLabel(field, type)} />`;
	if (field.type === "array") {
		const texts = value.map((/** @type {any} */ one) => (field.of ? one.name ?? one.feature ?? one.id ?? "" : one));
		return html`<span>${texts.slice(0, full ? 100 : 3).join(", ")}${!full && texts.length > 3 ? ` +${texts.length - 3}` : ""}</span>`;
	}
	if (field.type === "object" && field.of) {
		const home = screenOfType(field.of);
		return home ? html`<${Reference} screen=${home} value=${value[home.resource.key]} title=${titleOf(home.resource, value)} />`
			: html`<${Members} resource=${resource} type=${field.of} row=${value} full=${full} />`;
	}
	if (field.map)
		return html`<span>${Object.entries(value).map(([name, one], at) => html`${at > 0 && ", "}${name}: <code>${one}</code>`)}</span>`;
	if (typeof value === "object")
		return html`<pre class="value" tabindex="0">${JSON.stringify(value, null, 2)}</pre>`;
	if (TONES[String(value).toLowerCase()] && String(value).length < 16)
		return html`<${Badge} tone=${TONES[String(value).toLowerCase()]}>${choiceName(type, field.name, value)}<//>`;
	if (field.enum)
		return html`${choiceName(type, field.name, value)}`;
	if (full && isProse(field))
		return html`<p class="prose">${value}</p>`;
	if (full && (screen.long?.includes(field.name) || String(value).includes("\n")))
		return html`<div class="row start"><pre class="value" tabindex="0">${spread(String(value))}</pre><${Copy} text=${String(value)} /></div>`;
	if (COPIED.test(field.name))
		return html`<span class="row"><code>${value}</code>${full && !String(value).endsWith(CUT) && html`<${Copy} text=${String(value)} />`}</span>`;
	return html`<span class=${full ? "" : screen.long?.includes(field.name) ? "clip long" : "clip"} title=${full ? undefined : String(value)}>${value}</span>`;
}

/** The members of a row that a list can show as columns: rows of other resources where the caller may see them. @param {Resource} resource */
export const columnsOf = (resource) => fieldsOf(resource.type).filter((one) => {
	const home = one.of ? screenOfType(one.of) : undefined;
	return home ? may(home.resource) : one.type !== "object";
});

/** Members that a list must ask for to show these columns. @param {Resource} resource @param {Field[]} columns */
export function selection(resource, columns) {
	const relations = columns.filter((one) => one.of);
	const members = columns.flatMap((one) => {
		const target = one.of && screenOfType(one.of);
		return one.type !== "object" || !target ? [one.name] : titleMembers(target.resource).map((member) => `${one.name}.${member}`);
	});
	// What tells the address by which something is done to a row, and what may be done.
	const known = fieldsOf(resource.type).map((one) => one.name);
	const needed = [...Object.keys(parentsOf(actorOf(resource), {})), ...STATES].filter((one) => known.includes(one));
	return {
		select: [...new Set([...needed, ...screenOf(resource).needs ?? [], ...members.filter((one) => one.includes(".") || !relations.some((relation) => relation.name === one)), ...titleMembers(resource)])].join(","),
		include: relations.map((one) => one.name).join(","),
	};
}

/** What a column is sorted by. @param {Field} field */
export function sortMember(field) {
	const target = field.type === "object" ? screenOfType(field.of) : undefined;
	return target ? `${field.name}.${titleMembers(target.resource)[0]}` : field.type === "array" || field.type === "object" ? "" : field.name;
}
