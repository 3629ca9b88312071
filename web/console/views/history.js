// What the audit log tells of one row: who changed what, and when, the latest first.
import { html } from "../html.js";
import { t } from "../i18n.js";
import { fieldsOf, literal, readPage, resourceAt } from "../model.js";
import { Empty, Moment } from "../ui.js";
import { MorePages, usePages } from "../pages.js";
import { choiceName } from "../screens.js";
import { Value, fieldLabel, isFilled } from "../values.js";

/** @typedef {import("../model.js").Resource} Resource */
/** @typedef {import("../model.js").Row} Row */

const PAGE = 20;
/** Members that follow from others. */
const FOLLOWING = new Set(["updatedAt", "hash"]);
/** Characters of a text that are shown. */
const SHOWN = 200;

/** @param {string | null | undefined} text @returns {Row} */
function parse(text) {
	try {
		return JSON.parse(text ?? "null") ?? {};
	} catch {
		return {};
	}
}

/** @param {unknown} value */
function print(value) {
	const text = typeof value === "object" ? JSON.stringify(value) : String(value);
	return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** What a member was. @param {{ resource: Resource, name: string, row: Row }} props */
function Past({ resource, name, row }) {
	const field = fieldsOf(resource.type).find((one) => one.name === name);
	const value = row[name];
	return field && !field.of && (typeof value !== "string" || value.length < SHOWN) ? html`<${Value} resource=${resource} field=${field} row=${row} />` : html`${isFilled(value) ? print(value) : "–"}`;
}

/** @param {{ resource: Resource, entry: Row }} props */
function Change({ resource, entry }) {
	const before = parse(entry.before);
	const after = parse(entry.after);
	const detail = Object.entries(parse(entry.detail));
	const changed = entry.action === "update";
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !FOLLOWING.has(name) &&
		(changed ? JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null) : isFilled(before[name] ?? after[name])));
	const row = { ...before, ...after };
	const members = html`<dl class="changes">${names.map((name) => html`<div key=${name}><dt>${fieldLabel(fieldsOf(resource.type).find((one) => one.name === name) ?? { name, type: "string" }, resource.type)}</dt>
		<dd>${changed ? html`<del><${Past} resource=${resource} name=${name} row=${before} /></del> → <ins><${Past} resource=${resource} name=${name} row=${after} /></ins>`
		: html`<${Past} resource=${resource} name=${name} row=${row} />`}</dd></div>`)}</dl>`;
	return html`
		<li><${Moment} value=${entry.madeAt} />
			<div><strong>${entry.actor ?? "–"}</strong> ${choiceName("AuditEntry", "action", entry.action)} <span class="faint">${[entry.address, entry.requestId].filter(Boolean).join(" · ")}</span>
				${detail.length > 0 && html`<p>${detail.map(([name, value]) => `${name}: ${print(value)}`).join(", ")}</p>`}
				${names.length > 0 && (changed ? members : html`<details><summary>${t("history.members", { count: names.length })}</summary>${members}</details>`)}</div></li>`;
}

/** @param {import("../detail.js").TabProps} props */
export function History({ place, row }) {
	const { resource, parents } = place;
	const audit = /** @type {Resource} */ (resourceAt("/v1/audit"));
	const key = String(row[resource.key]);
	// The key of a row of several parts has slashes between them, the row's own last or first.
	const keys = [key, ...Object.values(parents).flatMap((one) => [`${one}/${key}`, `${key}/${one}`])];
	const filter = `resource in (${(resource.audit ?? [resource.name?.replace(/[A-Z]/g, " $&").toLowerCase()]).map(literal).join(",")}) and key in (${keys.map(literal).join(",")})`;
	const select = "id,madeAt,actor,action,before,after,detail,address,requestId";
	const pages = usePages((after, signal) => readPage(audit, {}, { filter, select, sort: "id desc", take: PAGE, total: "none", after }, signal), [filter]);
	return html`
		<ol class="line">${pages.rows.map((entry) => html`<${Change} key=${entry.id} resource=${resource} entry=${entry} />`)}</ol>
		${pages.done && pages.rows.length === 0 && html`<${Empty} title=${t("history.none")} />`}<${MorePages} pages=${pages} />`;
}
