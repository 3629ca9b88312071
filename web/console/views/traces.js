// What programs asked of a license, day by day, the latest first.
import { html, useState } from "../html.js";
import { day, t } from "../i18n.js";
import { literal, readPage, reasonOf, resourceAt } from "../model.js";
import { address } from "../router.js";
import { Badge, Empty } from "../ui.js";
import { usePages, MorePages } from "../pages.js";
import { TRACE_ACTIONS, choiceName } from "../screens.js";

/** @typedef {import("../model.js").Row} Row */

const PAGE = 50;

/** Why a program was refused, or what else is noted. @param {string | null} meta */
function noteOf(meta) {
	try {
		const { reason, ...rest } = JSON.parse(meta ?? "null") ?? {};
		return { refused: typeof reason === "string" ? reason : undefined, note: Object.entries(reason ? {} : rest).map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ") };
	} catch {
		return { refused: undefined, note: meta ?? "" };
	}
}

/** @param {{ row: Row }} props */
function Trace({ row }) {
	const { refused, note } = noteOf(row.meta);
	const time = new Date(row.createdDate);
	return html`
		<li class=${refused ? "bad" : ""}><time datetime=${row.createdDate}>${time.toLocaleTimeString(document.documentElement.lang)}</time>
			<div><strong>${choiceName("LicenseTrace", "action", row.action)}</strong> ${refused && html`<${Badge} tone="bad">${t("traces.refused")}<//> <a href=${`../docs/errors.html#${encodeURIComponent(refused)}`}>${reasonOf(refused)}</a>`} ${note}
				<p class="faint">${[row.clientName ?? row.clientId, row.machineId, row.clientIp, row.geoLocation].filter(Boolean).join(" · ")}</p></div></li>`;
}

/** @param {import("../detail.js").TabProps} props */
export function Traces({ place, row }) {
	const [action, setAction] = useState("");
	const resource = /** @type {import("../model.js").Resource} */ (resourceAt("/v1/license-traces"));
	const filter = [`licenseId = ${literal(row.id)}`, action && (action === "refused" ? `meta.Contains("reason")` : `action = ${action}`)].filter(Boolean).join(" and ");
	const pages = usePages((after, signal) => readPage(resource, {}, { filter, sort: "id desc", take: PAGE, total: "none", after }, signal), [filter]);
	/** @type {Map<string, Row[]>} */
	const days = new Map();
	for (const one of pages.rows)
		days.set(day(one.createdDate), [...days.get(day(one.createdDate)) ?? [], one]);
	return html`
		${!row.trace && html`<p class="notice warn">${t("traces.off")} <a href=${address([...place.base, row.id, "edit"])}>${t("action.edit")}</a></p>`}
		<div class="bar"><label>${t("traces.show")} <select value=${action} onChange=${(/** @type {Event} */ event) => setAction(/** @type {HTMLSelectElement} */ (event.target).value)}>
			<option value="">${t("preset.all")}</option><option value="refused">${t("traces.refusals")}</option>
			${TRACE_ACTIONS.map((one) => html`<option value=${one}>${choiceName("LicenseTrace", "action", one)}</option>`)}</select></label></div>
		${[...days].map(([name, rows]) => html`<section key=${name} class="day"><h2>${name}</h2><ol class="line">${rows.map((one) => html`<${Trace} key=${one.id} row=${one} />`)}</ol></section>`)}
		${pages.done && pages.rows.length === 0 && html`<${Empty} title=${t("list.nothing")} />`}<${MorePages} pages=${pages} />`;
}
