// A vendor's day with swagger-client, which reads the document when it runs: operations by their names, the tokens that the
// document says how to get, and errors as they are described. The document is OpenAPI 3.1 or 3.0.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import SwaggerClient from 'swagger-client'

const { URL_BASE, KEY, CLIENT_ID, CLIENT_SECRET, DOCUMENT } = process.env
const spec = JSON.parse(readFileSync(DOCUMENT, 'utf8'))
spec.servers = [{ url: URL_BASE }]
const unique = (stem) => `${stem}-${randomUUID().slice(0, 8)}`

const places = new Map(Object.entries(spec.paths).flatMap(([path, item]) =>
	Object.entries(item).map(([method, { operationId }]) => [operationId, ['paths', path, method]])))

// Following all references of so large a document takes a while: those of these operations are followed, at once, and before the
// first call, since the server closes connections that wait.
const OPERATIONS = ['createProduct', 'createLicenseTemplate', 'createCustomer', 'createLicense', 'listLicenses', 'updateLicense', 'getLicense',
	'activateLicense', 'listTokensOfLicense', 'deactivateLicense', 'deleteLicense', 'deleteLicenseTemplate', 'deleteProduct', 'deleteCustomer']
const used = {}
for (const operationId of OPERATIONS) {
	const [, path, method] = places.get(operationId) ?? assert.fail(operationId)
	used[path] = { ...used[path], [method]: spec.paths[path][method] }
}
const found = await SwaggerClient.resolveSubtree({ ...spec, paths: used }, ['paths'])
assert.deepEqual(found.errors, [])
const resolved = { ...spec, paths: found.spec }

const connect = (authorized) => (operationId, parameters = {}, requestBody = undefined) =>
	SwaggerClient.execute({ spec: resolved, operationId, parameters, requestBody, securities: { authorized } })

async function refused(call, status) {
	const fault = await call.then((answer) => assert.fail(`${answer.status} instead of ${status}`), (error) => error)
	assert.equal(fault.status, status)
	return fault.response.body
}

const admin = connect({ apiKey: KEY })
const { body: { productId } } = await admin('createProduct', {}, { product: { name: unique('product'), price: 9.5 } })
const { body: { templateId } } = await admin('createLicenseTemplate', {}, {
	licenseTemplate: { name: unique('template'), productId, licensingMode: 1, licenseType: 'Trial' } })
const { body: { customerId } } = await admin('createCustomer', {}, { customer: { company: unique('company') } })
const { body: { licenseId, userKey } } = await admin('createLicense', {}, { license: { templateId, customerId, licenseeName: 'Zoë' } })

const { body: { licenses, totalLicensesCount } } = await admin('listLicenses', { filter: `id = ${licenseId}`, include: 'customer,template' })
assert.equal(totalLicensesCount, 1)
assert.equal(licenses[0].customer.id, customerId)
assert.deepEqual([licenses[0].licensingMode, licenses[0].licenseType], [1, 'Trial'], 'what no caller has sent comes from the template')
await admin('updateLicense', {}, { license: { id: licenseId, description: 'changed' } })
const { body: { license } } = await admin('getLicense', { licenseId })
assert.deepEqual([license.description, license.licenseeName], ['changed', 'Zoë'])

// Programs of customers have no key but the license's own.
const program = connect({ userKey })
const machine = { userKey, machineId: unique('machine'), clientId: unique('client'), clientName: 'a client' }
const { body: activated } = await program('activateLicense', {}, machine)
assert.equal(activated.success, true)
assert.equal((await admin('listTokensOfLicense', { licenseId })).body.totalLicenseTokensCount, 1)
await program('deactivateLicense', {}, machine)

const missing = await refused(admin('createLicense', {}, { license: { customerId: 2147483647 } }), 400)
assert.deepEqual([missing.success, Object.keys(missing.errors)], [false, ['license.customerId']])
await refused(connect({})('listLicenses'), 401)

const { token_endpoint } = await (await fetch(`${URL_BASE}/.well-known/oauth-authorization-server`)).json()
const flow = spec.components.securitySchemes.oauth2.flows.clientCredentials
assert.equal(new URL(flow.tokenUrl, URL_BASE).pathname, new URL(token_endpoint).pathname)
const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: CLIENT_ID, client_secret: CLIENT_SECRET, scope: 'read' })
const token = await (await fetch(new URL(flow.tokenUrl, URL_BASE), { method: 'POST', body: form })).json()
const reader = connect({ oauth2: { token } })
assert.equal((await reader('listLicenses', { filter: `id = ${licenseId}` })).body.licenses.length, 1)
await refused(reader('updateLicense', {}, { license: { id: licenseId, description: 'mine' } }), 403)

await admin('deleteLicense', { licenseId })
await refused(admin('getLicense', { licenseId }), 404)
await admin('deleteLicenseTemplate', { templateId })
await admin('deleteProduct', { productId })
await admin('deleteCustomer', { customerId })
