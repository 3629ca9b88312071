// The running server's own document comes first, since it knows the paths that callers see; the one that was
// built with the page serves where there is no server behind it.
"use strict";

async function findDocument() {
	const own = new URL("../openapi.json", location.href).href;

	try {
		const answer = await fetch(own, { headers: { Accept: "application/json" } });
		if (answer.ok)
			return own;
	} catch {
		// No server: a page that is read from a disk.
	}
	return new URL("openapi.json", location.href).href;
}

findDocument().then((url) => {
	window.ui = SwaggerUIBundle({
		url,
		dom_id: "#reference",
		deepLinking: true,
		docExpansion: "none",
		filter: true,
		validatorUrl: null,
		presets: [SwaggerUIBundle.presets.apis],
	});
});
