// Makes the pages of /docs/: the reference from the OpenAPI document, the guides from Markdown.
//
//   node build.mjs SOURCE OUTPUT
//
// SOURCE is the folder docs of the source tree, OUTPUT the folder to be filled. Nothing in the result is loaded
// from another host.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Marked } from "marked";

const [source, output] = process.argv.slice(2);
const swagger = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const start = readFileSync(join(source, "index.html"), "utf8");
const style = /<style>([^]*?)<\/style>/.exec(start)[1];

const escape = (text) =>
	String(text).replace(/[&<>"]/g, (found) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[found]);

const slug = (text) =>
	text.toLowerCase().replace(/<[^>]*>|&\w+;/g, "").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");

// Headings can be linked to; links between Markdown files become links between pages.
const markdown = new Marked({
	renderer: {
		heading({ tokens, depth }) {
			const text = this.parser.parseInline(tokens);
			return `<h${depth} id="${slug(text)}">${text}</h${depth}>\n`;
		},
	},
	walkTokens(token) {
		if (token.type === "link")
			token.href = token.href.replace(/^(?:\.\.?\/)?(?:guide\/)?([\w-]+)\.md(?=#|$)/, "$1.html");
	},
});

const page = (title, body) => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} – Clientele</title>
<style>${style}
pre { background: #f3f3f3; padding: .6rem; overflow-x: auto; }
pre code { padding: 0; }
</style>
</head>
<body>
<p><a href="./">Clientele</a> · <a href="reference.html">Reference</a></p>
${body}
</body>
</html>
`;

function convert(file) {
	const text = readFileSync(file, "utf8");
	const title = /^# (.+)$/m.exec(text)?.[1] ?? basename(file, ".md");

	writeFileSync(join(output, `${basename(file, ".md")}.html`), page(title, markdown.parse(text)));
	return [`${basename(file, ".md")}.html`, title];
}

function convertAll() {
	const guides = join(source, "guide");
	const files = ["api.md", "query-language.md", "operations.md"].map((name) => join(source, name));

	return [...readdirSync(guides).sort().map((name) => join(guides, name)), ...files]
		.filter((file) => file.endsWith(".md") && existsSync(file)).map(convert);
}

function reference() {
	for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "LICENSE", "NOTICE"])
		cpSync(join(swagger, name), join(output, "swagger-ui", name));
	cpSync(join(source, "web/reference.html"), join(output, "reference.html"));
	cpSync(join(source, "web/reference.js"), join(output, "reference.js"));
	cpSync(join(source, "openapi.json"), join(output, "openapi.json"));
}

mkdirSync(join(output, "swagger-ui"), { recursive: true });
reference();
const links = [["reference.html", "Reference of all operations, to read and to try"], ...convertAll()]
	.map(([name, title]) => `<li><a href="${name}">${escape(title)}</a></li>`);
writeFileSync(join(output, "index.html"),
	start.replace("</body>", () => `<h2>Read on</h2>\n<ul>\n${links.join("\n")}\n</ul>\n</body>`));
