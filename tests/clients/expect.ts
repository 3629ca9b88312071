// What the programs of typed clients have in common.

declare const process: { env: Record<string, string | undefined> }

export function setting(name: string): string {
	const value = process.env[name]
	if (value === undefined)
		throw new Error(`${name} is not set`)
	return value
}

export function check(holds: unknown, message: string): asserts holds {
	if (!holds)
		throw new Error(message)
}

export function same(found: unknown, expected: unknown, message: string): void {
	const texts = [found, expected].map(value => JSON.stringify(value, (_, part) => typeof part === 'bigint' ? `${part}n` : part))
	check(texts[0] === texts[1], `${message}: ${texts[0]} instead of ${texts[1]}`)
}

interface Result<Data, Fault> {
	data?: Data
	error?: Fault
	response?: Response
}

export function succeeded<Data, Fault>(result: Result<Data, Fault>): NonNullable<Data> {
	const told = `${result.response?.url} ${result.response?.status} ${JSON.stringify(result.error)}`
	check(result.response?.ok, told)
	check(result.data !== undefined && result.data !== null, `no data: ${told}`)
	return result.data
}

export function done<Fault>(result: { error?: Fault, response?: Response }): void {
	check(result.response?.status === 204, `${result.response?.status} ${JSON.stringify(result.error)}`)
}

export function refused<Data, Fault>(result: Result<Data, Fault>, status: number): NonNullable<Fault> {
	check(result.response?.status === status,
		`${result.response?.url} ${result.response?.status} instead of ${status}: ${JSON.stringify(result.error ?? result.data)}`)
	check(result.error !== undefined && result.error !== null, 'an error without a body')
	return result.error
}

export const unique = (stem: string): string => `${stem}-${Math.random().toString(36).slice(2, 10)}`

// A text in a condition.
export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

// What a query string, a path and a condition have to survive.
export const AWKWARD = 'Ä & b=1+1%2F?#"\u{1F642}'
