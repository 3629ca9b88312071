// One row: its members, what can be done to it, and the lists that belong to it. Views of a resource's own may stand beside them
// (views/ and the table TABS).
import { ActionDialog, actionTitle, actionsOf, begin, documentsOf, fetchDocument, placeOf, secretsOf, tellDone } from "./actions.js";
import { ApiError } from "./api.js";
import { Form } from "./form.js";
import { html, useState } from "./html.js";
import { has, label, t } from "./i18n.js";
import { List } from "./list.js";
import { changeRow, fieldsOf, inside, literal, may, pathOf, readRow, readWithWords, resourceAt, resources, writeRow } from "./model.js";
import { address, go } from "./router.js";
import { screenOf, titleOf } from "./screens.js";
import { Button, Empty, Fault, Loading, Menu, Secret, Tabs, later, messageOf, tell, useRead, useTitle } from "./ui.js";
import { Members, Value } from "./values.js";

/** @typedef {import("./model.js").Resource} Resource */
/** @typedef {import("./model.js").Row} Row */
/** @typedef {import("./actions.js").Place} Place */
/** @typedef {{ place: Place, row: Row, changed: () => void, query: Record<string, string> }} TabProps */
/**
 * @typedef {object} OwnTab
 * @property {string} id @property {(props: TabProps) => any} view
 * @property {(row: Row) => boolean} [when]
 * @property {string} [reads] Path of the resource that the caller must be allowed to read
 * @property {string[]} [covers] Lists below the row that it shows, too
 */

const ofRoles = (/** @type {"RoleMay" | "RoleUsers" | "UserRoles" | "UserSessions"} */ name) => later(async () => (await import("./views/roles.js"))[name]);

/** A tab with the list of another resource, of which a member holds the row's key. @param {string} id @param {string} reads @param {string} member @returns {OwnTab} */
const listTab = (id, reads, member) => ({
	id, reads, view: ({ place, row, query }) => html`<${List} home=${[...place.base, row.id]} only=${`${member} = ${literal(row.id)}`} title=${t(`tab.${id}`)} place=${{ resource: resourceAt(reads), parents: {}, base: [id] }} query=${query} />`,
});

/** Tabs that no list makes, by the path of the resource. Modules of views/ add theirs. @type {Record<string, OwnTab[]>} */
export const TABS = {
	"/v1/licenses": [
		{ id: "document", view: later(async () => (await import("./views/license_document.js")).LicenseDocument) },
		{ id: "tokens", view: later(async () => (await import("./views/seats.js")).Seats) },
		{ id: "consumption", reads: "/v1/licenses/{licenseId}/consumption", covers: ["consumption/ledger"], view: later(async () => (await import("./views/counters.js")).Counters) },
		{ id: "traces", reads: "/v1/license-traces", view: later(async () => (await import("./views/traces.js")).Traces) },
		listTab("emails", "/v1/emails", "licenseId"),
	],
	"/v1/roles": [{ id: "may", view: ofRoles("RoleMay") }, { id: "users", view: ofRoles("RoleUsers"), reads: "/v1/users" }],
	"/v1/users": [{ id: "roles", view: ofRoles("UserRoles") }, { id: "sessions", view: ofRoles("UserSessions"), reads: "/api/v1/admin/sessions" },
		listTab("api-keys", "/v1/api-keys", "ownerId")],
	"/v1/resources": [
		{ id: "preview", when: (row) => /^email$/i.test(row.type ?? ""), view: later(async () => (await import("./views/mail_text.js")).MailPreview) },
	],
};

/** What has changed, of every row of which the audit log may tell. @type {OwnTab} */
const HISTORY = { id: "history", reads: "/v1/audit", view: later(async () => (await import("./views/history.js")).History) };

/** Tabs of a resource beside its members and the lists below it. @param {Resource} resource @param {Row} row */
const ownTabs = (resource, row) => [...TABS[resource.path] ?? [], ...(resource.name && (resource.insert ?? resource.update ?? resource.remove) ? [HISTORY] : [])]
	.filter((one) => (one.when?.(row) ?? true) && (!one.reads || may(resourceAt(one.reads))));

/** Lists below a row's own address. @param {Resource} resource */
const listsBelow = (resource) => resources().filter((one) => one.path.startsWith(`${resource.path}/{${resource.parameter}}/`) &&
	!one.path.slice(`${resource.path}/{${resource.parameter}}/`.length).includes("{") && may(one));

/** The segment of the address that stands for a list below a row. @param {Resource} resource @param {Resource} below */
const segmentOf = (resource, below) => below.path.slice(`${resource.path}/{${resource.parameter}}/`.length);

/** The list of rows below a row. @param {Place} place @param {Row} row @param {Resource} below @returns {Place} */
export const placeBelow = ({ resource, parents, base }, row, below) => ({
	resource: below, parents: pathOf(resource, parents, row[resource.key]), base: [...base, row[resource.key], segmentOf(resource, below)], owner: { resource, row },
});

/** @param {Resource} resource @param {string} name */
function tabTitle(resource, name) {
	const key = [`tab.${screenOf(resource).name}.${name}`, `tab.${name}`].find(has);
	return key ? t(key) : label(name.replaceAll("/", " "));
}

/** @param {{ place: Place, id: string, query: Record<string, string> }} props */
export function Detail({ place, id, query }) {
	const { resource, parents, base } = place;
	const screen = screenOf(resource);
	const read = useRead(() => readWithWords(resource, parents, id), [resource.path, JSON.stringify(parents), id]);
	const [asked, setAsked] = useState(/** @type {import("./screens.js").RowAction | null} */ (null));
	const row = read.value?.row;
	useTitle(row ? titleOf(resource, row) : id);
	if (read.error)
		return html`<h1>${id}</h1><${Fault} error=${read.error} retry=${read.again} />`;
	if (!read.value)
		return html`<${Loading} />`;
	if (!row)
		return html`<h1>${id}</h1><${Empty} title=${t("detail.gone")}><a href=${address(base)}>${t("detail.toList")}</a><//>`;
	const lists = listsBelow(resource);
	const own = ownTabs(resource, row);
	const covered = own.flatMap((one) => [one.id, ...one.covers ?? []]);
	const ids = [...own.filter((one) => one !== HISTORY).map((one) => one.id), ...lists.map((one) => segmentOf(resource, one)).filter((one) => !covered.includes(one)),
		...(own.includes(HISTORY) ? [HISTORY.id] : [])];
	const tabs = ["", ...ids].map((one) => ({ id: one, title: tabTitle(resource, one || "details") }));
	const chosen = tabs.some((one) => one.id === query.tab) ? query.tab : "";
	const below = lists.find((one) => segmentOf(resource, one) === chosen);
	const ownTab = own.find((one) => one.id === chosen);
	const acting = placeOf(place, row);
	const actions = actionsOf(acting.resource).filter((one) => one.when?.(row) ?? true);
	const shown = actions.filter((one) => one.name !== "delete").slice(0, 3);
	const notice = screen.notice?.(row);
	const act = (/** @type {import("./screens.js").RowAction} */ one) => begin(acting, one, row, setAsked, read.again);
	const part = ownTab ? html`<${ownTab.view} key=${chosen} place=${place} row=${row} changed=${read.again} query=${query} />`
		: below ? html`<${List} key=${below.path} home=${[...base, id]} title=${tabTitle(resource, chosen)} query=${query} place=${placeBelow(place, row, below)} />`
		: html`<${Members} resource=${resource} type=${resource.type} row=${row} full=${true} hide=${[...screen.hidden ?? [], "state"]} />`;
	return html`
		<article>
			<div class="head"><h1>${titleOf(resource, row)}</h1>${"state" in row && html`<${Value} resource=${resource} field=${fieldsOf(resource.type).find((one) => one.name === "state")} row=${row} />`}
				<span class="space"></span>
				<div class="row wrap">${documentsOf(resource).map((one) => html`<${Button} icon="download" onClick=${() => fetchDocument(place, one, row).catch((error) => tell(messageOf(error), { tone: "bad" }))}>${actionTitle(resource, one.name)}<//>`)}
					${shown.map((one) => html`<${Button} kind=${one.danger ? "danger" : one.name === "edit" ? "primary" : ""} icon=${one.name === "edit" ? "edit" : undefined} onClick=${() => act(one)}>${actionTitle(acting.resource, one.name)}<//>`)}
					<${Menu} label=${t("list.actionsOf", { title: titleOf(resource, row) })} items=${actions.filter((one) => !shown.includes(one))
						.map((one) => ({ text: actionTitle(acting.resource, one.name), danger: one.danger, run: () => act(one) }))} /></div></div>
			${notice && html`<p class=${`notice ${notice[0]}`}>${t(notice[1], notice[2])}</p>`}
			${tabs.length === 1 ? part : html`<${Tabs} label=${t("detail.parts")} tabs=${tabs} chosen=${chosen}
				onChoose=${(/** @type {string} */ tab) => go(address([...base, id], { tab }), { replace: true })}>${part}<//>`}
			${asked && html`<${ActionDialog} place=${acting} action=${asked} row=${row} onClose=${() => setAsked(null)}
				onDone=${() => (asked.name === "delete" ? go(address(base), { replace: true }) : read.again())} />`}
		</article>`;
}

const Conflict = later(async () => (await import("./views/conflict.js")).Conflict);
/** The status of a change of a row that is not any more what the form has begun with. */
const STALE = 412;

/** A new row, or an old one to be changed. @param {{ place: Place, id?: string, query: Record<string, string> }} props */
export function Edit({ place, id, query }) {
	const { resource, parents, base } = place;
	const operation = id === undefined ? resource.insert : resource.update;
	const read = useRead(() => readWithWords(resource, parents, id), [resource.path, JSON.stringify(parents), id]);
	const [made, setMade] = useState(/** @type {{ key: string | number, secrets: [string, string][] } | null} */ (null));
	const [other, setOther] = useState(/** @type {{ now: { row: Row | undefined, etag: string | null }, mine: Row } | null} */ (null));
	const title = id === undefined ? t("form.new", { what: singular(resource) }) : t("form.change", { title: read.value?.row ? titleOf(resource, read.value.row) : id });
	useTitle(title);
	if (read.error)
		return html`<h1>${title}</h1><${Fault} error=${read.error} retry=${read.again} />`;
	if (!read.value)
		return html`<${Loading} />`;
	if (!operation || !may(operation) || !read.value.row)
		return html`<h1>${title}</h1><${Empty} title=${t("detail.gone")}><a href=${address(base)}>${t("detail.toList")}</a><//>`;
	if (made)
		return html`<h1>${title}</h1>${made.secrets.map(([name, value]) => html`<${Secret} title=${label(name)} text=${value} />`)}
			<${Button} kind="primary" onClick=${() => go(address([...base, made.key]))}>${t("action.done.plain")}<//>`;
	const { row, etag } = read.value;
	const done = () => {
		tellDone(place, { name: "edit" }, [{ row }], () => undefined);
		go(address([...base, id ?? ""]), { saved: true, replace: true });
	};
	/** Changes a row as it was read; where it has changed meanwhile, both versions are shown. @param {{ row: Row | undefined, etag: string | null }} read @param {Row} changed @param {Row} mine */
	const change = async (read, changed, mine) => {
		try {
			if (Object.keys(changed).length > 0)
				await changeRow(resource, parents, read.row ?? row, changed, read.etag);
			done();
		} catch (refused) {
			const now = refused instanceof ApiError && refused.status === STALE ? await readRow(resource, parents, id ?? "") : undefined;
			if (!now?.row)
				throw refused;
			setOther({ now, mine });
		}
	};
	if (other)
		return html`<h1>${title}</h1><${Conflict} key=${other.now.etag} resource=${resource} before=${row} mine=${other.mine} theirs=${other.now.row} onSave=${(/** @type {Row} */ changed) => change(other.now, changed, other.mine)}
			onDiscard=${() => go(address([...base, id ?? ""]), { saved: true, replace: true })} />`;
	const save = async (/** @type {Row} */ changed) => {
		if (id !== undefined) {
			await change(read.value ?? { row, etag }, changed, changed);
			return;
		}
		const answer = await writeRow(operation, parents, changed);
		const { key, secrets } = outcome(resource, operation, answer.body, changed);
		tell(t("action.made", { what: singular(resource) }));
		if (secrets.length > 0)
			setMade({ key, secrets });
		else
			go(key === undefined ? address(base) : address([...base, key]), { saved: true, replace: true });
	};
	return html`<h1>${title}</h1><${Form} operation=${operation} resource=${resource} initial=${row} preset=${id === undefined ? initialOf(operation, query) : {}} submit=${id === undefined ? t("action.create") : t("action.save")} onSubmit=${save}
		onCancel=${() => go(address(id === undefined ? base : [...base, id]))} />`;
}

/** What the address says of a new row, such as the customer whose page led here. @param {import("./model.js").Operation | undefined} operation @param {Record<string, string>} query */
function initialOf(operation, query) {
	return Object.fromEntries(fieldsOf(operation?.type).filter((one) => one.name in query).map((one) => [one.name, one.type === "integer" ? Number(query[one.name]) : query[one.name]]));
}

/** The key of a new row, and what is told of it this once. @param {Resource} resource @param {import("./model.js").Operation} operation @param {any} body @param {Row} sent */
function outcome(resource, operation, body, sent) {
	const inner = inside(body, ["ResponseData", "Detail"]) ?? body ?? {};
	const key = (operation.placed && sent[operation.placed]) ?? inner[resource.key] ?? inner[resource.parameter ?? ""] ?? Object.entries(inner).find(([name]) => /Id$/.test(name))?.[1];
	const secrets = secretsOf(resource, inner).filter(([name]) => sent[name] === undefined);
	return { key: /** @type {string | number} */ (key), secrets };
}

/** What one row of the resource is called. @param {Resource} resource */
export function singular(resource) {
	const key = `one.${screenOf(resource).name}`;
	return has(key) ? t(key) : label(resource.type.split(".").pop() ?? "").toLowerCase();
}
