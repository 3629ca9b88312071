// Who holds the seats of a license, and how many of those that it has.
import { urlOf } from "../api.js";
import { placeBelow } from "../detail.js";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { List } from "../list.js";
import { readPage, resourceAt } from "../model.js";
import { Copy, Fault, useRead } from "../ui.js";

/** Conditions that a seat meets that counts, at a moment. @param {Date} now */
const TAKEN = (now) => `expireDate = null or expireDate > "${now.toISOString()}"`;

/** The call by which a program takes a seat, by licensingMode. */
const TAKES = ["", "/v1/license/activate", "/v1/license/request"];

/** How a program takes a seat of this license, to be tried from a terminal. @param {{ row: import("../model.js").Row }} props */
function HowTo({ row }) {
	const body = JSON.stringify({ userKey: row.userKey, machineId: "M-1", clientId: "program", clientName: "Program" }).replaceAll("'", "'\\''");
	const command = `curl -X POST ${urlOf(TAKES[row.licensingMode]).href} -H 'Content-Type: application/json' -d '${body}'`;
	return html`<details><summary>${t("seats.howTo")}</summary>
		<div class="row start"><pre class="value" tabindex="0">${command}</pre><${Copy} text=${command} /></div><p><a href="../docs/activation.html">${t("seats.guide")}</a></p></details>`;
}

/** @param {import("../detail.js").TabProps} props */
export function Seats({ place, row, query }) {
	const below = placeBelow(place, row, /** @type {import("../model.js").Resource} */ (resourceAt("/v1/licenses/{licenseId}/tokens")));
	const counted = useRead((signal) => readPage(below.resource, below.parents, { filter: TAKEN(new Date()), take: 0 }, signal), [row.id]);
	const used = counted.value?.total ?? 0;
	const all = Number(row.maxAllowedSites);
	return html`
		<${Fault} error=${counted.error} retry=${counted.again} />
		${row.licensingMode === 0 ? html`<p class="faint">${t("seats.file")}</p>`
		: counted.value && html`<label class="progress">${all > 0 ? t("seats.used", { used, all }) : t("seats.unlimited", { used })}
			${all > 0 && html`<progress class=${used >= all ? "full" : ""} max=${all} value=${Math.min(used, all)}></progress>`}</label>`}
		<${List} home=${[...place.base, row.id]} title=${t("tab.tokens")} query=${query} place=${below} onChanged=${counted.again} />
		${TAKES[row.licensingMode] && html`<${HowTo} row=${row} />`}`;
}
