// Puts together what the web server shows of the console: node build.mjs SOURCE PACKAGES OUTPUT
//
// SOURCE is the folder of the source tree, PACKAGES the folder with node_modules, OUTPUT the folder of the pages. There is no
// bundler: each module is served by itself, without its comments and with short names inside. Of a library's module, names of
// other packages become addresses.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { packModel } from "./console/packing.js";
import { makeModel } from "./model.mjs";

const [source, packages, output] = process.argv.slice(2);
const console_ = join(output, "console");
const vendor = join(console_, "vendor");

// Each library's file, the name it gets, and what of it must be written otherwise; `large`: it is published for reading.
const LIBRARIES = [
	{ from: "preact/dist/preact.mjs", to: "preact.js" },
	{ from: "preact/hooks/dist/hooks.mjs", to: "hooks.js", imports: { preact: "./preact.js" } },
	{ from: "htm/dist/htm.mjs", to: "htm.js" },
	{ from: "uqr/dist/index.mjs", to: "uqr.js", large: true },
	// The module as it is published is not minified; the script is, and makes one name.
	{ from: "uplot/dist/uPlot.iife.min.js", to: "uplot.js", append: "export default uPlot;\n" },
	{ from: "uplot/dist/uPlot.min.css", to: "uplot.css" },
];

/** A module without comments, with short names inside. */
const shorten = async (text) => (await createRequire(join(resolve(packages), "package.json"))("terser").minify(text, { module: true })).code
	.replace(/\n\t+/g, "\n"); // templates of markup, where lines and their indentation are nothing

async function library({ from, to, imports = {}, append = "", large = false }) {
	let text = readFileSync(join(packages, "node_modules", from), "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
	for (const [name, address] of Object.entries(imports)) {
		const parts = text.split(`from"${name}"`);
		if (parts.length !== 2)
			throw new Error(`${from}: ${parts.length - 1} imports of ${name}`);
		text = parts.join(`from"${address}"`);
	}
	if (/\bfrom\s*"[^."]/.test(text))
		throw new Error(`${from} imports a package by its name`);
	writeFileSync(join(vendor, to), (large ? await shorten(text) : text.trimEnd()) + "\n" + append);
}

function licenses() {
	const names = [...new Set(LIBRARIES.map((one) => one.from.split("/")[0]))];
	const texts = names.map((name) => {
		const { version, license } = JSON.parse(readFileSync(join(packages, "node_modules", name, "package.json"), "utf8"));
		return `${name} ${version} (${license})\n\n${readFileSync(join(packages, "node_modules", name, "LICENSE"), "utf8").trim()}\n`;
	});
	writeFileSync(join(vendor, "LICENSES.txt"), texts.join(`\n${"-".repeat(100)}\n\n`));
}

/** What the libraries are made from stands beside the pages, for archives: nobody can read what is minified. */
const SOURCES = ["preact/src", "preact/hooks/src", "htm/src", "uplot/dist/uPlot.esm.js", "uqr/dist/index.mjs"];

function sources() {
	const folder = join(output, "sources");
	rmSync(folder, { recursive: true, force: true });
	for (const name of SOURCES)
		cpSync(join(packages, "node_modules", name), join(folder, name), { recursive: true, filter: (path) => !path.endsWith(".d.ts") });
}

/** What few views need, and fetch themselves. */
const LATER = ["make_model.js"];

/** Makes the console's own files small: comments, types and indentation are for who reads the source. */
async function shortenAll(folder) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		const text = () => readFileSync(path, "utf8");
		if (entry.isDirectory() && path !== vendor)
			await shortenAll(path);
		else if (entry.name.endsWith(".js"))
			writeFileSync(path, (await shorten(text())) + "\n");
		else if (entry.name.endsWith(".json"))
			writeFileSync(path, JSON.stringify(JSON.parse(text())));
		else if (entry.name.endsWith(".css"))
			writeFileSync(path, text().replace(/\/\*[^]*?\*\//g, "").replace(/\s*\n\s*/g, "\n").replace(/\s*([{},;])\s*/g, "$1").replace(/;}/g, "}").replace(/: /g, ":").trimStart());
	}
}

/** Every module that the first page needs is asked for at once, instead of one after the other as each is read. */
function preloads() {
	const files = (folder, prefix) => readdirSync(join(console_, folder)).filter((name) => name.endsWith(".js") && !LATER.includes(name)).sort()
		.map((name) => `<link rel="modulepreload" href="${prefix}${name}">`);
	const first = [...files(".", ""), ...["preact.js", "hooks.js", "htm.js"].map((name) => `<link rel="modulepreload" href="vendor/${name}">`)];
	const page = join(console_, "index.html");
	const text = readFileSync(page, "utf8");
	if (!text.includes("<!-- modules -->"))
		throw new Error("index.html has no place for its modules");
	writeFileSync(page, text.replace("<!-- modules -->", first.join("\n")));
}

rmSync(console_, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
cpSync(join(source, "web/console"), console_, { recursive: true, filter: (path) => !/\.d\.ts$|tsconfig/.test(path) });
// The explorer of the API makes the model of all operations, of the document that the server answers.
cpSync(join(source, "web/model.mjs"), join(console_, "make_model.js"));
await shortenAll(console_);
await Promise.all(LIBRARIES.map(library));
licenses();
sources();
preloads();
if (!existsSync(join(source, "docs/openapi.json")))
	throw new Error("docs/openapi.json is missing");
const { words, ...model } = packModel(makeModel(JSON.parse(readFileSync(join(source, "docs/openapi.json"), "utf8"))));
writeFileSync(join(console_, "model.json"), JSON.stringify(model));
writeFileSync(join(console_, "words.json"), JSON.stringify(words));
