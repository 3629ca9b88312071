// In the head of every page: a field that searches everything, which "/" leads to, and by Ctrl+K a window of all that one can do:
// screens, new rows, what was seen last, and whatever the text finds.
import { html, useEffect, useId, useRef, useState } from "../html.js";
import { t } from "../i18n.js";
import { may, maySearch } from "../model.js";
import { navigation, screenTitle } from "../navigation.js";
import { address, go, useRoute } from "../router.js";
import { screens } from "../screens.js";
import { Button, Dialog, Icon } from "../ui.js";
import { addressOf, find, isSecret, kindOf } from "./hits.js";
import { lookFor } from "./search.js";

/** @typedef {{ text: string, group: string, run: () => void }} Choice */

const RECENT = 8;
const FOUND = 8;
const WAIT = 200;
/** Pages that were seen last, the latest first. They are forgotten with the page: titles are data of the registry. @type {{ text: string, target: string }[]} */
let recent = [];

/** Notes each page once it has its title. */
function useRecent() {
	const { text } = useRoute();
	useEffect(() => {
		const timer = setTimeout(() => {
			const target = `#${text}`;
			if (!text.startsWith("/search"))
				recent = [{ text: document.title.replace(/ – Clientele$/, ""), target }, ...recent.filter((one) => one.target !== target)].slice(0, RECENT);
		}, 800);
		return () => clearTimeout(timer);
	}, [text]);
}

/** Everything that a text may mean, but for rows. @param {string} text @returns {Choice[]} */
function choicesOf(text) {
	const wanted = text.trim().toLowerCase();
	const fits = (/** @type {Choice} */ one) => one.text.toLowerCase().includes(wanted);
	const places = [{ name: "home" }, ...navigation().flatMap((one) => one.items)].map((one) => ({
		text: screenTitle(one.name), group: t("palette.screens"), run: () => go(one.name === "home" ? "#/" : address([one.name])) }));
	const fresh = screens().filter((one) => one.group && !one.readOnly && !one.path.includes("{") && may(one.resource.insert)).map((one) => ({
		text: t("palette.new", { what: screenTitle(one.name) }), group: t("palette.actions"), run: () => go(address([one.name, "new"])) }));
	const seen = recent.slice(1).map((one) => ({ text: one.text, group: t("palette.recent"), run: () => go(one.target) }));
	const search = wanted && maySearch() ? [{ text: t("palette.search", { text: isSecret(text) ? "…" : text.trim() }), group: t("search.title"), run: () => lookFor(text.trim()) }] : [];
	return [...seen.filter(fits), ...places.filter(fits), ...fresh.filter(fits), ...search];
}

/** @param {{ onClose: () => void }} props */
function Palette({ onClose }) {
	const [text, setText] = useState("");
	const [at, setAt] = useState(0);
	const [rows, setRows] = useState(/** @type {Choice[]} */ ([]));
	const id = useId();
	const list = useRef(/** @type {HTMLElement | null} */ (null));
	useEffect(() => {
		const abort = new AbortController();
		setRows([]);
		const timer = setTimeout(() => {
			if (text.trim().length > 1 && maySearch())
				find(text, FOUND, abort.signal).then(({ hits }) => setRows(hits.filter(addressOf).map((one) => ({
					text: [one.title, one.detail].filter(Boolean).join(" – "), group: kindOf(one.resource), run: () => go(/** @type {string} */ (addressOf(one))) }))), () => undefined);
		}, WAIT);
		return () => {
			clearTimeout(timer);
			abort.abort();
		};
	}, [text]);
	const all = [...choicesOf(text), ...rows];
	const groups = [...new Set(all.map((one) => one.group))];
	const ordered = groups.flatMap((group) => all.filter((one) => one.group === group));
	const chosen = Math.min(at, ordered.length - 1);
	useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [chosen]);
	const take = (/** @type {Choice | undefined} */ one) => {
		if (!one)
			return;
		onClose();
		one.run();
	};
	const press = (/** @type {KeyboardEvent} */ event) => {
		const step = { ArrowDown: 1, ArrowUp: ordered.length - 1 }[event.key];
		if (step && ordered.length > 0) {
			event.preventDefault();
			setAt((chosen + step) % ordered.length);
		} else if (event.key === "Enter") {
			event.preventDefault();
			take(ordered[chosen]);
		}
	};
	return html`
		<${Dialog} title=${t("palette.title")} wide=${true} onClose=${onClose}>
			<input role="combobox" type="text" aria-label=${t("palette.label")} aria-expanded="true" aria-controls=${id} aria-autocomplete="list" autocomplete="off" spellcheck=${false}
				aria-activedescendant=${ordered.length > 0 ? `${id}-${chosen}` : undefined} value=${text} onKeyDown=${press}
				onInput=${(/** @type {Event} */ event) => { setText(/** @type {HTMLInputElement} */ (event.target).value); setAt(0); }} />
			<div class="palette" role="listbox" id=${id} aria-label=${t("palette.title")} ref=${list}>${groups.map((group, number_) => html`
				<div role="group" aria-labelledby=${`${id}-g${number_}`}><div class="group" role="presentation" id=${`${id}-g${number_}`}>${group}</div>${ordered.map((one, index) => one.group === group && html`
					<div role="option" id=${`${id}-${index}`} aria-selected=${index === chosen ? "true" : "false"} onClick=${() => take(one)}>${one.text}</div>`)}</div>`)}</div>
		<//>`;
}

export function Finder() {
	const [open, setOpen] = useState(false);
	const [text, setText] = useState("");
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	useRecent();
	useEffect(() => {
		const press = (/** @type {KeyboardEvent} */ event) => {
			const element = /** @type {HTMLElement} */ (event.target);
			if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
				event.preventDefault();
				setOpen(true);
			} else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !element.closest("input, textarea, select, dialog")) {
				event.preventDefault();
				// Where there is no room for the field, its screen has one.
				if (input.current?.checkVisibility())
					input.current.focus();
				else if (maySearch())
					go(address(["search"]));
			}
		};
		document.addEventListener("keydown", press);
		return () => document.removeEventListener("keydown", press);
	}, []);
	return html`${maySearch() && html`
		<form class="search" role="search" aria-label=${t("search.label")} onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); if (text.trim()) lookFor(text.trim()); setText(""); }}>
			<input ref=${input} type="search" aria-label=${t("search.label")} aria-keyshortcuts="/" placeholder=${t("search.hint")} maxlength="255" autocomplete="off" spellcheck=${false} value=${text}
				onInput=${(/** @type {Event} */ event) => setText(/** @type {HTMLInputElement} */ (event.target).value)} /></form>
		<a class="button plain square search-link" href=${address(["search"])} aria-label=${t("search.title")}><${Icon} name="search" /></a>`}
		<${Button} kind="plain" icon="more" label=${t("palette.open")} aria-keyshortcuts="Control+K" onClick=${() => setOpen(true)} />
		${open && html`<${Palette} onClose=${() => setOpen(false)} />`}`;
}
