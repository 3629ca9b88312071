// The whole life of tokens with oauth4webapi, which holds answers against the RFCs strictly.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'

const { URL_BASE, CLIENT_ID, CLIENT_SECRET, USER_NAME, USER_PASSWORD, INITIAL_TOKEN } = process.env
const insecure = { [oauth.allowInsecureRequests]: true } // plain HTTP on the loopback address
const issuer = new URL(URL_BASE)

const server = await oauth.processDiscoveryResponse(
	issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))

async function call(token) {
	const answer = await fetch(`${URL_BASE}/v1/customers?take=1`, { headers: { authorization: `Bearer ${token}` } })
	await answer.arrayBuffer()
	return answer.status
}

async function check(client, authentication, tokens) {
	assert.equal(tokens.token_type, 'bearer')
	assert.equal(tokens.scope, 'Sales read')
	assert.equal(await call(tokens.access_token), 200)
	const told = await oauth.processIntrospectionResponse(server, client,
		await oauth.introspectionRequest(server, client, authentication, tokens.access_token, insecure))
	assert.equal(told.active, true)
	assert.equal(told.client_id, client.client_id)
}

async function revoke(client, authentication, token) {
	await oauth.processRevocationResponse(
		await oauth.revocationRequest(server, client, authentication, token, insecure))
}

// A program of its own: it asks again when its token ends, so it gets none to refresh (RFC 6749, 4.4.3).
async function live(client, authentication) {
	const tokens = await oauth.processClientCredentialsResponse(server, client,
		await oauth.clientCredentialsGrantRequest(server, client, authentication, { scope: 'Sales read' }, insecure))
	await check(client, authentication, tokens)
	assert.equal(tokens.refresh_token, undefined)
	await revoke(client, authentication, tokens.access_token)
	assert.equal(await call(tokens.access_token), 401)
}

// A person at a program.
async function liveForUser(client, authentication) {
	const refresh = async token => oauth.processRefreshTokenResponse(server, client,
		await oauth.refreshTokenGrantRequest(server, client, authentication, token, insecure))
	const first = await oauth.processGenericTokenEndpointResponse(server, client,
		await oauth.genericTokenEndpointRequest(server, client, authentication, 'password',
			{ username: USER_NAME, password: USER_PASSWORD, scope: 'Sales read' }, insecure))
	await check(client, authentication, first)

	const tokens = await refresh(first.refresh_token)
	await check(client, authentication, tokens)
	assert.notEqual(tokens.access_token, first.access_token)
	assert.notEqual(tokens.refresh_token, first.refresh_token)

	await revoke(client, authentication, tokens.refresh_token)
	assert.equal(await call(tokens.access_token), 401)
	assert.equal(await call(first.access_token), 401)
	await assert.rejects(() => refresh(tokens.refresh_token),
		{ name: 'ResponseBodyError', error: 'invalid_grant', status: 400 })
}

const client = { client_id: CLIENT_ID }
for (const authentication of [oauth.ClientSecretBasic(CLIENT_SECRET), oauth.ClientSecretPost(CLIENT_SECRET)]) {
	await live(client, authentication)
	await liveForUser(client, authentication)
}

await assert.rejects(async () => oauth.processClientCredentialsResponse(server, client,
	await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic('wrong'), {}, insecure)),
{ name: 'WWWAuthenticateChallengeError', status: 401 })

const registered = await oauth.processDynamicClientRegistrationResponse(
	await oauth.dynamicClientRegistrationRequest(server, { client_name: 'A registered client', scope: 'Sales read' },
		{ initialAccessToken: INITIAL_TOKEN, ...insecure }))
await live({ client_id: registered.client_id }, oauth.ClientSecretBasic(registered.client_secret))
