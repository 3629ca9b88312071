<?php
// A day of a hosting firm's customer area: PHP and its curl, requests signed by Hawk as the documentation of the original says. Of this
// service it knows the address, a key and the shared secret.
//
//   php hosting.php ADDRESS KEY SECRET

[, $address, $key, $secret] = $argv;

function check(bool $right, string $what): void
{
	if (!$right)
		throw new Exception($what);
}

function hawk(string $method, string $url, string $body): string
{
	global $key, $secret;
	$derived = hash_pbkdf2('sha256', $secret, 'hawk', 500, 16, true);
	$parts = parse_url($url);
	[$time, $nonce] = [time(), bin2hex(random_bytes(16))];
	$hash = base64_encode(hash('sha256', "hawk.1.payload\napplication/json\n$body\n", true));
	$resource = $parts['path'] . (isset($parts['query']) ? "?{$parts['query']}" : '');
	$text = "hawk.1.header\n$time\n$nonce\n$method\n$resource\n{$parts['host']}\n{$parts['port']}\n$hash\n\n";
	$mac = base64_encode(hash_hmac('sha256', $text, $derived, true));
	return "Authorization: Hawk id=\"$key\", ts=\"$time\", nonce=\"$nonce\", hash=\"$hash\", mac=\"$mac\"";
}

/** Status and decoded body. */
function call(string $method, string $path, ?array $body = null, bool $signed = true): array
{
	global $address, $key;
	$url = "$address$path?apiKey=$key";
	$text = $body === null ? '' : json_encode($body);
	$curl = curl_init($url);
	curl_setopt_array($curl, [CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 60,
		CURLOPT_HTTPHEADER => ['Content-Type: application/json', ...($signed ? [hawk($method, $url, $text)] : [])]]);
	if ($text !== '')
		curl_setopt($curl, CURLOPT_POSTFIELDS, $text);
	$answer = curl_exec($curl);
	check($answer !== false, curl_error($curl));
	return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $answer === '' ? null : json_decode($answer, true, 512, JSON_THROW_ON_ERROR)];
}

function wanted(int $status, array $answer): mixed
{
	check($answer[0] === $status, "$status was expected: " . json_encode($answer));
	return $answer[1];
}

const BASE = '/hosting/api/client';
$name = 'müller-' . bin2hex(random_bytes(6));
wanted(401, call('GET', BASE, null, false));

// An array without members is a list in PHP's JSON; what was not filled in is null.
$account = wanted(201, call('POST', BASE, ['username' => $name, 'password' => 'correct horse', 'emailAddress' => "$name@example.org", 'active' => true,
	'firstName' => null, 'company' => '', 'domainMaxCount' => 2, 'features' => []]));
check($account['username'] === $name && !isset($account['password']) && $account['features']['canUseIAB'] === true, 'account');
$one = BASE . "/{$account['id']}";
check(call('POST', BASE, ['username' => $name, 'password' => 'p', 'emailAddress' => 'a@example.org'])[0] >= 400, 'a name is taken once');
wanted(400, call('POST', BASE, ['username' => "$name-2", 'password' => 'p', 'emailAddress' => 'no address']));

$domain = wanted(201, call('POST', "$one/domain", ['name' => 'https://www.example.org/shop/']));
check($domain['name'] === 'www.example.org' && str_starts_with($domain['path'], '/shop'), 'domain');
wanted(201, call('POST', "$one/domain", ['name' => 'www.example.net']));
wanted(400, call('POST', "$one/domain", ['name' => 'www.example.com']));
check(wanted(200, call('PUT', "$one/domain/{$domain['id']}", ['country' => 'DE']))['country'] === 'DE', 'country');
check(count(wanted(200, call('GET', "$one/domain"))) === 2, 'domains');

// What was read goes back as it is, with another company.
$read = wanted(200, call('GET', $one));
check($read['domainCount'] === 2, 'number of domains');
$read['company'] = 'Müller & Söhne';
check(wanted(200, call('PUT', $one, $read))['company'] === 'Müller & Söhne', 'company');
check(wanted(200, call('PUT', $one, ['emailAddress' => "$name@example.net"]))['company'] === 'Müller & Söhne', 'what is not sent stays');

check(wanted(200, call('GET', BASE . '/by-username/' . rawurlencode($name)))['id'] === $account['id'], 'by name');
check(wanted(200, call('GET', '/hosting/api/clientgetid/' . rawurlencode("$name@example.net")))['id'] === $account['id'], 'by address');
wanted(404, call('GET', BASE . '/by-username/nobody-' . rawurlencode($name)));
$own = array_values(array_filter(wanted(200, call('GET', BASE)), fn ($listed) => $listed['id'] === $account['id']));
check(count($own) === 1 && count($own[0]['domainCountData']) === 2 && is_int($own[0]['actualCallCount']), 'list');
check($own[0]['domainCountData'][0] === ['domName' => $own[0]['domainCountData'][0]['domName'], 'count' => 0], 'calls of a domain');

check(!isset($read['passwordHash']), 'a hash is taken, and shown to nobody');
wanted(204, call('DELETE', "$one/domain/{$domain['id']}"));
wanted(204, call('DELETE', $one));
wanted(404, call('GET', $one));
echo "done\n";
