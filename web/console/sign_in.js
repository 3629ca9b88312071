// Signing in: with user name and password, or with a link that was sent, and with a code where the user has a second factor. Where a
// session has ended, it stands above the page, whose work is not lost.
import { ApiError } from "./api.js";
import { html, useEffect, useId, useRef, useState } from "./html.js";
import { t } from "./i18n.js";
import { signIn } from "./session.js";
import { Button, Dialog, Fault, useTitle } from "./ui.js";

/**
 * A line of a form, with what is wrong with it.
 * @param {{ label: string, value: string, onInput: (text: string) => void, faults?: string[], focus?: boolean, [name: string]: any }} props
 */
export function Line({ label, value, onInput, faults = [], focus, ...rest }) {
	const id = useId();
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	useEffect(() => {
		if (focus || faults.length > 0)
			input.current?.focus();
	}, [focus, faults.length]);
	return html`<div class="field"><label for=${id}>${label}</label>
		<input id=${id} ref=${input} value=${value} aria-invalid=${faults.length > 0 ? "true" : undefined} aria-describedby=${faults.length > 0 ? `${id}-fault` : undefined}
			onInput=${(/** @type {Event} */ event) => onInput(/** @type {HTMLInputElement} */ (event.target).value)} ...${rest} />
		${faults.length > 0 && html`<p class="fault" id=${`${id}-fault`} role="alert">${faults.join(" ")}</p>`}</div>`;
}

/** Whole seconds until a moment, counted down. @param {number} until Milliseconds, as Date.now() */
export function useCountdown(until) {
	const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000));
	const [seconds, setSeconds] = useState(left);
	useEffect(() => {
		setSeconds(left());
		if (left() === 0)
			return undefined;
		const timer = setInterval(() => setSeconds(left()), 500);
		return () => clearInterval(timer);
	}, [until]);
	return seconds;
}

/** @param {{ again?: boolean, link?: string, onDone?: () => void }} props link: what stands in place of user name and password */
export function SignIn({ again, link, onDone }) {
	const [proof, setProof] = useState({ username: "", password: "", code: "" });
	const [asked, setAsked] = useState({ code: false, link });
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const [until, setUntil] = useState(0);
	const wait = useCountdown(until);
	useTitle(t("signIn.title"));

	const send = async () => {
		const code = asked.code ? { code: proof.code.trim() } : {};
		setBusy(true);
		setError(null);
		try {
			await signIn(asked.link ? { link: asked.link, ...code } : { username: proof.username, password: proof.password, ...code });
			onDone?.();
		} catch (refused) {
			const fault = refused instanceof ApiError ? refused : null;
			if (fault?.members.code && !asked.code)
				setAsked({ ...asked, code: true });
			else if (fault?.status === 401 && asked.link && !fault.members.code) {
				setAsked({ code: false, link: undefined });
				setError(new ApiError(401, t("signIn.linkEnded")));
			} else
				setError(fault?.status === 401 && !fault.members.code ? new ApiError(401, t("signIn.wrong")) : refused);
			if (fault?.status === 429)
				setUntil(Date.now() + (fault.retryAfter ?? 60) * 1000);
			setBusy(false);
		}
	};
	useEffect(() => {
		if (asked.link)
			send();
	}, []);
	const set = (/** @type {string} */ name) => (/** @type {string} */ text) => setProof({ ...proof, [name]: text });
	const faults = error instanceof ApiError ? error.members.code : undefined;
	const form = html`<form class="sign-in" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); send(); }}>
		${asked.code ? html`
			<p>${t("signIn.codeWhere")}</p>
			<${Line} label=${t("signIn.code")} name="code" autocomplete="one-time-code" inputmode="text" required focus=${true} value=${proof.code} faults=${faults} onInput=${set("code")} />`
		: asked.link ? html`<p role="status">${t("signIn.byLink")}</p>` : html`
			<${Line} label=${t("signIn.user")} name="username" autocomplete="username" required value=${proof.username} onInput=${set("username")} />
			<${Line} label=${t("signIn.password")} name="password" type="password" autocomplete="current-password" required value=${proof.password} onInput=${set("password")} />`}
		${wait > 0 ? html`<p class="notice warn" role="status">${t("signIn.wait", { count: wait })}</p>` : !faults && html`<${Fault} error=${error} />`}
		<div class="buttons">${asked.code && html`<${Button} onClick=${() => { setAsked({ ...asked, code: false }); setProof({ ...proof, password: "", code: "" }); setError(null); }}>${t("action.back")}<//>`}
			<${Button} kind="primary" type="submit" busy=${busy} disabled=${wait > 0}>${t("signIn.go")}<//></div></form>`;
	return again ? html`<${Dialog} title=${t("signIn.again")} onClose=${() => undefined}>${form}<//>` : html`<main class="center"><h1>Clientele</h1>${form}</main>`;
}
