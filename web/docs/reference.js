// The reference of all operations. The running server's own document comes first, since it has what that server has; the
// one that was built with the page serves where there is no server behind it.

import { html, render, useEffect, useState } from '../console/html.js';
import { readDocument } from './document.js';
import { OperationView } from './operation.js';
import { narrow } from './site.js';
import { Address, Prose } from './view.js';

/** @typedef {import('./document.js').Document} Document */

/** @returns {Promise<Document>} */
async function loadDocument() {
	for (const address of ['../openapi.json', 'openapi.json']) {
		try {
			const answer = await fetch(address, { headers: { Accept: 'application/json' } });
			if (answer.ok)
				return readDocument(await answer.json());
		} catch {
			// No server, or another one's answer.
		}
	}
	throw new Error('no document');
}

/** @returns {string} the operation that the address names */
function useAddress() {
	const [id, setId] = useState(location.hash.slice(1));
	useEffect(() => {
		const follow = () => {
			setId(location.hash.slice(1));
			scrollTo(0, 0);
			document.getElementById('content')?.focus({ preventScroll: true });
		};
		addEventListener('hashchange', follow);
		return () => removeEventListener('hashchange', follow);
	}, []);
	return id;
}

/** @param {{ found: Document }} properties */
function Start({ found }) {
	return html`<h1>Reference of all operations</h1>
		<${Prose} text=${found.raw.info.description} />
		${found.tags.map((tag) => html`<h2>${tag.name}</h2><p>${tag.description}</p>
			<ul class="operations">${tag.operations.map((one) => html`<li><a href=${`#${one.id}`}><${Address} method=${one.method}
				path=${one.path} /> ${one.summary}</a></li>`)}</ul>`)}`;
}

/** @param {{ found: Document }} properties */
function Main({ found }) {
	const id = useAddress();
	const operation = found.operations.get(id);
	useEffect(() => {
		document.title = `${operation ? operation.summary : 'Reference of all operations'} – Clientele`;
	}, [operation]);
	return operation ? html`<${OperationView} key=${id} raw=${found.raw} operation=${operation} />` : html`<${Start} found=${found} />`;
}

/** @param {{ found: Document }} properties */
function Beside({ found }) {
	const id = useAddress();
	const [text, setText] = useState('');
	const wanted = text.toLowerCase();
	const fits = (/** @type {import('./document.js').Operation} */ one) =>
		`${one.method} ${one.path} ${one.summary}`.toLowerCase().includes(wanted);
	return html`<details open=${!narrow.matches}><summary>Operations</summary>
		<label class="field"><span>Filter</span><input type="search" name="operations" value=${text}
		onInput=${(/** @type {Event} */ event) => setText(/** @type {HTMLInputElement} */ (event.currentTarget).value)} /></label>
		${found.tags.map((tag) => {
			const shown = tag.operations.filter(fits);
			return shown.length > 0 && html`<details key=${tag.name}
				open=${wanted !== '' || shown.some((one) => one.id === id)}><summary>${tag.name}</summary>
				<ul>${shown.map((one) => html`<li><a href=${`#${one.id}`} aria-current=${one.id === id ? 'page' : null}>${
					one.summary}<small>${one.method} ${one.path}</small></a></li>`)}</ul></details>`;
		})}</details>`;
}

const place = /** @type {HTMLElement} */ (document.getElementById('reference'));
loadDocument().then((found) => {
	const aside = document.createElement('nav');
	aside.className = 'aside contents';
	aside.setAttribute('aria-label', 'Operations');
	document.getElementById('content')?.before(aside);
	render(html`<${Beside} found=${found} />`, aside);
	place.replaceChildren();
	render(html`<${Main} found=${found} />`, place);
}, () => {
	const said = place.querySelector('[role=status]');
	if (said)
		said.textContent = 'The document could not be read.';
});
