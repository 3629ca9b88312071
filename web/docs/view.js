// Parts that several views have in common.

import { html, useEffect, useRef } from '../console/html.js';
import { addCopyButtons } from './site.js';

/** @param {{ text?: string }} properties paragraphs with code in backticks, as descriptions have them */
export function Prose({ text = '' }) {
	return text.split('\n\n').filter((part) => part !== '').map((part) => html`<p>${part.split('`').map((piece, index) =>
		index % 2 ? html`<code>${piece}</code>` : piece)}</p>`);
}

/** @param {{ text: string, label: string, language?: string }} properties code that can be copied */
export function Code({ text, label, language = 'text' }) {
	const place = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
	useEffect(() => {
		const pre = document.createElement('pre');
		const code = document.createElement('code');
		code.className = `language-${language}`;
		code.textContent = text;
		pre.tabIndex = 0;
		pre.setAttribute('role', 'region');
		pre.setAttribute('aria-label', label);
		pre.append(code);
		place.current?.replaceChildren(pre);
		if (place.current)
			addCopyButtons(place.current);
	}, [text, label, language]);
	return html`<div ref=${place}></div>`;
}

/** @param {{ method: string, path: string }} properties */
export function Address({ method, path }) {
	return html`<span class="address"><b class="method" data-method=${method}>${method}</b> <code>${
		path.split('/').flatMap((part, index) => index ? [html`<wbr />`, `/${part}`] : [part])}</code></span>`;
}
