<?php
/*
 * The peer in PHP: PHP-FPM with a persistent connection of PDO, which puts parameters into statements by itself, as is
 * its default: one way to the database and back for each, where native ones would be prepared anew in each request. Key,
 * statement and JSON, and nothing else. Statements come from the environment, as for all peers.
 */

function connect(): PDO
{
    return new PDO('mysql:unix_socket=' . getenv('BENCH_DATABASE') . ';dbname=clientele;charset=utf8mb4', 'root', '', [
        PDO::ATTR_PERSISTENT => true,
        PDO::ATTR_EMULATE_PREPARES => true,
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
    ]);
}

function run(PDO $database, string $name, array $parameters): PDOStatement
{
    $statement = $database->prepare(getenv($name));
    $statement->execute($parameters);
    return $statement;
}

function answer(int $status, mixed $value): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
}

function main(): void
{
    $database = connect();
    $key = hash('sha256', $_SERVER['HTTP_X_API_KEY'] ?? '', true);
    $query = $_SERVER['QUERY_STRING'];

    if (run($database, 'BENCH_KEY', [$key])->fetch() === false) {
        answer(401, ['message' => 'The key is not known.']);
        return;
    }
    switch ($_SERVER['SCRIPT_NAME']) {
        case '/license':
            answer(200, run($database, 'BENCH_LICENSE', [$query])->fetch());
            break;
        case '/hosting':
            answer(200, run($database, 'BENCH_HOSTING', [$query])->fetch());
            break;
        case '/list':
            answer(200, run($database, 'BENCH_LIST', [])->fetchAll());
            break;
        case '/insert':
            $database->beginTransaction();
            run($database, 'BENCH_INSERT', [$query]);
            run($database, 'BENCH_ENTRY', [$query]);
            $database->commit();
            answer(200, ['code' => $query]);
            break;
        default:
            answer(404, ['message' => 'There is nothing here.']);
    }
}

main();
