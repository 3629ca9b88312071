// The first screen: what there is, what happens, and what needs somebody. Each tile is a part of the statistics that the caller may
// read; who may read none sees where to go.
import { call } from "../api.js";
import { html } from "../html.js";
import { number, t } from "../i18n.js";
import { may, maySearch, reasonOf, resourceAt } from "../model.js";
import { navigation, screenTitle } from "../navigation.js";
import { address, go } from "../router.js";
import { Badge, Button, Fault, Loading, Moment, useRead, useTitle } from "../ui.js";
import { SCREENS, choiceName, expiringWithin } from "../screens.js";
import { Bars, Chart } from "./chart.js";

const DAYS = [7, 14, 30, 90];
const USUAL = 30;

/** What a new installation needs first, in this order. */
const STEPS = [["products", "/v1/products"], ["templates", "/v1/license-templates"], ["customers", "/v1/customers"], ["licenses", "/v1/licenses"], ["api-keys", "/v1/api-keys"]];

/** Midnight here of a day that the server names. @param {string} text */
const midnight = (text) => new Date(`${text}T00:00:00`);

/** The list of licenses with a filter of the table of screens. @param {string} preset */
const licenses = (preset) => address(["licenses"], { filter: SCREENS[0].presets?.find((one) => one.name === preset)?.filter(new Date()) });

/** The list of those that end within so many days. @param {number} days */
const ending = (days) => address(["licenses"], { filter: expiringWithin(days)(new Date()) });

/** @param {{ title: string, wide?: boolean, children: import("../html.js").Children }} props */
const Tile = ({ title, wide, children }) => html`<section class=${`tile ${wide ? "wide" : ""}`}><h2>${title}</h2>${children}</section>`;

/** Numbers that stand for themselves. @param {{ rows: [string, string | number, string?][] }} props */
const Numbers = ({ rows }) => html`<dl class="figures">${rows.map(([name, value, href]) => html`
	<div><dt>${name}</dt><dd>${href ? html`<a href=${href}>${typeof value === "number" ? number(value) : value}</a>` : typeof value === "number" ? number(value) : value}</dd></div>`)}</dl>`;

function Places() {
	return html`<div class="tiles">${navigation().map(({ group, items }) => html`
		<${Tile} title=${t(`group.${group}`)}><ul>${items.map((one) => html`<li><a href=${address([one.name])}>${screenTitle(one.name)}</a></li>`)}</ul><//>`)}</div>`;
}

function FirstSteps() {
	const steps = STEPS.filter(([, path]) => may(resourceAt(path)?.insert));
	return steps.length === 0 ? null : html`
		<section class="tile first"><h2>${t("home.first")}</h2><p>${t("home.first.text")}</p>
			<ol>${steps.map(([name]) => html`<li><a href=${address([name, "new"])}>${t(`home.step.${name}`)}</a></li>`)}</ol>
			<p><a href="../docs/">${t("nav.documentation")}</a></p></section>`;
}

/** @param {{ part: any, seats: any }} props */
function Licenses({ part, seats }) {
	const state = (/** @type {string} */ name) => part.states.find((/** @type {any} */ one) => one.state === name)?.licenses ?? 0;
	const floating = part.floatingUnlimited > 0 ? t("home.seats.some", { used: seats.floatingSeats }) : t("home.seats.of", { used: seats.floatingSeats, allowed: part.floatingSeatsAllowed });
	return html`
		<${Tile} title=${t("home.licenses")}>
			<${Numbers} rows=${[[t("home.total"), part.total, address(["licenses"])], [t("home.active"), state("active"), licenses("valid")],
				[t("home.suspended"), state("suspended"), licenses("suspended")], [t("home.revoked"), state("revoked"), licenses("revoked")]]} /><//>
		<${Tile} title=${t("home.expiring")}>
			<${Numbers} rows=${[[t("home.within", { days: 7 }), part.expiringWithin7Days, ending(7)], [t("home.within", { days: 30 }), part.expiringWithin30Days, ending(30)],
				[t("home.within", { days: 90 }), part.expiringWithin90Days, ending(90)], [t("home.expired"), part.expired, licenses("expired")]]} /><//>
		<${Tile} title=${t("home.seats")}>
			<${Numbers} rows=${[[t("home.taken"), seats.taken, address(["seats"])], [t("home.activation"), seats.activationSeats], [t("home.floating"), floating]]} /><//>
		${part.total > 0 && html`
			<${Tile} title=${t("home.products")}><${Bars} most=${part.total} rows=${part.products.map((/** @type {any} */ one) => ({
				name: one.productId === null ? t("home.noProduct") : one.name ?? `#${one.productId}`, value: one.licenses, href: one.name ? address(["products", one.productId]) : undefined }))} /><//>
			<${Tile} title=${t("home.types")}><${Bars} most=${part.total} rows=${part.types.map((/** @type {any} */ one) => ({ name: one.licenseType ?? t("home.noType"), value: one.licenses }))} /><//>
			<${Tile} title=${t("home.modes")}><${Bars} most=${part.total} rows=${part.modes.map((/** @type {any} */ one) => ({ name: choiceName("licensing.License", "licensingMode", one.licensingMode), value: one.licenses }))} /><//>`}`;
}

/** @param {{ part: any }} props */
function Activity({ part }) {
	const values = (/** @type {string} */ name) => part.days.map((/** @type {any} */ one) => one[name]);
	return html`
		<${Tile} title=${t("home.activity")} wide=${true}>
			<${Chart} title=${t("home.activity")} whole=${true} times=${part.days.map((/** @type {any} */ one) => midnight(one.date))} series=${[
				{ label: t("home.activations"), values: values("activations"), color: "one" }, { label: t("home.releases"), values: values("releases"), color: "two" },
				{ label: t("home.validations"), values: values("validations"), color: "three" }, { label: t("home.refusals"), values: values("refusals"), color: "bad" }]} />
			<p class="faint">${t("home.traced")}</p><//>
		<${Tile} title=${t("home.failed")} wide=${part.recentRefusals.length > 0}>${part.recentRefusals.length === 0 ? html`<p class="faint">${t("home.none")}</p>` : html`
			<ul class="events">${part.recentRefusals.map((/** @type {any} */ one) => html`
				<li><${Moment} value=${one.date} /> <a href=${address(["licenses", one.license])}>${one.licenseId ?? one.license}</a>
					<span>${reasonOf(one.reason ?? String(one.code))}</span> <span class="faint">${[one.clientName, one.machineId, one.clientIp].filter(Boolean).join(", ")}</span></li>`)}</ul>`}<//>`;
}

/** @param {{ part: any }} props */
function Reasons({ part }) {
	/** @type {Record<string, number>} */
	const reasons = {};
	for (const one of part.refusals)
		reasons[one.reason ?? one.code] = (reasons[one.reason ?? one.code] ?? 0) + one.refusals;
	return part.refusals.length > 0 && html`
		<${Tile} title=${t("home.reasons")}><${Bars} rows=${Object.entries(reasons).sort((one, other) => other[1] - one[1]).map(([name, value]) => ({ name: reasonOf(name), value }))} /><//>`;
}

/** @param {{ part: any }} props */
const Seats = ({ part }) => part.days.length > 0 && html`
	<${Tile} title=${t("home.seatsOverTime")} wide=${true}>
		<${Chart} title=${t("home.seatsOverTime")} whole=${true} times=${part.days.map((/** @type {any} */ one) => midnight(one.date))} series=${[
			{ label: t("home.taken"), values: part.days.map((/** @type {any} */ one) => one.seats), color: "one" },
			{ label: t("home.floating"), values: part.days.map((/** @type {any} */ one) => one.floatingSeats), color: "two" }]} />
		<p class="faint">${t("home.counted")}</p><//>`;

/** @param {{ part: any }} props */
const Webhooks = ({ part }) => html`
	<${Tile} title=${t("home.webhooks")}>${part.failing.length === 0 ? html`<p><${Badge} tone="good">${t("home.fine")}<//></p>` : html`
		<ul class="events">${part.failing.map((/** @type {any} */ one) => html`
			<li><a href=${address(["webhooks", one.webhookId])}>${one.url}</a> <${Badge} tone="bad">${t("home.waiting", { count: one.waiting })}<//>
				<span>${one.lastError}</span> <span class="faint">${t("home.since")} <${Moment} value=${one.lastSuccess} absent=${t("home.never")} /></span></li>`)}</ul>`}
		<${Numbers} rows=${[[t("home.enabled"), part.enabled], [t("home.disabled"), part.disabled]]} /><//>`;

/** @param {{ part: any }} props */
const Mail = ({ part }) => html`<${Tile} title=${t("home.mail")}><${Numbers} rows=${[[t("home.queued"), part.queued], [t("home.givenUp"), part.failed]]} /><//>`;

/** @param {{ part: any }} props */
const Reports = ({ part }) => html`
	<${Tile} title=${t("home.reports")}>${part.recent.length === 0 ? html`<p class="faint">${t("home.none")}</p>` : html`
		<ul class="events">${part.recent.map((/** @type {any} */ one) => html`<li><${Moment} value=${one.date} /> <a href=${address(["reports", one.id])}>${one.name ?? `#${one.id}`}</a>
			<span class="faint">${[one.version, one.clientName].filter(Boolean).join(", ")}</span></li>`)}</ul>`}<//>`;

/** @param {{ part: any }} props */
const Pool = ({ part }) => html`
	<${Tile} title=${t("home.pool")}>
		<p><${Badge} tone=${part.workers < part.workersWanted ? "bad" : "good"}>${part.workers < part.workersWanted ? t("home.workersMissing") : t("home.fine")}<//></p>
		<${Numbers} rows=${[[t("home.workers"), `${number(part.workers)} / ${number(part.workersWanted)}`], [t("home.busy"), part.busy], [t("home.requests"), part.requests],
			[t("home.failures"), part.failures], [t("home.refused"), part.refused]]} />
		<p class="faint">${t("home.since")} <${Moment} value=${part.started} /></p><//>`;

/** @param {{ query: Record<string, string> }} props */
export function Home({ query }) {
	const days = DAYS.find((one) => String(one) === query.days) ?? USUAL;
	const { value, error, busy, again } = useRead(async (signal) => (maySearch() ? (await call("GET", "/v1/statistics", { query: { days, offset: -new Date().getTimezoneOffset() }, signal })).body : {}), [days]);
	useTitle(screenTitle("home"));
	const parts = value ?? {};
	const nothing = value && !["licenses", "reports", "webhooks", "mail", "pool"].some((name) => name in parts);
	return html`
		<div class="head"><h1>${screenTitle("home")}</h1><span class="space"></span>${!nothing && html`
			<div class="presets" role="group" aria-label=${t("home.days")}>${DAYS.map((one) => html`
				<button type="button" class="chip" aria-pressed=${one === days ? "true" : "false"} onClick=${() => go(address([], { days: one }))}>${t("home.lastDays", { count: one })}</button>`)}</div>
			<${Button} icon="refresh" label=${t("action.refresh")} onClick=${again} />`}</div>
		<${Fault} error=${error} retry=${again} />
		${!value && busy ? html`<${Loading} />` : nothing || error ? html`<${Places} />` : value && html`
			${parts.licenses?.total === 0 && html`<${FirstSteps} />`}
			<div class="tiles" aria-busy=${busy ? "true" : "false"}>
				${parts.licenses && html`<${Licenses} part=${parts.licenses} seats=${parts.seats} />`}
				${parts.activity && html`<${Activity} part=${parts.activity} />`}
				${parts.seats && html`<${Seats} part=${parts.seats} />`}
				${parts.activity && html`<${Reasons} part=${parts.activity} />`}
				${parts.webhooks && html`<${Webhooks} part=${parts.webhooks} />`}
				${parts.mail && html`<${Mail} part=${parts.mail} />`}
				${parts.reports && html`<${Reports} part=${parts.reports} />`}
				${parts.pool && html`<${Pool} part=${parts.pool} />`}
			</div>`}`;
}
