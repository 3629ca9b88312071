// Above the log: how many entries of which level there were, and a length of time to choose, by drawing it or in the table.
import { call } from "../api.js";
import { html } from "../html.js";
import { moment, t } from "../i18n.js";
import { address, go } from "../router.js";
import { Button, Fault, useRead } from "../ui.js";
import { Chart } from "./chart.js";

/** The least first: those of importance stand on top. @type {[string, import("./chart.js").Color][]} */
const LEVELS = [["Verbose", "five"], ["Debug", "six"], ["Information", "one"], ["Warning", "warn"], ["Error", "bad"], ["Fatal", "four"]];
const RANGES = [1, 7, 30, 365];
const INTERVALS = 60;
const DAY = 86400000;
/** @type {Record<string, number>} Milliseconds */
const LENGTHS = { minute: 60000, hour: 3600000, day: DAY, week: 7 * DAY, month: 31 * DAY };
const CONDITION = /(?:^| and )timeStamp [<>]=? "[^"]*"/g;

/** A filter with another length of time. @param {string} filter @param {Date} [from] @param {Date} [to] */
function within(filter, from, to) {
	const others = filter.replace(CONDITION, "").replace(/^ and /, "");
	const time = from && to ? [`timeStamp > "${from.toISOString()}"`, `timeStamp < "${to.toISOString()}"`] : [];
	return [others, ...time].filter(Boolean).join(" and ");
}

/** @param {{ query: Record<string, string> }} props */
export function LogHistogram({ query }) {
	const days = RANGES.find((one) => String(one) === query.days) ?? 7;
	const { value, error, again } = useRead(async (signal) => {
		const end = Date.now();
		return (await call("GET", "/v1/log/levels", { query: { startDate: new Date(end - days * DAY).toISOString(), endDate: new Date(end).toISOString(), intervals: INTERVALS }, signal })).body;
	}, [days]);
	const filter = query.filter ?? "";
	const set = (/** @type {Record<string, unknown>} */ next) => go(address(["log"], { ...query, after: undefined, page: undefined, ...next }));
	const choose = (/** @type {Date} */ from, /** @type {Date} */ to) => set({ filter: within(filter, from, to) });
	const times = [...new Set((value?.logLevels ?? []).map((/** @type {any} */ one) => one.date))];
	const length = LENGTHS[value?.groupBy ?? "hour"];
	const series = LEVELS.map(([level, color]) => ({ label: level, color, values: times.map((time) => value.logLevels.find((/** @type {any} */ one) => one.date === time && one.level === level)?.count ?? 0) }))
		.filter((one) => one.values.some(Boolean));
	const chosen = [...filter.matchAll(/timeStamp [<>]=? "([^"]*)"/g)].map((one) => moment(one[1]));
	return html`
		<section class="tile">
			<div class="head"><h2>${t("log.histogram")}</h2><span class="space"></span>
				<div class="presets" role="group" aria-label=${t("home.days")}>${RANGES.map((one) => html`
					<button type="button" class="chip" aria-pressed=${one === days ? "true" : "false"} onClick=${() => set({ days: one })}>${t("home.lastDays", { count: one })}</button>`)}</div></div>
			<${Fault} error=${error} retry=${again} />
			${value && (times.length === 0 ? html`<p class="faint">${t("log.nothing")}</p>` : html`
				<${Chart} title=${t("log.histogram")} bars=${true} times=${times.map((one) => new Date(String(one)))} series=${series} onSelect=${choose}
					choose=${(/** @type {number} */ at) => choose(new Date(new Date(String(times[at])).getTime() - 1), new Date(new Date(String(times[at])).getTime() + length))} />
				<p class="faint">${t("log.choose")}</p>`)}
			${chosen.length > 0 && html`<div class="bar chosen"><span>${t("log.chosen", { range: chosen.join(" – ") })}</span><${Button} onClick=${() => set({ filter: within(filter) })}>${t("log.all")}<//></div>`}
		</section>`;
}
