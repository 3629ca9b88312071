// What the pages of the documentation do beyond being read: search, copying of code, color schemes, and lists that fold
// where a screen is narrow. Without it everything can be read all the same.

const THEME = 'clientele.theme';
const SYSTEM = 'system';
const MOST_FOUND = 20;

/**
 * @param {string} name of an element
 * @param {Record<string, string>} attributes
 * @param {...(string | Node)} children
 * @returns {HTMLElement}
 */
function element(name, attributes, ...children) {
	const made = document.createElement(name);
	for (const [attribute, value] of Object.entries(attributes))
		made.setAttribute(attribute, value);
	made.append(...children);
	return made;
}

// --- color scheme ---

/** @returns {string} what was chosen before, here or in the console */
function storedTheme() {
	try {
		return JSON.parse(localStorage.getItem(THEME) ?? '') || SYSTEM;
	} catch {
		return SYSTEM;
	}
}

/** @param {string} theme */
function showTheme(theme) {
	if (theme === SYSTEM)
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = theme;
}

function startTheme() {
	const choice = /** @type {HTMLSelectElement | null} */ (document.getElementById('theme'));
	showTheme(storedTheme());
	if (!choice)
		return;
	choice.value = storedTheme();
	choice.hidden = false;
	choice.addEventListener('change', () => {
		showTheme(choice.value);
		try {
			localStorage.setItem(THEME, JSON.stringify(choice.value));
		} catch {
			// A browser that keeps nothing: the scheme is that of this page.
		}
	});
}

// --- code ---

/** @param {HTMLElement} pre its text goes to the clipboard, from examples with answers the commands alone */
function copyText(pre) {
	const text = pre.textContent ?? '';
	if (!pre.querySelector('.language-console'))
		return text.trimEnd();
	const commands = text.split('\n').reduce((/** @type {string[]} */ kept, line) => {
		const last = kept.at(-1);
		if (line.startsWith('$ '))
			kept.push(line.slice(2));
		else if (last?.endsWith('\\') || (last && (last.split("'").length % 2 === 0)))
			kept.push(line);
		return kept;
	}, []);
	return commands.join('\n');
}

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} pre
 */
async function copy(button, pre) {
	try {
		await navigator.clipboard.writeText(copyText(pre));
		button.textContent = 'Copied';
		setTimeout(() => { button.textContent = 'Copy'; }, 2000);
	} catch {
		// Browsers lend the clipboard to pages of TLS only: then it is marked, to be copied by hand.
		getSelection()?.selectAllChildren(pre);
	}
}

/** @param {ParentNode} place gets buttons beside its code */
export function addCopyButtons(place) {
	for (const pre of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll('pre:not(.code > pre)'))) {
		const button = /** @type {HTMLButtonElement} */ (element('button', { type: 'button' }, 'Copy'));
		button.addEventListener('click', () => copy(button, pre));
		const frame = element('div', { class: 'code' });
		pre.replaceWith(frame);
		frame.append(button, pre);
	}
}

/** What scrolls inside itself is reached by the keyboard. */
function markScrolling() {
	for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.table, pre'))) {
		if (box.scrollWidth > box.clientWidth)
			box.tabIndex = 0;
		else
			box.removeAttribute('tabindex');
	}
}

// --- lists beside the page ---

/** Whether the lists stand above the page instead, as the style sheet says. */
export const narrow = matchMedia('(max-width: 70rem)');

function fold() {
	for (const details of document.querySelectorAll('.aside > details'))
		/** @type {HTMLDetailsElement} */ (details).open = !narrow.matches;
}

/** Marks in the list of contents what is read. */
function followReading() {
	const links = new Map([...document.querySelectorAll('.contents a')].map((link) =>
		[decodeURIComponent(/** @type {HTMLAnchorElement} */ (link).hash.slice(1)), link]));
	const headings = [...document.querySelectorAll('main h2, main h3')].filter((heading) => links.has(heading.id));
	const mark = () => {
		const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 4);
		const current = links.get((passed.at(-1) ?? headings[0])?.id);
		for (const link of links.values()) {
			if (link !== current)
				link.removeAttribute('aria-current');
		}
		if (current && !current.hasAttribute('aria-current')) {
			current.setAttribute('aria-current', 'location');
			const list = current.closest('.aside');
			const box = current.getBoundingClientRect();
			if (list && (box.bottom > innerHeight || box.top < list.getBoundingClientRect().top))
				list.scrollTop += box.top - innerHeight / 2;
		}
	};
	if (headings.length > 0) {
		addEventListener('scroll', mark, { passive: true });
		mark();
	}
}

// --- search ---

/** @typedef {[page: string, place: string, title: string, heading: string, words: string]} Section */

/** @type {Promise<Section[]> | undefined} */
let sections;

/** @returns {Promise<Section[]>} what there is to be found; loaded when it is first wanted */
function loadSections() {
	sections ??= fetch('search.json').then((answer) => answer.ok ? answer.json() : []).catch(() => []);
	return sections;
}

/** @param {string} text @returns {string[]} */
function wordsOf(text) {
	return text.toLowerCase().split(/[^a-z0-9_\u0080-\uffff]+/).filter((word) => word !== '');
}

/**
 * @param {Section} section
 * @param {string[]} wanted
 * @returns {number} how well it fits; 0 = not
 */
function rate(section, wanted) {
	const heading = wordsOf(section[3]);
	const words = section[4].split(' ');
	let sum = 0;
	for (const word of wanted) {
		const rated = heading.includes(word) ? 12
			: heading.some((one) => one.startsWith(word)) ? 8
				: words.includes(word) ? 3
					: word.length > 2 && (words.some((one) => one.startsWith(word)) ||
						heading.some((one) => one.includes(word))) ? 1 : 0;
		if (rated === 0)
			return 0;
		sum += rated;
	}
	return sum + (wordsOf(section[3]).join(' ') === wanted.join(' ') ? 20 : 0) + 1 / (1 + heading.length);
}

/** @param {string} text @returns {Promise<Section[]>} the best first */
export async function search(text) {
	const wanted = wordsOf(text);
	if (wanted.length === 0)
		return [];
	return (await loadSections())
		.map((section) => /** @type {const} */ ([rate(section, wanted), section]))
		.filter(([rated]) => rated > 0)
		.sort(([one], [other]) => other - one)
		.map(([, section]) => section);
}

/** @param {Section} section */
function foundLink([page, place, title, heading]) {
	const link = element('a', { href: page + (place ? `#${place}` : '') }, heading);
	if (title !== heading)
		link.append(element('small', {}, title));
	return element('li', {}, link);
}

/**
 * @param {HTMLElement} box
 * @param {string} text
 */
async function showFound(box, text) {
	const found = await search(text);
	const shown = found.slice(0, MOST_FOUND);
	const count = found.length > shown.length ? `The best ${shown.length} of ${found.length}` : `${found.length} found`;
	box.replaceChildren(element('p', { role: 'status' }, found.length > 0 ? count : 'Nothing was found.'),
		element('ul', {}, ...shown.map(foundLink)));
	box.hidden = text.trim() === '';
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLInputElement} input
 * @param {HTMLElement} box
 */
function walk(event, input, box) {
	const stops = [input, .../** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll('a'))];
	const here = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	if (event.key === 'Escape') {
		box.hidden = true;
		input.focus();
	} else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
		event.preventDefault();
		stops[(here + (event.key === 'ArrowDown' ? 1 : stops.length - 1)) % stops.length].focus();
	} else if (event.key === 'Enter' && here === 0 && stops.length > 1 && !box.hidden) {
		stops[1].click();
	}
}

function startSearch() {
	const input = /** @type {HTMLInputElement | null} */ (document.getElementById('search'));
	const box = document.getElementById('found');
	const place = input?.parentElement;
	if (!input || !box || !place)
		return;
	place.hidden = false;
	input.addEventListener('focus', () => { loadSections(); });
	input.addEventListener('input', () => { showFound(box, input.value); });
	place.addEventListener('keydown', (event) => walk(event, input, box));
	box.addEventListener('click', (event) => {
		if (event.target instanceof Element && event.target.closest('a'))
			box.hidden = true;
	});
	document.addEventListener('click', (event) => {
		if (event.target instanceof Node && !place.contains(event.target))
			box.hidden = true;
	});
	document.addEventListener('keydown', (event) => {
		const typing = event.target instanceof Element && event.target.matches('input, textarea, select');
		if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
			event.preventDefault();
			input.focus();
		}
	});
}

startTheme();
narrow.addEventListener('change', fold);
fold();
addCopyButtons(document);
markScrolling();
addEventListener('resize', markScrolling);
followReading();
startSearch();
