// How the service is: what it is, its processes and database, mail and webhooks that wait or fail. Looked at anew while it is seen.
import { call } from "../api.js";
import { html } from "../html.js";
import { moment, number, relative, t } from "../i18n.js";
import { may, resourceAt } from "../model.js";
import { screenTitle } from "../navigation.js";
import { address } from "../router.js";
import { Badge, Fault, Loading, Moment, useEvery, useRead, useTitle } from "../ui.js";

/** @typedef {"good" | "warn" | "bad"} Tone */
/** @typedef {Record<string, any>} Part */

const AGAIN_MILLISECONDS = 10000;
/** Clocks that differ by more make expiry dates differ. */
const CLOCK_SECONDS = 30;

/** @param {{ title: string, tone: Tone, children: any }} props */
const Tile = ({ title, tone, children }) => html`<section class="tile"><div class="head"><h2>${title}</h2><span class="space"></span><${Badge} tone=${tone}>${t(`health.${tone}`)}<//></div>${children}</section>`;

/** @param {{ items: [string, any][] }} props */
const Facts = ({ items }) => html`<dl class="members small">${items.map(([name, value]) => html`<div><dt>${t(`health.${name}`)}</dt><dd>${typeof value === "number" ? number(value) : value ?? "–"}</dd></div>`)}</dl>`;

/** @param {Part} pool @returns {Tone} */
const toneOfPool = (pool) => (pool.workers < pool.workersWanted ? "bad" : pool.busy >= pool.workersWanted || pool.databaseErrors > 0 ? "warn" : "good");

export function Health() {
	const read = useRead(async (signal) => {
		const mayInfo = may({ access: { area: "licenses", permission: "read" } });
		const [statistics, info] = await Promise.all([call("GET", "/v1/statistics", { query: { days: 7 }, signal }), mayInfo ? call("GET", "/v1/info", { signal }) : undefined]);
		return { statistics: statistics.body, info: info?.body, now: Date.now() };
	}, []);
	useTitle(screenTitle("health"));
	useEvery(AGAIN_MILLISECONDS, read.again);
	if (!read.value)
		return html`<h1>${screenTitle("health")}</h1>${read.error ? html`<${Fault} error=${read.error} retry=${read.again} />` : html`<${Loading} />`}`;
	const { statistics: { pool, mail, webhooks }, info, now } = read.value;
	const clock = info ? Math.round((new Date(info.serverTime).getTime() - now) / 1000) : 0;
	return html`<h1>${screenTitle("health")}</h1>
		<${Fault} error=${read.error} />
		<div class="tiles">
			${info && html`<${Tile} title=${t("health.service")} tone=${Math.abs(clock) > CLOCK_SECONDS ? "warn" : "good"}><${Facts} items=${[["product", `${info.product} ${info.version}`], ["license", info.license], ["host", info.serverHost],
				["time", moment(info.serverTime)], ["you", info.clientAddress]]} />
				${Math.abs(clock) > CLOCK_SECONDS && html`<p class="notice warn">${t("health.clock", { seconds: Math.abs(clock) })}</p>`}<//>`}
			${pool && html`<${Tile} title=${t("health.pool")} tone=${toneOfPool(pool)}><${Facts} items=${[["started", pool.started && `${relative(pool.started)} (${moment(pool.started)})`],
				["workers", t("health.of", { some: pool.workers, all: pool.workersWanted })], ["busy", pool.busy], ["requests", pool.requests], ["failures", pool.failures], ["databaseErrors", pool.databaseErrors], ["refused", pool.refused]]} /><//>`}
			${info && html`<${Tile} title=${t("health.seats")} tone="good"><${Facts} items=${[["licenses", info.totalLicenses], ["revoked", info.revokedLicenses], ["seatsTaken", info.activeTokens], ["seatsAllowed", info.maxTokens],
				["activation", info.activationTokens], ["floating", info.floatingTokens]]} /><//>`}
			${mail && html`<${Tile} title=${t("health.mail")} tone=${mail.failed > 0 ? "warn" : "good"}><${Facts} items=${[["queued", mail.queued], ["failed", mail.failed]]} /><//>`}
			${webhooks && html`<${Tile} title=${t("health.webhooks")} tone=${webhooks.failing.length > 0 ? "bad" : "good"}><${Facts} items=${[["enabled", webhooks.enabled], ["disabled", webhooks.disabled]]} />
				${webhooks.failing.length > 0 && html`<ul>${webhooks.failing.map((/** @type {Part} */ one) => html`<li key=${one.webhookId}>${may(resourceAt("/v1/webhooks")) ? html`<a href=${address(["webhooks", one.webhookId], { tab: "deliveries" })}>${one.url}</a>` : one.url}
					<p><small class="faint">${one.lastError} · <${Moment} value=${one.lastFailure} /> · ${t("health.waiting", { waiting: one.waiting, failed: one.failed })}</small></p></li>`)}</ul>`}<//>`}
		</div>`;
}
