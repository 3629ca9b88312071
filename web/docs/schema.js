// Members of objects, and what is in them as far as somebody opens it.

import { html, useState } from '../console/html.js';
import { nameOf, present, resolve, typeOf } from './document.js';
import { Prose } from './view.js';

const FORMATS = /** @type {Record<string, string>} */ ({
	uuid: 'GUID', 'date-time': 'time', 'date-time-local': 'time', date: 'date', double: 'number', int64: 'integer', int32: 'integer',
});

/**
 * @param {Record<string, any>} raw
 * @param {import('./document.js').Schema} schema
 * @returns {string} its type, for people
 */
function kindOf(raw, schema) {
	const own = present(schema);
	const full = resolve(raw, own);
	const type = typeOf(full);
	if (type === 'array')
		return `list of ${kindOf(raw, full.items)}`;
	if (own.$ref)
		return nameOf(own.$ref);
	const name = FORMATS[full.format] ?? (type === 'string' ? 'text' : type);
	if (full.enum)
		return (full['x-enum-varnames'] ?? full.enum).filter((/** @type {any} */ one) => one !== null).join(', ');
	if (full.maxLength && name === 'text')
		return `text, at most ${full.maxLength}`;
	if (full.minimum !== undefined && full.maximum !== undefined && full.maximum < 2 ** 31 - 1)
		return `${name}, ${full.minimum} to ${full.maximum}`;
	return name;
}

/**
 * @param {Record<string, any>} raw
 * @param {import('./document.js').Schema} schema
 * @returns {import('./document.js').Schema | undefined} the object that it is, or a list's items are
 */
function objectIn(raw, schema) {
	const full = resolve(raw, present(resolve(raw, schema)));
	if (typeOf(full) === 'array')
		return objectIn(raw, full.items);
	return full.properties ? full : undefined;
}

/**
 * @param {{ raw: Record<string, any>, name: string, schema: import('./document.js').Schema, required: boolean, sent: boolean }}
 *     properties
 */
function Member({ raw, name, schema, required, sent }) {
	const [open, setOpen] = useState(false);
	const full = resolve(raw, schema);
	const inner = objectIn(raw, schema);
	const notes = [required && sent ? 'Required.' : '', full.deprecated ? 'Deprecated: kept for old callers.' : '', full.default === undefined ? '' : `Default ${JSON.stringify(full.default)}.`];
	return html`<li><code>${name}</code> <span class="faint">${kindOf(raw, schema)}</span>
		<${Prose} text=${[full.description, ...notes].filter(Boolean).join(' ')} />
		${inner && html`<details onToggle=${(/** @type {Event} */ event) =>
			setOpen(/** @type {HTMLDetailsElement} */ (event.currentTarget).open)}>
			<summary>Members of ${name}</summary>
			${open && html`<${Members} raw=${raw} schema=${inner} sent=${sent} />`}
		</details>`}</li>`;
}

/** @param {{ raw: Record<string, any>, schema: import('./document.js').Schema, sent: boolean }} properties */
export function Members({ raw, schema, sent }) {
	const own = objectIn(raw, schema);
	if (!own)
		return html`<p>${kindOf(raw, schema)}</p>`;
	const members = Object.entries(own.properties).filter(([, member]) => {
		const full = resolve(raw, member);
		return sent ? !full.readOnly : !full.writeOnly;
	});
	return html`<ul class="members">${members.map(([name, member]) => html`<${Member} key=${name} raw=${raw} name=${name}
		schema=${member} required=${own.required?.includes(name) ?? false} sent=${sent} />`)}</ul>`;
}
