// What the browser keeps of a person's choices: never a credential, never data of the registry.
import { useEffect, useState } from "./html.js";

const PREFIX = "clientele.";
/** @type {Map<string, Set<() => void>>} */
const watchers = new Map();

/**
 * A choice that is kept. Where the browser keeps nothing, it holds until the page is left.
 * @template T
 * @param {string} name
 * @param {T} absent Value before anything was chosen
 */
export function stored(name, absent) {
	/** @type {T | undefined} */
	let held;
	return {
		name,
		get value() {
			if (held !== undefined)
				return held;
			try {
				const text = localStorage.getItem(PREFIX + name);
				return text === null ? absent : /** @type {T} */ (JSON.parse(text));
			} catch {
				return absent;
			}
		},
		set value(value) {
			held = undefined;
			try {
				localStorage.setItem(PREFIX + name, JSON.stringify(value));
			} catch {
				held = value;
			}
			watchers.get(name)?.forEach((tell) => tell());
		},
	};
}

/**
 * The choice as a state of a view, with a function that changes it.
 * @template T
 * @param {{ name: string, value: T }} choice
 * @returns {[T, (value: T) => void]}
 */
export function useStored(choice) {
	const [, redraw] = useState(0);
	useEffect(() => {
		const tell = () => redraw((count) => count + 1);
		const all = watchers.get(choice.name) ?? new Set();
		watchers.set(choice.name, all.add(tell));
		return () => void all.delete(tell);
	}, [choice.name]);
	return [choice.value, (value) => { choice.value = value; }];
}
