// Each family with the classes of @hey-api/openapi-ts, whose moments are Date and whose long numbers are bigint; objects
// are sent with all their members, as programs do that fill classes.
import { client } from './dates/client.gen.js'
import type { Auth } from './dates/client/index.js'
import { Credentials, Customers, DelegateGroups, Discovery, HealthAndMetrics, HostingAccounts, Licenses, Logs, OAuth2, Orders, Products, UsersAndKeys } from './dates/sdk.gen.js'
import type { LicensingCustomerInsert, LicensingLicenseInsert, LicensingOrderInsert, LicensingProductInsert, LicensingUserInsert } from './dates/types.gen.js'
import { AWKWARD, check, done, refused, same, setting, succeeded, unique } from './expect.js'

const NEVER = new Date('9999-12-31T23:59:59.999Z')
const DAY = new Date('1980-05-04T00:00:00Z')

client.setConfig({ baseUrl: setting('URL_BASE'), auth: auth => auth.type === 'apiKey' ? setting('KEY') : undefined })

interface Member { type?: string | string[], anyOf?: object[] }
interface Described { components: { schemas: Record<string, { properties: Record<string, Member> }> } }

const document = succeeded(await HealthAndMetrics.getOpenapi()) as unknown as Described

// An object as a class makes it: what may be null is null.
function built<Body>(schema: string, given: Body): Body {
	const described = document.components.schemas[schema]
	check(described !== undefined, `a schema ${schema}`)
	const made: Record<string, unknown> = {}
	for (const [name, member] of Object.entries(described.properties)) {
		if (member.anyOf !== undefined || member.type?.includes('null'))
			made[name] = null
	}
	return { ...made, ...given } as Body
}

async function discovery(): Promise<void> {
	const ClientCode = unique('till')
	const body = built('discovery.DTOHello.Insert', { ClientCode, ClientGroupId: setting('GROUP'), AppName: AWKWARD, AppVersion: '1' })
	const clients = succeeded(await Discovery.announceApplication({ body })).DTOClients
	const kept = succeeded(await Discovery.synchroniseApplications({ body: clients }))
	same(kept.DTOClients.length, clients.length, 'clients that were sent back')
	refused(await Discovery.announceApplication({ body: { ...body, ClientGroupId: 'none' } }), 400)
}

async function credentials(): Promise<void> {
	const ExpiresAt = new Date('2099-12-31T23:59:59.123Z')
	const body = built('credentials.ClientRequest.Insert', { Name: unique('dates').slice(0, 18), Secret: 'a long secret, is it', UserID: setting('USER_ID'), ExpiresAt })
	const id = succeeded(await Credentials.createApiClient({ body })).ResponseData.Detail.ID
	const path = { id }
	const { Secret, ...detail } = succeeded(await Credentials.getApiClient({ path })).ResponseData.Detail
	check(detail.ExpiresAt instanceof Date && Secret === null, 'a moment, and no secret')
	same(detail.ExpiresAt.getTime(), ExpiresAt.getTime(), 'the same moment')
	const changed = succeeded(await Credentials.updateApiClient({ path, body: { ...detail, Secret } })).ResponseData.Detail
	same(changed.ExpiresAt?.getTime(), ExpiresAt.getTime(), 'the same moment, sent back')
	succeeded(await Credentials.deleteApiClient({ path }))
	const gone = refused(await Credentials.getApiClient({ path }), 404)
	same(gone.Error.ErrorCode, 'NOT_FOUND', 'the word of the error')
}

async function delegates(): Promise<void> {
	const group = succeeded(await DelegateGroups.createDelegateGroup({ body: built('delegates.DelegateGroup.Insert', { name: AWKWARD }) }))
	const path = { delegateGroupId: group.id }
	const startDate = new Date('2026-10-25T00:30:00Z')
	const person = { clientId: Number(setting('PERSON')), startDate, expiryDate: NEVER }
	const joined = succeeded(await DelegateGroups.saveDelegateGroupClient({ path, body: person }))
	same(joined.startDate?.getTime(), startDate.getTime(), 'the same moment')
	const found = succeeded(await DelegateGroups.listDelegateGroupClients(
		{ path, query: { searchTerm: 'Zoë', searchColumns: ['firstName', 'clientId'], includeExpired: true } }))
	same(found.map(one => one.expiryDate?.getUTCFullYear()), [9999], 'an end that never comes')
	const again = succeeded(await DelegateGroups.saveDelegateGroupClient({ path, body: { ...person, ...found[0] } }))
	same(again.clientId, person.clientId, 'the same person')
	done(await DelegateGroups.deleteDelegateGroupClient({ path: { ...path, clientId: person.clientId } }))
	done(await DelegateGroups.deleteDelegateGroup({ path: { id: group.id } }))
}

async function hosting(): Promise<void> {
	const username = unique(AWKWARD)
	const account = built('hosting.Client.Insert', { username, password: 'the-right-passphrase-77', emailAddress: 'a@example.org', domainMaxCount: 1 })
	const { id: clientId } = succeeded(await HostingAccounts.createAccount({ body: account }))
	const path = { clientId }
	const read = succeeded(await HostingAccounts.getAccountByUsername({ path: { username } }))
	same(succeeded(await HostingAccounts.updateAccount({ path, body: read })), read, 'an account that was sent back')
	const body = built('hosting.Domain.Insert', { name: 'dates.example.org', consentResetBeforeDate: DAY })
	const domain = succeeded(await HostingAccounts.createAccountDomain({ path, body }))
	const place = { path: { ...path, domainId: domain.id } }
	const stored = succeeded(await HostingAccounts.getAccountDomain(place))
	same(stored.consentResetBeforeDate?.getTime(), DAY.getTime(), 'the same day')
	same(succeeded(await HostingAccounts.updateAccountDomain({ ...place, body: stored })), stored, 'a domain that was sent back')
	refused(await HostingAccounts.createAccountDomain({ path, body: { ...body, name: 'second.example.org' } }), 400)
	done(await HostingAccounts.deleteAccount({ path }))
}

async function licensing(): Promise<void> {
	const customer: LicensingCustomerInsert = built('licensing.Customer.Insert', { company: unique(AWKWARD) })
	const { customerId } = succeeded(await Customers.createCustomer({ body: { customer } }))
	const product: LicensingProductInsert = built('licensing.Product.Insert', { name: unique('product'), price: 7 * 1.1 })
	const { productId } = succeeded(await Products.createProduct({ body: { product } }))
	const order: LicensingOrderInsert = built('licensing.Order.Insert', { customerId, total: 7 * 1.1, paymentDate: new Date() })
	const { orderId } = succeeded(await Orders.createOrder({ body: { order } }))
	const license: LicensingLicenseInsert = built('licensing.License.Insert', { customerId, orderId, expireDate: NEVER, licenseeName: AWKWARD })
	const { licenseId } = succeeded(await Licenses.createLicense({ body: { license } }))
	const user: LicensingUserInsert = built('licensing.User.Insert', { userName: unique('user'), birthDate: DAY, roles: ['Customer'], settings: [{ name: 'a', value: 'b' }] })
	const { userId } = succeeded(await UsersAndKeys.createUser({ body: { user, password: 'the-right-passphrase-77' } }))
	check(customerId && productId && orderId && licenseId && userId, 'numbers')

	const read = succeeded(await Licenses.listLicenses({ query: { filter: `id = ${licenseId}` } }))
	same(read.totalLicensesCount, 1n, 'one license')
	const [one] = read.licenses
	check(one?.expireDate instanceof Date, 'a moment')
	same(one.expireDate.getTime(), NEVER.getTime(), 'it never ends')
	// A list may select members of parts too, so that each of them may be absent.
	const { assemblies, fields, features, restrictions, counters, ...rest } = one
	check(!assemblies && !fields && !features && !restrictions && !counters, 'what was not asked for')
	succeeded(await Licenses.updateLicense({ body: { license: rest } }))
	const [person] = succeeded(await UsersAndKeys.listUsers({ query: { filter: `id = "${userId}"`, include: 'settings' } })).users
	check(person?.birthDate instanceof Date, 'a moment')
	same(person.birthDate.getTime(), DAY.getTime(), 'the same day')
	const settings = person.settings?.map(one => ({ ...one, name: one.name ?? '' })) ?? null
	succeeded(await UsersAndKeys.updateUser({ body: { user: { ...person, settings } } }))
	const [same_person] = succeeded(await UsersAndKeys.listUsers({ query: { filter: `id = "${userId}"`, include: 'settings' } })).users
	same(same_person?.settings, person.settings, 'settings that were sent back')

	const rows = [{ ...license, licenseeName: unique('bulk') }, { ...license, customerId: -1 }]
	const bulk = succeeded(await Licenses.createLicenses({ body: rows, query: { mode: 'each', return: 'full' } }))
	same([bulk.rowsStored, bulk.rowsFailed], [1, 1], 'one of two')
	same(bulk.results.map(one => one.status), [201, 400], 'what became of each')
	const [first, second] = bulk.results
	check(first?.row?.expireDate instanceof Date, 'a moment')
	same(Object.keys(second?.errors ?? {}), ['[1].customerId'], 'where the error is')
	succeeded(await Licenses.deleteLicense({ path: { licenseId: first.row.id } }))

	const fault = refused(await Orders.createOrder({ body: { order: { ...order, customerId: -1 } } }), 400)
	same(Object.keys(fault.errors ?? {}), ['order.customerId'], 'where the error is')
	const entry = succeeded(await Logs.listLogEntries({ query: { take: 1 } })).logEntries[0]
	check(typeof entry?.id === 'bigint', 'a long number')
	succeeded(await Logs.deleteLogEntries({ query: { id: entry.id } }))

	succeeded(await Licenses.deleteLicense({ path: { licenseId } }))
	succeeded(await Orders.deleteOrder({ path: { orderId } }))
	succeeded(await Products.deleteProduct({ path: { productId } }))
	succeeded(await UsersAndKeys.deleteUser({ path: { userId } }))
	succeeded(await Customers.deleteCustomer({ path: { customerId } }))
}

async function oauth(): Promise<void> {
	const basic = { auth: (auth: Auth) => auth.scheme === 'basic' ? `${setting('CLIENT_ID')}:${setting('CLIENT_SECRET')}` : undefined }
	const tokens = succeeded(await OAuth2.requestToken({ ...basic, body: { grant_type: 'client_credentials' } }))
	check(tokens.expires_in > 0n, 'a long number')
	const told = succeeded(await OAuth2.introspectToken({ ...basic, body: { token: tokens.access_token } }))
	check(told.active && told.exp !== undefined && told.exp > 1_700_000_000n, 'a moment in seconds')
	succeeded(await OAuth2.revokeToken({ ...basic, body: { token: tokens.access_token } }))
	const made = succeeded(await OAuth2.registerClient({ auth: setting('INITIAL_TOKEN'), body: built('oauth.ClientMetadata.Insert', { client_name: AWKWARD }) }))
	const own = { auth: made.registration_access_token, path: { client_id: made.client_id } }
	const { client_id, client_secret, ...metadata } = succeeded(await OAuth2.getRegisteredClient(own))
	check(client_id === made.client_id && client_secret === undefined, 'itself, and no secret')
	const changed = succeeded(await OAuth2.replaceRegisteredClient({ ...own, body: { ...metadata, client_id } }))
	same(changed.client_name, AWKWARD, 'metadata that were sent back')
	done(await OAuth2.deleteRegisteredClient({ ...own, auth: changed.registration_access_token }))
}

for (const family of [discovery, credentials, delegates, hosting, licensing, oauth])
	await family()
