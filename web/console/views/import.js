// The import: rows of a file or of what was pasted become rows of a resource. What would be refused is shown by line before anything
// is stored; then they are stored in parts, and a report tells what became of each.
import { ApiError, call } from "../api.js";
import { html, useId, useRef, useState } from "../html.js";
import { label, number, t } from "../i18n.js";
import { fieldsOf, fieldsOfBody, may, resources } from "../model.js";
import { screenTitle } from "../navigation.js";
import { address, useUnsaved } from "../router.js";
import { screenOf } from "../screens.js";
import { printCsv, readTable } from "../table_text.js";
import { Button, Fault, download, useTitle } from "../ui.js";
import { fieldLabel } from "../values.js";

/** @typedef {import("../model.js").Resource} Resource */
/** @typedef {import("../model.js").Field} Field */
/** @typedef {{ path: string, field: Field, text: string }} Target A member that a column can become, or one of a part of the row */
/** @typedef {{ line: number, status: number, key?: string, faults: [string, string][] }} Outcome `faults`: members, and what is wrong with them */
/** @typedef {{ trial: boolean, done: number, all: number, outcomes: Outcome[], finished: boolean, error: unknown }} Run */

/** Rows of one request: one more, and the server would take each for a heavy one. */
const PART = 100;
const TRIES = 5;
/** Faults that stand on the page; the report has all of them. */
const SHOWN = 200;
const LARGEST = 50_000_000;
const TRUE = ["true", "yes", "1", "x"], FALSE = ["false", "no", "0"];

/** Resources whose rows can be added many at a time. */
const targetsOf = () => resources().filter((one) => one.bulk && !one.path.includes("{") && may(one.bulk));

/** @param {Resource} resource @returns {Target[]} */
function membersOf(resource) {
	const fields = fieldsOfBody(/** @type {import("../model.js").Operation} */ (resource.insert), resource.type).filter((one) => !one.readOnly);
	return fields.flatMap((field) => (field.type === "object" && field.of ? fieldsOf(field.of).filter((one) => !one.readOnly && !one.of)
		.map((one) => ({ path: `${field.name}.${one.name}`, field: one, text: `${fieldLabel(field, resource.type)}: ${label(one.name)}` }))
		: [{ path: field.name, field, text: fieldLabel(field, resource.type) }]));
}

const plain = (/** @type {string} */ text) => text.toLowerCase().replace(/[^\p{L}\p{N}.]/gu, "");

/** The members that columns are called like. @param {string[]} columns @param {Target[]} targets @returns {Record<string, string>} */
const guess = (columns, targets) => Object.fromEntries(columns.map((column) => [column,
	targets.find((one) => plain(one.path) === plain(column))?.path ?? targets.find((one) => plain(one.text) === plain(column))?.path ?? ""]));

/** A cell as a value of a member; what is none of its type is sent as it is, and the server says so. @param {Field} field @param {any} cell */
function valueOf(field, cell) {
	if (typeof cell !== "string")
		return cell;
	const text = cell.trim();
	if (field.type === "boolean")
		return TRUE.includes(text.toLowerCase()) ? true : FALSE.includes(text.toLowerCase()) ? false : text;
	if ((field.type === "integer" || field.type === "number") && /^-?\d+(\.\d+)?$/.test(text))
		return Number(text);
	return field.type === "array" && !field.of ? text.split(/[\n|]/).map((one) => one.trim()) : field.type === "string" ? cell : text;
}

/** @param {Record<string, any>} values @param {Record<string, string>} mapping @param {Target[]} targets */
function rowOf(values, mapping, targets) {
	/** @type {Record<string, any>} */
	const row = {};
	for (const [column, path] of Object.entries(mapping)) {
		const target = targets.find((one) => one.path === path);
		if (!target || values[column] === undefined || values[column] === "")
			continue;
		const [part, member] = path.split(".");
		if (member)
			row[part] = { ...row[part], [member]: valueOf(target.field, values[column]) };
		else
			row[part] = valueOf(target.field, values[column]);
	}
	return row;
}

/** A key by which the server knows a part that is sent again. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

const pause = (/** @type {number} */ seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

/** Sends a part until it is answered; that is safe, as nothing is done twice under one key. @param {Resource} resource @param {any[]} rows @param {boolean} trial */
async function sendPart(resource, rows, trial) {
	const headers = { "Idempotency-Key": newKey() };
	for (let tries = 1; ; tries++) {
		try {
			return (await call("POST", /** @type {import("../model.js").Operation} */ (resource.bulk).path, { query: { mode: "each", dryRun: trial || undefined }, body: rows, headers })).body.results;
		} catch (error) {
			const waits = error instanceof ApiError && (error.status === 0 || error.status === 503 || error.status === 429);
			if (!waits || tries === TRIES)
				throw error;
			await pause(/** @type {ApiError} */ (error).retryAfter ?? tries);
		}
	}
}

/** @param {any} result @param {number} line @param {Resource} resource @returns {Outcome} */
function outcomeOf(result, line, resource) {
	const errors = Object.entries(result.errors ?? {}).flatMap(([path, texts]) => texts.map((/** @type {string} */ text) =>
		/** @type {[string, string]} */ ([path.replace(/^\[\d+\]\.?/, ""), text])));
	return { line, status: result.status, key: result.row?.[resource.key]?.toString(),
		faults: errors.length > 0 || result.status < 300 ? errors : [["", result.message]] };
}

/** @param {{ query: Record<string, string> }} props */
export function Import({ query }) {
	const offered = targetsOf();
	const [name, setName] = useState(query.to ?? "");
	const [text, setText] = useState("");
	const [mapping, setMapping] = useState(/** @type {Record<string, string> | null} */ (null));
	const [run, setRun] = useState(/** @type {Run | null} */ (null));
	const [refused, setRefused] = useState("");
	const stop = useRef(false);
	const ids = { what: useId(), text: useId(), file: useId() };
	const resource = offered.find((one) => screenOf(one).name === name) ?? offered[0];
	const busy = Boolean(run && !run.finished);
	useTitle(t("screen.import"));
	useUnsaved(busy);
	if (!resource)
		return null;
	const targets = membersOf(resource);
	const table = readTable(text);
	const mapped = mapping ?? guess(table.columns, targets);
	const used = Object.values(mapped).filter(Boolean);
	const twice = used.find((path, index) => used.indexOf(path) !== index);
	const ready = table.rows.length > 0 && !table.fault && used.length > 0 && !twice && !busy;
	const begin = (/** @type {string} */ next) => { setText(next); setMapping(null); setRun(null); };

	const take = async (/** @type {Event} */ event) => {
		const file = /** @type {HTMLInputElement} */ (event.target).files?.[0];
		setRefused(file && file.size > LARGEST ? t("import.tooLarge", { limit: LARGEST / 1_000_000 }) : "");
		if (file && file.size <= LARGEST)
			begin(await file.text());
	};
	const start = async (/** @type {boolean} */ trial) => {
		/** @type {Run} */
		let now = { trial, done: 0, all: table.rows.length, outcomes: [], finished: false, error: null };
		stop.current = false;
		setRun(now);
		for (let first = 0; first < table.rows.length && !stop.current && !now.error; first += PART) {
			const part = table.rows.slice(first, first + PART);
			try {
				const results = await sendPart(resource, part.map((one) => rowOf(one.values, mapped, targets)), trial);
				now = { ...now, done: first + part.length, outcomes: [...now.outcomes, ...results.map((/** @type {any} */ one, /** @type {number} */ index) => outcomeOf(one, part[index].line, resource))] };
			} catch (error) {
				now = { ...now, error };
			}
			setRun(now);
		}
		setRun({ ...now, finished: true });
	};

	return html`
		<h1>${t("screen.import")}</h1>
		<section class="form">
			<div class="field"><label for=${ids.what}>${t("import.what")}</label><select id=${ids.what} value=${screenOf(resource).name} disabled=${busy}
				onChange=${(/** @type {Event} */ event) => { setName(/** @type {HTMLSelectElement} */ (event.target).value); setMapping(null); setRun(null); }}>
				${offered.map((one) => html`<option value=${screenOf(one).name}>${screenTitle(screenOf(one).name)}</option>`)}</select></div>
			<div class="field"><label for=${ids.file}>${t("import.file")}</label><input id=${ids.file} type="file" accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson" disabled=${busy} onChange=${take} /></div>
			${refused && html`<p class="notice bad" role="alert">${refused}</p>`}
			<div class="field"><label for=${ids.text}>${t("import.text")}</label><textarea id=${ids.text} class="code" rows="6" spellcheck=${false} value=${text} disabled=${busy}
				onInput=${(/** @type {Event} */ event) => begin(/** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea><small class="faint">${t("import.formats")}</small></div>
			${table.fault && html`<p class="notice bad" role="alert">${t("import.line", { line: table.fault.line })}: ${t(`import.fault.${table.fault.reason}`)}</p>`}
			${text && !table.fault && html`
				<fieldset class="nested"><legend>${t("import.columns")}</legend><p>${t("import.rows", { count: table.rows.length })}</p>
					<div class="grid">${table.columns.map((column) => html`<${Column} key=${column} column=${column} example=${table.rows[0]?.values[column]} targets=${targets} path=${mapped[column]} disabled=${busy}
						onChange=${(/** @type {string} */ path) => { setMapping({ ...mapped, [column]: path }); setRun(null); }} />`)}</div>
					${twice && html`<p class="notice bad" role="alert">${t("import.twice", { name: targets.find((one) => one.path === twice)?.text })}</p>`}</fieldset>`}
			<div class="buttons start"><${Button} disabled=${!ready} busy=${busy && run?.trial} onClick=${() => start(true)}>${t("import.try")}<//>
				<${Button} kind="primary" disabled=${!ready} busy=${busy && !run?.trial} onClick=${() => start(false)}>${t("import.run")}<//>
				${busy && html`<${Button} onClick=${() => { stop.current = true; }}>${t("action.stop")}<//>`}</div>
			${run && html`<${Result} run=${run} resource=${resource} />`}
		</section>`;
}

/** @param {{ column: string, example: any, targets: Target[], path: string, disabled: boolean, onChange: (path: string) => void }} props */
function Column({ column, example, targets, path, disabled, onChange }) {
	const id = useId();
	return html`<div class="field"><label for=${id}>${column}</label><select id=${id} value=${path} disabled=${disabled} onChange=${(/** @type {Event} */ event) => onChange(/** @type {HTMLSelectElement} */ (event.target).value)}>
		<option value="">${t("import.leaveOut")}</option>${targets.map((one) => html`<option value=${one.path}>${one.text}</option>`)}</select>
		<small class="faint">${example === undefined || example === "" ? "–" : String(typeof example === "object" ? JSON.stringify(example) : example).slice(0, 60)}</small></div>`;
}

/** @param {{ run: Run, resource: Resource }} props */
function Result({ run, resource }) {
	const id = useId();
	const bad = run.outcomes.filter((one) => one.status >= 300);
	const good = run.outcomes.length - bad.length;
	const faults = bad.flatMap((one) => one.faults.map(([member, text]) => ({ line: one.line, member, text })));
	const report = () => download(new Blob([printCsv([["line", "status", resource.key, "member", "message"], ...run.outcomes.flatMap((one) => (one.faults.length > 0 ? one.faults : [["", ""]])
		.map(([member, text]) => [one.line, one.status, run.trial ? "" : one.key ?? "", member, text]))])], { type: "text/csv" }), `${screenOf(resource).name}-${run.trial ? "trial" : "import"}.csv`);
	return html`
		<div class="progress"><label for=${id}>${t(run.trial ? "import.trying" : "import.running", { done: run.done, all: run.all })}</label><progress id=${id} max=${run.all} value=${run.done}></progress></div>
		<div role="status">${run.finished && html`<p class=${`notice ${bad.length > 0 || run.error ? "warn" : "good"}`}>${t(run.trial ? "import.tried" : "import.stored", { good, bad: bad.length })}
			${run.done < run.all ? t("import.left", { left: run.all - run.done }) : ""}</p>`}</div>
		<${Fault} error=${run.error} />
		${faults.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label=${t("import.faults")}><table>
			<thead><tr><th>${t("import.lineHead")}</th><th>${t("import.member")}</th><th>${t("import.message")}</th></tr></thead>
			<tbody>${faults.slice(0, SHOWN).map((one) => html`<tr><td data-label=${t("import.lineHead")}>${number(one.line)}</td><td data-label=${t("import.member")}>${one.member && label(one.member.split(/[.[]/)[0], resource.type)}</td>
				<td data-label=${t("import.message")} lang="en">${one.text}</td></tr>`)}</tbody></table></div>
			${faults.length > SHOWN && html`<p>${t("import.moreFaults", { count: faults.length - SHOWN })}</p>`}`}
		${run.finished && html`<div class="buttons start"><${Button} icon="download" onClick=${report}>${t("import.report")}<//>
			${!run.trial && good > 0 && html`<a class="button" href=${address([screenOf(resource).name])}>${t("detail.toList")}</a>`}</div>`}`;
}
