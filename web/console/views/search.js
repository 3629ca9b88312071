// Everything that a text finds, by what it is.
import { html, useEffect, useRef, useState } from "../html.js";
import { t } from "../i18n.js";
import { address, go } from "../router.js";
import { Badge, Button, Empty, Fault, Loading, useRead, useTitle } from "../ui.js";
import { addressOf, find, isSecret, kindOf, reasonOf } from "./hits.js";

const TAKE = 50;
/** A key that was looked for; it is forgotten with the page. */
let held = "";

/** Goes to what the text finds. @param {string} text */
export function lookFor(text) {
	held = isSecret(text) ? text : "";
	go(address(["search"], { q: held ? "" : text, key: held ? 1 : "" }));
}

/** @param {{ query: Record<string, string> }} props */
export function Search({ query }) {
	const text = query.key ? held : query.q ?? "";
	const [typed, setTyped] = useState(text);
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	const root = useRef(/** @type {HTMLElement | null} */ (null));
	useTitle(t("search.title"));
	useEffect(() => setTyped(text), [text]);
	useEffect(() => { if (!text) input.current?.focus(); }, []);
	const { value, error, busy, again } = useRead(async (signal) => (text.trim() ? find(text, TAKE, signal) : undefined), [text]);
	const hits = value?.hits ?? [];
	const kinds = [...new Set(hits.map((one) => one.resource))];
	// From one hit to the next by arrows, and back to the text.
	const press = (/** @type {KeyboardEvent} */ event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (!step)
			return;
		const all = [...(root.current?.querySelectorAll(/** @type {"a"} */ (".hits a")) ?? [])];
		const at = all.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement)) + step;
		event.preventDefault();
		(at < 0 ? input.current : all[Math.min(at, all.length - 1)])?.focus();
	};
	return html`
		<div class="results" ref=${root} onKeyDown=${press}>
			<h1>${t("search.title")}</h1>
			<form class="row" role="search" aria-label=${t("search.title")} onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); if (typed.trim() === text.trim()) again(); else lookFor(typed.trim()); }}>
				<input ref=${input} type="search" aria-label=${t("search.label")} maxlength="255" autocomplete="off" spellcheck=${false} value=${typed}
					onInput=${(/** @type {Event} */ event) => setTyped(/** @type {HTMLInputElement} */ (event.target).value)} />
				<${Button} kind="primary" icon="search" type="submit">${t("search.do")}<//></form>
			<p class="faint">${t("search.how")}</p>
			<${Fault} error=${error} retry=${again} />
			${busy && !value && text ? html`<${Loading} />` : null}
			<p role="status" class=${value ? "" : "unseen"}>${value && hits.length > 0 ? t("search.count", { count: hits.length }) : ""}</p>
			${value && hits.length === 0 && html`<${Empty} title=${t("search.nothing")} />`}
			${kinds.map((kind) => html`
				<section class="tile hits"><h2>${kindOf(kind)}</h2><ul>${hits.filter((one) => one.resource === kind).map((one) => html`
					<li>${addressOf(one) ? html`<a href=${addressOf(one)}>${one.title}</a>` : html`<strong>${one.title}</strong>`} <span>${one.detail}</span>
						<span class="faint">${reasonOf(one)}</span>${one.exact && html` <${Badge} tone="good">${t("search.exact")}<//>`}</li>`)}</ul></section>`)}
			${value?.moreHits && html`<p class="faint">${t("search.more")}</p>`}
		</div>`;
}
