<?php
// Takes a seat of a license, asks whether it is valid, keeps the seat and frees it: php client.php URL USER-KEY MACHINE
[, $address, $userKey, $machine] = $argv;

// The answer; a refusal throws its reason.
$call = function (string $action) use ($address, $userKey, $machine): array {
    $options = [
        'method' => 'POST',
        'header' => 'Content-Type: application/json',
        'content' => json_encode(['userKey' => $userKey, 'machineId' => $machine, 'clientId' => 'example']),
        'ignore_errors' => true, // refusals have a body, too
        'timeout' => 10,
    ];
    $body = @file_get_contents("$address/v1/license/$action", false, stream_context_create(['http' => $options]));
    $status = $http_response_header[0] ?? 'no answer of the license server';
    $answer = json_decode((string) $body, true) ?? [];
    if (!preg_match('#^HTTP/\S+ 200#', $status))
        throw new RuntimeException("$action: " . ($answer['reason'] ?? $status));
    return $answer;
};

try {
    $seat = $call('activate');
    echo "{$seat['license']['licenseId']}: $seat[activeClientCount] of $seat[maxClientCount] seats are taken\n";
    foreach (['validate', 'heartbeat', 'deactivate'] as $action) {
        $call($action);
        echo "$action: done\n";
    }
} catch (RuntimeException $refusal) {
    fwrite(STDERR, $refusal->getMessage() . "\n");
    exit(1);
}
