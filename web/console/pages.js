// Pages of rows one below another, each read when a person wants more.
import { html, useEffect, useRef, useState } from "./html.js";
import { t } from "./i18n.js";
import { Button, Fault, Loading } from "./ui.js";

/** @typedef {import("./model.js").Row} Row */
/** @typedef {{ rows: Row[], done: boolean, busy: boolean, error: unknown, more: () => void }} Pages `done`: there are no more */

/**
 * @param {(after: string | undefined, signal: AbortSignal) => Promise<import("./model.js").Page>} read
 * @param {unknown[]} inputs A change of these begins anew
 * @returns {Pages}
 */
export function usePages(read, inputs) {
	const start = { rows: /** @type {Row[]} */ ([]), next: /** @type {string | undefined} */ (undefined), done: false, error: /** @type {unknown} */ (null) };
	const [state, setState] = useState(start);
	const [wanted, setWanted] = useState({ after: /** @type {string | undefined} */ (undefined), busy: true });
	const what = JSON.stringify(inputs);
	const shown = useRef(what);
	useEffect(() => {
		if (shown.current === what)
			return;
		shown.current = what;
		setState(start);
		setWanted({ after: undefined, busy: true });
	}, [what]);
	useEffect(() => {
		if (!wanted.busy)
			return undefined;
		const abort = new AbortController();
		read(wanted.after, abort.signal).then(
			({ rows, next }) => { if (!abort.signal.aborted) { setState((before) => ({ rows: [...before.rows, ...rows], next, done: !next, error: null })); setWanted({ after: next, busy: false }); } },
			(error) => { if (!abort.signal.aborted) { setState((before) => ({ ...before, error })); setWanted((before) => ({ ...before, busy: false })); } });
		return () => abort.abort();
	}, [wanted]);
	return { rows: state.rows, done: state.done, busy: wanted.busy, error: state.error, more: () => setWanted({ after: state.next, busy: true }) };
}

/** What stands below the rows. @param {{ pages: Pages }} props */
export const MorePages = ({ pages }) => html`<${Fault} error=${pages.error} retry=${pages.more} />${pages.busy ? html`<${Loading} />`
	: !pages.done && !pages.error && html`<div class="bar"><${Button} icon="down" onClick=${pages.more}>${t("action.more")}<//></div>`}`;
