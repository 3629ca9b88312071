// One's own account: where one has signed in, the password, and the second factor.
import { ApiError, call } from "../api.js";
import { html, useState } from "../html.js";
import { moment, relative, t } from "../i18n.js";
import { session, setSession } from "../session.js";
import { Line } from "../sign_in.js";
import { Badge, Button, Confirm, Fault, Loading, tell, useRead, useTitle } from "../ui.js";
import { SecondFactor } from "./second_factor.js";

/** @typedef {{ id: string, kind: string, clientName: string | null, address: string | null, userAgent: string | null, createdAt: string,
 *	lastUsed: string | null, expires: string, current: boolean }} OwnSession */

/** What a browser says of itself, in words that a person knows. @param {OwnSession} one */
function nameOf({ kind, clientName, userAgent }) {
	if (kind !== "console")
		return clientName ? t("account.program", { name: clientName }) : t("account.token");
	const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent ?? "")?.[1];
	const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(userAgent ?? "")?.[1];
	const names = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };
	const words = [browser, system].filter(Boolean).map((one) => names[/** @type {keyof typeof names} */ (one)] ?? one);
	return words.length > 0 ? words.join(" · ") : userAgent ?? t("account.browser");
}

function Sessions() {
	const { value, error, again } = useRead(async (signal) => /** @type {OwnSession[]} */ ((await call("GET", "/v1/sessions", { query: { take: 1000 }, signal })).body.sessions), []);
	const [everywhere, setEverywhere] = useState(false);
	const [failed, setFailed] = useState(/** @type {unknown} */ (null));
	const end = async (/** @type {OwnSession} */ one) => {
		try {
			await call("DELETE", `/v1/sessions/${one.id}`);
			tell(t("account.ended"));
			setFailed(null);
		} catch (refused) {
			setFailed(refused);
		}
		again();
	};
	return html`<section class="tile"><h2>${t("account.sessions")}</h2><${Fault} error=${error ?? failed} retry=${again} />
		${value ? html`<ul class="sessions">${value.map((one) => html`<li key=${one.id}>
			<div><strong>${nameOf(one)}</strong> ${one.current && html`<${Badge} tone="good">${t("account.this")}<//>`}
				<p class="faint">${t("account.since", { moment: moment(one.createdAt), address: one.address ?? "–" })}</p>
				<p class="faint">${t("account.used", { when: one.lastUsed ? relative(one.lastUsed) : relative(one.createdAt) })}</p></div>
			${!one.current && html`<${Button} label=${t("account.endOne", { name: nameOf(one) })} onClick=${() => end(one)}>${t("account.end")}<//>`}</li>`)}</ul>` : !error && html`<${Loading} />`}
		<div class="buttons start"><${Button} kind="danger" onClick=${() => setEverywhere(true)}>${t("account.everywhere")}<//></div>
		${everywhere && html`<${Confirm} title=${t("account.everywhere")} action=${t("account.everywhere")} onClose=${() => setEverywhere(false)}
			onConfirm=${async () => { await call("DELETE", "/v1/sessions"); setSession(null); }}><p>${t("account.everywhereAsk")}</p><//>`}</section>`;
}

function Password() {
	const empty = { currentPassword: "", newPassword: "", again: "" };
	const [row, setRow] = useState(empty);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const members = error instanceof ApiError ? error.members : {};
	const save = async (/** @type {Event} */ event) => {
		event.preventDefault();
		if (row.newPassword !== row.again)
			return setError(new ApiError(400, "", { again: [t("account.different")] }));
		setBusy(true);
		setError(null);
		try {
			await call("PUT", "/v1/session/password", { body: { currentPassword: row.currentPassword, newPassword: row.newPassword } });
			setRow(empty);
			tell(t("account.passwordChanged"));
		} catch (refused) {
			setError(refused);
		}
		return setBusy(false);
	};
	const line = (/** @type {keyof typeof empty} */ name, /** @type {string} */ complete) => html`
		<${Line} label=${t(`account.${name}`)} type="password" name=${name} autocomplete=${complete} required value=${row[name]} faults=${members[name]}
			onInput=${(/** @type {string} */ text) => setRow({ ...row, [name]: text })} />`;
	return html`<section class="tile"><h2>${t("account.password")}</h2><p class="faint">${t("account.passwordDoc")}</p>
		<form class="form" onSubmit=${save}><input type="text" name="username" autocomplete="username" value=${session().user.userName} hidden readonly />
			${line("currentPassword", "current-password")}${line("newPassword", "new-password")}${line("again", "new-password")}
			${Object.keys(members).length === 0 && html`<${Fault} error=${error} />`}
			<div class="buttons start"><${Button} kind="primary" type="submit" busy=${busy}>${t("account.changePassword")}<//></div></form></section>`;
}

export function Account() {
	useTitle(t("nav.account"));
	const { userName, firstName, lastName, email } = session().user;
	return html`<h1>${t("nav.account")}</h1>
		<p>${[userName, [firstName, lastName].filter(Boolean).join(" "), email, ...session().roles].filter(Boolean).join(" · ")}</p>
		<div class="tiles"><${Sessions} /><${SecondFactor} /><${Password} /></div>`;
}
