// One operation: what it does and takes, what it answers, as a sample in each language, and to try.

import { html, useState } from '../console/html.js';
import { answerTypes, bodyExample, bodyTypes, callOf, emptyForm, missingOf, schemesOf, SCHEMES, send, storeCredential,
	storedCredential } from './call.js';
import { answerExample } from './document.js';
import { LANGUAGES } from './samples.js';
import { Members } from './schema.js';
import { Address, Code, Prose } from './view.js';

/** @typedef {import('./document.js').Operation} Operation */
/** @typedef {import('./call.js').Form} Form */

const LANGUAGE = 'clientele.reference.language';

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.currentTarget).value;

/** @param {{ label: string, name: string, value: string, names: [string, string][], set: (value: string) => void }} properties */
function Choice({ label, name, value, names, set }) {
	return html`<label class="field"><span>${label}</span><select name=${name} value=${value}
		onChange=${(/** @type {Event} */ event) => set(valueOf(event))}>
		${names.map(([one, title]) => html`<option value=${one} selected=${one === value}>${title}</option>`)}</select></label>`;
}

/** @param {{ call: import('./samples.js').Call }} properties */
function Samples({ call }) {
	const [chosen, choose] = useState(sessionStorage.getItem(LANGUAGE) ?? LANGUAGES[0].name);
	const language = LANGUAGES.find((one) => one.name === chosen) ?? LANGUAGES[0];
	const show = (/** @type {string} */ name) => {
		sessionStorage.setItem(LANGUAGE, name);
		choose(name);
	};
	return html`<section class="samples" aria-labelledby="samples"><h2 id="samples">Samples</h2>
		<div class="languages" role="group" aria-label="Language">${LANGUAGES.map(({ name, title }) => html`<button type="button"
			data-language=${name} aria-pressed=${name === language.name ? 'true' : 'false'} onClick=${() => show(name)}>${title}</button>`)}
		</div>
		<${Code} text=${language.print(call)} label=${`Sample in ${language.title}`} language=${name(language)} />
		${call.headers.filter((one) => one.secret).map((one) => html`<p class="faint">The credential is read from the variable ${
			''}<code>${one.secret}</code> of the environment${one.secret === 'CLIENTELE_BASIC' ? ', as Base64 of identifier:secret' : ''
			}.</p>`)}</section>`;
}

/** @param {{ name: string }} language */
const name = (language) => language.name === 'curl' ? 'sh' : language.name;

/** @param {{ operation: Operation, form: Form, change: (part: Partial<Form>) => void }} properties */
function Credential({ operation, form, change }) {
	const [text, setText] = useState(storedCredential(form.scheme));
	const schemes = schemesOf(operation);
	const titles = /** @type {[string, string][]} */ (schemes.map((one) => [one, SCHEMES[one]?.title ?? 'None']));
	const choose = (/** @type {string} */ scheme) => {
		change({ scheme });
		setText(storedCredential(scheme));
	};
	return html`${schemes.length > 1 && html`<${Choice} label="Credential" name="scheme" value=${form.scheme} names=${titles} set=${choose} />`}
		${form.scheme && html`<label class="field"><span>${SCHEMES[form.scheme].title}</span>
		<input type="password" name="credential" autocomplete="off" value=${text} onInput=${(/** @type {Event} */ event) => {
			setText(valueOf(event));
			storeCredential(form.scheme, valueOf(event));
		}} /><small>Kept until this tab is closed, and nowhere else.</small></label>`}`;
}

/** @param {{ operation: Operation, form: Form, change: (part: Partial<Form>) => void }} properties */
function Fields({ operation, form, change }) {
	const set = (/** @type {string} */ parameter, /** @type {string} */ value) =>
		change({ values: { ...form.values, [parameter]: value } });
	return operation.parameters.map((one) => html`<label class="field" key=${one.name}>
		<span><code>${one.name}</code>${one.required || one.in === 'path' ? ' (required)' : ''}</span>
		<input name=${one.name} value=${form.values[one.name]} autocomplete="off" spellcheck=${false}
			placeholder=${one.schema.default ?? one.example ?? ''} onInput=${(/** @type {Event} */ event) => set(one.name, valueOf(event))} />
		<small>${one.description}</small></label>`);
}

/** @param {{ answer: import('./call.js').Answer }} properties */
function Answered({ answer }) {
	return html`<div class="answered"><p><b class="status" data-class=${String(answer.status)[0]}>${answer.status}</b> ${
		''}<span class="faint">after ${answer.milliseconds} ms</span></p>
		<details><summary>Headers</summary><${Code} text=${answer.headers.map(([key, value]) => `${key}: ${value}`).join('\n')}
			label="Headers of the answer" /></details>
		${answer.text && html`<${Code} text=${answer.text} label="Body of the answer" />`}</div>`;
}

/** @param {{ operation: Operation, form: Form, change: (part: Partial<Form>) => void }} properties */
function Try({ operation, form, change }) {
	const [answer, setAnswer] = useState(/** @type {import('./call.js').Answer | null} */ (null));
	const [said, say] = useState('');
	const types = bodyTypes(operation);
	const submit = async (/** @type {Event} */ event) => {
		event.preventDefault();
		const missing = missingOf(operation, form);
		say(missing || 'Sending …');
		if (missing)
			return;
		try {
			setAnswer(await send(operation, form));
			say('Answered.');
		} catch {
			setAnswer(null);
			say('The server cannot be reached.');
		}
	};
	return html`<section class="try" aria-labelledby="try"><h2 id="try">Try it</h2>
		<form onSubmit=${submit}>
			<${Credential} operation=${operation} form=${form} change=${change} />
			<${Fields} operation=${operation} form=${form} change=${change} />
			${types.length > 1 && html`<${Choice} label="Body as" name="media" value=${form.media}
				names=${types.map((type) => [type, type])}
				set=${(/** @type {string} */ media) => change({ media, body: bodyExample(operation, media) })} />`}
			${types.length > 0 && html`<label class="field"><span>Body</span><textarea name="body" rows="12" spellcheck=${false}
				value=${form.body} onInput=${(/** @type {Event} */ event) => change({ body: valueOf(event) })}></textarea></label>`}
			<${Choice} label="Answer as" name="accept" value=${form.accept}
				names=${answerTypes(operation).map((type) => [type, type])} set=${(/** @type {string} */ accept) => change({ accept })} />
			<p><button type="submit" class="send">Send</button> <span role="status">${said}</span></p>
		</form>
		${answer && html`<${Answered} answer=${answer} />`}</section>`;
}

/** @param {{ raw: Record<string, any>, status: string, answer: Record<string, any> }} properties */
function AnswerOf({ raw, status, answer }) {
	const content = answer.content?.['application/json'] ?? Object.values(answer.content ?? {})[0];
	const words = Object.keys(content?.examples ?? {}).filter((word) => /^[A-Z_]+$/.test(word));
	return html`<details><summary><b class="status" data-class=${status[0]}>${status}</b> ${answer.description}</summary>
		${words.length > 0 && html`<p>${words.map((word, index) => html`${index > 0 ? ', ' : ''}<a href=${`errors.html#${word}`}>${
			word}</a>`)}</p>`}
		${content?.schema && html`<${Code} text=${exampleText(raw, content)} label=${`Example of an answer ${status}`} />
			${!status.startsWith('4') && !status.startsWith('5') && html`<${Members} raw=${raw} schema=${content.schema} sent=${false} />`}`}
		</details>`;
}

/**
 * @param {Record<string, any>} raw
 * @param {Record<string, any>} content
 */
function exampleText(raw, content) {
	const example = answerExample(raw, content);
	return typeof example === 'string' ? example : JSON.stringify(example, null, 2);
}

/** @param {{ raw: Record<string, any>, operation: Operation }} properties */
export function OperationView({ raw, operation }) {
	const [form, setForm] = useState(() => emptyForm(operation));
	const change = (/** @type {Partial<Form>} */ part) => setForm((/** @type {Form} */ before) => ({ ...before, ...part }));
	const content = operation.body?.content?.[form.media];
	return html`<p class="faint"><a href="#">Reference</a> / ${operation.tag}</p>
		<h1>${operation.summary}</h1>
		<p><${Address} method=${operation.method} path=${operation.path} /></p>
		<${Prose} text=${operation.description} />
		<${Samples} call=${callOf(operation, form)} />
		<${Try} operation=${operation} form=${form} change=${change} />
		${content?.schema && html`<h2>Body</h2><${Members} raw=${raw} schema=${content.schema} sent=${true} />`}
		<h2>Answers</h2>
		${operation.answers.map(({ status, answer }) => html`<${AnswerOf} key=${status} raw=${raw} status=${status} answer=${answer} />`)}`;
}
