// Takes a seat of a license, asks whether it is valid, keeps the seat and frees it: node client.mjs URL USER-KEY MACHINE
const [address, userKey, machineId] = process.argv.slice(2);

// The answer; a refusal throws its reason.
async function call(action) {
	const response = await fetch(`${address}/v1/license/${action}`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ userKey, machineId, clientId: "example" }),
		signal: AbortSignal.timeout(10_000),
	});
	const answer = await response.json().catch(() => ({}));
	if (!response.ok)
		throw new Error(answer.reason ?? `HTTP ${response.status}`);
	return answer;
}

let step = "activate";
try {
	const { license, activeClientCount, maxClientCount } = await call(step);
	console.log(`${license.licenseId}: ${activeClientCount} of ${maxClientCount} seats are taken`);
	for (step of ["validate", "heartbeat", "deactivate"]) {
		await call(step);
		console.log(`${step}: done`);
	}
} catch (error) {
	console.error(`${step}: ${error.cause?.message ?? error.message}`);
	process.exitCode = 1;
}
