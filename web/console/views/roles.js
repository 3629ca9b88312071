// Who may do what: roles and their permissions by area, users of a role, roles and OAuth sessions of a user.
import { call, fill } from "../api.js";
import { perform } from "../actions.js";
import { html, useState } from "../html.js";
import { has, label, t } from "../i18n.js";
import { fieldsOf, may, readRows, resourceAt, roles } from "../model.js";
import { address } from "../router.js";
import { titleOf } from "../screens.js";
import { Button, Confirm, Empty, Fault, Icon, Loading, tell, useRead } from "../ui.js";
import { BITS, Value, fieldLabel } from "../values.js";

/** @typedef {import("../model.js").Role} Role */
/** @typedef {import("../model.js").Resource} Resource */
/** @typedef {import("../model.js").Row} Row */
/** @typedef {import("../detail.js").TabProps} TabProps */

/** @param {string} area */
const areaTitle = (area) => (has(`area.${area}`) ? t(`area.${area}`) : label(area));

/** @param {Role[]} some @param {string} area @param {string} permission */
const allowed = (some, area, permission) => some.some((one) => one.permissions[area]?.includes(permission));

/** What some roles together may do. @param {{ title: string, some: Role[] }} props */
function Permissions({ title, some }) {
	const areas = [...new Set(roles().flatMap((one) => Object.keys(one.permissions)))].filter((area) => BITS.some((bit) => allowed(some, area, bit)));
	return areas.length === 0 ? html`<${Empty} title=${t("roles.nothing")} />` : html`
		<div class="scroll" tabindex="0" role="region" aria-label=${title}><table class="matrix">
			<thead><tr><th>${t("roles.area")}</th>${BITS.map((bit) => html`<th>${t(`permission.${bit}`)}</th>`)}</tr></thead>
			<tbody>${areas.map((area) => html`<tr key=${area}><th scope="row">${areaTitle(area)}</th>${BITS.map((bit) => html`
				<td data-label=${t(`permission.${bit}`)}>${allowed(some, area, bit) ? html`<${Icon} name="check" label=${t("yes")} />` : html`<span class="faint" aria-label=${t("no")} role="img">–</span>`}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Of one role. @param {TabProps} props */
export const RoleMay = ({ row }) => html`<${Permissions} title=${t("roles.mayOne", { name: row.name })} some=${roles().filter((one) => one.name === row.name)} />`;

/** Users of one role: the API does not filter by roles, so that they are looked through. @param {TabProps} props */
export function RoleUsers({ row }) {
	const resource = /** @type {Resource} */ (resourceAt("/v1/users"));
	const read = useRead((signal) => readRows(resource, {}, { select: "id,userName,firstName,lastName,email,enabled,roles", sort: "userName" }, signal), [row.name]);
	return html`<${Rows} resource=${resource} read=${read} names=${["userName", "firstName", "lastName", "email", "enabled"]} title=${t("roles.users")}
		rows=${read.value?.rows.filter((one) => one.roles?.includes(row.name))} link=${(/** @type {Row} */ one) => address(["users", one.id])} />`;
}

/**
 * Rows that a list of the API cannot be asked for by themselves.
 * @param {{ resource: Resource, read: { value: { whole: boolean } | undefined, error: unknown, again: () => void }, rows: Row[] | undefined, names: string[], title: string,
 *	link: (row: Row) => string }} props
 */
function Rows({ resource, read, rows, names, title, link }) {
	const fields = names.map((name) => fieldsOf(resource.type).find((one) => one.name === name)).filter((one) => one !== undefined);
	if (read.error)
		return html`<${Fault} error=${read.error} retry=${read.again} />`;
	if (!rows)
		return html`<${Loading} />`;
	return html`${read.value?.whole === false && html`<p class="notice warn">${t("roles.more")}</p>`}
		${rows.length === 0 ? html`<${Empty} title=${t("list.nothing")} />` : html`
		<div class="scroll" tabindex="0" role="region" aria-label=${title}><table>
			<thead><tr>${fields.map((one) => html`<th>${fieldLabel(one, resource.type)}</th>`)}</tr></thead>
			<tbody>${rows.map((row) => html`<tr key=${row[resource.key]}>${fields.map((one, index) => html`<td data-label=${fieldLabel(one, resource.type)}>
				${index === 0 ? html`<a class="title" href=${link(row)}><${Value} resource=${resource} field=${one} row=${row} /></a>` : html`<${Value} resource=${resource} field=${one} row=${row} />`}</td>`)}</tr>`)}</tbody></table></div>`}`;
}

const ROLES = "/v1/users/{userId}/roles";

/** Roles of a user as boxes, with what they allow together. @param {TabProps} props */
export function UserRoles({ row, changed }) {
	/** @type {string[]} */
	const before = row.roles ?? [];
	const [chosen, setChosen] = useState(before);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const mayChange = may({ access: { area: "credentials", permission: "create" } }) && may({ access: { area: "credentials", permission: "delete" } });
	const added = chosen.filter((one) => !before.includes(one));
	const removed = before.filter((one) => !chosen.includes(one));
	const save = async () => {
		setBusy(true);
		setError(null);
		try {
			if (added.length > 0)
				await call("POST", fill(ROLES, { userId: row.id }), { body: { roles: added.join(",") } });
			if (removed.length > 0)
				await call("DELETE", fill(ROLES, { userId: row.id }), { body: { roles: removed.join(",") } });
			tell(t("roles.saved", { name: row.userName }));
		} catch (refused) {
			setError(refused);
		}
		setBusy(false);
		changed();
	};
	return html`
		<div class="form"><fieldset class="nested"><legend>${label("roles")}</legend><div class="boxes">${roles().map((one) => html`
			<label key=${one.name}><input type="checkbox" disabled=${!mayChange} checked=${chosen.includes(one.name)}
				onChange=${() => setChosen(chosen.includes(one.name) ? chosen.filter((name) => name !== one.name) : [...chosen, one.name])} />
				<span>${one.name} <small class="faint" lang="en">${one.description}</small></span></label>`)}</div>
			<${Fault} error=${error} />
			${mayChange && html`<div class="buttons"><${Button} kind="primary" busy=${busy} disabled=${added.length + removed.length === 0} onClick=${save}>${t("action.save")}<//></div>`}</fieldset>
		<h2>${t("roles.mayOne", { name: row.userName })}</h2><${Permissions} title=${t("roles.mayOne", { name: row.userName })} some=${roles().filter((one) => chosen.includes(one.name))} /></div>`;
}

/** OAuth sessions of a user, to be ended all at once. @param {TabProps} props */
export function UserSessions({ row }) {
	const resource = /** @type {Resource} */ (resourceAt("/api/v1/admin/sessions"));
	const [asked, setAsked] = useState(false);
	const read = useRead((signal) => readRows(resource, {}, {}, signal), [row.id]);
	const rows = read.value?.rows.filter((one) => one.UserID === row.id);
	const end = async () => {
		for (const one of rows ?? [])
			await perform({ resource, parents: {}, base: ["sessions"] }, { name: "delete" }, one);
		tell(t("sessions.ended", { count: rows?.length ?? 0 }));
		read.again();
	};
	return html`${rows && rows.length > 0 && may(resource.remove) && html`<div class="buttons"><${Button} kind="danger" onClick=${() => setAsked(true)}>${t("sessions.end")}<//></div>`}
		<${Rows} resource=${resource} read=${read} rows=${rows} names=${["GrantType", "ClientName", "Scope", "Address", "CreatedAt", "LastUsedAt", "ExpiresAt"]} title=${t("tab.sessions")}
			link=${(/** @type {Row} */ one) => address(["sessions", one.ID])} />
		${asked && html`<${Confirm} title=${`${t("sessions.end")}: ${titleOf(/** @type {Resource} */ (resourceAt("/v1/users")), row)}`} action=${t("sessions.end")} onClose=${() => setAsked(false)} onConfirm=${end}>
			<p>${t("confirm.sessions.delete")}</p><//>`}`;
}
