// A web shop's back end: Node.js and its fetch, by the documentation of the originals.
//
//   node everyday.mjs ADDRESS KEY
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const [address, key] = process.argv.slice(2);

async function call(method, path, body, headers = {}) {
	const answer = await fetch(address + path, {
		method, headers: { "x-api-key": key, ...(body && { "content-type": "application/json" }), ...headers }, body: body && JSON.stringify(body) });
	const text = await answer.text();
	return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
}

async function wanted(...request) {
	const answer = await call(...request);
	assert.ok(answer.status < 300, `${request[0]} ${request[1]}: ${answer.status} ${JSON.stringify(answer.body)}`);
	return answer.body;
}

// An order comes in: customer, order and license, as a shop has them; what it does not know is undefined or null.
const email = `${randomUUID()}@example.org`;
const { customerId, customerCode } = await wanted("POST", "/v1/customers", { customer: { company: "Shop", email, code: undefined, contacts: [] } });
assert.ok(customerCode);
const { productId } = await wanted("POST", "/v1/products", { product: { name: "Paint", price: 0.1 + 0.2 } });
const { orderId } = await wanted("POST", "/v1/orders", { order: { customerId, orderNumber: null, paymentDate: new Date().toISOString() } });
await wanted("POST", `/v1/orders/${orderId}/products/${productId}`, { productOrder: { quantity: 1, unitPrice: 0.3 } });
const licenses = await Promise.all([1, 2, 3].map(() => wanted("POST", "/v1/licenses", { license: { customerId, orderId, maxAllowedSites: 1, licensingMode: 1 } })));
assert.equal(new Set(licenses.map((one) => one.userKey)).size, 3);

// The customer's programs activate, each on its own computer, with the user key alone.
const { userKey } = licenses[0];
const program = (machineId) => ({ userKey, machineId, clientId: "Paint", clientName: "desk" });
const activate = (machineId) => fetch(`${address}/v1/license/activate`, {
	method: "POST", headers: { "content-type": "application/json-patch+json", accept: "text/plain" }, body: JSON.stringify(program(machineId)) });
const first = await activate("M-1");
assert.equal(first.status, 200);
const seat = await first.json();
assert.ok(seat.success && seat.licenseToken && seat.activeClientCount === 1 && seat.maxClientCount === 1, JSON.stringify(seat));
assert.ok((await activate("M-2")).status >= 400);
assert.equal((await activate("M-1")).status, 200);

// What the shop shows: found by the address of the customer, nothing by a quote that was meant to break out.
const filter = (text) => `/v1/customers?filter=${encodeURIComponent(text)}&include=*`;
assert.equal((await wanted("GET", filter(`Email = "${email}"`))).customers[0].id, customerId);
assert.equal((await call("GET", filter(`Email = "x" or "1" = "1`))).status, 400);
assert.equal((await wanted("GET", `/v1/customers/${customerId}/licenses`)).totalLicensesCount, 3);

// Two clerks at once: the second one is told.
const { body, headers } = await call("GET", `/v1/products/${productId}`);
const tag = { "if-match": headers.get("etag") };
await wanted("PUT", "/v1/products", { product: { ...body.product, description: "first" } }, tag);
assert.equal((await call("PUT", "/v1/products", { product: { ...body.product, description: "second" } }, tag)).status, 412);
console.log("done");
