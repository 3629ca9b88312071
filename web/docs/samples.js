// A call as a program in each of six languages. Every one runs as it stands and needs nothing but what comes with the
// language; credentials come from the environment, so that none stands in a source.

/**
 * @typedef {{ name: string, value: string, secret?: string }} Header a secret is the variable of the environment whose value
 *     stands behind `value`
 * @typedef {{ method: string, url: string, headers: Header[], body?: string }} Call
 */

/** @param {string} text in double quotes, as C#, Go, JavaScript and Python read it */
const doubleQuoted = (text) => JSON.stringify(text);

/** @param {string} text in single quotes, as a shell reads it */
const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {string} text in single quotes, as PHP reads it */
const phpQuoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/**
 * @param {Header} header
 * @param {(text: string) => string} quote
 * @param {string} join operator between two texts
 * @param {(variable: string) => string} read of a variable of the environment
 */
function valueOf(header, quote, join, read) {
	if (!header.secret)
		return quote(header.value);
	return header.value ? `${quote(header.value)}${join}${read(header.secret)}` : read(header.secret);
}

/** @param {Call} call */
function curl({ method, url, headers, body }) {
	const parts = [`curl ${shellQuoted(url)}`];
	if (method !== (body === undefined ? 'GET' : 'POST'))
		parts.push(`-X ${method}`);
	for (const { name, value, secret } of headers)
		parts.push(`-H ${secret ? `"${name}: ${value}$${secret}"` : shellQuoted(`${name}: ${value}`)}`);
	if (body !== undefined)
		parts.push(`--data-binary ${shellQuoted(body)}`);
	return parts.join(' \\\n  ');
}

/** @param {Call} call */
function php({ method, url, headers, body }) {
	const lines = headers.map((header) => {
		const line = { ...header, value: `${header.name}: ${header.value}` };
		return `        ${valueOf(line, phpQuoted, ' . ', (variable) => `getenv('${variable}')`)},`;
	});
	return ['<?php', "$context = stream_context_create(['http' => [", `    'method' => ${phpQuoted(method)},`, "    'header' => [", ...lines,
		'    ],', ...body === undefined ? [] : [`    'content' => ${phpQuoted(body)},`], "    'ignore_errors' => true,", ']]);',
		`$answer = file_get_contents(${phpQuoted(url)}, false, $context);`, 'echo $http_response_header[0], "\\n", $answer, "\\n";'].join('\n');
}

/** @param {string} text of several lines, in three quotes */
const pythonQuoted = (text) => text.includes('\n')
	? `"""${text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"').replace(/"$/, '\\"')}"""` : doubleQuoted(text);

/** @param {Call} call */
function python({ method, url, headers, body }) {
	const lines = headers.map((header) => `        ${doubleQuoted(header.name)}: ${
		valueOf(header, doubleQuoted, ' + ', (variable) => `os.environ["${variable}"]`)},`);
	return ['import os', 'import urllib.error', 'import urllib.request', '', 'call = urllib.request.Request(',
		`    ${doubleQuoted(url)},`, `    method=${doubleQuoted(method)},`, '    headers={', ...lines, '    },',
		...body === undefined ? [] : [`    data=${pythonQuoted(body)}.encode(),`], ')', 'try:',
		'    with urllib.request.urlopen(call) as answer:', '        print(answer.status, answer.read().decode())',
		'except urllib.error.HTTPError as error:', '    print(error.code, error.read().decode())'].join('\n');
}

/** @param {string} text */
const templateQuoted = (text) => text.includes('\n')
	? `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\`` : doubleQuoted(text);

/** @param {Call} call */
function javascript({ method, url, headers, body }) {
	const lines = headers.map((header) => `    ${doubleQuoted(header.name)}: ${
		valueOf(header, doubleQuoted, ' + ', (variable) => `process.env.${variable}`)},`);
	return [`const answer = await fetch(${doubleQuoted(url)}, {`, `  method: ${doubleQuoted(method)},`, '  headers: {', ...lines,
		'  },', ...body === undefined ? [] : [`  body: ${templateQuoted(body)},`], '});',
		'console.log(answer.status, await answer.text());'].join('\n');
}

/** @param {string} text as it stands between more quotes than it has itself */
function csharpQuoted(text) {
	if (!text.includes('\n'))
		return doubleQuoted(text);
	const longest = Math.max(0, ...[...text.matchAll(/"+/g)].map(([quotes]) => quotes.length));
	const quotes = '"'.repeat(Math.max(3, longest + 1));
	return `${quotes}\n${text}\n${quotes}`;
}

/** @param {string} method */
const methodName = (method) => method[0] + method.slice(1).toLowerCase();

/** @param {Call} call */
function csharp({ method, url, headers, body }) {
	const type = headers.find((header) => header.name === 'Content-Type');
	const lines = headers.filter((header) => header !== type).map((header) =>
		`call.Headers.TryAddWithoutValidation(${doubleQuoted(header.name)}, ${
			valueOf(header, doubleQuoted, ' + ', (variable) => `Environment.GetEnvironmentVariable("${variable}")`)});`);
	return ['using System.Text;', '', 'using var client = new HttpClient();',
		`var call = new HttpRequestMessage(HttpMethod.${methodName(method)}, ${doubleQuoted(url)});`, ...lines,
		...body === undefined ? [] : [
			`call.Content = new StringContent(${csharpQuoted(body)}, Encoding.UTF8, ${doubleQuoted(type?.value ?? '')});`],
		'using var answer = await client.SendAsync(call);',
		'Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");'].join('\n');
}

/** @param {string} text */
const goQuoted = (text) => text.includes('\n') && !text.includes('`') ? `\`${text}\`` : doubleQuoted(text);

/** @param {Call} call */
function go({ method, url, headers, body }) {
	const lines = headers.map((header) => `\tcall.Header.Set(${doubleQuoted(header.name)}, ${
		valueOf(header, doubleQuoted, '+', (variable) => `os.Getenv("${variable}")`)})`);
	const packages = ['fmt', 'io', 'log', 'net/http', ...headers.some((header) => header.secret) ? ['os'] : [],
		...body === undefined ? [] : ['strings']];
	return ['package main', '', 'import (', ...packages.map((name) => `\t"${name}"`), ')', '', 'func main() {',
		`\tcall, err := http.NewRequest(${doubleQuoted(method)}, ${doubleQuoted(url)}, ${
			body === undefined ? 'nil' : `strings.NewReader(${goQuoted(body)})`})`,
		'\tif err != nil {', '\t\tlog.Fatal(err)', '\t}', ...lines, '\tanswer, err := http.DefaultClient.Do(call)',
		'\tif err != nil {', '\t\tlog.Fatal(err)', '\t}', '\tdefer answer.Body.Close()', '\ttext, err := io.ReadAll(answer.Body)',
		'\tif err != nil {', '\t\tlog.Fatal(err)', '\t}', '\tfmt.Println(answer.StatusCode, string(text))', '}'].join('\n');
}

/** @type {{ name: string, title: string, print: (call: Call) => string }[]} */
export const LANGUAGES = [
	{ name: 'curl', title: 'curl', print: curl },
	{ name: 'php', title: 'PHP', print: php },
	{ name: 'python', title: 'Python', print: python },
	{ name: 'javascript', title: 'JavaScript', print: javascript },
	{ name: 'csharp', title: 'C#', print: csharp },
	{ name: 'go', title: 'Go', print: go },
];
