// The frame of every screen: side bar, head with search and account, and the view that the address asks for.
import { html, useEffect, useErrorBoundary, useRef, useState } from "./html.js";
import { LANGUAGES, chooseLanguage, language, t } from "./i18n.js";
import { IdleWarning } from "./idle.js";
import { Detail, Edit } from "./detail.js";
import { List } from "./list.js";
import { keyOf, may } from "./model.js";
import { nameOf } from "./names.js";
import { navigation, screenTitle } from "./navigation.js";
import { findPlace } from "./places.js";
import { address, go, useRoute } from "./router.js";
import { mustEnrol, session, signOut, useSession } from "./session.js";
import { SignIn } from "./sign_in.js";
import { THEMES, useTheme } from "./theme.js";
import { Button, Empty, Fault, Menu, Tellings, later, useRead, useTitle } from "./ui.js";
import { HEADS, VIEWS } from "./views.js";

const MustEnrol = later(async () => (await import("./views/second_factor.js")).MustEnrol);

/** The view of the present address. */
function View() {
	const { path, query, text } = useRoute();
	const [error, reset] = useErrorBoundary();
	useEffect(reset, [text]);
	if (error)
		return html`<${Fault} error=${error} retry=${reset} />`;
	const name = path[0] ?? "home";
	const own = VIEWS[name];
	if (own && path.length <= (own.depth ?? 1))
		return (own.may?.() ?? true) ? html`<${own.view} path=${path} query=${query} />` : html`<${NotHere} />`;
	const found = findPlace(path);
	if (!found || !may(found.place.resource))
		return html`<${NotHere} />`;
	const { place, key, mode } = found;
	const where = place.base.join("/");
	if (mode === "list")
		return html`<${ListScreen} key=${where} place=${place} query=${query} name=${name} />`;
	return html`<${Trail} base=${place.base} />${mode === "row" ? html`<${Detail} key=${`${where}/${key}`} place=${place} id=${key} query=${query} />`
		: html`<${Edit} key=${`${where}/${key ?? "new"}`} place=${place} id=${mode === "new" ? undefined : key} query=${query} />`}`;
}

/** @param {{ place: import("./actions.js").Place, query: Record<string, string>, name: string }} props */
function ListScreen({ place, query, name }) {
	const title = screenTitle(place.base.length > 1 ? String(place.base[place.base.length - 1]) : name);
	const head = HEADS[place.resource.path];
	useTitle(title);
	return html`${place.base.length > 1 && html`<${Trail} base=${place.base.slice(0, -1)} />`}<h1>${title}</h1>
		${head && html`<${head} place=${place} query=${query} />`}<${List} place=${place} query=${query} title=${title} />`;
}

/** The way back up. @param {{ base: (string | number)[] }} props */
const Trail = ({ base }) => html`<nav class="trail" aria-label=${t("nav.trail")}>${base.map((one, at) => html`${at > 0 && " / "}<a href=${address(base.slice(0, at + 1))}>${at % 2 === 0 ? screenTitle(String(one)) : html`<${Named} path=${base.slice(0, at + 1)} />`}</a>`)}</nav>`;

/** A row on the way, by its name where it is known. @param {{ path: (string | number)[] }} props */
function Named({ path }) {
	const found = findPlace(path.map(String));
	const key = String(path[path.length - 1]);
	const read = useRead(async () => (found && path.length === 2 ? nameOf(found.place.resource, keyOf(found.place.resource, key)) : undefined), [path.join("/")]);
	return html`${read.value ?? key}`;
}

function NotHere() {
	useTitle(t("nav.nothing"));
	return html`<h1 class="unseen">${t("nav.nothing")}</h1><${Empty} title=${t("nav.nothing")}><a href="#/">${t("nav.home")}</a><//>`;
}

/** @param {{ open: boolean, onClose: () => void, current: string }} props */
function SideBar({ open, onClose, current }) {
	return html`
		<nav id="navigation" class=${`side ${open ? "open" : ""}`} aria-label=${t("nav.main")} onClick=${(/** @type {MouseEvent} */ event) => { if (/** @type {HTMLElement} */ (event.target).closest("a")) onClose(); }}>
			<ul><li><a href="#/" aria-current=${current === "home" ? "page" : undefined}>${screenTitle("home")}</a></li></ul>
			${navigation().map(({ group, items }) => html`<h2>${t(`group.${group}`)}</h2><ul>${items.map((one) => html`
				<li><a href=${address([one.name])} aria-current=${one.name === current ? "page" : undefined}>${screenTitle(one.name)}</a></li>`)}</ul>`)}
			<h2>${t("group.help")}</h2><ul><li><a href="../docs/">${t("nav.documentation")}</a></li></ul>
		</nav>`;
}

export function Shell() {
	const [, signedIn] = useSession();
	const { path, query, text } = useRoute();
	const [open, setOpen] = useState(false);
	const [link, setLink] = useState("");
	// A link that signs in leaves the address before it is used, and with it the browser's history.
	useEffect(() => {
		if (path[0] !== "sign-in")
			return;
		setLink(query.link ?? "");
		go("#/", { replace: true, saved: true });
	}, [text]);
	const [, setTheme] = useTheme();
	const [, redraw] = useState(0);
	const main = useRef(/** @type {HTMLElement | null} */ (null));
	// A new page begins at its top, for a screen reader as well.
	const place = text.split("?")[0];
	useEffect(() => {
		window.scrollTo(0, 0);
		if (document.activeElement?.closest("nav, .search"))
			main.current?.focus({ preventScroll: true });
	}, [place]);
	const changeLanguage = (/** @type {string} */ name) => chooseLanguage(name).then(() => redraw((count) => count + 1));
	const account = [
		{ text: t("nav.account"), run: () => go(address(["account"])) },
		...THEMES.map((theme) => ({ text: t(`theme.${theme}`), run: () => setTheme(theme) })),
		...Object.entries(LANGUAGES).filter(([name]) => name !== language).map(([name, text_]) => ({ text: text_, run: () => changeLanguage(name) })),
		{ text: t("nav.signOut"), run: () => { go("#/"); signOut(); } },
	];
	if (!session().csrfToken || link)
		return html`<${SignIn} key=${link} link=${link} onDone=${() => setLink("")} /><${Tellings} />`;
	if (mustEnrol())
		return html`<${MustEnrol} /><${Tellings} />`;
	return html`
		<a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => { event.preventDefault(); main.current?.focus(); }}>${t("nav.skip")}</a>
		<header class="top">
			<${Button} kind="plain menu-button" icon="menu" label=${t("nav.main")} aria-expanded=${open ? "true" : "false"} aria-controls="navigation" onClick=${() => setOpen(!open)} />
			<a class="brand" href="#/">Clientele</a>
			<span class="space"></span>
			${HEADS.top && html`<${HEADS.top} />`}
			<${Menu} label=${t("nav.account")} icon="user" text=${session().user.userName ?? ""} items=${account} />
		</header>
		<div class="frame" key=${language}>
			<${SideBar} open=${open} onClose=${() => setOpen(false)} current=${path[0] ?? "home"} />
			<main id="main" tabindex="-1" ref=${main}><${View} /></main>
		</div>
		${signedIn ? html`<${IdleWarning} />` : html`<${SignIn} again=${true} />`}
		<${Tellings} />`;
}
