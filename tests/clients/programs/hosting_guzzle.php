<?php
// The same firm's newer program: Guzzle, its JSON option and its exceptions, and the key in the query.
//
//   php hosting_guzzle.php ADDRESS KEY

require_once 'GuzzleHttp/autoload.php';

use GuzzleHttp\Client;
use GuzzleHttp\Exception\ClientException;
use GuzzleHttp\Pool;

[, $address, $key] = $argv;
$client = new Client(['base_uri' => $address, 'query' => ['apiKey' => $key], 'timeout' => 60]);

function check(bool $right, string $what): void
{
	if (!$right)
		throw new Exception($what);
}

function read(Psr\Http\Message\ResponseInterface $response): mixed
{
	return json_decode((string)$response->getBody(), true, 512, JSON_THROW_ON_ERROR);
}

$mark = bin2hex(random_bytes(6));
$made = array_map(fn ($number) => read($client->post('/hosting/api/client', ['json' => [
	'username' => "guzzle-$mark-$number", 'emailAddress' => 'guzzle@example.org', 'passwordHash' => password_hash('correct horse', PASSWORD_BCRYPT, ['cost' => 6]),
]])), range(1, 5));

// Many at once, as batches do.
$ids = [];
$pool = new Pool($client, (function () use ($made, $client, $key) {
	foreach ($made as $account)
		yield fn () => $client->putAsync("/hosting/api/client/{$account['id']}", ['json' => ['company' => "Company {$account['id']}", 'emailAddress' => 'guzzle@example.org']]);
})(), ['concurrency' => 5, 'fulfilled' => function ($response) use (&$ids) { $ids[] = read($response)['id']; },
	'rejected' => fn ($reason) => throw $reason]);
$pool->promise()->wait();
sort($ids);
$wanted = array_column($made, 'id');
sort($wanted);
check($ids === $wanted, 'changed at once');

$response = $client->get("/hosting/api/client/{$made[0]['id']}");
check(read($response)['company'] === "Company {$made[0]['id']}", 'company');
check($client->get("/hosting/api/client/{$made[0]['id']}", ['headers' => ['If-None-Match' => $response->getHeaderLine('ETag')]])->getStatusCode() === 304, 'unchanged');

try {
	$client->post('/hosting/api/client', ['json' => ['username' => "guzzle-$mark-1", 'password' => 'x', 'emailAddress' => 'guzzle@example.org']]);
	throw new Exception('taken twice');
} catch (ClientException $refused) {
	check(isset(read($refused->getResponse())['message']), 'refused');
}
foreach ($made as $account)
	check($client->delete("/hosting/api/client/{$account['id']}")->getStatusCode() === 204, 'deleted');
echo "done\n";
