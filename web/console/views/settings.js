// Settings of the server, by group: those that may be changed, each with what it is for, and those of the configuration file.
import { ApiError, call } from "../api.js";
import { Input } from "../form.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { duration, has, label, number, t } from "../i18n.js";
import { callAt, may, resourceAt, settings } from "../model.js";
import { screenTitle } from "../navigation.js";
import { useUnsaved } from "../router.js";
import { session } from "../session.js";
import { Button, Dialog, Fault, Loading, tell, useRead, useTitle } from "../ui.js";

/** @typedef {import("../model.js").Setting} Setting */
/** @typedef {Record<string, any>} Values By the names of nameOf() */

const PATH = "/v1/settings";
const TYPE = "licensing.Setting";
const MAIL = "/v1/email/send";

/** @param {{ group: string, name: string }} setting */
const nameOf = (setting) => `${setting.group}.${setting.name}`;

/** @param {string} group */
const groupTitle = (group) => (has(`settings.group.${group}`) ? t(`settings.group.${group}`) : label(group));

/** Settings that are lengths of time, in seconds. */
const LENGTHS = ["retention"];

/** @param {Setting} setting @param {any} value */
const shown = (setting, value) => (value === true ? t("yes") : value === false ? t("no") : value === "" ? t("settings.empty")
	: typeof value !== "number" ? String(value) : LENGTHS.includes(setting.name) ? duration(value) : number(value));

export function Settings() {
	const read = useRead((signal) => call("GET", PATH, { signal }), []);
	useTitle(screenTitle("settings"));
	if (read.error)
		return html`<h1>${screenTitle("settings")}</h1><${Fault} error=${read.error} retry=${read.again} />`;
	if (!read.value)
		return html`<${Loading} />`;
	/** @type {Values} */
	const stored = Object.fromEntries(read.value.body.settings.map((/** @type {any} */ one) => [nameOf(one), one.value]));
	return html`<h1>${screenTitle("settings")}</h1><${Editor} read=${stored} />`;
}

/** @param {{ read: Values }} props */
function Editor({ read }) {
	const resource = /** @type {import("../model.js").Resource} */ (resourceAt(PATH));
	const [stored, setStored] = useState(read);
	const [values, setValues] = useState(read);
	const [faults, setFaults] = useState(/** @type {Record<string, string[]>} */ ({}));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const [mailing, setMailing] = useState(false);
	const element = useRef(/** @type {HTMLFormElement | null} */ (null));
	const known = settings().filter((one) => nameOf(one) in stored);
	const changeable = known.filter((one) => !one.readOnly);
	const changed = changeable.filter((one) => values[nameOf(one)] !== stored[nameOf(one)]);
	const mayChange = may(resource.update);
	useUnsaved(changed.length > 0);
	useEffect(() => {
		if (Object.keys(faults).length > 0)
			/** @type {HTMLElement | null | undefined} */ (element.current?.querySelector("[aria-invalid=true]"))?.focus();
	}, [faults]);

	const save = async (/** @type {Event} */ event) => {
		event.preventDefault();
		if (changed.length === 0) {
			tell(t("settings.unchanged"));
			return;
		}
		setBusy(true);
		try {
			await call("PUT", PATH, { body: { settings: changed.map(({ group, name }) => ({ group, name, value: values[nameOf({ group, name })] ?? null })) } });
			tell(t("settings.saved"));
			setStored(values);
			setFaults({});
			setError(null);
		} catch (refused) {
			const { members, other } = sortOut(refused, changed);
			setFaults(members);
			setError(other);
		}
		setBusy(false);
	};
	const set = (/** @type {Setting} */ setting, /** @type {any} */ value) => setValues((before) => ({ ...before, [nameOf(setting)]: value }));
	const groups = [...new Set(changeable.map((one) => one.group))];
	return html`
		<form class="form" ref=${element} noValidate=${true} onSubmit=${save}>
			${groups.map((group) => html`<fieldset class="nested" key=${group}><legend>${groupTitle(group)}</legend><div class="grid">${changeable.filter((one) => one.group === group).map((one) => html`
				<div key=${one.name}><${Input} resource=${resource} type=${TYPE} path=${nameOf(one)} value=${values[nameOf(one)]} faults=${faults}
					field=${{ name: one.name, type: one.type, doc: one.description, minimum: one.minimum, maximum: one.maximum }}
					onChange=${(/** @type {any} */ value) => set(one, value ?? (one.type === "string" ? "" : undefined))} />
				<p class="row wrap faint"><small>${t("settings.standard", { value: shown(one, one.default) })}</small>${values[nameOf(one)] !== one.default && html`
					<${Button} kind="plain" icon="undo" label=${t("settings.reset", { name: label(one.name, TYPE) })} onClick=${() => set(one, one.default)} />`}</p></div>`)}</div>
				${group === "mail" && may(callAt(MAIL)) && html`<${Button} onClick=${() => setMailing(true)}>${t("settings.mail")}<//>`}</fieldset>`)}
			<${Fault} error=${error} />
			${mayChange && html`<div class="buttons sticky"><${Button} disabled=${changed.length === 0} onClick=${() => { setValues(stored); setFaults({}); setError(null); }}>${t("action.cancel")}<//>
				<${Button} kind="primary" type="submit" busy=${busy}>${t("action.save")}<//></div>`}
		</form>
		<section class="form" aria-label=${t("settings.file")}><h2>${t("settings.file")}</h2><p class="faint">${t("settings.fileNote")}</p>
			<dl class="members">${known.filter((one) => one.readOnly).map((one) => html`<div key=${nameOf(one)}><dt>${groupTitle(one.group)}: ${label(one.name, TYPE)}</dt>
				<dd>${shown(one, stored[nameOf(one)])}<br /><small class="faint" lang="en">${one.description}</small></dd></div>`)}</dl></section>
		${mailing && html`<${TestMail} onClose=${() => setMailing(false)} />`}`;
}

/** What the server said, at the settings that it names by their places in the body. @param {unknown} refused @param {Setting[]} sent */
function sortOut(refused, sent) {
	if (!(refused instanceof ApiError))
		return { members: {}, other: refused };
	const named = Object.entries(refused.members).map(([path, texts]) => [sent[Number(/settings\[(\d+)\]/.exec(path)?.[1])], texts])
		.filter(([setting]) => setting).map(([setting, texts]) => [nameOf(/** @type {Setting} */ (setting)), texts]);
	return { members: /** @type {Record<string, string[]>} */ (Object.fromEntries(named)), other: named.length > 0 ? null : refused };
}

/** Sends a mail, so that a person sees whether it arrives; the server tells where none is set up. @param {{ onClose: () => void }} props */
function TestMail({ onClose }) {
	const [to, setTo] = useState(session().user.email ?? "");
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const send = async (/** @type {Event} */ event) => {
		event.preventDefault();
		setBusy(true);
		try {
			const { body } = await call("POST", MAIL, { body: { to: [{ email: to }], subject: t("settings.mailSubject"), body: t("settings.mailBody") } });
			tell(body.message ?? t("settings.mailSent"), { tone: body.message ? "bad" : "good" });
			onClose();
		} catch (refused) {
			setError(refused);
			setBusy(false);
		}
	};
	return html`
		<${Dialog} title=${t("settings.mail")} onClose=${onClose}>
			<form class="form" onSubmit=${send}>
				<label class="field"><span>${t("settings.mailTo")}</span><input type="email" required value=${to} onInput=${(/** @type {Event} */ event) => setTo(/** @type {HTMLInputElement} */ (event.target).value)} /></label>
				<${Fault} error=${error instanceof ApiError && Object.keys(error.members).length > 0 ? new ApiError(error.status, Object.values(error.members).flat().join(" ")) : error} />
				<div class="buttons"><${Button} onClick=${onClose}>${t("action.cancel")}<//><${Button} kind="primary" type="submit" busy=${busy}>${t("settings.mail")}<//></div>
			</form>
		<//>`;
}
