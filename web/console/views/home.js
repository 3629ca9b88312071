// The first screen: where a person can go.
import { html } from "../html.js";
import { t } from "../i18n.js";
import { navigation, screenTitle } from "../navigation.js";
import { address } from "../router.js";
import { useTitle } from "../ui.js";

export function Home() {
	useTitle(screenTitle("home"));
	return html`<h1>${screenTitle("home")}</h1><div class="tiles">${navigation().map(({ group, items }) => html`
		<section class="tile"><h2>${t(`group.${group}`)}</h2><ul>${items.map((one) => html`<li><a href=${address([one.name])}>${screenTitle(one.name)}</a></li>`)}</ul></section>`)}</div>`;
}
