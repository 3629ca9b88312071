import { whenSignedOut } from "./api.js";
import { html, render } from "./html.js";
import { loadLanguage } from "./i18n.js";
import { loadModel } from "./model.js";
import { loadSession, sessionLost } from "./session.js";
import { Shell } from "./shell.js";
import { applyTheme } from "./theme.js";
import { Fault } from "./ui.js";

applyTheme();
whenSignedOut(sessionLost);
const root = /** @type {HTMLElement} */ (document.getElementById("root"));

async function start() {
	try {
		await Promise.all([loadLanguage(), loadModel(), loadSession()]);
		render(html`<${Shell} />`, root);
	} catch (error) {
		render(html`<main class="center"><h1>Clientele</h1><${Fault} error=${error} retry=${start} /></main>`, root);
	}
}

start();
