// The start page: state of the service, calls to copy, and German. All addresses are relative, so that it stands below a
// base path as well.

/** Operations that anybody may call are light, and only the service itself answers them. */
const PUBLIC_OPERATION = ".well-known/oauth-authorization-server";
/** Where the console keeps the same choice, as JSON. */
const LANGUAGE = "clientele.language";
const SECONDS = 10;

/** @returns {Promise<"answers" | "silent" | "offline">} what the service has to say */
async function askService() {
	try {
		const answer = await fetch(PUBLIC_OPERATION, {
			cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(SECONDS * 1000),
		});
		return answer.ok ? "answers" : "silent";
	} catch {
		return navigator.onLine ? "silent" : "offline";
	}
}

/** @param {string} state shows the sentence of that state alone */
function showState(state) {
	const place = /** @type {HTMLElement} */ (document.getElementById("state"));
	place.dataset.state = state;
	for (const sentence of place.querySelectorAll("span"))
		sentence.hidden = sentence.dataset.when !== state;
}

/** An installation may have no console; then nothing leads there. */
async function showConsole() {
	const answer = await fetch("console/", { method: "HEAD", headers: { Accept: "text/html" } });
	/** @type {HTMLElement} */ (document.getElementById("console")).hidden = answer.status === 404;
}

/** Writes the address of this page into the calls. */
function showAddress() {
	const address = new URL(".", location.href).href;
	for (const place of document.querySelectorAll("[data-address]"))
		place.textContent = address;
}

/**
 * @param {HTMLButtonElement} button is beside the call
 */
async function copyCall(button) {
	const call = /** @type {HTMLElement} */ (button.parentElement?.querySelector("code"));
	const said = /** @type {HTMLElement} */ (document.querySelector("#copied span"));
	said.hidden = true;
	try {
		await navigator.clipboard.writeText(call.textContent ?? "");
		said.hidden = false;
	} catch {
		// Browsers lend the clipboard to pages of TLS only: then it is marked, to be copied by hand.
		getSelection()?.selectAllChildren(call);
	}
}

/** What the page says in English, by key. @type {Record<string, string>} */
const english = {};

/** @returns {Iterable<HTMLElement>} */
const texts = () => document.querySelectorAll("[data-text]");

/** @param {"en" | "de"} language */
async function speak(language) {
	const words = language === "en" ? english : await (await fetch("start/de.json")).json();
	for (const element of texts())
		element.textContent = words[element.dataset.text ?? ""];
	document.documentElement.lang = language;
	const other = /** @type {HTMLButtonElement} */ (document.getElementById("language"));
	other.lang = language === "en" ? "de" : "en";
	other.textContent = language === "en" ? "Deutsch" : "English";
	other.hidden = false;
}

/** @returns {"en" | "de"} what was chosen before, here or in the console, or what the browser prefers */
function preferred() {
	let language = navigator.language;
	try {
		language = JSON.parse(localStorage.getItem(LANGUAGE) ?? "null") || language;
	} catch {
		// Nothing is kept, or by something else.
	}
	return String(language).startsWith("de") ? "de" : "en";
}

/** @param {string} language is remembered where the browser keeps anything */
function keep(language) {
	try {
		localStorage.setItem(LANGUAGE, JSON.stringify(language));
	} catch {
		// Then it holds until the page is left.
	}
}

for (const element of texts())
	english[element.dataset.text ?? ""] = element.textContent ?? "";
document.getElementById("language")?.addEventListener("click", () => {
	const language = document.documentElement.lang === "en" ? "de" : "en";
	keep(language);
	speak(language);
});
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(".copy"))) {
	button.hidden = false;
	button.addEventListener("click", () => copyCall(button));
}
showAddress();
speak(preferred());
askService().then(showState);
// Where the server cannot be reached, the sentence above says so.
showConsole().catch(() => undefined);
