// A list of rows, of any resource: pages by cursor, columns, sorting, filters, views that are kept, a choice of rows for actions, and
// files of all that the filter meets. Its state stands in the address.
import { ActionDialog, ManyDialog, actionTitle, actionsOf, begin, linkOf, newAddress, placeOf } from "./actions.js";
import { ApiError, fill, send } from "./api.js";
import { FilterBuilder } from "./filter.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { has, label, t } from "./i18n.js";
import { actorOf, readPage, readRows } from "./model.js";
import { address, go } from "./router.js";
import { screenOf, titleMembers, titleOf } from "./screens.js";
import { session } from "./session.js";
import { stored, useStored } from "./stored.js";
import { Button, Dialog, Empty, Fault, Loading, Menu, download, messageOf, tell, useEvery, useRead } from "./ui.js";
import { Value, columnsOf, fieldLabel, selection, sortMember } from "./values.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */
/** @typedef {import("./screens.js").RowAction} RowAction */
/** @typedef {{ name: string, filter: string, sort: string, columns: string[], take: number }} View */

const SIZES = [20, 50, 100];
const WAIT_MILLISECONDS = 250;
/** Columns that a list has at first where the table of screens says nothing. */
const COLUMNS = 7;
/** Cursors of the pages before the present one, by the address of the list. @type {Map<string, string[]>} */
const trails = new Map();

/**
 * @param {{ place: import("./actions.js").Place, query: Record<string, string>, home?: (string | number)[], only?: string, title?: string, onChanged?: () => void }} props home: address of the
 *	page of which it is a part; only: a condition that nobody changes
 */
export function List({ place, query, home, only = "", title, onChanged }) {
	const { resource, parents, base } = place;
	const screen = screenOf(resource);
	const own = screen.path === resource.path;
	const all = columnsOf(resource);
	const at = address(base);
	const names = all.map((one) => one.name);
	const preset = screen.columns?.filter((name) => names.includes(name)) ??
		[...new Set([...titleMembers(resource).filter((name) => name !== resource.key && names.includes(name)), ...names])].slice(0, COLUMNS);
	const choices = useMemo(() => ({
		columns: stored(`columns.${screen.name || resource.path}`, preset), take: stored("take", 50),
		views: stored(`views.${session().user.userName ?? ""}.${screen.name || resource.path}`, /** @type {View[]} */ ([])),
	}), [resource.path]);
	const [columnNames, setColumnNames] = useStored(choices.columns);
	const [take, setTake] = useStored(choices.take);
	const [views, setViews] = useStored(choices.views);
	const [filtering, setFiltering] = useState(Boolean(query.filter) && !matchesPreset(screen, query.filter));
	const [choosing, setChoosing] = useState(false);
	const [naming, setNaming] = useState(false);
	const [asked, setAsked] = useState(/** @type {{ action: RowAction, row: Row } | null} */ (null));
	const [many, setMany] = useState(/** @type {RowAction | null} */ (null));
	const [chosen, setChosen] = useState(/** @type {Map<string, Row>} */ (new Map()));
	const [total, setTotal] = useState(/** @type {number | null} */ (null));
	const columns = columnNames.map((name) => all.find((one) => one.name === name)).filter((one) => one !== undefined);
	const sort = query.sort ?? (own && resource.sort ? screen.sort : undefined) ?? "";
	const filter = query.filter ?? "";
	const page = Number(query.page ?? 1);
	const condition = [only, filter].filter(Boolean).map((one, _, { length }) => (length > 1 ? `(${one})` : one)).join(" and ");
	const listKey = `${at}|${condition || query.search}|${sort}|${take}`;
	// Lists that take no conditions are searched by the server where it can, or else looked through here.
	const term = resource.filter ? "" : (query.search ?? "").trim();
	const search = resource.searchTerm ? "" : term.toLowerCase();
	const wanted = {
		...(resource.select && selection(resource, columns)), ...(resource.filter && { filter: condition }), ...(resource.sort && { sort }),
		...(resource.paging === "cursor" && { take, total: "none", after: query.after }),
		...(resource.paging === "offset" && { count: take, offset: (page - 1) * take }), ...(resource.searchTerm && { searchTerm: term }),
	};
	const read = useRead(async (signal) => {
		if (!search)
			return { ...await readPage(resource, parents, wanted, signal), whole: true };
		const { rows: looked, whole } = await readRows(resource, parents, {}, signal);
		return { rows: looked.filter((row) => Object.values(row).some((value) => typeof value !== "object" && String(value).toLowerCase().includes(search))), next: undefined, total: null, whole };
	}, [at, search || JSON.stringify(wanted)]);
	useEvery(screen.refresh && screen.refresh * 1000, read.again);
	useEffect(() => { setTotal(null); setChosen(new Map()); }, [listKey]);
	// Within the page of a row, the list's state stands in that page's address.
	const here = home ?? base;
	const set = (/** @type {Record<string, unknown>} */ next) => go(address(here, { ...query, after: undefined, page: undefined, ...next }));
	const key = (/** @type {Row} */ row) => String(row[resource.key]);
	const rows = read.value?.rows ?? [];
	const trail = trails.get(listKey) ?? [];
	const actions = actionsOf(actorOf(resource));
	const manyActions = actions.filter((one) => one.many);
	const changed = () => { read.again(); setChosen(new Map()); onChanged?.(); };

	const forward = () => {
		trails.set(listKey, [...trail.slice(0, page - 1), query.after ?? ""]);
		set({ after: read.value?.next, page: page + 1 });
	};
	const backward = () => {
		const before = trail[page - 2];
		set(page > 2 && (before || resource.paging === "offset") ? { after: before, page: page - 1 } : {});
	};
	const more = search ? false : resource.paging === "offset" ? rows.length === take : Boolean(read.value?.next);
	const fault = read.error instanceof ApiError && read.error.members.filter ? read.error.members.filter.join(" ") : undefined;
	const fresh = newAddress(place);
	const add = () => go(fresh ?? "");
	useNewRowKey(fresh && !home ? add : undefined);

	return html`
		<section class="list">
			<div class="bar">
				${resource.filter && own && screen.presets && html`
					<div class="presets" role="group" aria-label=${t("list.presets")}>
						${[{ name: "all", filter: () => "" }, ...screen.presets].map((one) => html`
							<button type="button" class="chip" aria-pressed=${(one.name === "all" ? !filter : isPreset(one, filter)) ? "true" : "false"}
								onClick=${() => set({ filter: one.filter(new Date()) })}>${has(`preset.${one.name}`) ? t(`preset.${one.name}`) : label(one.name)}</button>`)}</div>`}
				${!resource.filter && resource.paging === "offset" && html`<${Search} text=${query.search ?? ""} onSearch=${(/** @type {string} */ text) => go(address(here, { ...query, page: undefined, search: text }), { replace: true })} />`}
				<div class="bar tools">
				${resource.filter && html`<${Button} icon="filter" aria-expanded=${filtering ? "true" : "false"} kind=${filter ? "on" : ""} onClick=${() => setFiltering(!filtering)}>${t("list.filter")}<//>`}
				${resource.filter && html`<${Menu} label=${t("list.views")} icon="star" text=${t("list.views")} items=${[
					...views.map((view) => ({ text: view.name, run: () => { setColumnNames(view.columns); setTake(view.take); set({ filter: view.filter, sort: view.sort }); } })),
					{ text: t("list.saveView"), run: () => setNaming(true) },
					...views.map((view) => ({ text: t("list.removeView", { name: view.name }), danger: true, run: () => setViews(views.filter((one) => one.name !== view.name)) })),
				]} />`}
				<${Button} icon="columns" onClick=${() => setChoosing(true)}>${t("list.columns")}<//>
				<${Menu} label=${t("list.export")} icon="download" text=${t("list.export")} items=${resource.filter ? [
					{ text: "CSV", run: () => exportRows(place, wanted, "text/csv", "csv") },
					{ text: "JSON Lines", run: () => exportRows(place, wanted, "application/x-ndjson", "jsonl") }] : [
					{ text: "JSON", run: () => exportRows(place, {}, "application/json", "json") }]} />
				<${Button} icon="refresh" label=${t("action.refresh")} onClick=${read.again} />
				${fresh && html`<${Button} icon="add" kind="primary" onClick=${add}>${t("action.new")}<//>`}
				</div>
			</div>
			${filtering && resource.filter && html`<${FilterBuilder} resource=${resource} filter=${filter} fault=${fault} onApply=${(/** @type {string} */ next) => set({ filter: next })} />`}
			${read.value?.whole === false && html`<p class="notice warn">${t("list.notWhole")}</p>`}
			${chosen.size > 0 && html`
				<div class="bar chosen" role="region" aria-label=${t("list.chosen", { count: chosen.size })}><strong>${t("list.chosen", { count: chosen.size })}</strong>
					${manyActions.map((one) => html`<${Button} kind=${one.danger ? "danger" : ""} onClick=${() => setMany(one)}>${actionTitle(actorOf(resource), one.name)}<//>`)}
					<${Button} kind="plain" onClick=${() => setChosen(new Map())}>${t("list.chooseNone")}<//></div>`}
			${read.error && !fault ? html`<${Fault} error=${read.error} retry=${read.again} />` : null}
			${!read.value && read.busy ? html`<${Loading} />` : html`
			<div class="scroll" tabindex="0" role="region" aria-label=${title ? `${title}: ${t("list.rows")}` : t("list.rows")} aria-busy=${read.busy ? "true" : "false"}>
				<table>
					<thead><tr>
						${manyActions.length > 0 && html`<th class="choose"><input type="checkbox" aria-label=${t("list.chooseAll")} checked=${rows.length > 0 && rows.every((row) => chosen.has(key(row)))}
							onChange=${(/** @type {Event} */ event) => setChosen(/** @type {HTMLInputElement} */ (event.target).checked ? new Map([...chosen, ...rows.map((row) => /** @type {[string, Row]} */ ([key(row), row]))])
								: new Map([...chosen].filter(([one]) => !rows.some((row) => key(row) === one))))} /></th>`}
						${columns.map((field) => html`<${Heading} key=${field.name} resource=${resource} field=${field} sort=${sort} onSort=${(/** @type {string} */ next) => set({ sort: next })} />`)}
						${actions.length > 0 && html`<th class="acts"><span class="unseen">${t("list.actions")}</span></th>`}
					</tr></thead>
					<tbody>${rows.map((row) => html`
						<tr key=${key(row)} class=${`${chosen.has(key(row)) ? "chosen" : ""} ${screen.dim?.(row) ? "dim" : ""}`}>
							${manyActions.length > 0 && html`<td class="choose"><input type="checkbox" aria-label=${t("list.choose", { title: titleOf(resource, row) })} checked=${chosen.has(key(row))}
								onChange=${() => { const next = new Map(chosen); if (!next.delete(key(row))) next.set(key(row), row); setChosen(next); }} /></td>`}
							${columns.map((field, index) => html`<td key=${field.name} data-label=${fieldLabel(field, resource.type)}>
								${index === 0 ? html`<a class="title" href=${linkOf(place, row)}>${field.of || field.references ? titleOf(resource, row) : html`<${Value} resource=${resource} field=${field} row=${row} />`}</a>`
								: html`<${Value} resource=${resource} field=${field} row=${row} />`}</td>`)}
							${actions.length > 0 && html`<td class="acts"><${Menu} label=${t("list.actionsOf", { title: titleOf(resource, row) })} items=${actions.filter((one) => one.when?.(row) ?? true)
								.map((one) => ({ text: actionTitle(actorOf(resource), one.name), danger: one.danger, run: () => begin(placeOf(place, row), one, row, (action) => setAsked({ action, row }), changed) }))} /></td>`}
						</tr>`)}</tbody>
				</table>
				${rows.length === 0 && html`<${Empty} title=${filter || term ? t("list.noMatch") : t("list.nothing")}>${filter ? html`<${Button} onClick=${() => set({ filter: "" })}>${t("filter.clear")}<//>` : null}<//>`}
			</div>`}
			<div class="bar pages">
				<label>${t("list.perPage")} <select value=${take} onChange=${(/** @type {Event} */ event) => { setTake(Number(/** @type {HTMLSelectElement} */ (event.target).value)); set({}); }}>
					${SIZES.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>
				${resource.paging === "cursor" && (total === null ? html`<${Button} kind="plain" onClick=${() => readPage(resource, parents, { ...(resource.filter && { filter: condition }), take: 0 })
					.then((counted) => setTotal(counted.total), (error) => tell(messageOf(error), { tone: "bad" }))}>${t("list.count")}<//>` : html`<span>${t("list.total", { count: total })}</span>`)}
				<span class="space"></span>
				<span role="status">${rows.length > 0 ? t("list.page", { page, from: (page - 1) * take + 1, to: (page - 1) * take + rows.length }) : ""}</span>
				<${Button} icon="back" label=${t("list.before")} disabled=${page === 1} onClick=${backward} />
				<${Button} icon="next" label=${t("list.next")} disabled=${!more} onClick=${forward} />
			</div>
			${choosing && html`<${ColumnChooser} resource=${resource} chosen=${columnNames} preset=${preset} onChange=${setColumnNames} onClose=${() => setChoosing(false)} />`}
			${naming && html`<${NameDialog} onClose=${() => setNaming(false)} onName=${(/** @type {string} */ name) => setViews([...views.filter((one) => one.name !== name), { name, filter, sort, columns: columnNames, take }])} />`}
			${asked && html`<${ActionDialog} place=${placeOf(place, asked.row)} action=${asked.action} row=${asked.row} onClose=${() => setAsked(null)} onDone=${changed} />`}
			${many && html`<${ManyDialog} place=${place} action=${many} rows=${[...chosen.values()]} onClose=${() => setMany(null)} onDone=${changed} />`}
		</section>`;
}

/** Presets speak of now, so that they are told apart by their words, not by their moments. @param {{ filter: (now: Date) => string }} preset @param {string} filter */
function isPreset(preset, filter) {
	const without = (/** @type {string} */ text) => text.replace(/"\d{4}-\d\d-\d\dT[^"]*"/g, '""');
	return without(preset.filter(new Date())) === without(filter);
}

/** @param {import("./screens.js").Screen} screen @param {string} filter */
const matchesPreset = (screen, filter) => Boolean(screen.presets?.some((one) => isPreset(one, filter)));

/** n begins a new row wherever the focus is not in something that takes text. @param {(() => void) | undefined} add */
function useNewRowKey(add) {
	const newest = useRef(add);
	newest.current = add;
	useEffect(() => {
		const press = (/** @type {KeyboardEvent} */ event) => {
			const element = /** @type {HTMLElement} */ (event.target);
			if (event.key === "n" && !event.ctrlKey && !event.metaKey && !event.altKey && !element.closest("input, textarea, select, dialog") && newest.current) {
				event.preventDefault();
				newest.current();
			}
		};
		document.addEventListener("keydown", press);
		return () => document.removeEventListener("keydown", press);
	}, []);
}

/** A box whose text is looked for when nobody has typed for a moment. @param {{ text: string, onSearch: (text: string) => void }} props */
function Search({ text, onSearch }) {
	const [typed, setTyped] = useState(text);
	useEffect(() => {
		const timer = typed === text ? undefined : setTimeout(() => onSearch(typed), WAIT_MILLISECONDS);
		return () => clearTimeout(timer);
	}, [typed]);
	return html`<input class="find" type="search" aria-label=${t("list.search")} placeholder=${t("list.search")} value=${typed} onInput=${(/** @type {Event} */ event) => setTyped(/** @type {HTMLInputElement} */ (event.target).value)} />`;
}

/** @param {{ resource: Resource, field: import("./model.js").Field, sort: string, onSort: (sort: string) => void }} props */
function Heading({ resource, field, sort, onSort }) {
	const member = sortMember(field);
	const [by, direction = "asc"] = sort.split(" ");
	const sorted = by === member ? (direction === "desc" ? "descending" : "ascending") : undefined;
	const text = fieldLabel(field, resource.type);
	return resource.sort && member ? html`
		<th aria-sort=${sorted} class=${field.type}><button type="button" onClick=${() => onSort(sorted === "ascending" ? `${member} desc` : member)}>${text}
			<span class="sorted" aria-hidden="true">${sorted === "ascending" ? "▲" : sorted ? "▼" : ""}</span></button></th>` : html`<th class=${field.type}>${text}</th>`;
}

/** @param {{ resource: Resource, chosen: string[], preset: string[], onChange: (names: string[]) => void, onClose: () => void }} props */
function ColumnChooser({ resource, chosen, preset, onChange, onClose }) {
	const all = columnsOf(resource).map((one) => one.name);
	const order = [...chosen, ...all.filter((one) => !chosen.includes(one))];
	const move = (/** @type {number} */ from, /** @type {number} */ to) => {
		const next = [...chosen];
		next.splice(to, 0, ...next.splice(from, 1));
		onChange(next);
	};
	return html`
		<${Dialog} title=${t("list.columns")} onClose=${onClose}>
			<ul class="columns">${order.map((name, index) => {
				const shown = index < chosen.length;
				return html`<li key=${name}>
					<label><input type="checkbox" checked=${shown} disabled=${shown && chosen.length === 1} onChange=${() => onChange(shown ? chosen.filter((one) => one !== name) : [...chosen, name])} /> ${label(name, resource.type)}</label>
					${shown && html`<span class="row"><button type="button" aria-label=${t("list.earlier", { name: label(name) })} disabled=${index === 0} onClick=${() => move(index, index - 1)}>↑</button>
						<button type="button" aria-label=${t("list.later", { name: label(name) })} disabled=${index === chosen.length - 1} onClick=${() => move(index, index + 1)}>↓</button></span>`}</li>`;
			})}</ul>
			<div class="buttons"><${Button} onClick=${() => onChange(preset)}>${t("list.standard")}<//><${Button} kind="primary" onClick=${onClose}>${t("action.done.plain")}<//></div>
		<//>`;
}

/** @param {{ onClose: () => void, onName: (name: string) => void }} props */
function NameDialog({ onClose, onName }) {
	const [name, setName] = useState("");
	return html`
		<${Dialog} title=${t("list.saveView")} onClose=${onClose}>
			<form onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); onName(name.trim()); onClose(); }}>
				<label class="field"><span>${t("list.viewName")}</span><input required maxlength="64" value=${name} onInput=${(/** @type {Event} */ event) => setName(/** @type {HTMLInputElement} */ (event.target).value)} /></label>
				<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//><${Button} kind="primary" type="submit">${t("action.save")}<//></div>
			</form>
		<//>`;
}

/**
 * A file of all rows that the filter meets, in the order of the list.
 * @param {import("./actions.js").Place} place @param {Record<string, unknown>} wanted @param {string} type @param {string} ending
 */
async function exportRows({ resource, parents }, wanted, type, ending) {
	const query = { ...wanted, take: undefined, after: undefined, total: undefined, count: undefined, offset: undefined };
	try {
		const response = await send("GET", fill(resource.path, parents), { query, accept: type });
		download(await response.blob(), `${screenOf(resource).name || "rows"}.${ending}`);
	} catch (error) {
		tell(messageOf(error), { tone: "bad" });
	}
}
