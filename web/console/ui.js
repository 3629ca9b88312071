// The parts that all views are made of.
import { ApiError } from "./api.js";
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "./html.js";
import { moment, relative, t } from "./i18n.js";

/** @typedef {import("./html.js").Children} Children */

/** Paths of icons on a grid of 24: strokes, so that they take the color of the text. @type {Record<string, string>} */
const ICONS = {
	add: "M12 5v14M5 12h14", back: "M15 5l-7 7 7 7", close: "M6 6l12 12M18 6L6 18", columns: "M4 5h16v14H4zM10 5v14M15 5v14",
	copy: "M9 9h11v11H9zM5 15H4V4h11v1", delete: "M5 7h14M10 11v6M14 11v6M7 7l1 13h8l1-13M9 7V4h6v3", download: "M12 4v11M7 11l5 5 5-5M5 20h14",
	down: "M6 9l6 6 6-6", edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4", filter: "M4 5h16l-6 8v6l-4-2v-4z", menu: "M4 6h16M4 12h16M4 18h16",
	more: "M5 11.5v1M12 11.5v1M19 11.5v1", next: "M9 5l7 7-7 7", refresh: "M20 12a8 8 0 1 1-2.5-5.8M20 4v4h-4", search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
	eye: "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
	star: "M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9z", user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 20c1-4 4-6 8-6s7 2 8 6",
	warning: "M12 4l9 16H3zM12 10v4M12 17h.01", check: "M5 12l5 5 9-10", undo: "M9 7L4 12l5 5M4 12h11a5 5 0 0 1 0 10h-2",
};

/** A picture beside a text, or in place of one where `label` says what it is. @param {{ name: string, label?: string }} props */
export const Icon = ({ name, label }) => html`
	<svg class="icon" viewBox="0 0 24 24" aria-hidden=${label ? undefined : "true"} role=${label ? "img" : undefined} aria-label=${label}>
		<path d=${ICONS[name]} />
	</svg>`;

/**
 * @param {{ icon?: string, kind?: "primary" | "danger" | "plain" | "", busy?: boolean, disabled?: boolean, type?: string, label?: string,
 *	children?: Children, onClick?: (event: MouseEvent) => unknown, [name: string]: any }} props `label` names a button of a picture only
 */
export const Button = ({ icon, kind = "", busy, disabled, type = "button", label, children, ...rest }) => html`
	<button type=${type} class=${`button ${kind}${children ? "" : " square"}`} disabled=${busy || disabled} aria-busy=${busy ? "true" : undefined}
		aria-label=${label} title=${label} ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children && html`<span>${children}</span>`}</button>`;

/** A state as a word on a ground of its color. @param {{ tone?: "good" | "warn" | "bad" | "plain", children: Children }} props */
export const Badge = ({ tone = "plain", children }) => html`<span class=${`badge ${tone}`}>${children}</span>`;

/** A moment: how long ago, and exactly where one points at it. @param {{ value: string | null | undefined, absent?: string }} props */
export const Moment = ({ value, absent = "–" }) => (value
	? html`<time datetime=${value} title=${relative(value)}>${moment(value)}</time>` : html`<span class="faint">${absent}</span>`);

export const Loading = () => html`<p class="loading" role="status"><span class="spinner" aria-hidden="true"></span> ${t("loading")}</p>`;

/** @param {{ title: string, children?: Children }} props */
export const Empty = ({ title, children }) => html`<div class="empty"><p>${title}</p>${children}</div>`;

/** What went wrong, in words that say what to do. @param {unknown} error */
export function messageOf(error) {
	if (!(error instanceof ApiError))
		return String(/** @type {Error} */ (error)?.message ?? error);
	if (error.status === 0)
		return t("error.noAnswer");
	if (error.status === 429 && error.retryAfter)
		return t("error.wait", { message: error.message, seconds: error.retryAfter });
	return error.message;
}

/** @param {{ error: unknown, retry?: () => void }} props */
export const Fault = ({ error, retry }) => error ? html`
	<div class="notice bad" role="alert">
		<${Icon} name="warning" /><span>${messageOf(error)}${error instanceof ApiError && error.requestId
			? html` <small class="faint">${t("error.request", { id: error.requestId })}</small>` : null}</span>
		${retry && html`<${Button} icon="refresh" onClick=${retry}>${t("action.retry")}<//>`}
	</div>` : null;

/** Copies a text and says so. @param {{ text: string, label?: string, wide?: boolean }} props wide: its label is shown */
export function Copy({ text, label, wide }) {
	const [done, setDone] = useState(false);
	useEffect(() => {
		const timer = done ? setTimeout(() => setDone(false), 2000) : undefined;
		return () => clearTimeout(timer);
	}, [done]);
	const words = done ? t("action.copied") : label ?? t("action.copy");
	return html`<${Button} kind=${wide ? "" : "plain"} icon=${done ? "check" : "copy"} label=${wide ? undefined : words}
		onClick=${() => copyText(text).then(() => setDone(true))}>${wide && words}<//>`;
}

/** @param {string} text */
export async function copyText(text) {
	if (navigator.clipboard)
		return navigator.clipboard.writeText(text);
	// Browsers give the clipboard to pages that came over TLS or from this computer; others have the older way only.
	const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
	area.select();
	document.execCommand("copy");
	area.remove();
}

/** A secret that is shown this once. @param {{ title: string, text: string, doc?: string }} props */
export const Secret = ({ title, text, doc }) => html`
	<div class="secret"><strong>${title}</strong>
		<div class="row"><code class="value">${text}</code><${Copy} text=${text} /></div>
		<p class="faint">${doc ?? t("secret.once")}</p></div>`;

/**
 * A window above the page; Escape closes it and the focus goes back to where it was.
 * @param {{ title: string, onClose: () => void, wide?: boolean, children: Children }} props
 */
export function Dialog({ title, onClose, wide, children }) {
	const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const id = useId();
	useEffect(() => {
		const before = /** @type {HTMLElement | null} */ (document.activeElement);
		element.current?.showModal();
		/** @type {HTMLElement | null | undefined} */ (element.current?.querySelector(".content :is(input, select, textarea, button)"))?.focus();
		return () => before?.focus?.();
	}, []);
	return html`
		<dialog ref=${element} class=${wide ? "wide" : ""} aria-labelledby=${id} onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}>
			<div class="heading"><h2 id=${id}>${title}</h2><${Button} kind="plain" icon="close" label=${t("action.close")} onClick=${onClose} /></div>
			<div class="content">${children}</div>
		</dialog>`;
}

/**
 * Asks before something is done. What answers false shows what came of it in its place.
 * @param {{ title: string, children?: Children, action: string, danger?: boolean, onClose: () => void, onConfirm: () => Promise<unknown> }} props
 */
export function Confirm({ title, children, action, danger = true, onClose, onConfirm }) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const confirm = async () => {
		setBusy(true);
		try {
			if (await onConfirm() !== false)
				onClose();
		} catch (fault) {
			setError(fault);
			setBusy(false);
		}
	};
	return html`
		<${Dialog} title=${title} onClose=${onClose}>
			${children}<${Fault} error=${error} />
			<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//>
				<${Button} kind=${danger ? "danger" : "primary"} busy=${busy} onClick=${confirm}>${action}<//></div>
		<//>`;
}

/**
 * A button that opens a list of actions.
 * @param {{ label: string, icon?: string, text?: Children, items: { text: string, run: () => void, danger?: boolean }[] }} props
 */
export function Menu({ label, icon = "more", text, items }) {
	const [open, setOpen] = useState(false);
	const root = useRef(/** @type {HTMLElement | null} */ (null));
	const list = useRef(/** @type {HTMLElement | null} */ (null));
	// Above all else, so that no list that scrolls cuts it off: below its button, or above where there is more room.
	useLayoutEffect(() => {
		if (!open || !list.current || !root.current)
			return undefined;
		const box = root.current.getBoundingClientRect();
		list.current.showPopover();
		const { width, height } = list.current.getBoundingClientRect();
		const below = box.bottom + height < innerHeight || box.top < innerHeight / 2;
		list.current.style.left = `${Math.max(4, Math.min(box.right - width, innerWidth - width - 4))}px`;
		list.current.style.top = `${below ? Math.min(box.bottom + 3, innerHeight - height - 4) : Math.max(4, box.top - height - 3)}px`;
		list.current.querySelector("button")?.focus();
		const close = (/** @type {Event} */ event) => { if (event.type !== "pointerdown" || !root.current?.contains(/** @type {Node} */ (event.target))) setOpen(false); };
		const away = ["pointerdown", "scroll", "resize"];
		away.forEach((name) => addEventListener(name, close, { capture: name === "pointerdown" }));
		return () => away.forEach((name) => removeEventListener(name, close, { capture: name === "pointerdown" }));
	}, [open]);
	const key = (/** @type {KeyboardEvent} */ event) => {
		const all = [...(root.current?.querySelectorAll(/** @type {"button"} */ ("[role=menuitem]")) ?? [])];
		const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
		if (event.key === "Escape" || event.key === "Tab") {
			event.stopPropagation();
			setOpen(false);
			root.current?.querySelector("button")?.focus();
		} else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			event.preventDefault();
			all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]?.focus();
		}
	};
	// The focus is at the button again, where windows that the action opens will bring it back to.
	const choose = (/** @type {{ run: () => void }} */ item) => {
		setOpen(false);
		root.current?.querySelector("button")?.focus();
		item.run();
	};
	return items.length === 0 ? null : html`
		<span class="menu" ref=${root} onKeyDown=${key}>
			<${Button} icon=${icon} kind=${text ? "" : "plain"} label=${text ? undefined : label} aria-haspopup="menu" aria-expanded=${open ? "true" : "false"}
				onClick=${() => setOpen(!open)}>${text}<//>
			${open && html`<div role="menu" popover="manual" ref=${list} aria-label=${label}>${items.map((item) => html`
				<button type="button" role="menuitem" class=${item.danger ? "danger" : ""} onClick=${() => choose(item)}>${item.text}</button>`)}</div>`}
		</span>`;
}

/**
 * Tabs whose choice the caller keeps.
 * @param {{ tabs: { id: string, title: string }[], chosen: string, onChoose: (id: string) => void, label: string, children: Children }} props
 */
export function Tabs({ tabs, chosen, onChoose, label, children }) {
	const id = useId();
	const list = useRef(/** @type {HTMLElement | null} */ (null));
	useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [chosen]);
	const key = (/** @type {KeyboardEvent} */ event) => {
		const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
		if (!step)
			return;
		const next = tabs[(tabs.findIndex((one) => one.id === chosen) + step) % tabs.length];
		onChoose(next.id);
		/** @type {HTMLElement | null | undefined} */ (list.current?.querySelector(`[data-tab="${next.id}"]`))?.focus();
	};
	return html`
		<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${key}>${tabs.map((tab) => html`
			<button type="button" role="tab" id=${`${id}-${tab.id}`} data-tab=${tab.id} aria-selected=${tab.id === chosen ? "true" : "false"} aria-controls=${`${id}-panel`}
				tabindex=${tab.id === chosen ? 0 : -1} onClick=${() => onChoose(tab.id)}>${tab.title}</button>`)}</div>
		<div role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${chosen}`}>${children}</div>`;
}

// --- what happened, told for a while at the edge of the page ---

/** @typedef {{ id: number, text: string, tone: string, undo?: () => unknown }} Told */
/** @type {Told[]} */
let told = [];
let lastTold = 0;
/** @type {(() => void) | undefined} */
let redrawTold;

const forget = (/** @type {number} */ id) => {
	told = told.filter((one) => one.id !== id);
	redrawTold?.();
};

/**
 * Tells what was done; with `undo`, it can be taken back for as long as that is told.
 * @param {string} text @param {{ tone?: "good" | "bad", undo?: () => unknown }} [more]
 */
export function tell(text, { tone = "good", undo } = {}) {
	const id = ++lastTold;
	told = [...told, { id, text, tone, undo }];
	setTimeout(() => forget(id), undo ? 15000 : 6000);
	redrawTold?.();
}

export function Tellings() {
	const [, redraw] = useState(0);
	useEffect(() => {
		redrawTold = () => redraw((count) => count + 1);
		return () => { redrawTold = undefined; };
	}, []);
	return html`<div class="tellings" role="status" aria-live="polite">${told.map((one) => html`
		<div key=${one.id} class=${`telling ${one.tone}`}><span>${one.text}</span>
			${one.undo && html`<${Button} icon="undo" onClick=${() => { forget(one.id); one.undo?.(); }}>${t("action.undo")}<//>`}
			<${Button} kind="plain" icon="close" label=${t("action.close")} onClick=${() => forget(one.id)} /></div>`)}</div>`;
}

/**
 * Runs a reader again whenever what it depends on changes; what came too late is left out.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {unknown[]} inputs
 * @returns {{ value: T | undefined, error: unknown, busy: boolean, again: () => void }}
 */
export function useRead(read, inputs) {
	const [state, setState] = useState(/** @type {{ value: T | undefined, error: unknown, busy: boolean }} */ ({ value: undefined, error: null, busy: true }));
	const [count, setCount] = useState(0);
	useEffect(() => {
		const abort = new AbortController();
		setState((before) => ({ ...before, busy: true }));
		read(abort.signal).then(
			(value) => { if (!abort.signal.aborted) setState({ value, error: null, busy: false }); },
			(error) => { if (!abort.signal.aborted) setState((before) => ({ ...before, error, busy: false })); });
		return () => abort.abort();
	}, [...inputs, count]);
	return { ...state, again: () => setCount((before) => before + 1) };
}

/** Does something again and again while the page is looked at. @param {number | undefined} milliseconds undefined: never @param {() => void} run */
export function useEvery(milliseconds, run) {
	const newest = useRef(run);
	newest.current = run;
	useEffect(() => {
		const timer = milliseconds ? setInterval(() => { if (!document.hidden) newest.current(); }, milliseconds) : undefined;
		return () => clearInterval(timer);
	}, [milliseconds]);
}

/**
 * A view whose module is fetched when it is first shown.
 * @param {() => Promise<(props: any) => any>} load
 */
export const later = (load) => function Later(/** @type {any} */ props) {
	const { value: view, error, again } = useRead(async () => ({ shown: await load() }), []);
	return view ? html`<${view.shown} ...${props} />` : error ? html`<${Fault} error=${error} retry=${again} />` : html`<${Loading} />`;
};

/** Gives the browser a file to keep. @param {Blob} blob @param {string} name */
export function download(blob, name) {
	const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Names the page; a screen reader says so, and the browser's history. @param {string} title */
export function useTitle(title) {
	useEffect(() => {
		document.title = `${title} – Clientele`;
	}, [title]);
}
