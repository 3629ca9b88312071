// The same with simple-oauth2, as many programs use it.
import assert from 'node:assert/strict'
import { ClientCredentials, ResourceOwnerPassword } from 'simple-oauth2'

const { URL_BASE, CLIENT_ID, CLIENT_SECRET, USER_NAME, USER_PASSWORD } = process.env

async function call(token) {
	const answer = await fetch(`${URL_BASE}/v1/customers?take=1`, { headers: { authorization: `Bearer ${token}` } })
	await answer.arrayBuffer()
	return answer.status
}

for (const authorizationMethod of ['header', 'body']) {
	const configuration = {
		client: { id: CLIENT_ID, secret: CLIENT_SECRET },
		auth: { tokenHost: URL_BASE, tokenPath: '/oauth2/token', revokePath: '/oauth2/revoke' },
		options: { authorizationMethod },
	}
	const ways = [
		() => new ClientCredentials(configuration).getToken({ scope: 'Sales' }),
		() => new ResourceOwnerPassword(configuration).getToken({ username: USER_NAME, password: USER_PASSWORD }),
	]
	for (const [number, getToken] of ways.entries()) {
		let token = await getToken()
		assert.equal(token.expired(), false)
		assert.equal(await call(token.token.access_token), 200)
		if (number === 1) { // this library refreshes what people got, not what programs got
			const first = token
			token = await first.refresh()
			assert.notEqual(token.token.access_token, first.token.access_token)
			assert.equal(await call(token.token.access_token), 200)
			await token.revokeAll()
		} else {
			await token.revoke('access_token')
		}
		assert.equal(await call(token.token.access_token), 401)
	}
	const wrong = { ...configuration, client: { id: CLIENT_ID, secret: 'wrong' } }
	await assert.rejects(new ClientCredentials(wrong).getToken({}), (fault) => {
		assert.equal(fault.output.statusCode, 401)
		assert.equal(fault.data.payload.error, 'invalid_client')
		return true
	})
}
