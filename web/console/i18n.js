// Texts that a person reads, in the language of the browser or the one that was chosen. One file for each language; to add one,
// add lang/xx.json with the keys of lang/en.json and its name to LANGUAGES.
import { setLanguage } from "./api.js";
import { stored } from "./stored.js";

/** @type {Record<string, string>} Names as their speakers write them. */
export const LANGUAGES = { en: "English", de: "Deutsch" };

/** @type {Record<string, string>} */
let texts = {};
export let language = "en";

const choice = stored("language", "");

/** @param {string} name */
const read = async (name) => (await fetch(`lang/${name}.json`)).json();

/** Reads the texts of the language that was chosen or, without a choice, that the browser prefers. */
export async function loadLanguage() {
	const wanted = [choice.value, ...navigator.languages.map((one) => one.slice(0, 2).toLowerCase())];
	language = wanted.find((one) => one in LANGUAGES) ?? "en";
	texts = await read(language);
	setLanguage(language);
	document.documentElement.lang = language;
}

/** @param {string} name Of LANGUAGES */
export async function chooseLanguage(name) {
	choice.value = name;
	await loadLanguage();
}

/**
 * The text of a key, with {names} replaced. Where there are two forms, "one|many", `count` chooses.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
	let text = texts[key] ?? key;
	if (text.includes("|") && "count" in values)
		text = text.split("|")[Number(values.count) === 1 ? 0 : 1] ?? "";
	return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name] instanceof Date
		? moment(/** @type {Date} */ (values[name])) : typeof values[name] === "number" ? number(Number(values[name])) : values[name]) : whole));
}

/** True when there is a text of that key. @param {string} key */
export const has = (key) => key in texts;

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(language).format(value);

/** Day and time in the zone of the browser. @param {Date | string} value */
export function moment(value) {
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? String(value)
		: new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** @param {Date | string} value */
export function day(value) {
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? String(value) : new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(date);
}

/** @type {[string, number][]} */
const LENGTHS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** A length of time, in its two largest units. @param {number} seconds */
export function duration(seconds) {
	let left = seconds;
	const parts = LENGTHS.map(([unit, length]) => {
		const count = Math.floor(left / length);
		left -= count * length;
		return count > 0 ? new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count) : "";
	});
	return parts.filter(Boolean).slice(0, 2).join(" ") || number(0);
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} seconds of each unit, the longest first */
const UNITS = [["year", 31556952], ["month", 2629746], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** How long ago, or in how long. @param {Date | string} value */
export function relative(value) {
	const seconds = (new Date(value).getTime() - Date.now()) / 1000;
	const [unit, length] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? ["second", 1];
	return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(seconds / Number(length)), /** @type {Intl.RelativeTimeFormatUnit} */ (unit));
}

/**
 * A member's name as words: a text of its own, field.<type>.<member> or field.<member> in small letters, or what the name itself says:
 * licenseeName becomes "Licensee name".
 * @param {string} name
 * @param {string} [type] Name of the type that has the member
 */
export function label(name, type) {
	for (const key of [`field.${type?.split(".").pop()}.${name}`, `field.${name}`].map((one) => one.toLowerCase()))
		if (has(key))
			return t(key);
	const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[-_]/g, " ").toLowerCase().replace(/\bid(s?)\b/, "ID$1").replace(/\b(url|api|uid)\b/g, (word) => word.toUpperCase());
	return words.charAt(0).toUpperCase() + words.slice(1);
}
