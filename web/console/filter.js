// The filter builder: rows of member, comparison and value that become a condition of the query language, which is shown and may be
// written by hand. A condition that the builder could have written becomes rows again.
import { html, useEffect, useState } from "./html.js";
import { label, t } from "./i18n.js";
import { fieldsOf, literal } from "./model.js";
import { screenOf } from "./screens.js";
import { Button } from "./ui.js";
import { choiceName } from "./screens.js";

/** @typedef {import("./model.js").Field} Field */
/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {{ member: string, comparison: string, value: string }} Condition */

// Comparisons by the kind of a member; a comparison's text has {m} and {v}.
/** @type {Record<string, string>} */
const TEXTS = {
	is: "{m} = {v}", isNot: "{m} != {v}", contains: "{m}.Contains({v})", starts: "{m}.StartsWith({v})", ends: "{m}.EndsWith({v})",
	less: "{m} < {v}", atMost: "{m} <= {v}", more: "{m} > {v}", atLeast: "{m} >= {v}", empty: "{m} = null", notEmpty: "{m} != null",
	before: "{m} < {v}", after: "{m} > {v}", yes: "{m} = true", no: "{m} = false",
};
const WITHOUT_VALUE = new Set(["empty", "notEmpty", "yes", "no"]);

/** @param {Field} field @returns {string[]} */
function comparisonsOf(field) {
	const empty = field.nullable ? ["empty", "notEmpty"] : [];
	if (field.type === "boolean")
		return ["yes", "no", ...empty];
	if (field.format === "date-time" || field.format === "date")
		return ["before", "after", ...empty];
	if (field.type === "integer" || field.type === "number")
		return ["is", "isNot", "less", "atMost", "more", "atLeast", ...empty];
	return field.enum || field.format === "uuid" ? ["is", "isNot", ...empty] : ["contains", "is", "isNot", "starts", "ends", ...empty];
}

/** Members that conditions may be about. @param {Resource} resource */
export const filterable = (resource) => fieldsOf(resource.type).filter((one) => one.type !== "object" && one.type !== "array" && one.filter);

/** @param {Field | undefined} field @param {string} value */
function literalOf(field, value) {
	if (field?.type === "integer" || field?.type === "number")
		return value.trim() === "" || Number.isNaN(Number(value)) ? literal(value) : value.trim();
	return literal(field?.format === "date-time" ? (Number.isNaN(Date.parse(value)) ? value : new Date(value).toISOString()) : value);
}

/** @param {Resource} resource @param {Condition[]} conditions */
export function writeFilter(resource, conditions) {
	const fields = filterable(resource);
	return conditions.filter((one) => one.member && (WITHOUT_VALUE.has(one.comparison) || one.value !== "")).map((one) => TEXTS[one.comparison]
		.replace("{m}", one.member).replace("{v}", () => literalOf(fields.find((field) => field.name === one.member), one.value))).join(" and ");
}

/** The rows that write this text, or undefined where the builder cannot. @param {Resource} resource @param {string} text @returns {Condition[] | undefined} */
export function readFilter(resource, text) {
	if (!text.trim())
		return [];
	const fields = filterable(resource);
	/** @type {Condition[]} */
	const conditions = [];
	for (const part of text.match(/(?:"(?:[^"]|"")*"|(?! and )[\s\S])+/g) ?? []) {
		const [, member, operator, raw] = /^\s*(?:and )?\s*(\w+)\s*(!=|<=|>=|=|<|>|\.Contains\(|\.StartsWith\(|\.EndsWith\()\s*("(?:[^"]|"")*"|[-\w.]+)\)?\s*$/.exec(part) ?? [];
		const field = fields.find((one) => one.name === member);
		if (!field)
			return undefined;
		const value = raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw;
		const allowed = comparisonsOf(field);
		const comparison = allowed.find((one) => TEXTS[one].replace("{m}", member).replace("{v}", () => raw).replace(/\s/g, "") ===
			`${member}${operator}${raw}${operator.endsWith("(") ? ")" : ""}`.replace(/\s/g, ""));
		if (!comparison)
			return undefined;
		conditions.push({ member, comparison, value: WITHOUT_VALUE.has(comparison) ? "" : value });
	}
	return writeFilter(resource, conditions).replace(/\s/g, "") === text.replace(/\s/g, "") ? conditions : undefined;
}

/** @param {string} value As the query language has it */
const localMoment = (value) => {
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? value : new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

/** @param {{ resource: Resource, condition: Condition, index: number, onChange: (condition: Condition) => void, onRemove: () => void }} props */
function ConditionRow({ resource, condition, index, onChange, onRemove }) {
	const fields = filterable(resource);
	const field = fields.find((one) => one.name === condition.member) ?? fields[0];
	const comparisons = comparisonsOf(field);
	const choices = field.enum ?? screenOf(resource).choices?.[field.name];
	const name = { number: index + 1 };
	const target = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).value;
	return html`
		<div class="condition">
			<select aria-label=${t("filter.member", name)} value=${field.name} onChange=${(/** @type {Event} */ event) => {
				const next = /** @type {Field} */ (fields.find((one) => one.name === target(event)));
				onChange({ member: next.name, comparison: comparisonsOf(next)[0], value: "" });
			}}>${fields.map((one) => html`<option value=${one.name}>${label(one.name, resource.type)}</option>`)}</select>
			<select aria-label=${t("filter.comparison", name)} value=${condition.comparison} onChange=${(/** @type {Event} */ event) => onChange({ ...condition, comparison: target(event) })}>
				${comparisons.map((one) => html`<option value=${one}>${t(`filter.is.${one}`)}</option>`)}</select>
			${!WITHOUT_VALUE.has(condition.comparison) && (choices
				? html`<select aria-label=${t("filter.value", name)} value=${condition.value} onChange=${(/** @type {Event} */ event) => onChange({ ...condition, value: target(event) })}>
					<option value="">${t("filter.choose")}</option>${choices.map((/** @type {any} */ one) => html`<option value=${one}>${choiceName(resource.type, field.name, one)}</option>`)}</select>`
				: html`<input aria-label=${t("filter.value", name)} type=${field.format === "date-time" ? "datetime-local" : field.format === "date" ? "date" : "text"}
					inputmode=${field.type === "integer" || field.type === "number" ? "decimal" : undefined}
					value=${field.format === "date-time" ? localMoment(condition.value) : condition.value}
					onInput=${(/** @type {Event} */ event) => onChange({ ...condition, value: target(event) })} />`)}
			<${Button} kind="plain" icon="close" label=${t("filter.remove", name)} onClick=${onRemove} />
		</div>`;
}

/**
 * @param {{ resource: Resource, filter: string, fault?: string, onApply: (filter: string) => void }} props
 */
export function FilterBuilder({ resource, filter, fault, onApply }) {
	const fields = filterable(resource);
	const read = readFilter(resource, filter);
	const [conditions, setConditions] = useState(/** @type {Condition[]} */ (read ?? []));
	const [text, setText] = useState(filter);
	const [byHand, setByHand] = useState(read === undefined);
	useEffect(() => {
		const rows = readFilter(resource, filter);
		setText(filter);
		setConditions(rows ?? []);
		setByHand((before) => before || rows === undefined);
	}, [filter]);
	const change = (/** @type {Condition[]} */ next) => {
		setConditions(next);
		setText(writeFilter(resource, next));
	};
	const fresh = () => ({ member: fields[0].name, comparison: comparisonsOf(fields[0])[0], value: "" });
	const readable = readFilter(resource, text) !== undefined;
	return html`
		<form class="filter-builder" aria-label=${t("filter.title")} onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); onApply(text); }}>
			${byHand ? html`
				<label class="field"><span>${t("filter.text")}</span>
					<textarea rows="2" spellcheck=${false} value=${text} aria-invalid=${fault ? "true" : undefined}
						onInput=${(/** @type {Event} */ event) => setText(/** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea></label>`
			: html`${conditions.map((condition, index) => html`<${ConditionRow} key=${index} resource=${resource} condition=${condition} index=${index}
				onChange=${(/** @type {Condition} */ next) => change(conditions.map((one, at) => (at === index ? next : one)))}
				onRemove=${() => change(conditions.filter((_, at) => at !== index))} />`)}
				<p class="query"><code>${text || t("filter.everything")}</code></p>`}
			${fault && html`<p class="fault" role="alert">${fault}</p>`}
			<div class="buttons start">
				${!byHand && html`<${Button} icon="add" onClick=${() => change([...conditions, fresh()])}>${t("filter.add")}<//>`}
				<${Button} kind="primary" type="submit">${t("filter.apply")}<//>
				<${Button} onClick=${() => { change([]); setByHand(false); onApply(""); }}>${t("filter.clear")}<//>
				<${Button} kind="plain" disabled=${byHand && !readable} onClick=${() => { if (byHand) setConditions(readFilter(resource, text) ?? []); setByHand(!byHand); }}>
					${byHand ? t("filter.build") : t("filter.byHand")}<//>
			</div>
		</form>`;
}
