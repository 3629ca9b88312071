// A form for any body of the API: its members, limits and words come from the OpenAPI document. What the server refuses stands at the
// members that it names.
import { ApiError } from "./api.js";
import { html, useEffect, useId, useRef, useState } from "./html.js";
import { label, t } from "./i18n.js";
import { fieldsOf, fieldsOfBody, may } from "./model.js";
import { Picker } from "./picker.js";
import { useUnsaved } from "./router.js";
import { choiceName, screenOf, titleMembers } from "./screens.js";
import { Button, Fault } from "./ui.js";
import { BITS, DAY, UNLIMITED, fieldLabel, isProse, partsOf, screenOfReference } from "./values.js";
import { INPUTS } from "./inputs.js";

/** @typedef {import("./model.js").Field} Field */
/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */

/** Texts that may be longer than this are written in more than one line. */
const LINE = 1000;

/** A moment in the zone of the browser, as an input of type datetime-local has it. @param {string} value */
const toLocal = (value) => {
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? "" : new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
};

/** What is wrong with a value, before the server is asked. @param {Field} field @param {any} value @returns {string | undefined} */
function faultOf(field, value) {
	const absent = value === undefined || value === null || value === "";
	if (absent)
		return field.required && !field.nullable && field.type !== "boolean" ? t("form.required") : undefined;
	if ((field.type === "integer" || field.type === "number") && (typeof value !== "number" || Number.isNaN(value)))
		return t("form.number");
	if (field.type === "integer" && !Number.isInteger(value))
		return t("form.integer");
	if (typeof value === "number" && field.minimum !== undefined && value < field.minimum)
		return t("form.minimum", { limit: field.minimum });
	if (typeof value === "number" && field.maximum !== undefined && value > field.maximum)
		return t("form.maximum", { limit: field.maximum });
	if (typeof value === "string" && field.maxLength !== undefined && [...value].length > field.maxLength)
		return t("form.long", { limit: field.maxLength });
	return undefined;
}

/** Faults of a row and of all that it holds, by path. @param {Field[]} fields @param {Row} row @param {string} prefix @returns {Record<string, string[]>} */
function faultsOf(fields, row, prefix = "") {
	/** @type {Record<string, string[]>} */
	const faults = {};
	for (const field of fields) {
		const path = prefix + field.name;
		const value = row[field.name];
		const fault = faultOf(field, value);
		if (fault)
			faults[path] = [fault];
		else if (field.of && field.type === "array" && Array.isArray(value))
			value.forEach((item, index) => Object.assign(faults, faultsOf(fieldsOf(field.of), item, `${path}[${index}].`)));
		else if (field.of && value && typeof value === "object")
			Object.assign(faults, faultsOf(fieldsOf(field.of), value, `${path}.`));
	}
	return faults;
}

/**
 * Members that differ from what they were; of a new row, those that were set.
 * @param {Field[]} fields @param {Row} row @param {Row} initial
 */
function changes(fields, row, initial) {
	return Object.fromEntries(fields.map((one) => one.name).filter((name) => row[name] !== undefined && JSON.stringify(row[name]) !== JSON.stringify(initial[name]))
		.map((name) => [name, row[name]]));
}

/** Members a form may set; the key of a row that is there stays. @param {Field[]} fields @param {Resource} resource @param {Row} initial */
const settable = (fields, resource, initial) => fields.filter((one) => !one.readOnly && (one.name !== resource.key || initial[resource.key] === undefined));

/** Members whose names begin with the same word stand together where a form has many. */
const MANY = 25;
const TOGETHER = 2;

/** @param {Field[]} fields @returns {{ name: string, fields: Field[] }[]} Those that belong to no group have the name "" */
function groupsOf(fields) {
	const word = (/** @type {Field} */ field) => (/^[a-z]+/.exec(field.name) ?? [""])[0];
	const group = (/** @type {Field} */ field) => (fields.filter((one) => word(one) === word(field)).length >= TOGETHER ? word(field) : "");
	return ["", ...new Set(fields.map(group).filter(Boolean))].map((name) => ({ name, fields: fields.filter((one) => group(one) === name) }));
}

/**
 * @param {{ operation: import("./model.js").Operation, resource: Resource, initial: Row, submit: string, onSubmit: (row: Row) => Promise<unknown>,
 *	onCancel: () => void, preset?: Row, only?: string[], hide?: string[], choices?: Record<string, any[]> }} props `onSubmit` gets what was changed, and `preset`, which is filled in; `only` these members are asked for; `choices` of members that have some here
 */
export function Form({ operation, resource, initial, submit, onSubmit, onCancel, preset = {}, only, hide = [], choices = {} }) {
	const fields = settable(fieldsOfBody(operation, resource.type), resource, initial).filter((one) => !hide.includes(one.name) && (!only || only.includes(one.name)))
		.map((one) => (choices[one.name] ? { ...one, enum: choices[one.name] } : one));
	const [row, setRow] = useState(/** @type {Row} */ ({ ...initial, ...preset }));
	const [faults, setFaults] = useState(/** @type {Record<string, string[]>} */ ({}));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const [saved, setSaved] = useState(false);
	const element = useRef(/** @type {HTMLFormElement | null} */ (null));
	const changed = changes(fields, row, initial);
	useUnsaved(!saved && Object.keys(changes(fields, row, { ...initial, ...preset })).length > 0);
	useEffect(() => {
		if (Object.keys(faults).length > 0)
			/** @type {HTMLElement | null | undefined} */ (element.current?.querySelector("[aria-invalid=true]"))?.focus();
	}, [faults]);

	const send = async (/** @type {Event} */ event) => {
		event.preventDefault();
		const wrong = faultsOf(fields, row);
		setFaults(wrong);
		setError(null);
		if (Object.keys(wrong).length > 0)
			return;
		setBusy(true);
		setSaved(true);
		try {
			await onSubmit(changed);
		} catch (refused) {
			setSaved(false);
			const { members, other } = sortOut(refused, operation.member, fields);
			setFaults(members);
			setError(other);
		}
		setBusy(false);
	};
	const whole = !only && (operation === resource.insert || operation === resource.update);
	const first = (whole && screenOf(resource).sections?.filter((name) => fields.some((one) => one.name === name))) || [];
	const inputs = screenOf(resource).inputs ?? {};
	const isPlain = (/** @type {Field} */ one) => !one.of && (one.type !== "array" || one.name in inputs);
	const groups = first.length === 0 && fields.length > MANY ? groupsOf(fields.filter((one) => !one.of)) : [];
	const plain = groups[0]?.fields ?? fields.filter(isPlain);
	const main = first.length > 0 ? first.map((name) => /** @type {Field} */ (fields.find((one) => one.name === name))) : plain;
	const grouped = groups.slice(1);
	const rest = fields.filter((one) => !main.includes(one) && !grouped.some((group) => group.fields.includes(one)));
	const input = (/** @type {Field} */ field) => html`<${Input} key=${field.name} resource=${resource} type=${operation.type ?? ""} field=${field} value=${row[field.name]} path=${field.name} faults=${faults} row=${row}
		onRow=${(/** @type {Row} */ more) => setRow((before) => ({ ...before, ...more }))}
		onChange=${(/** @type {unknown} */ value) => setRow((before) => ({ ...before, [field.name]: value }))} />`;
	const restOpen = Object.keys(faults).some((path) => rest.some((one) => path.split(/[.[]/)[0] === one.name));
	return html`
		<form class="form" ref=${element} noValidate=${true} onSubmit=${send}>
			<div class="grid">${main.map(input)}</div>
			${grouped.map((group) => html`<fieldset class="nested" key=${group.name}><legend>${label(group.name)}</legend><div class="grid">${group.fields.map(input)}</div></fieldset>`)}
			${rest.filter((one) => !isPlain(one)).map(input)}
			${rest.some(isPlain) && html`
				<details open=${restOpen}><summary>${t("form.more")}</summary><div class="grid">${rest.filter(isPlain).map(input)}</div></details>`}
			<${Fault} error=${error} />
			<div class="buttons sticky"><${Button} onClick=${onCancel}>${t("action.cancel")}<//><${Button} kind="primary" type="submit" busy=${busy}>${submit}<//></div>
		</form>`;
}

/**
 * What the server said, sorted into what stands at a member and what does not.
 * @param {unknown} refused @param {string | undefined} member Of the body that holds the row @param {Field[]} fields
 */
function sortOut(refused, member, fields) {
	/** @type {Record<string, string[]>} */
	const members = {};
	if (!(refused instanceof ApiError))
		return { members, other: refused };
	const left = [];
	for (const [path, texts] of Object.entries(refused.members)) {
		const own = member && path.startsWith(`${member}.`) ? path.slice(member.length + 1) : path.replace(/^dto\./, "");
		if (fields.some((one) => one.name === own.split(/[.[]/)[0]))
			members[own] = texts;
		else
			left.push(...texts);
	}
	const other = Object.keys(members).length === 0 || left.length > 0
		? Object.assign(new ApiError(refused.status, [Object.keys(members).length ? "" : refused.message, ...left].filter(Boolean).join(" "), {}, refused), {}) : null;
	return { members, other };
}

/**
 * @typedef {object} InputProps
 * @property {Resource} resource @property {string} type Of the object that has the member
 * @property {Field} field @property {any} value @property {string} path
 * @property {Record<string, string[]>} faults @property {(value: any) => void} onChange
 * @property {Row} [row] All members of the form, for an input that looks at others; `onRow` changes some
 * @property {(members: Row) => void} [onRow]
 * @property {string} [called] The member's name where it is not shown in words
 * @property {boolean} [bare] In a table, whose heads have the names and the words about them
 */

/** The input of one member, with its name, words about it, and what is wrong with it. @param {InputProps} props */
export function Input(props) {
	const { resource, type, field, value, path, faults, onChange, bare, called } = props;
	const id = useId();
	const wrong = faults[path];
	const text = called ?? fieldLabel(field, type);
	const name = html`<span class=${bare ? "unseen" : ""}>${text}</span>${field.required && !field.nullable && html` <span class="required" title=${t("form.required")}>*</span>`}`;
	const { bits, choices: named, days, long } = screenOf(resource);
	// Words that only say the name again, or the numbers of what is chosen by its name, help nobody.
	const doc = bare || bits?.[field.name] || named?.[field.name] || field.doc?.toLowerCase() === `${field.name.replace(/[A-Z]/g, " $&").toLowerCase()}.` ? undefined : field.doc;
	const describedBy = [doc ? `${id}-doc` : "", wrong ? `${id}-fault` : ""].filter(Boolean).join(" ") || undefined;
	const notes = html`${field.deprecated && html`<small class="faint">${t("form.deprecated")}</small> `}${doc && html`<small id=${`${id}-doc`} class="faint" lang="en">${doc}</small>`}${wrong && html`<p id=${`${id}-fault`} class="fault" role="alert">${wrong.join(" ")}</p>`}`;
	const attributes = { id, "aria-invalid": wrong ? "true" : undefined, "aria-describedby": describedBy, "aria-required": field.required && !field.nullable ? "true" : undefined };
	const inputOf = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target);

	const own = INPUTS[screenOf(resource).inputs?.[field.name] ?? ""];
	if (own && !path.includes("."))
		return html`<${own} ...${props} name=${name} notes=${notes} attributes=${attributes} />`;
	if (field.type === "object" && field.of)
		return html`<fieldset class="nested"><legend>${name}</legend>${notes}${value ? html`
			${partsOf(fieldsOf(field.of).filter((one) => !one.readOnly), field.of).map(([part, members]) => html`${part && html`<h2 class="part">${t(`part.${part}`)}</h2>`}<div class="grid">${members.map((one) => html`
			<${Input} key=${one.name} resource=${resource} type=${field.of} field=${one} value=${value[one.name]} path=${`${path}.${one.name}`} faults=${faults}
				onChange=${(/** @type {unknown} */ next) => onChange({ ...value, [one.name]: next })} />`)}</div>`)}
			${field.nullable && html`<${Button} icon="delete" onClick=${() => onChange(null)}>${t("form.removePart", { name: text })}<//>`}`
			: html`<${Button} icon="add" onClick=${() => onChange({})}>${t("form.addPart", { name: text })}<//>`}</fieldset>`;
	if (field.type === "array" && field.of)
		return html`<fieldset class="nested"><legend>${name}</legend>${notes}<${Items} ...${props} value=${value ?? []} text=${text} />
			<${Button} icon="add" disabled=${field.maxItems !== undefined && (value ?? []).length >= field.maxItems} onClick=${() => onChange([...(value ?? []), {}])}>${t("form.addItem", { name: text })}<//></fieldset>`;
	if (field.map)
		return html`<${MapInput} id=${id} name=${name} value=${value} notes=${notes} attributes=${attributes} onChange=${onChange} />`;
	const boxes = field.type === "array" && (field.items?.enum?.map((/** @type {any} */ one) => ({ value: one, doc: undefined })) ?? screenOf(resource).boxes?.[field.name]?.());
	if (boxes)
		return html`<fieldset class="field wide"><legend>${name}</legend>${notes}<div class="boxes">${boxes.map((one) => html`
			<label><input type="checkbox" checked=${(value ?? []).includes(one.value)} onChange=${(/** @type {Event} */ event) => onChange(boxes.map((other) => other.value)
				.filter((other) => (other === one.value ? inputOf(event).checked : (value ?? []).includes(other))))} />
				<span>${choiceName(resource.type, field.name, one.value)}${one.doc && html` <small class="faint" lang="en">${one.doc}</small>`}</span></label>`)}</div></fieldset>`;
	if (field.type === "array")
		return html`<div class="field"><label for=${id}>${name}</label>
			<textarea ...${attributes} rows="3" value=${(value ?? []).join("\n")} onInput=${(/** @type {Event} */ event) => onChange(inputOf(event).value === "" ? [] : inputOf(event).value.split("\n")
				.map((one) => (field.items?.type === "integer" && one.trim() !== "" ? Number(one) : one)))}></textarea><small class="faint">${t("form.lines")}</small>${notes}</div>`;
	if (field.type === "boolean" && !field.nullable)
		return html`<div class="field check"><label><input type="checkbox" ...${attributes} checked=${Boolean(value ?? field.default)} onChange=${(/** @type {Event} */ event) => onChange(inputOf(event).checked)} /> ${name}</label>${notes}</div>`;
	if (bits?.[field.name])
		return html`<fieldset class="field"><legend>${name}</legend><div class="row">${BITS.slice(0, bits[field.name]).map((one, bit) => html`
			<label class="inline"><input type="checkbox" checked=${Boolean((value ?? field.default ?? 0) & (1 << bit))} onChange=${() => onChange((value ?? field.default ?? 0) ^ (1 << bit))} /> ${t(`permission.${one}`)}</label>`)}</div>${notes}</fieldset>`;
	const choices = field.enum ?? (field.type === "boolean" ? [true, false] : named?.[field.name]);
	if (choices)
		return html`<div class="field"><label for=${id}>${name}</label><select ...${attributes} value=${value === undefined || value === null ? "" : String(value)}
			onChange=${(/** @type {Event} */ event) => onChange(inputOf(event).value === "" ? (field.nullable ? null : undefined) : choices.find((/** @type {any} */ one) => String(one) === inputOf(event).value))}>
			<option value="">${field.default !== undefined && field.default !== null ? t("form.default", { value: choiceName(type, field.name, field.default) }) : t(field.nullable && !field.enum ? "form.none" : "form.standard")}</option>${choices.map((/** @type {any} */ one) => html`<option value=${String(one)}>${one === true ? t("yes") : one === false ? t("no") : choiceName(type, field.name, one)}</option>`)}
			</select>${notes}</div>`;
	const target = screenOfReference(field);
	if (target && may(target.resource))
		return html`<div class="field"><label for=${id}>${name}</label><${Picker} resource=${target.resource} value=${value} id=${id} invalid=${Boolean(wrong)} describedBy=${describedBy}
			required=${field.required && !field.nullable} onChange=${(/** @type {unknown} */ next) => onChange(next === null && !field.nullable ? undefined : next)} />${notes}</div>`;
	if (field.format === "date-time" || field.format === "date") {
		const whole = field.format === "date" || days?.includes(field.name);
		const written = (/** @type {string} */ chosen) => (field.format === "date" ? chosen : new Date(whole ? `${chosen}T00:00Z` : chosen).toISOString());
		return html`<div class="field"><label for=${id}>${name}</label><input ...${attributes} type=${whole ? "date" : "datetime-local"} step=${whole ? undefined : 1}
			value=${value ? (whole ? value.slice(0, DAY) : toLocal(value)) : ""}
			onChange=${(/** @type {Event} */ event) => onChange(inputOf(event).value === "" ? (field.nullable ? null : undefined) : written(inputOf(event).value))} />${notes}</div>`;
	}
	const unlimited = field.minimum === UNLIMITED;
	if (field.type === "integer" || field.type === "number")
		return html`<div class="field"><label for=${id}>${name}</label><div class="row"><input ...${attributes} type="number" step=${field.type === "integer" ? 1 : "any"} min=${unlimited ? 0 : field.minimum} max=${field.maximum}
			placeholder=${field.default} disabled=${unlimited && value === UNLIMITED} value=${unlimited && value === UNLIMITED ? "" : value ?? ""}
			onInput=${(/** @type {Event} */ event) => onChange(inputOf(event).value === "" ? (field.nullable ? null : undefined) : Number(inputOf(event).value))} />
			${unlimited && html`<label class="inline"><input type="checkbox" checked=${value === UNLIMITED} onChange=${(/** @type {Event} */ event) => onChange(inputOf(event).checked ? UNLIMITED : 0)} /> ${t("unlimited")}</label>`}</div>${notes}</div>`;
	if (field.type === "object")
		return html`<${JsonInput} id=${id} name=${name} value=${value} notes=${notes} attributes=${attributes} onChange=${onChange} />`;
	const multiline = !bare && long?.includes(field.name) || (field.maxLength ?? 0) > LINE && !called && !/url$/i.test(field.name) && !titleMembers(resource).includes(field.name);
	if (/password|secret/i.test(field.name) && !multiline)
		return html`<${SecretInput} name=${name} text=${text} value=${value} notes=${notes} attributes=${attributes} old=${/^current/.test(field.name)}
			onChange=${(/** @type {string} */ next) => onChange(next === "" ? (field.nullable ? null : undefined) : next)} />`;
	return html`<div class=${`field ${multiline ? "wide" : ""}`}><label for=${id}>${name}</label>${multiline
		? html`<textarea ...${attributes} class=${isProse(field) ? "prose" : ""} rows=${bare ? 1 : 4} value=${value ?? ""} onInput=${(/** @type {Event} */ event) => onChange(inputOf(event).value === "" && field.nullable ? null : inputOf(event).value)}></textarea>`
		: html`<input ...${attributes} type="text" autocomplete="off" spellcheck=${false}
			value=${value ?? ""} onInput=${(/** @type {Event} */ event) => onChange(inputOf(event).value === "" ? (field.nullable ? null : field.required ? "" : undefined) : inputOf(event).value)} />`}${notes}</div>`;
}

/** Characters that are not mistaken for one another; 22 of these 56 are as hard to guess as a key of 127 bits. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
const LETTERS_OF_PASSWORD = 22;

function makePassword() {
	let text = "";
	while (text.length < LETTERS_OF_PASSWORD) {
		const [byte] = crypto.getRandomValues(new Uint8Array(1));
		text += byte < LETTERS.length * 4 ? LETTERS[byte % LETTERS.length] : "";
	}
	return text;
}

/** A password, hidden while nobody asks to see it. @param {{ name: any, text: string, value: any, notes: any, attributes: Record<string, any>, old: boolean, onChange: (value: string) => void }} props */
function SecretInput({ name, text, value, notes, attributes, old, onChange }) {
	const [shown, setShown] = useState(false);
	return html`<div class="field"><label for=${attributes.id}>${name}</label><div class="row"><input ...${attributes} type=${shown ? "text" : "password"} autocomplete=${old ? "current-password" : "new-password"}
			spellcheck=${false} value=${value ?? ""} onInput=${(/** @type {Event} */ event) => onChange(/** @type {HTMLInputElement} */ (event.target).value)} />
		<${Button} kind="plain" icon="eye" label=${t(shown ? "form.hide" : "form.show", { name: text })} onClick=${() => setShown(!shown)} />
		${!old && html`<${Button} kind="plain" icon="refresh" label=${t("form.makePassword", { name: text })} onClick=${() => { onChange(makePassword()); setShown(true); }} />`}</div>${notes}</div>`;
}

/** Members of which a table has room for their inputs. */
const COLUMNS = 6;

/** Objects of one type: as a table, one a row, or one below the other where they have many members. @param {InputProps & { text: string }} props */
function Items({ resource, field, value, path, faults, onChange, text }) {
	const fields = fieldsOf(field.of).filter((one) => !one.readOnly && one.name !== "id" || one.type !== "integer");
	const input = (/** @type {Field} */ one, /** @type {number} */ index, /** @type {boolean} */ bare) => html`<${Input} key=${one.name} bare=${bare} resource=${resource} type=${field.of} field=${one}
		value=${value[index][one.name]} path=${`${path}[${index}].${one.name}`} faults=${faults}
		onChange=${(/** @type {unknown} */ next) => onChange(value.map((/** @type {Row} */ old, /** @type {number} */ at) => (at === index ? { ...old, [one.name]: next } : old)))} />`;
	const remove = (/** @type {number} */ index, /** @type {string} */ kind) => html`<${Button} kind=${kind} icon="delete" label=${t("form.removeItem", { name: text, number: index + 1 })}
		onClick=${() => onChange(value.filter((/** @type {Row} */ _, /** @type {number} */ at) => at !== index))} />`;
	if (fields.length > COLUMNS)
		return value.map((/** @type {Row} */ _, /** @type {number} */ index) => html`<fieldset class="nested" key=${index}><legend>${text} ${index + 1}</legend>
			<div class="grid">${fields.map((one) => input(one, index, false))}</div>${remove(index, "")}</fieldset>`);
	return value.length > 0 && html`<div class="scroll items" role="region" tabindex="0" aria-label=${text}><table>
		<thead><tr>${fields.map((one) => html`<th title=${one.doc}>${fieldLabel(one, field.of)}</th>`)}<th><span class="unseen">${t("list.actions")}</span></th></tr></thead>
		<tbody>${value.map((/** @type {Row} */ _, /** @type {number} */ index) => html`<tr key=${index}>${fields.map((one) => html`
			<td data-label=${fieldLabel(one, field.of)}>${input(one, index, true)}</td>`)}
			<td class="acts">${remove(index, "plain")}</td></tr>`)}</tbody></table></div>`;
}

/** @param {Record<string, unknown> | null | undefined} value */
const linesOf = (value) => Object.entries(value ?? {}).map(([name, text]) => `${name} = ${text ?? ""}`).join("\n");

/** Names with a text each, a line for each. @param {{ id: string, name: any, value: any, notes: any, attributes: Record<string, any>, onChange: (value: any) => void }} props */
function MapInput({ id, name, value, notes, attributes, onChange }) {
	const [text, setText] = useState(linesOf(value));
	const change = (/** @type {string} */ next) => {
		setText(next);
		const pairs = next.split("\n").map((line) => line.split(/=(.*)/s)).filter(([one]) => one.trim());
		onChange(pairs.length > 0 ? Object.fromEntries(pairs.map(([one, rest = ""]) => [one.trim(), rest.trim()])) : null);
	};
	return html`<div class="field"><label for=${id}>${name}</label><textarea ...${attributes} rows="2" spellcheck=${false} placeholder=${t("form.pairs")} value=${text}
		onInput=${(/** @type {Event} */ event) => change(/** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea>${notes}</div>`;
}

/** An object of which the document knows no members. @param {{ id: string, name: any, value: any, notes: any, attributes: Record<string, any>, onChange: (value: any) => void }} props */
function JsonInput({ id, name, value, notes, attributes, onChange }) {
	const [text, setText] = useState(value === undefined || value === null ? "" : JSON.stringify(value, null, 2));
	const [wrong, setWrong] = useState(false);
	const change = (/** @type {string} */ next) => {
		setText(next);
		try {
			onChange(next.trim() === "" ? null : JSON.parse(next));
			setWrong(false);
		} catch {
			setWrong(true);
		}
	};
	return html`<div class="field wide"><label for=${id}>${name}</label><textarea ...${attributes} rows="4" spellcheck=${false} aria-invalid=${wrong ? "true" : attributes["aria-invalid"]} value=${text}
		onInput=${(/** @type {Event} */ event) => change(/** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea>${wrong && html`<p class="fault" role="alert">${t("form.json")}</p>`}${notes}</div>`;
}
