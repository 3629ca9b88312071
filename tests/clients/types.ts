// Each family with the types of openapi-typescript and the calls of openapi-fetch: what the document says must be
// enough to write this, and right.
import createClient from 'openapi-fetch'
import type { components, paths } from './api.js'
import { AWKWARD, check, done, quoted, refused, same, setting, succeeded, unique } from './expect.js'

type Schemas = components['schemas']

const baseUrl = setting('URL_BASE')
const api = createClient<paths, 'application/json'>({ baseUrl, headers: { 'x-api-key': setting('KEY') } })
const stranger = createClient<paths, 'application/json'>({ baseUrl })

async function discovery(): Promise<void> {
	const ClientGroupId = setting('GROUP')
	const ClientCode = unique('till')
	const hello = { ClientCode, ClientGroupId, AppName: AWKWARD, AppVersion: '1', ClientIpAddress: null, ClientPort: null }
	const first = succeeded(await stranger.POST('/api/ClientHello', { body: hello }))
	const clients: Schemas['discovery.DTOClient'][] = first.DTOClients
	const made = clients.find(client => client.ClientCode === ClientCode)
	check(made !== undefined, 'the client is in its group')
	same(made.AppName, AWKWARD, 'the name comes back')
	same(made.ClientPort, null, 'a port that is null')

	// All that was read is sent back, and nothing else stays.
	const kept = succeeded(await stranger.POST('/api/ClientAddOrUpdateOrRemoveClients', { body: clients }))
	same(kept.DTOClients.map(client => client.Id).sort(), clients.map(client => client.Id).sort(), 'the same clients')

	const fault = refused(await stranger.POST('/api/ClientHello', { body: { ...hello, ClientCode: '' } }), 400)
	check(fault.Message !== '', 'a message')
}

async function credentials(): Promise<void> {
	const path = '/api/v1/admin/clients' as const
	const one = '/api/v1/admin/clients/{id}' as const
	const body = { Name: unique('typed').slice(0, 18), Secret: 'a long secret, is it', UserID: setting('USER_ID'), ExpiresAt: null, Scope: null }
	const made = succeeded(await api.POST(path, { body })).ResponseData.Detail
	const params = { path: { id: made.ID } }
	const listed = succeeded(await api.GET(path)).ResponseData.Detail
	check(listed.some(client => client.ID === made.ID), 'it is listed')

	const read = await api.GET(one, { params })
	const detail = succeeded(read).ResponseData.Detail
	same(detail.ExpiresAt, null, 'no end')
	const tag = read.response.headers.get('etag')
	check(tag !== null, 'an entity tag')
	const changed = succeeded(await api.PUT(one, { params: { ...params, header: { 'If-Match': tag } }, body: { ...detail, Enabled: false } }))
	same(changed.ResponseData.Detail.Enabled, false, 'it is disabled')
	const stale = refused(await api.PUT(one, { params: { ...params, header: { 'If-Match': tag } }, body: { Enabled: true } }), 412)
	same(stale.Error?.ErrorCode, 'STALE', 'the word of the error')

	const secret = succeeded(await api.POST('/api/v1/admin/clients/{id}/secrets', { params, body: { GraceSeconds: 60 } })).ResponseData.Detail
	same(succeeded(await api.GET('/api/v1/admin/clients/{id}/secrets', { params })).ResponseData.Detail.length, 2, 'two secrets')
	succeeded(await api.DELETE('/api/v1/admin/clients/{id}/secrets/{number}', { params: { path: { id: made.ID, number: secret.Number } } }))
	succeeded(await api.DELETE(one, { params }))
	const gone = refused(await api.GET(one, { params }), 404)
	same(gone.Error?.ErrorCode, 'NOT_FOUND', 'the word of the error')
	refused(await stranger.GET(path), 401)
}

async function delegates(): Promise<void> {
	const body = { name: AWKWARD, tenantId: null, address: null, phone: null, description: null, fundingSourceId: null, serviceTypeId: null,
		serviceTypeIds: [1, 2], locationId: null, securitySettings: null }
	const made = succeeded(await api.POST('/api/delegategroups', { body }))
	const path = { id: made.id }
	const group = succeeded(await api.GET('/api/delegategroups/{id}', { params: { path, query: { includeClientCount: true } } }))
	same([group.name, group.serviceTypeIds, group.numClients], [AWKWARD, [1, 2], 0], 'the group')

	const delegateGroupId = made.id
	const clientId = Number(setting('PERSON'))
	const joined = succeeded(await api.POST('/api/delegategroups/{delegateGroupId}/clients',
		{ params: { path: { delegateGroupId } }, body: { clientId, startDate: null, expiryDate: null } }))
	same(joined.clientId, clientId, 'the person')
	for (const [searchTerm, count] of [['Zoë', 1], [AWKWARD, 0]] as const) {
		const found = succeeded(await api.GET('/api/delegategroups/{delegateGroupId}/clients', { params: { path: { delegateGroupId },
			query: { searchTerm, searchColumns: ['firstName', 'lastName'], userDefinedFields: ['a b', 'c&d'], count: 10, offset: 0 } } }))
		same(found.length, count, `found by ${searchTerm}`)
	}
	done(await api.DELETE('/api/delegategroups/{delegateGroupId}/clients/{clientId}', { params: { path: { delegateGroupId, clientId } } }))
	done(await api.DELETE('/api/delegategroups/{id}', { params: { path } }))
	const fault = refused(await api.POST('/api/delegategroups', { body: { name: '' } }), 400)
	check(fault.message !== '', 'a message')
}

async function hosting(): Promise<void> {
	const username = unique('hoster')
	const body = { username: `${username} ${AWKWARD}`, password: 'the-right-passphrase-77', emailAddress: 'a@example.org', company: null, domainMaxCount: -1 }
	const made = succeeded(await api.POST('/hosting/api/client', { body }))
	const path = { clientId: made.id }
	const found = succeeded(await api.GET('/hosting/api/client/by-username/{username}', { params: { path: { username: body.username } } }))
	same(found.id, made.id, 'found by an awkward name')
	const all = succeeded(await api.GET('/hosting/api/client', { params: { query: { offset: 0, count: 1000 } } }))
	check(all.some(account => account.id === made.id), 'it is listed')
	const changed = succeeded(await api.PUT('/hosting/api/client/{clientId}', { params: { path }, body: { ...found, company: AWKWARD } }))
	same([changed.company, changed.username], [AWKWARD, body.username], 'sent back with one change')

	const domain = succeeded(await api.POST('/hosting/api/client/{clientId}/domain', { params: { path }, body: { name: 'www.example.org' } }))
	const place = { ...path, domainId: domain.id }
	const read = succeeded(await api.GET('/hosting/api/client/{clientId}/domain/{domainId}', { params: { path: place } }))
	const back = succeeded(await api.PUT('/hosting/api/client/{clientId}/domain/{domainId}', { params: { path: place }, body: read }))
	same(back, read, 'a domain that is sent back as it was read')
	same(succeeded(await api.GET('/hosting/api/client/{clientId}/domain', { params: { path } })).length, 1, 'one domain')
	const renewed = succeeded(await api.POST('/hosting/api/client/{clientId}/apiKey', { params: { path } }))
	check(typeof renewed.apiKey === 'string', 'a key')
	const taken = refused(await api.POST('/hosting/api/client', { body }), 409)
	check(taken.message !== '', 'a message')
	done(await api.DELETE('/hosting/api/client/{clientId}/domain/{domainId}', { params: { path: place } }))
	done(await api.DELETE('/hosting/api/client/{clientId}', { params: { path } }))
	refused(await api.GET('/hosting/api/client/{clientId}', { params: { path } }), 404)
}

async function pages(company: string): Promise<number> {
	let after: string | undefined
	const seen = new Set<number>()
	do {
		const filter = `company = ${quoted(company)}`
		const answer: Schemas['licensing.GetCustomersResponse'] = succeeded(await api.GET('/v1/customers', { params: { query: {
			filter, sort: 'lastName desc, id', take: 2, total: 'exact', select: 'id, lastName', ...(after === undefined ? {} : { after }) } } }))
		same(answer.totalCustomersCount, 5, 'all of them')
		for (const customer of answer.customers)
			seen.add(customer.id)
		after = answer.nextCursor
	} while (after !== undefined)
	return seen.size
}

async function licensing(): Promise<void> {
	const company = unique(AWKWARD)
	const ids: number[] = []
	for (const lastName of ['Müller', 'Muller', AWKWARD, null, '']) {
		const made = succeeded(await api.POST('/v1/customers', { body: { customer: { company, lastName, code: null, contacts: [{ lastName: 'x' }] } } }))
		check(made.customerId !== null, 'a number')
		ids.push(made.customerId)
	}
	same(await pages(company), 5, 'each of them once')

	const list = succeeded(await api.GET('/v1/customers', { params: { query: { filter: `id = ${ids[0]}`, include: '*' } } }))
	const customer = list.customers[0]
	check(customer !== undefined, 'the customer')
	succeeded(await api.PUT('/v1/customers', { body: { customer: { ...customer, notes: AWKWARD } } }))
	const again = succeeded(await api.GET('/v1/customers', { params: { query: { filter: `notes = ${quoted(AWKWARD)} and id = ${ids[0]}`, include: '*' } } }))
	same(again.customers[0]?.contacts, customer.contacts, 'contacts that were sent back')

	const product = succeeded(await api.POST('/v1/products', { body: { product: { name: unique('product'), price: 7.7, resellerPrice: null, code: null } } }))
	check(product.productId !== null, 'a number')
	const bought = succeeded(await api.GET('/v1/products', { params: { query: { filter: `id = ${product.productId}` } } })).products[0]
	check(bought !== undefined, 'the product')
	succeeded(await api.PUT('/v1/products', { body: { product: bought } }))
	const order = succeeded(await api.POST('/v1/orders', { body: { order: { customerId: ids[0] ?? 0, total: 15.4, paymentDate: null } } }))
	check(order.orderId !== null, 'a number')
	succeeded(await api.POST('/v1/orders/{orderId}/products/{productId}',
		{ params: { path: { orderId: order.orderId, productId: product.productId } }, body: { productOrder: { quantity: 2 } } }))

	const fault = refused(await api.POST('/v1/customers', { body: { customer: { company: 'x'.repeat(5000) } } }), 400)
	const code: number = fault.code
	same([fault.success, code, Object.keys(fault.errors ?? {})], [false, 3, ['customer.company']], 'a typed error')
	const syntax = refused(await api.GET('/v1/customers', { params: { query: { filter: 'company = ' } } }), 400)
	check(syntax.message !== '', 'a message')
	refused(await stranger.GET('/v1/customers'), 401)

	const used = refused(await api.DELETE('/v1/orders/{orderId}', { params: { path: { orderId: order.orderId } } }), 409)
	same(used.code, 10, 'the number of the error')
	succeeded(await api.DELETE('/v1/orders/{orderId}/products/{productId}', { params: { path: { orderId: order.orderId, productId: product.productId } } }))
	succeeded(await api.DELETE('/v1/orders/{orderId}', { params: { path: { orderId: order.orderId } } }))
	succeeded(await api.DELETE('/v1/products/{productId}', { params: { path: { productId: product.productId } } }))
	for (const customerId of ids)
		succeeded(await api.DELETE('/v1/customers/{customerId}', { params: { path: { customerId } } }))
}

async function oauth(): Promise<void> {
	const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded',
		Authorization: `Basic ${btoa(`${setting('CLIENT_ID')}:${setting('CLIENT_SECRET')}`)}` } }
	const tokens = succeeded(await stranger.POST('/oauth2/token', { ...form, body: { grant_type: 'client_credentials', scope: 'Sales' } }))
	const bearer = createClient<paths, 'application/json'>({ baseUrl, headers: { Authorization: `Bearer ${tokens.access_token}` } })
	succeeded(await bearer.GET('/v1/customers'))
	const told = succeeded(await stranger.POST('/oauth2/introspect', { ...form, body: { token: tokens.access_token } }))
	same([told.active, told.client_id], [true, setting('CLIENT_ID')], 'introspection')
	succeeded(await stranger.POST('/oauth2/revoke', { ...form, body: { token: tokens.access_token } }))
	refused(await bearer.GET('/v1/customers'), 401)
	const fault = refused(await stranger.POST('/oauth2/token', { ...form, body: { grant_type: 'nonsense' } }), 400)
	same(fault.error, 'unsupported_grant_type', 'the word of the error')

	const initial = createClient<paths, 'application/json'>({ baseUrl, headers: { Authorization: `Bearer ${setting('INITIAL_TOKEN')}` } })
	const registered = succeeded(await initial.POST('/oauth2/register', { body: { client_name: AWKWARD, scope: 'Sales read', contacts: null } }))
	const own = createClient<paths, 'application/json'>({ baseUrl, headers: { Authorization: `Bearer ${registered.registration_access_token}` } })
	const params = { path: { client_id: registered.client_id } }
	const read = succeeded(await own.GET('/oauth2/register/{client_id}', { params }))
	same(read.client_name, AWKWARD, 'its name')
	done(await own.DELETE('/oauth2/register/{client_id}', { params }))
}

for (const family of [discovery, credentials, delegates, hosting, licensing, oauth])
	await family()
