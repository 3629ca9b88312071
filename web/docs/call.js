// Calls that are tried: what is filled in, the credential of this session, the call as samples and as a request.

import { formOf } from './document.js';

const FORM = 'application/x-www-form-urlencoded';
const STORED = 'clientele.reference.';

/**
 * How each scheme of the document goes into a request; `variable` is where samples read it.
 * @type {Record<string, { title: string, header: string, before: string, variable: string, encode?: (text: string) => string }>}
 */
export const SCHEMES = {
	apiKey: { title: 'API key', header: 'x-api-key', before: '', variable: 'CLIENTELE_KEY' },
	bearer: { title: 'Access token', header: 'Authorization', before: 'Bearer ', variable: 'CLIENTELE_TOKEN' },
	client: { title: 'API client, identifier:secret', header: 'Authorization', before: 'Basic ', variable: 'CLIENTELE_BASIC',
		encode: (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))) },
	registration: { title: 'Registration token', header: 'Authorization', before: 'Bearer ', variable: 'CLIENTELE_TOKEN' },
	userKey: { title: 'User key of the license', header: 'x-user-key', before: '', variable: 'CLIENTELE_USER_KEY' },
};

/** @param {string} scheme @returns {string} what was entered in this session of the browser */
export function storedCredential(scheme) {
	return sessionStorage.getItem(STORED + scheme) ?? '';
}

/**
 * @param {string} scheme
 * @param {string} text
 */
export function storeCredential(scheme, text) {
	if (text)
		sessionStorage.setItem(STORED + scheme, text);
	else
		sessionStorage.removeItem(STORED + scheme);
}

/**
 * @param {import('./document.js').Operation} operation
 * @returns {string[]} its schemes that go into a header; '' where none is needed
 */
export function schemesOf(operation) {
	const names = operation.security.map((one) => Object.keys(one)[0] ?? '');
	const known = names.filter((name) => name === '' || name in SCHEMES);
	// Tokens may be asked for by clients that send their secret in the body, but most send it in the header.
	if (known[0] === '' && known[1] === 'client')
		known.unshift(...known.splice(1, 1));
	return known.length > 0 ? known : [''];
}

/**
 * @typedef {{ values: Record<string, string>, media: string, body: string, accept: string, scheme: string }} Form
 */

/**
 * @param {import('./document.js').Operation} operation
 * @param {string} media
 * @returns {string} a body to begin with
 */
export function bodyExample(operation, media) {
	const example = operation.body?.content?.[media]?.example;
	if (example === undefined)
		return '';
	return media === FORM ? formOf(example) : JSON.stringify(example, null, 2);
}

/** @param {import('./document.js').Operation} operation @returns {string[]} media types of bodies that can be filled in */
export function bodyTypes(operation) {
	return Object.keys(operation.body?.content ?? {}).filter((type) => type === 'application/json' || type === FORM);
}

/** @param {import('./document.js').Operation} operation @returns {string[]} what answers can be asked for */
export function answerTypes(operation) {
	const types = operation.answers.filter((one) => one.status.startsWith('2'))
		.flatMap((one) => Object.keys(one.answer.content ?? {}));
	return types.length > 0 ? [...new Set(types)] : ['application/json'];
}

/**
 * @param {import('./document.js').Operation} operation
 * @returns {Form} without values of parameters: what somebody has not chosen should not be changed
 */
export function emptyForm(operation) {
	const media = bodyTypes(operation)[0] ?? '';
	return { values: Object.fromEntries(operation.parameters.map((one) => [one.name, ''])), media,
		body: bodyExample(operation, media), accept: answerTypes(operation)[0], scheme: schemesOf(operation)[0] };
}

/**
 * @param {import('./document.js').Operation} operation
 * @param {Form} form
 * @returns {import('./samples.js').Call} as samples show it: without the credential itself, with examples where the path needs more
 */
export function callOf(operation, form) {
	const filled = operation.parameters.filter((one) => form.values[one.name]);
	const path = operation.path.replace(/\{([^}]*)\}/g, (_, name) => encodeURIComponent(form.values[name] ||
		operation.parameters.find((one) => one.name === name && one.in === 'path')?.example));
	const query = new URLSearchParams(filled.filter((one) => one.in === 'query').map((one) => [one.name, form.values[one.name]]));
	const scheme = SCHEMES[form.scheme];
	const url = new URL(`..${path}`, new URL('.', location.href));
	return {
		method: operation.method,
		url: decodeURI(url.origin + url.pathname).replaceAll(' ', '%20') + (query.size > 0 ? `?${query}` : ''),
		headers: [
			...scheme ? [{ name: scheme.header, value: scheme.before, secret: scheme.variable }] : [],
			{ name: 'Accept', value: form.accept },
			...filled.filter((one) => one.in === 'header').map((one) => ({ name: one.name, value: form.values[one.name] })),
			...form.media ? [{ name: 'Content-Type', value: form.media }] : [],
		],
		...form.media ? { body: form.body } : {},
	};
}

/**
 * @param {import('./document.js').Operation} operation
 * @param {Form} form
 * @returns {string} what is missing before it can be sent; empty = nothing
 */
export function missingOf(operation, form) {
	const names = operation.parameters.filter((one) => (one.required || one.in === 'path') && !form.values[one.name])
		.map((one) => one.name);
	return names.length > 0 ? `Still empty: ${names.join(', ')}.` : '';
}

/**
 * @typedef {{ status: number, headers: [string, string][], text: string, milliseconds: number }} Answer
 */

/**
 * @param {import('./document.js').Operation} operation
 * @param {Form} form
 * @returns {Promise<Answer>}
 */
export async function send(operation, form) {
	const call = callOf(operation, form);
	const headers = new Headers();
	for (const { name, value, secret } of call.headers) {
		const text = secret ? storedCredential(form.scheme) : '';
		if (!secret)
			headers.set(name, value);
		else if (text)
			headers.set(name, value + (SCHEMES[form.scheme].encode?.(text) ?? text));
	}
	const began = performance.now();
	// The console's cookie stays out of it: what is tried here is what a program may do.
	const answer = await fetch(call.url, { method: call.method, headers, body: call.body, credentials: 'omit', cache: 'no-store' });
	const text = await answer.text();
	return { status: answer.status, headers: [...answer.headers], text: pretty(text, answer.headers.get('Content-Type') ?? ''),
		milliseconds: Math.round(performance.now() - began) };
}

/**
 * @param {string} text
 * @param {string} type
 */
function pretty(text, type) {
	if (!/[/+]json\b/.test(type))
		return text;
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}
