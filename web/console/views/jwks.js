// Above the list of keys that sign licenses: where programs find the public halves of all.
import { urlOf } from "../api.js";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { Copy } from "../ui.js";

const PATH = "/v1/signing-keys/jwks";

export const JwksLink = () => html`<p class="row"><a href=${urlOf(PATH).href} target="_blank" rel="noopener">${t("jwks.link")}</a><${Copy} text=${urlOf(PATH).href} label=${t("jwks.copy")} /></p>`;
