// Which screens there are for the caller, in the order of the side bar.
import { has, label, t } from "./i18n.js";
import { may } from "./model.js";
import { GROUPS, screens } from "./screens.js";
import { VIEWS } from "./views.js";

/** @param {string} name */
export const screenTitle = (name) => (has(`screen.${name}`) ? t(`screen.${name}`) : label(name));

/** Screens of the side bar by group, those alone that the caller may see. */
export function navigation() {
	const lists = screens().filter((one) => one.group && may(one.resource)).map((one) => ({ name: one.name, group: /** @type {string} */ (one.group) }));
	const views = Object.entries(VIEWS).filter(([, one]) => one.group && (one.may?.() ?? true)).map(([name, one]) => ({ name, group: /** @type {string} */ (one.group) }));
	return GROUPS.map((group) => ({ group, items: [...lists, ...views].filter((one) => one.group === group) })).filter((one) => one.items.length > 0);
}
