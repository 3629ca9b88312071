// All operations of the API, each to be called by hand: with a form made of the document that this server answers, or as text.
import { call, fill, request, urlOf } from "../api.js";
import { Input } from "../form.js";
import { html, useEffect, useMemo, useState } from "../html.js";
import { number, t } from "../i18n.js";
import { makeModel } from "../make_model.js";
import { addTypes, fieldsOf, may } from "../model.js";
import { screenTitle } from "../navigation.js";
import { address } from "../router.js";
import { Badge, Button, Confirm, Copy, Empty, Fault, Loading, download, useRead, useTitle } from "../ui.js";

/** @typedef {import("../make_model.js").Whole} Whole */
/** @typedef {import("../model.js").Row} Row */
/** @typedef {{ status: number, reason: string, milliseconds: number, headers: [string, string][], type: string, blob: Blob, text?: string }} Answered */

/** Fields of the API belong to no resource of a screen. */
const ANY = /** @type {import("../model.js").Resource} */ ({ path: "", title: "", tag: "", type: "", rows: [], key: "", paging: "none", parameters: [], actions: [] });
const JSON_TYPE = "application/json";
const XML_TYPE = "application/xml";
/** Where it is the only one, nothing in it is nested. */
const FORM_TYPE = "application/x-www-form-urlencoded";
/** @type {Record<string, "good" | "warn" | "bad" | "plain">} */
const TONES = { GET: "good", POST: "plain", PUT: "warn", DELETE: "bad" };

/** @param {Whole} operation */
const idOf = (operation) => `${operation.method} ${operation.path}`;

/** Whether it changes more than a row that comes new, so that a person is asked before. @param {Whole} operation */
const asksFirst = (operation) => operation.method !== "GET" && operation.kind !== "insert";

/** The root of a body in XML. @param {any} document @param {any} schema */
function emptyXml(document, schema) {
	const { name = "Body", namespace } = (schema?.$ref ? document.components.schemas[schema.$ref.split("/").pop()] : schema)?.xml ?? {};
	return `<${name}${namespace ? ` xmlns="${namespace}"` : ""}>\n</${name}>`;
}

/** XML with a line for each element; without a parser, which pages that trust nothing have none of. @param {string} text */
function indentXml(text) {
	let depth = 0;
	return text.replace(/>\s*</g, ">\n<").split("\n").map((line) => {
		depth -= line.startsWith("</") ? 1 : 0;
		const indented = "  ".repeat(Math.max(depth, 0)) + line;
		depth += /^<[^?!/][^>]*[^/]>$|^<[^?!/]>$/.test(line) ? 1 : 0;
		return indented;
	}).join("\n");
}

/** @param {string} type @param {string} text */
function pretty(type, text) {
	try {
		return /(^|[/+])json$/.test(type) ? JSON.stringify(JSON.parse(text), null, 2) : /xml$/.test(type) ? indentXml(text) : text;
	} catch {
		return text;
	}
}

/** For a shell, in quotes that let nothing through. @param {string} text */
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The same call for a shell; the key is the caller's own. @param {string} method @param {string} url @param {Record<string, string>} headers @param {string | undefined} body */
const curlOf = (method, url, headers, body) => [`curl -X ${method} ${quote(url)}`, '-H "x-api-key: $KEY"', ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
	...(body === undefined ? [] : [`--data-binary ${quote(body)}`])].join(" \\\n  ");

/** @param {{ path: string[], query: Record<string, string> }} props */
export function Explorer({ path }) {
	const [filter, setFilter] = useState("");
	const read = useRead(async (signal) => {
		const { body } = await call("GET", "/openapi.json", { signal });
		const made = makeModel(body, true);
		addTypes(made.types);
		return { document: body, operations: made.operations };
	}, []);
	const chosen = read.value?.operations.find((one) => idOf(one) === path[1]);
	useTitle(chosen ? idOf(chosen) : screenTitle("explorer"));
	if (read.error)
		return html`<h1>${screenTitle("explorer")}</h1><${Fault} error=${read.error} retry=${read.again} />`;
	if (!read.value)
		return html`<${Loading} />`;
	const { document, operations } = read.value;
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const found = operations.filter((one) => words.every((word) => `${idOf(one)} ${one.summary} ${one.tag}`.toLowerCase().includes(word)));
	// Where there is no room beside it, an operation that was chosen stands alone.
	const alone = chosen && words.length === 0 && !matchMedia("(min-width: 55rem)").matches;
	const tags = alone ? [] : [...new Set(found.map((one) => one.tag))];
	return html`<h1>${screenTitle("explorer")}</h1>
		<div class="explorer"><nav aria-label=${t("explorer.operations")}>
			<label class="field"><span>${t("explorer.find")}</span><input type="search" value=${filter} onInput=${(/** @type {Event} */ event) => setFilter(/** @type {HTMLInputElement} */ (event.target).value)} /></label>
			<p class="faint" role="status">${alone ? html`<a href=${address(["explorer"])}>${t("explorer.all")}</a>` : t("explorer.found", { count: found.length })}</p>
			${tags.map((tag) => html`<details key=${tag} open=${words.length > 0 || chosen?.tag === tag}><summary>${tag}</summary><ul>${found.filter((one) => one.tag === tag).map((one) => html`
				<li key=${idOf(one)}><a href=${address(["explorer", idOf(one)])} aria-current=${one === chosen ? "page" : undefined}><${Badge} tone=${TONES[one.method]}>${one.method}<//> <span>${one.path}</span>
					<small class="faint" lang="en">${one.summary}</small></a></li>`)}</ul></details>`)}
		</nav>
		${chosen ? html`<${Try} key=${idOf(chosen)} document=${document} operation=${chosen} />` : html`<${Empty} title=${t("explorer.choose")} />`}</div>`;
}

/** One operation: what it takes, and what came back. @param {{ document: any, operation: Whole }} props */
function Try({ document, operation }) {
	const [parameters, setParameters] = useState(/** @type {Row} */ ({}));
	const [type, setType] = useState(operation.bodies.includes(JSON_TYPE) ? JSON_TYPE : operation.bodies[0] ?? "");
	const [texts, setTexts] = useState(/** @type {Record<string, string>} */ (operation.schema ? { [JSON_TYPE]: JSON.stringify(operation.example, null, 2), [XML_TYPE]: emptyXml(document, operation.schema) }
		: { [FORM_TYPE]: new URLSearchParams(operation.example).toString() }));
	const [accept, setAccept] = useState(operation.answers[0] ?? "*/*");
	const [asForm, setAsForm] = useState(false);
	const [answered, setAnswered] = useState(/** @type {Answered | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const [asked, setAsked] = useState(false);
	useEffect(() => { globalThis.document.getElementById("operation")?.focus({ preventScroll: true }); }, []);
	const allowed = may(operation);
	const text = texts[type];
	const row = useMemo(() => readJson(texts[JSON_TYPE]), [texts[JSON_TYPE]]);
	const part = (/** @type {string} */ where) => Object.fromEntries(operation.parameters.filter((one) => one.in === where && parameters[one.name] !== undefined && parameters[one.name] !== null && parameters[one.name] !== "")
		.map((one) => [one.name, parameters[one.name]]));
	const missing = operation.parameters.filter((one) => one.in === "path" && (parameters[one.name] ?? "") === "");
	const body = type ? text : undefined;
	const headers = { Accept: accept, ...part("header"), ...(type && { "Content-Type": type }) };
	const target = fill(operation.path.replace(/\{(\w+)\}/g, (whole, name) => ((parameters[name] ?? "") === "" ? whole.replace(/[{}]/g, ":") : whole)), parameters);

	const run = async () => {
		setBusy(true);
		setError(null);
		setAnswered(null);
		const begin = performance.now();
		try {
			const response = await request(operation.method, fill(operation.path, parameters), { query: part("query"), body, accept, headers });
			const blob = await response.blob();
			const milliseconds = performance.now() - begin;
			const answerType = (response.headers.get("Content-Type") ?? "").split(";")[0];
			setAnswered({ status: response.status, reason: response.statusText, milliseconds, headers: [...response.headers], type: answerType, blob,
				text: /json|xml|^text\/|pem/.test(answerType) ? await blob.text() : undefined });
		} catch (fault) {
			setError(fault);
		}
		setBusy(false);
	};
	const set = (/** @type {string} */ name, /** @type {any} */ value) => setParameters((before) => ({ ...before, [name]: value }));
	const submit = (/** @type {Event} */ event) => {
		event.preventDefault();
		if (asksFirst(operation))
			setAsked(true);
		else
			run();
	};
	return html`
		<article id="operation" tabindex="-1" aria-label=${idOf(operation)}>
			<div class="head"><${Badge} tone=${TONES[operation.method]}>${operation.method}<//><h2>${operation.path}</h2></div>
			<p lang="en">${operation.summary}. <span class="faint">${operation.description}</span></p>
			${!allowed && html`<p class="notice warn">${t("explorer.mayNot")}</p>`}
			${operation.other && !["public", "operator"].includes(operation.other) && html`<p class="notice warn">${t("explorer.other", { what: operation.other })}</p>`}
			<form class="form" noValidate=${true} onSubmit=${submit}>
				${operation.parameters.length > 0 && html`<fieldset class="nested"><legend>${t("explorer.parameters")}</legend><div class="grid">${operation.parameters.map((one) => html`
					<${Input} key=${one.name} resource=${ANY} type="" field=${{ ...one, nullable: one.in !== "path" }} value=${parameters[one.name]} path=${one.name} faults=${{}}
						called=${one.name} onChange=${(/** @type {any} */ value) => set(one.name, value)} />`)}</div></fieldset>`}
				${type && html`<fieldset class="nested"><legend>${t("explorer.body")}</legend>
					<div class="bar"><label>${t("explorer.type")} <select value=${type} onChange=${(/** @type {Event} */ event) => { setType(/** @type {HTMLSelectElement} */ (event.target).value); setAsForm(false); }}>
							${operation.bodies.filter((one) => one in texts).map((one) => html`<option value=${one}>${one}</option>`)}</select></label>
						${type === JSON_TYPE && operation.type && html`<${Button} disabled=${!row} onClick=${() => setAsForm(!asForm)}>${t(asForm ? "explorer.asText" : "explorer.asForm")}<//>`}
						<${Button} kind="plain" onClick=${() => setTexts({ ...texts, [JSON_TYPE]: "{}" })}>${t("explorer.empty")}<//></div>
					${asForm && row ? html`<div class="grid">${fieldsOf(operation.type).filter((one) => !one.readOnly).map((one) => html`
						<${Input} key=${one.name} resource=${ANY} type=${operation.type} field=${one} value=${row[one.name]} path=${one.name} faults=${{}}
							onChange=${(/** @type {any} */ value) => setTexts({ ...texts, [JSON_TYPE]: JSON.stringify({ ...row, [one.name]: value }, null, 2) })} />`)}</div>`
					: html`<label class="field"><span class="unseen">${t("explorer.body")}</span><textarea rows="12" spellcheck=${false} aria-invalid=${type === JSON_TYPE && !row ? "true" : undefined} value=${text}
						onInput=${(/** @type {Event} */ event) => setTexts({ ...texts, [type]: /** @type {HTMLTextAreaElement} */ (event.target).value })}></textarea></label>
						${type === JSON_TYPE && !row && html`<p class="fault" role="alert">${t("form.json")}</p>`}`}</fieldset>`}
				<div class="bar">${operation.answers.length > 1 && html`<label>${t("explorer.accept")} <select value=${accept} onChange=${(/** @type {Event} */ event) => setAccept(/** @type {HTMLSelectElement} */ (event.target).value)}>
					${operation.answers.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>`}<span class="space"></span>
					<${Button} kind=${operation.method === "DELETE" ? "danger" : "primary"} type="submit" busy=${busy} disabled=${!allowed || missing.length > 0}>${t("explorer.send")}<//></div>
				${missing.length > 0 && html`<p class="faint">${t("explorer.missing", { names: missing.map((one) => one.name).join(", ") })}</p>`}
			</form>
			<details class="curl"><summary>${t("explorer.curl")}</summary><${Text} text=${curlOf(operation.method, urlOf(target, part("query")).href, headers, body)} label=${t("explorer.curl")} /></details>
			<${Fault} error=${error} />
			${answered && html`<${Answer} answered=${answered} operation=${operation} />`}
			${asked && html`<${Confirm} title=${idOf(operation)} action=${t("explorer.send")} danger=${operation.method === "DELETE"} onClose=${() => setAsked(false)} onConfirm=${run}>
				<p>${t("explorer.ask")}</p><p><code>${decodeURIComponent(target)}</code></p><//>`}
		</article>`;
}

/** An object that a text of JSON is, or undefined. @param {string} text @returns {Row | undefined} */
function readJson(text) {
	try {
		const value = JSON.parse(text);
		return value && typeof value === "object" && !Array.isArray(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/** @param {{ text: string, label: string }} props */
const Text = ({ text, label }) => html`<div class="row start"><pre class="value card" tabindex="0" role="region" aria-label=${label}>${text}</pre><${Copy} text=${text} /></div>`;

/** @param {{ answered: Answered, operation: Whole }} props */
function Answer({ answered, operation }) {
	const { status, reason, milliseconds, headers, type, blob, text } = answered;
	const name = `${operation.path.split("/").filter((one) => one && !one.startsWith("{")).pop()}.${type.split(/[/+-]/).pop()}`;
	return html`
		<section class="form" aria-label=${t("explorer.answer")}><div class="head"><h2>${t("explorer.answer")}</h2><${Badge} tone=${status < 300 ? "good" : status < 500 ? "warn" : "bad"}>${status} ${reason}<//>
				<span class="faint" role="status">${t("explorer.took", { milliseconds: Math.round(milliseconds), bytes: number(blob.size) })}</span><span class="space"></span>
				${blob.size > 0 && html`<${Button} icon="download" onClick=${() => download(blob, name)}>${t("explorer.download")}<//>`}</div>
			<details><summary>${t("explorer.headers")}</summary><dl class="members">${headers.map(([header, value]) => html`<div><dt>${header}</dt><dd>${value}</dd></div>`)}</dl></details>
			${text ? html`<${Text} text=${pretty(type, text)} label=${t("explorer.body")} />` : html`<p class="faint">${t(blob.size > 0 ? "explorer.noText" : "explorer.noBody")}</p>`}
		</section>`;
}
