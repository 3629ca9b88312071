// How much of a license's features was used, and the ledger of it.
import { ActionDialog, actionTitle, actionsOf } from "../actions.js";
import { placeBelow } from "../detail.js";
import { html, useState } from "../html.js";
import { number, t } from "../i18n.js";
import { List } from "../list.js";
import { readPage, resourceAt } from "../model.js";
import { Button, Empty, Fault, Loading, Moment, useRead } from "../ui.js";
import { choiceName } from "../screens.js";

/** @typedef {import("../model.js").Row} Row */

const MOST = 1000;

/** How full a counter is. @param {{ counter: Row }} props */
function Meter({ counter }) {
	const all = Number(counter.allowance ?? 0) + Number(counter.added ?? 0);
	const text = counter.balance === null ? t("counters.used", { used: counter.used }) : t("counters.left", { used: counter.used, left: counter.balance });
	return html`<label class="progress">${text}${counter.balance !== null && all > 0 && html`
		<progress class=${counter.balance <= 0 ? "full" : ""} max=${all} value=${Math.max(0, Math.min(all, counter.used))}></progress>`}</label>`;
}

/** @param {import("../detail.js").TabProps} props */
export function Counters({ place, row, changed, query }) {
	const at = (/** @type {string} */ path) => placeBelow(place, row, /** @type {import("../model.js").Resource} */ (resourceAt(path)));
	const { resource, parents } = at("/v1/licenses/{licenseId}/consumption");
	const ledger = at("/v1/licenses/{licenseId}/consumption/ledger");
	const read = useRead((signal) => readPage(resource, parents, { take: MOST }, signal), [row.id]);
	const [times, setTimes] = useState(0);
	const [asked, setAsked] = useState(/** @type {import("../screens.js").RowAction | null} */ (null));
	const topUp = actionsOf(place.resource).find((one) => one.name === "consumption/top-up");
	const again = () => { read.again(); setTimes(times + 1); changed(); };
	if (read.error)
		return html`<${Fault} error=${read.error} retry=${read.again} />`;
	if (!read.value)
		return html`<${Loading} />`;
	if (read.value.rows.length === 0)
		return html`<${Empty} title=${t("counters.none")} />`;
	return html`
		<div class="tiles">${read.value.rows.map((counter) => html`
			<section key=${counter.id} class="tile"><h2>${counter.feature}</h2>
				<p class="faint">${choiceName(resource.type, "kind", counter.kind)}${counter.allowance === null ? "" : ` · ${t("counters.allowance", { count: number(counter.allowance) })}`}
					${counter.added ? ` + ${number(counter.added)}` : ""}</p>
				<${Meter} counter=${counter} />
				${counter.resetAt && html`<p>${t("counters.reset")} <${Moment} value=${counter.resetAt} /></p>`}
				${topUp && counter.kind === "prepaid" && html`<div><${Button} icon="add" onClick=${() => setAsked({ ...topUp, sends: { feature: counter.feature } })}>${actionTitle(place.resource, topUp.name)}<//></div>`}
			</section>`)}</div>
		<h2>${t("tab.consumption/ledger")}</h2>
		<${List} key=${times} home=${[...place.base, row.id]} title=${t("tab.consumption/ledger")} query=${query} place=${ledger} onChanged=${() => { read.again(); changed(); }} />
		${asked && html`<${ActionDialog} place=${place} action=${asked} row=${row} onClose=${() => setAsked(null)} onDone=${again} />`}`;
}
