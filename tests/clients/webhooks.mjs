// Webhooks with the library of Standard Webhooks: what the service delivers is verified, what was changed is not.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'

const { URL_BASE, KEY } = process.env

async function post(path, body) {
	const answer = await fetch(URL_BASE + path, { method: 'POST', headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
		body: body && JSON.stringify(body) })
	assert.equal(answer.status, 200, await answer.clone().text())
	return await answer.json()
}

let take
const server = createServer((request, response) => {
	const parts = []
	request.on('data', (part) => parts.push(part))
	request.on('end', () => {
		response.end()
		take({ headers: request.headers, body: Buffer.concat(parts).toString() })
	})
})
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))

// What comes next after a call.
async function deliver(call) {
	const delivered = new Promise((taken) => { take = taken })
	await call()
	return await delivered
}

function refuses(secret, { headers, body }) {
	assert.throws(() => new Webhook(secret).verify(body, headers), WebhookVerificationError)
}

const url = `http://127.0.0.1:${server.address().port}/hook`
const { webhookId, secret } = await post('/v1/webhooks', { webhook: { url, events: ['product.*'] } })
const event = await deliver(() => post('/v1/products', { product: { name: 'Till' } }))
const verified = new Webhook(secret).verify(event.body, event.headers)
assert.equal(verified.type, 'product.created')
assert.equal(verified.data.name, 'Till')

refuses(secret, { ...event, body: event.body.replace('Till', 'Bill') })
refuses(secret, { ...event, headers: { ...event.headers, 'webhook-id': 'msg_another' } })
const late = Number(event.headers['webhook-timestamp']) - 600
refuses(secret, { ...event, headers: { ...event.headers, 'webhook-timestamp': String(late) } })
refuses('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', event)

// While a secret is being replaced, the receivers of both believe.
const rotated = await post(`/v1/webhooks/${webhookId}/rotate`)
const tested = await deliver(() => post(`/v1/webhooks/${webhookId}/test`))
for (const one of [secret, rotated.secret])
	assert.equal(new Webhook(one).verify(tested.body, tested.headers).type, 'webhook.test')
server.close()
server.closeAllConnections()
