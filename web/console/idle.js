// A session that is not used ends. Before it does, a person is told and can go on.
import { call, lastAnswer } from "./api.js";
import { html, useEffect, useState } from "./html.js";
import { duration, t } from "./i18n.js";
import { session, sessionLost, signOut } from "./session.js";
import { Button, Dialog, Fault } from "./ui.js";

/** Seconds before the end; a part of a session that lasts no longer than that itself. */
const WARNING = 120;

/** When the session ends: without another request, or in any case. @returns {{ at: number, final: boolean }} */
function end() {
	const { idleSeconds, expires } = session();
	const idle = idleSeconds > 0 ? lastAnswer() + idleSeconds * 1000 : Infinity;
	const last = expires ? Date.parse(expires) : Infinity;
	return { at: Math.min(idle, last), final: last <= idle };
}

/** Seconds that are left, looked at again and again; Infinity while there are many. */
function useLeft() {
	const [left, setLeft] = useState(Infinity);
	useEffect(() => {
		const look = () => {
			const seconds = Math.ceil((end().at - Date.now()) / 1000);
			setLeft(seconds <= Math.min(WARNING, session().idleSeconds / 2) ? seconds : Infinity);
			if (seconds <= 0)
				sessionLost();
		};
		const timer = setInterval(look, 1000);
		// A computer that slept has stopped its timers.
		document.addEventListener("visibilitychange", look);
		return () => { clearInterval(timer); document.removeEventListener("visibilitychange", look); };
	}, []);
	return left;
}

export function IdleWarning() {
	const left = useLeft();
	const [error, setError] = useState(/** @type {unknown} */ (null));
	if (left === Infinity || left <= 0)
		return null;
	const { final } = end();
	const stay = () => call("GET", "/v1/session").then(() => setError(null), setError);
	return html`<${Dialog} title=${t("idle.title")} onClose=${stay}>
		<p>${t(final ? "idle.final" : "idle.text", { time: duration(left) })}</p><${Fault} error=${error} />
		<div class="buttons"><${Button} onClick=${signOut}>${t("nav.signOut")}<//>
			${!final && html`<${Button} kind="primary" onClick=${stay}>${t("idle.stay")}<//>`}</div><//>`;
}
