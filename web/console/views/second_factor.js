// The second factor: set up with an authenticator app in two steps, recovery codes, and taken away again.
import { ApiError, call } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { t } from "../i18n.js";
import { loadSession, session, signOut, useSession } from "../session.js";
import { Line } from "../sign_in.js";
import { Button, Copy, Dialog, Fault, copyText, download, tell, useTitle } from "../ui.js";

const DOTS = 4; // pixels of one square
const QUIET = 4; // squares around it, which a camera needs

/** A text as squares that a camera reads; dark on light whatever the colors of the page. @param {{ text: string }} props */
function QrCode({ text }) {
	const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
	useEffect(() => {
		let shown = true;
		import("../vendor/uqr.js").then(({ encode }) => {
			const context = canvas.current?.getContext("2d");
			if (!shown || !canvas.current || !context)
				return;
			const { data, size } = encode(text, { border: QUIET });
			canvas.current.width = canvas.current.height = size * DOTS;
			context.fillStyle = "#fff";
			context.fillRect(0, 0, size * DOTS, size * DOTS);
			context.fillStyle = "#000";
			data.forEach((row, y) => row.forEach((dark, x) => { if (dark) context.fillRect(x * DOTS, y * DOTS, DOTS, DOTS); }));
		});
		return () => { shown = false; };
	}, [text]);
	return html`<canvas class="qr" ref=${canvas} role="img" aria-label=${t("totp.qr")}></canvas>`;
}

/** @param {{ codes: string[], onDone: () => void }} props */
function RecoveryCodes({ codes, onDone }) {
	const text = `${codes.join("\n")}\n`;
	return html`<div class="secret"><strong>${t("totp.codes")}</strong><p>${t("totp.codesDoc")}</p>
		<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
		<div class="buttons start">
			<${Button} icon="copy" onClick=${() => copyText(text).then(() => tell(t("action.copied")))}>${t("totp.copyCodes")}<//>
			<${Button} icon="download" onClick=${() => download(new Blob([text], { type: "text/plain" }), "recovery-codes.txt")}>${t("totp.keepCodes")}<//>
			<${Button} kind="primary" onClick=${onDone}>${t("totp.kept")}<//></div></div>`;
}

/** Sets it up; `onDone` when the recovery codes were seen. @param {{ onDone: () => void, onCancel?: () => void }} props */
function Enrolment({ onDone, onCancel }) {
	const [begun, setBegun] = useState(/** @type {{ secret: string, uri: string } | null} */ (null));
	const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
	const [code, setCode] = useState("");
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const run = async (/** @type {() => Promise<void>} */ work) => {
		setBusy(true);
		setError(null);
		try {
			await work();
		} catch (refused) {
			setError(refused);
		}
		setBusy(false);
	};
	const begin = () => run(async () => setBegun((await call("POST", "/v1/session/totp")).body));
	const confirm = (/** @type {Event} */ event) => {
		event.preventDefault();
		run(async () => setCodes((await call("PUT", "/v1/session/totp", { body: { code: code.trim() } })).body.recoveryCodes));
	};
	const faults = error instanceof ApiError ? error.members.code : undefined;
	if (codes)
		return html`<${RecoveryCodes} codes=${codes} onDone=${onDone} />`;
	if (!begun)
		return html`<p>${t("totp.doc")}</p><${Fault} error=${error} />
			<div class="buttons start"><${Button} kind="primary" busy=${busy} onClick=${begin}>${t("totp.begin")}<//></div>`;
	return html`<form class="form" onSubmit=${confirm}><p>${t("totp.scan")}</p><${QrCode} text=${begun.uri} />
		<p>${t("totp.type")}</p><div class="row wrap"><code class="value">${begun.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code><${Copy} text=${begun.secret} label=${t("totp.copySecret")} /></div>
		<${Line} label=${t("totp.code")} name="code" autocomplete="one-time-code" inputmode="numeric" required value=${code} faults=${faults} onInput=${setCode} />
		${!faults && html`<${Fault} error=${error} />`}
		<div class="buttons start">${onCancel && html`<${Button} onClick=${onCancel}>${t("action.cancel")}<//>`}
			<${Button} kind="primary" type="submit" busy=${busy}>${t("totp.confirm")}<//></div></form>`;
}

/**
 * Asks for the password before something is done.
 * @param {{ title: string, ask: string, danger?: boolean, act: (password: string) => Promise<void>, onClose: () => void }} props
 */
function Proof({ title, ask, danger, act, onClose }) {
	const [proof, setProof] = useState("");
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const members = error instanceof ApiError ? error.members : {};
	const run = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			await act(proof);
		} catch (refused) {
			setError(refused);
			setBusy(false);
		}
	};
	return html`<${Dialog} title=${title} onClose=${onClose}><form class="form" onSubmit=${run}><p>${ask}</p>
		<${Line} label=${t("signIn.password")} type="password" name="password" autocomplete="current-password" required value=${proof} faults=${members.password} onInput=${setProof} />
		${!members.password && html`<${Fault} error=${error} />`}
		<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//><${Button} kind=${danger ? "danger" : "primary"} type="submit" busy=${busy}>${title}<//></div></form><//>`;
}

const FEW = 2; // recovery codes, of which a person should be told

/** A part of the account's page. */
export function SecondFactor() {
	const [{ secondFactor, secondFactorRequired, recoveryCodesLeft: left }] = useSession();
	const [doing, setDoing] = useState("");
	const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
	const close = () => setDoing("");
	const done = async (/** @type {string} */ text) => {
		await loadSession();
		setDoing("");
		setCodes(null);
		tell(t(text));
	};
	const remove = async (/** @type {string} */ password) => {
		await call("DELETE", "/v1/session/totp", { body: { password } });
		await done(secondFactorRequired ? "totp.removedRequired" : "totp.removed");
	};
	const renew = async (/** @type {string} */ password) => {
		setCodes((await call("POST", "/v1/session/totp/recovery-codes", { body: { password } })).body.recoveryCodes);
		setDoing("");
	};
	return html`<section class="tile"><h2>${t("totp.title")}</h2>
		${codes ? html`<${RecoveryCodes} codes=${codes} onDone=${() => done("totp.renewed")} />`
		: doing === "enrol" ? html`<${Enrolment} onDone=${() => done("totp.set")} onCancel=${close} />`
		: secondFactor === "totp" ? html`<p>${t("totp.stands")}</p><p class=${left > FEW ? "faint" : "notice warn"}>${t("totp.left", { count: left })}</p>
			<div class="buttons start"><${Button} kind=${left > FEW ? "" : "primary"} onClick=${() => setDoing("renew")}>${t("totp.renew")}<//>
				<${Button} kind="danger" onClick=${() => setDoing("remove")}>${t("totp.remove")}<//></div>`
		: html`<p>${t("totp.none")}</p><div class="buttons start"><${Button} kind="primary" onClick=${() => setDoing("enrol")}>${t("totp.setUp")}<//></div>`}
		${doing === "remove" && html`<${Proof} title=${t("totp.remove")} ask=${t("totp.removeAsk")} danger=${true} act=${remove} onClose=${close} />`}
		${doing === "renew" && html`<${Proof} title=${t("totp.renew")} ask=${t("totp.renewAsk")} act=${renew} onClose=${close} />`}</section>`;
}

/** All that a session shows whose user must have a second factor and has none yet. */
export function MustEnrol() {
	useTitle(t("totp.title"));
	return html`<main class="center"><h1>Clientele</h1><section class="tile enrol"><h2>${t("totp.title")}</h2><p>${t("totp.must", { name: session().user.userName })}</p>
		<${Enrolment} onDone=${loadSession} />
		<div class="buttons start"><${Button} onClick=${signOut}>${t("nav.signOut")}<//></div></section></main>`;
}
