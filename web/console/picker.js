// Chooses a row of another resource by its name, for a member that holds its key: a combobox as ARIA's authoring practices have it.
import { html, useEffect, useId, useRef, useState } from "./html.js";
import { t } from "./i18n.js";
import { fieldsOf, literal, readPage } from "./model.js";
import { nameOf } from "./names.js";
import { titleMembers, titleOf } from "./screens.js";
import { Button } from "./ui.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */

const SHOWN = 12;
const WAIT_MILLISECONDS = 200;

/** @param {Resource} resource @param {string} text @param {string} condition That rows must meet as well @param {AbortSignal} signal */
async function find(resource, text, condition, signal) {
	if (!resource.filter)
		return (await readPage(resource, {}, {}, signal)).rows.filter((row) => titleOf(resource, row).toLowerCase().includes(text.toLowerCase())).slice(0, SHOWN);
	const texts = titleMembers(resource).filter((name) => fieldsOf(resource.type).find((one) => one.name === name)?.type === "string");
	const words = text.trim() ? texts.map((name) => `${name}.Contains(${literal(text.trim())})`).join(" or ") : "";
	const filter = [words, condition].filter(Boolean).map((one) => `(${one})`).join(" and ");
	const select = resource.select ? { select: [resource.key, ...titleMembers(resource)].join(",") } : {};
	return (await readPage(resource, {}, { filter, take: SHOWN, total: "none", ...select }, signal)).rows;
}

/**
 * @param {{ resource: Resource, value: string | number | null | undefined, id: string, invalid?: boolean, describedBy?: string, required?: boolean, filter?: string,
 *	onChange: (value: string | number | null) => void }} props
 */
export function Picker({ resource, value, id, invalid, describedBy, required, filter = "", onChange }) {
	const [text, setText] = useState("");
	const [open, setOpen] = useState(false);
	const [found, setFound] = useState(/** @type {Row[]} */ ([]));
	const [at, setAt] = useState(-1);
	const [typed, setTyped] = useState(false);
	const box = useRef(/** @type {HTMLElement | null} */ (null));
	const listId = useId();
	// The name of what is chosen already.
	useEffect(() => {
		if (value === null || value === undefined || value === "") {
			if (!typed)
				setText("");
			return;
		}
		if (!typed)
			nameOf(resource, value).then((name) => setText(name ?? String(value)));
	}, [value]);
	useEffect(() => {
		if (!open)
			return undefined;
		const abort = new AbortController();
		const timer = setTimeout(() => find(resource, typed ? text : "", filter, abort.signal).then((rows) => { setFound(rows); setAt(-1); }, () => undefined), WAIT_MILLISECONDS);
		return () => { clearTimeout(timer); abort.abort(); };
	}, [open, text]);
	const choose = (/** @type {Row | null} */ row) => {
		setTyped(false);
		setOpen(false);
		setText(row ? titleOf(resource, row) : "");
		onChange(row ? row[resource.key] : null);
	};
	const key = (/** @type {KeyboardEvent} */ event) => {
		if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			event.preventDefault();
			setOpen(true);
			setAt((before) => Math.min(Math.max(before + (event.key === "ArrowDown" ? 1 : -1), 0), found.length - 1));
		} else if (event.key === "Enter" && open && at >= 0) {
			event.preventDefault();
			choose(found[at]);
		} else if (event.key === "Escape" && open) {
			event.stopPropagation();
			setOpen(false);
		}
	};
	const leave = (/** @type {FocusEvent} */ event) => {
		if (box.current?.contains(/** @type {Node | null} */ (event.relatedTarget)))
			return;
		setOpen(false);
		// What was typed and fits one row chooses it; the key itself does, too.
		if (typed) {
			const exact = found.find((row) => titleOf(resource, row).toLowerCase() === text.trim().toLowerCase() || String(row[resource.key]) === text.trim());
			if (exact || !text.trim())
				choose(exact ?? null);
			else
				onChange(/^\d+$/.test(text.trim()) && fieldsOf(resource.type).find((one) => one.name === resource.key)?.type === "integer" ? Number(text) : text.trim());
		}
	};
	return html`
		<span class="picker" ref=${box} onFocusOut=${leave}>
			<span class="row"><input id=${id} role="combobox" aria-expanded=${open ? "true" : "false"} aria-controls=${listId} aria-autocomplete="list" autocomplete="off"
				aria-activedescendant=${open && at >= 0 ? `${listId}-${at}` : undefined} aria-invalid=${invalid ? "true" : undefined} aria-describedby=${describedBy} aria-required=${required ? "true" : undefined}
				placeholder=${t("picker.search")} value=${text} onFocus=${() => setOpen(true)} onKeyDown=${key}
				onInput=${(/** @type {Event} */ event) => { setTyped(true); setOpen(true); setText(/** @type {HTMLInputElement} */ (event.target).value); }} />
				${value !== null && value !== undefined && value !== "" && html`<${Button} kind="plain" icon="close" label=${t("picker.none")} onClick=${() => choose(null)} />`}</span>
			<ul id=${listId} role="listbox" aria-label=${t("picker.found")} hidden=${!open}>${found.map((row, index) => html`
				<li id=${`${listId}-${index}`} role="option" aria-selected=${index === at ? "true" : "false"}
					onPointerDown=${(/** @type {Event} */ event) => { event.preventDefault(); choose(row); }}>${titleOf(resource, row)} <small class="faint">${row[resource.key]}</small></li>`)}
				${found.length === 0 && html`<li role="option" aria-selected="false" aria-disabled="true" class="faint">${t("list.noMatch")}</li>`}</ul>
		</span>`;
}
