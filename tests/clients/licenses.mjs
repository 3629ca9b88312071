// Licenses of format 2 (JSON Web Signature, compact) with jose, by the key set that the service hands out.
import assert from 'node:assert/strict'
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify } from 'jose'

const { URL_BASE, KEY } = process.env
const headers = { 'x-api-key': KEY }
const KINDS = { Ed25519: 'EdDSA', EC: 'ES256', RSA: 'RS256' }

async function post(path, body) {
	const answer = await fetch(URL_BASE + path,
		{ method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) })
	assert.equal(answer.status, 200, await answer.clone().text())
	return await answer.json()
}

async function makeLicense(algorithm) {
	const name = `jose ${algorithm}`
	const { signingKeyId, keyId } = await post('/v1/signing-keys', { signingKey: { name, algorithm } })
	const { licenseKey, licenseKeyId } = await post('/v1/licenses', { license: {
		format: 2, signingKeyId, product: { id: 'TILL', name: 'Till' }, expireDate: '2037-01-31T12:00:00Z' } })
	return { licenseKey, licenseKeyId, keyId }
}

// The same text but for one character, which stands for other bits.
function change(text, at) {
	const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
	return text.slice(0, at) + letters[(letters.indexOf(text[at]) + 32) % 64] + text.slice(at + 1)
}

const made = {}
for (const algorithm of Object.keys(KINDS))
	made[algorithm] = await makeLicense(algorithm)
const place = new URL(`${URL_BASE}/v1/signing-keys/jwks`)
const answer = await fetch(place, { headers })
assert.match(answer.headers.get('content-type'), /^application\/jwk-set\+json/)
const keys = await answer.json()
const known = createLocalJWKSet(keys), asked = createRemoteJWKSet(place, { headers })

for (const [algorithm, { licenseKey, licenseKeyId, keyId }] of Object.entries(made)) {
	assert.equal(await calculateJwkThumbprint(keys.keys.find(({ kid }) => kid === keyId)), keyId)
	for (const set of [known, asked]) {
		const { payload, protectedHeader } = await compactVerify(licenseKey, set)
		assert.deepEqual(protectedHeader, { alg: KINDS[algorithm], typ: 'license+jwt', kid: keyId })
		assert.equal(JSON.parse(new TextDecoder().decode(payload)).license.id, licenseKeyId)
	}
	// As a JSON Web Token, too: subject and times are claims of RFC 7519.
	const { payload } = await jwtVerify(licenseKey, known, {
		typ: 'license+jwt', subject: licenseKeyId, algorithms: [KINDS[algorithm]] })
	assert.equal(payload.exp, Date.UTC(2037, 0, 31, 12) / 1000)
	await assert.rejects(
		jwtVerify(licenseKey, known, { currentDate: new Date(Date.UTC(2037, 0, 31, 12, 1)) }), errors.JWTExpired)
	// One changed byte, in each of the three parts.
	const [header, body] = licenseKey.split('.')
	for (const at of [20, header.length + 20, header.length + body.length + 20])
		await assert.rejects(compactVerify(change(licenseKey, at), known), errors.JOSEError)
	// By the key of somebody else.
	const others = createLocalJWKSet({ keys: keys.keys.filter(({ kid }) => kid !== keyId) })
	await assert.rejects(compactVerify(licenseKey, others), errors.JWKSNoMatchingKey)
}
