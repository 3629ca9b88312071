// A class for each family, whose moments are Date and whose long numbers are bigint, as typed clients have them.
export default {
	input: 'openapi.json',
	output: { path: 'dates', module: { extension: '.js' } },
	plugins: [
		'@hey-api/client-fetch',
		'@hey-api/typescript',
		{ name: '@hey-api/transformers', dates: true, bigInt: true },
		{ name: '@hey-api/sdk', operations: { strategy: 'byTags' }, transformer: true },
	],
}
