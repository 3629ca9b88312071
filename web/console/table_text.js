// Rows out of a text that a person pastes or a file that a person chooses: CSV as spreadsheets write it, JSON Lines, or a JSON array.

/** @typedef {{ line: number, values: Record<string, any> }} TextRow `line` of the text, from 1 on; of an array, the number of the item */
/** @typedef {{ columns: string[], rows: TextRow[], fault?: { line: number, reason: "quote" | "json" | "object" | "more" } }} TextTable */

const SEPARATORS = [",", ";", "\t", "|"];

/** The separator that the head has most of. @param {string} head */
function separatorOf(head) {
	const count = (/** @type {string} */ one) => head.split(one).length;
	return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * Records of RFC 4180, each with the line that it begins at.
 * @param {string} text @param {string} separator
 * @returns {{ records: { line: number, cells: string[] }[], open?: number }} `open`: the line of a quote that nothing closes
 */
function recordsOf(text, separator) {
	/** @type {{ line: number, cells: string[] }[]} */
	const records = [];
	/** @type {string[]} */
	let cells = [];
	let cell = "", quoted = false, line = 1, begun = 1, quote = 0;
	const end = () => {
		cells.push(cell);
		if (cells.some((one) => one !== ""))
			records.push({ line: begun, cells });
		cells = [];
		cell = "";
		begun = line;
	};
	for (let at = 0; at < text.length; at++) {
		const sign = text[at];
		if (sign === "\n")
			line++;
		if (quoted) {
			if (sign !== '"')
				cell += sign;
			else if (text[at + 1] === '"')
				cell += text[++at];
			else
				quoted = false;
		} else if (sign === '"' && cell === "") {
			quoted = true;
			quote = line;
		} else if (sign === separator) {
			cells.push(cell);
			cell = "";
		} else if (sign === "\n") {
			end();
		} else if (sign !== "\r") {
			cell += sign;
		}
	}
	end();
	return quoted ? { records, open: quote } : { records };
}

/** @param {string} text @returns {TextTable} */
function readCsv(text) {
	const { records, open } = recordsOf(text, separatorOf(text.split("\n", 1)[0]));
	const columns = (records[0]?.cells ?? []).map((one) => one.trim());
	const wide = records.find((one) => one.cells.length > columns.length);
	if (open !== undefined || wide)
		return { columns, rows: [], fault: open !== undefined ? { line: open, reason: "quote" } : { line: wide?.line ?? 1, reason: "more" } };
	return { columns: columns.filter(Boolean), rows: records.slice(1).map(({ line, cells }) => ({
		line, values: Object.fromEntries(columns.map((name, index) => /** @type {[string, string]} */ ([name, cells[index] ?? ""])).filter(([name]) => name)),
	})) };
}

/** @param {{ line: number, value: unknown }[]} items @returns {TextTable} */
function tableOf(items) {
	const wrong = items.find(({ value }) => typeof value !== "object" || value === null || Array.isArray(value));
	if (wrong)
		return { columns: [], rows: [], fault: { line: wrong.line, reason: "object" } };
	const rows = items.map(({ line, value }) => ({ line, values: /** @type {Record<string, any>} */ (value) }));
	return { columns: [...new Set(rows.flatMap((one) => Object.keys(one.values)))], rows };
}

/** @param {string} text @returns {TextTable} */
function readJson(text) {
	/** @type {{ line: number, value: unknown }[]} */
	const items = [];
	if (text.startsWith("[")) {
		try {
			return tableOf(JSON.parse(text).map((/** @type {unknown} */ value, /** @type {number} */ index) => ({ line: index + 1, value })));
		} catch {
			return { columns: [], rows: [], fault: { line: 1, reason: "json" } };
		}
	}
	for (const [index, one] of text.split("\n").entries()) {
		if (one.trim() === "")
			continue;
		try {
			items.push({ line: index + 1, value: JSON.parse(one) });
		} catch {
			return { columns: [], rows: [], fault: { line: index + 1, reason: "json" } };
		}
	}
	return tableOf(items);
}

/** @param {string} text @returns {TextTable} */
export function readTable(text) {
	const plain = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
	return /^\s*[[{]/.test(plain) ? readJson(plain.trimStart()) : readCsv(plain);
}

/**
 * CSV of cells; what a spreadsheet would take for a formula is told to be a text.
 * @param {(string | number)[][]} rows
 */
export function printCsv(rows) {
	const cell = (/** @type {string | number} */ value) => {
		const text = typeof value === "string" && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
		return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	};
	return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
