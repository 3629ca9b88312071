// Adds to the pages of /docs/ the reference in which calls can be tried, from the OpenAPI document.
//
//   node build.mjs SOURCE PAGES
//
// SOURCE is the folder docs of the source tree, PAGES the pages that pages.sh has made. Nothing in the result is loaded
// from another host.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [source, pages] = process.argv.slice(2);
const swagger = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const start = join(pages, "index.html");

mkdirSync(join(pages, "swagger-ui"), { recursive: true });
for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "LICENSE", "NOTICE"])
	cpSync(join(swagger, name), join(pages, "swagger-ui", name));
for (const name of ["reference.html", "reference.js"])
	cpSync(join(source, "web", name), join(pages, name));
writeFileSync(start, readFileSync(start, "utf8").replace("<h2>Reference</h2>\n<ul>", (heading) =>
	`${heading}\n<li><a href="reference.html">Reference of all operations, to read and to try</a></li>`));
