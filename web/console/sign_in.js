// Signing in. Where a session has ended, it stands above the page, whose work is not lost.
import { ApiError } from "./api.js";
import { html, useState } from "./html.js";
import { t } from "./i18n.js";
import { signIn } from "./session.js";
import { Button, Dialog, Fault, useTitle } from "./ui.js";

/** @param {{ again?: boolean }} props */
export function SignIn({ again }) {
	const [username, setUsername] = useState("");
	const [password, setPassword] = useState("");
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	useTitle(t("signIn.title"));
	const text = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).value;
	const submit = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		try {
			await signIn({ username, password });
		} catch (refused) {
			setError(refused instanceof ApiError && refused.status === 401 ? new ApiError(401, t("signIn.wrong")) : refused);
			setBusy(false);
		}
	};
	const form = html`<form class="sign-in" onSubmit=${submit}>
		<label class="field"><span>${t("signIn.user")}</span><input name="username" autocomplete="username" required value=${username} onInput=${(/** @type {Event} */ event) => setUsername(text(event))} /></label>
		<label class="field"><span>${t("signIn.password")}</span><input name="password" type="password" autocomplete="current-password" required value=${password} onInput=${(/** @type {Event} */ event) => setPassword(text(event))} /></label>
		<${Fault} error=${error} /><${Button} kind="primary" type="submit" busy=${busy}>${t("signIn.go")}<//></form>`;
	return again ? html`<${Dialog} title=${t("signIn.again")} onClose=${() => undefined}>${form}<//>` : html`<main class="center"><h1>Clientele</h1>${form}</main>`;
}
