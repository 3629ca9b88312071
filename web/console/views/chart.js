// Pictures of numbers, each with its numbers as a table for who does not see it or wants to know exactly. The library that draws
// lines is fetched when there is one to draw. Colors are those of the theme, and follow it.
import { html, useEffect, useRef, useState } from "../html.js";
import { day, moment, number, t } from "../i18n.js";
import { Button } from "../ui.js";

/** @typedef {"one" | "two" | "three" | "four" | "five" | "six" | "bad" | "warn"} Color */
/** @typedef {{ label: string, values: number[], color: Color }} Series */

const HEIGHT = 200;

/** Counts the looks that the page has had: another theme is another look. */
function useLook() {
	const [look, setLook] = useState(0);
	useEffect(() => {
		const tell = () => setLook((count) => count + 1);
		const watch = new MutationObserver(tell);
		const media = matchMedia("(prefers-color-scheme: dark)");
		watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
		media.addEventListener("change", tell);
		return () => {
			watch.disconnect();
			media.removeEventListener("change", tell);
		};
	}, []);
	return look;
}

/** @type {Promise<any> | undefined} */
let library;

function loadLibrary() {
	if (!library) {
		document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "vendor/uplot.css" }));
		library = import("../vendor/uplot.js").then((module) => module.default);
	}
	return library;
}

/**
 * What the library is to draw.
 * @param {any} uPlot @param {number} width @param {Series[]} series @param {boolean} bars
 * @param {((from: Date, to: Date) => void) | undefined} onSelect
 */
function optionsOf(uPlot, width, series, bars, onSelect) {
	const style = getComputedStyle(document.documentElement);
	const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
	const axis = { stroke: color("faint"), grid: { stroke: color("line"), width: 1 }, ticks: { stroke: color("line"), width: 1 } };
	return {
		width, height: HEIGHT, legend: { show: false }, scales: { y: { range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ most) => [0, Math.max(most, 1) * 1.05] } },
		cursor: { y: false, drag: { x: Boolean(onSelect), y: false, setScale: false } },
		axes: [axis, { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7, 1e8], values: (/** @type {any} */ _, /** @type {number[]} */ values) => values.map(number) }],
		series: [{}, ...series.map((one) => ({
			label: one.label, stroke: color(one.color), fill: bars ? color(one.color) : undefined, width: bars ? 0 : 2, points: { show: !bars && one.values.length < 2 },
			...(bars && { paths: uPlot.paths.bars({ size: [0.8, 40] }) }),
		}))],
		hooks: { setSelect: [(/** @type {any} */ plot) => {
			const { left, width: wide } = plot.select;
			if (wide > 0)
				onSelect?.(new Date(plot.posToVal(left, "x") * 1000), new Date(plot.posToVal(left + wide, "x") * 1000));
		}] },
	};
}

/** Bars that stand on one another: each as high as it and those before it, the highest drawn first. @param {Series[]} series @returns {Series[]} */
const stacked = (series) => series.map((one, at) => ({ ...one, values: one.values.map((_, index) => series.slice(0, at + 1).reduce((sum, other) => sum + other.values[index], 0)) })).reverse();

/**
 * Numbers over time.
 * @param {{ title: string, times: Date[], series: Series[], bars?: boolean, whole?: boolean, onSelect?: (from: Date, to: Date) => void,
 *	choose?: (index: number) => void }} props whole: times are days; onSelect: a length of time was drawn; choose: one of them was chosen in the table
 */
export function Chart({ title, times, series, bars = false, whole, onSelect, choose }) {
	const place = useRef(/** @type {HTMLElement | null} */ (null));
	const look = useLook();
	const [width, setWidth] = useState(0);
	const text = JSON.stringify([times, series]);
	const select = useRef(onSelect);
	select.current = onSelect;
	useEffect(() => {
		const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
		watch.observe(/** @type {HTMLElement} */ (place.current));
		return () => watch.disconnect();
	}, []);
	useEffect(() => {
		/** @type {any} */
		let plot;
		let left = false;
		if (width > 0)
			loadLibrary().then((uPlot) => {
				const shown = bars ? stacked(series) : series;
				if (!left)
					plot = new uPlot(optionsOf(uPlot, width, shown, bars, onSelect && ((from, to) => select.current?.(from, to))),
						[times.map((one) => one.getTime() / 1000), ...shown.map((one) => one.values)], place.current);
			});
		return () => {
			left = true;
			plot?.destroy();
		};
	}, [text, look, width, bars]);
	const sum = (/** @type {Series} */ one) => one.values.reduce((all, value) => all + value, 0);
	const name = (/** @type {Date} */ one) => (whole ? day(one) : moment(one));
	return html`
		<figure class="chart">
			<div class="plot" role="img" aria-label=${`${title}: ${series.map((one) => `${one.label} ${number(sum(one))}`).join(", ")}`} ref=${place}></div>
			<ul class="legend">${series.map((one) => html`<li><svg class=${`swatch ${one.color}`} viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" /></svg> ${one.label}</li>`)}</ul>
			<details><summary>${t("chart.table", { title })}</summary>
				<div class="scroll numbers" tabindex="0" role="region" aria-label=${title}><table>
					<thead><tr><th scope="col">${t("chart.time")}</th>${series.map((one) => html`<th scope="col" class="number">${one.label}</th>`)}</tr></thead>
					<tbody>${times.map((one, at) => html`<tr><td data-label=${t("chart.time")}>${choose ? html`<${Button} kind="plain" onClick=${() => choose(at)}>${name(one)}<//>` : name(one)}</td>
						${series.map((column) => html`<td class="number" data-label=${column.label}>${number(column.values[at])}</td>`)}</tr>`)}</tbody>
				</table></div>
			</details>
		</figure>`;
}

/** Parts of a whole, the largest first, each a line with a bar. @param {{ rows: { name: string, value: number, href?: string }[], most?: number }} props */
export function Bars({ rows, most = Math.max(1, ...rows.map((one) => one.value)) }) {
	return html`<ul class="bars">${rows.map((one) => html`
		<li><span class="name">${one.href ? html`<a href=${one.href}>${one.name}</a>` : one.name}</span><span class="number">${number(one.value)}</span>
			<svg class="swatch one" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width=${100 * one.value / most} height="4" /></svg></li>`)}</ul>`;
}
