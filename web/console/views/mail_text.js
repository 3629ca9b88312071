// Texts of e-mails with placeholders such as {{license.userKey}}, as the holder of a license would read them.
import { html, useId, useState } from "../html.js";
import { t } from "../i18n.js";
import { fieldsOf, readRow, resourceAt } from "../model.js";
import { Picker } from "../picker.js";
import { Fault, useRead } from "../ui.js";

/** @typedef {import("../model.js").Row} Row */

/** Groups of placeholders, by the member of a license that has them; "" is the license itself. @type {Record<string, string>} */
const GROUPS = { license: "", licensee: "licensee", product: "product", customer: "customer", order: "order" };
/** Members of the license that stand for those that its licensee lacks. @type {Record<string, string>} */
const HOLDER = { name: "licenseeName", company: "licenseeCompany", contactinfo: "licenseeEmail" };
const PLACEHOLDER = /\{\{\s*([\w.]+)\s*\}\}/;
/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** @param {Row} resource With the text */
const isHtml = (resource) => /html/i.test(resource.dataFormat ?? "") || !resource.dataFormat && String(resource.data ?? "").trim().startsWith("<");

/** What a person reads of a page. @param {string} text */
const textOfHtml = (text) => text.replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, "").replace(/\s+/g, " ").replace(/<(br|\/p|\/div|\/li|\/tr|\/h\d)\b[^>]*>/gi, "\n").replace(/<[^>]*>/g, "")
	.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) => (code ? String.fromCodePoint(Number(code)) : ENTITIES[name] ?? whole)).replace(/\n /g, "\n").replace(/\n{3,}/g, "\n\n").trim();

/** What a placeholder stands for; undefined where there is none of that name. @param {string} name @param {Row} license */
export function valueOf(name, license) {
	const [group, member] = name.split(".");
	const at = GROUPS[group.toLowerCase()];
	const type = resourceAt("/v1/licenses")?.type;
	const fields = fieldsOf(at ? fieldsOf(type).find((one) => one.name === at)?.of : type);
	const field = at === undefined ? undefined : fields.find((one) => one.name.toLowerCase() === member?.toLowerCase());
	if (!field || field.of || field.type === "object" || field.type === "array" || field.secret)
		return undefined;
	const value = (at ? license[at] : license)?.[field.name] ?? (at === "licensee" ? license[HOLDER[field.name.toLowerCase()]] : null);
	return value === null || value === undefined ? "" : field.format === "date-time" ? String(value).slice(0, 10) : String(value);
}

/** Whom a license is sent to; undefined where there is no address. @param {Row} license @returns {string | undefined} */
export const recipientOf = (license) => [license.licenseeEmail, license.licensee?.contactInfo, license.customer?.email].find((one) => /^[^\s@]+@[^\s@]+$/.test(one ?? ""));

/** The text of a mail for a license; what no placeholder is called stands out. @param {{ resource: Row, license?: Row }} props */
export function FilledText({ resource, license }) {
	const data = String(resource.data ?? "");
	const parts = (isHtml(resource) ? textOfHtml(data) : data).split(PLACEHOLDER);
	return html`<div class="mail" role="region" tabindex="0" aria-label=${t("mail.preview")}>${parts.map((part, at) => {
		if (at % 2 === 0)
			return part;
		const value = license ? valueOf(part, license) : undefined;
		return value === undefined ? html`<mark class=${license ? "bad" : ""} title=${license ? t("mail.unknown") : ""}>${`{{${part}}}`}</mark>` : html`<mark>${value}</mark>`;
	})}</div>`;
}

/** The tab of a resource that is the text of an e-mail. @param {import("../detail.js").TabProps} props */
export function MailPreview({ row }) {
	const id = useId();
	const licenses = resourceAt("/v1/licenses");
	const [chosen, setChosen] = useState(/** @type {string | number | null} */ (null));
	const read = useRead(async () => (chosen === null || !licenses ? undefined : (await readRow(licenses, {}, String(chosen))).row), [chosen]);
	return html`
		${licenses && html`<div class="field"><label for=${id}>${t("mail.for")}</label><${Picker} resource=${licenses} id=${id} value=${chosen} onChange=${setChosen} /></div>`}
		<${Fault} error=${read.error} retry=${read.again} /><${FilledText} resource=${row} license=${read.value} />`;
}
