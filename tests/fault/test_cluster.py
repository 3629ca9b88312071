"""Several pools on a Galera cluster: nodes that die or lose the others, conflicts, reads, revocation, migration."""

import collections
import contextlib
import http.client
import json
import re
import shutil
import signal
import threading
import time
import urllib.parse

import pytest

from harness.cluster import ClusterInstallation, make_whole
from harness.families import new_api_client, unique
from harness.installation import LONG, TOP, alive, wait_until
from harness.load import Writers, check_refusals, lost, together
from harness.random_cases import cases
from harness.revocations import FORM, NODE_SECONDS, Subject

ACCOUNTS = "/hosting/api/client"
BCRYPT = "$2y$10$" + "a" * 53
SILENCE = 60  # seconds, of database_read_timeout: nobody is to wait for it when a node goes
SECRETS = 300_000
TURNS = 5
GIVEN_UP = 15  # most 503 of some hundred calls that all change one row: five replays met a conflict each

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pools(cluster):
    """Pools on node 1 alone, on node 2 alone, and on all three."""
    made = []
    with contextlib.ExitStack() as stack:
        for numbers, workers in (([1], 4), ([2], 4), ([1, 2, 3], 6)):
            beside = made[0] if made else None
            made.append(stack.enter_context(ClusterInstallation(cluster, numbers, beside, workers=workers,
                                                                database_read_timeout=f"{SILENCE}s")))
        yield made
        for pool in made:  # whatever the nodes went through, none of them has lost anything
            assert "history of the database is not the one seen before" not in pool.log_file.read_text()


@pytest.fixture(autouse=True)
def whole(cluster, pools):
    """A test that fails takes none of the others with it."""
    make_whole(cluster, pools)


@pytest.fixture
def callers(pools):
    """Administrators at the first two pools."""
    return [pool.client(pool.admin_key) for pool in pools[:2]]


@pytest.fixture
def everywhere(pools):
    return pools[2]


# --- helpers ---


def conflicts(cluster):
    return sum(int(node.status(name)) for node in cluster.nodes for name in ("local_cert_failures", "local_bf_aborts"))


def until_in_conflict(cluster, what):
    """Turns of a trial, until the nodes had a conflict in one: a turn without any has tried nothing."""
    for turn in range(TURNS):
        before = conflicts(cluster)
        yield
        seen = conflicts(cluster) - before
        print(f"{what}, turn {turn + 1}: {seen} conflicts")
        if seen > 0:
            return
    pytest.fail(f"{what}: no conflict in {TURNS} turns")


def make_account(caller, **members):
    answer = caller.post(ACCOUNTS, {"username": unique("cluster"), "passwordHash": BCRYPT,
                                    "emailAddress": "cluster@example.org"} | members)
    assert answer.status == 201, answer
    return f"{ACCOUNTS}/{answer.json()['id']}"


def wait_calm(writers, calm=3):
    """Waits until writes have been acknowledged for some seconds without a refusal and without much waiting; returns the
    longest time without an acknowledgement."""
    moved = trouble = time.monotonic()
    end, acknowledged, refused, pause = trouble + LONG, writers.total, len(writers.refused), 0
    while (now := time.monotonic()) < trouble + calm:
        assert now < end, f"no calm within {LONG} s"
        if writers.total != acknowledged:
            acknowledged, moved = writers.total, now
        if len(writers.refused) != refused:
            refused, trouble = len(writers.refused), now
        pause = max(pause, now - moved)
        if now - moved > 0.5:
            trouble = now
        time.sleep(0.01)
    return pause


def check_all_stored(cluster, writers):
    """The nodes apply what the others wrote a moment later, but they do."""
    for node in cluster.nodes:
        wait_until(lambda node=node: lost(node, writers) == [], f"acknowledged rows on node {node.number}")


def shares(pool):
    """Workers connected to each node."""
    pool_state = json.loads(pool.cli("status", "--json", check=False).stdout)["pool"]
    return [host["connections"] for host in pool_state["databaseHosts"]]


def test_every_node_has_the_same_columns(cluster, pools):
    """What a migration puts together and executes reaches the other nodes, as what it states does."""
    columns = [node.sql("SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                        "'clientele' ORDER BY 1, 2") for node in cluster.nodes]
    assert ["report_property", "report_id", "bigint(20)"] in columns[0] and columns[0] == columns[1] == columns[2], pools


# --- nodes that go away ---


def test_a_node_is_killed_under_load(cluster, everywhere):
    victim = cluster.node(3)
    group = everywhere.create_group("killed")
    with Writers(everywhere, group) as writers:
        wait_until(lambda: writers.total > 200, "first writes")
        assert victim.connections() > 0
        victim.kill()
        pause = wait_calm(writers)
        victim.start_again()
        cluster.wait_whole()
        refused = len(writers.refused)
        writers.wait_more(200, "writes with the node back")
        # By themselves, one after the other, while callers write.
        wait_until(lambda: shares(everywhere) == [2, 2, 2], "connections spread as before")
        assert len(writers.refused) == refused
    check_refusals(writers)
    print(f"killed: {writers.total} acknowledged, {len(writers.refused)} refused, pause {pause:.1f} s")
    assert pause < SILENCE / 2
    check_all_stored(cluster, writers)


def test_a_node_loses_the_others(cluster, everywhere):
    """A node outside of the primary component accepts connections and refuses tables: pools leave it alone."""
    victim = cluster.node(3)
    group = everywhere.create_group("isolated")
    with Writers(everywhere, group) as writers:
        everywhere.pool.send_signal(signal.SIGHUP)
        wait_until(lambda: writers.total > 200 and victim.connections() > 0, "writes through the node")
        victim.isolate(True)
        pause = wait_calm(writers)
        assert victim.status("cluster_status") != "Primary"
        refused = len(writers.refused)
        old = everywhere.workers()
        everywhere.pool.send_signal(signal.SIGHUP)  # new workers meet the node first, some of them
        wait_until(lambda: not any(map(alive, old)), "end of the old workers")
        writers.wait_more(200, "writes through new workers")
        assert len(writers.refused) == refused
        victim.isolate(False)
        cluster.wait_whole()
        everywhere.pool.send_signal(signal.SIGHUP)
        wait_until(lambda: victim.connections() > 0, "use of the node that is back")
        writers.wait_more(200, "writes with the node back")
    check_refusals(writers)
    print(f"isolated: {writers.total} acknowledged, {len(writers.refused)} refused, pause {pause:.1f} s")
    assert pause < SILENCE / 2
    check_all_stored(cluster, writers)


# --- conflicts ---


@pytest.fixture
def secrets(cluster, pools):
    """Path of an API client's secrets, which are many."""
    made = pools[0].client(pools[0].admin_key).post("/api/v1/admin/clients", new_api_client(pools[0].admin_id)).json()
    client = made["ResponseData"]["Detail"]["ID"]
    cluster.node(1).sql(f"INSERT INTO api_client_secret (client_id, number, secret_hash) "
                        f"SELECT '{client}', 1000 + seq, '' FROM seq_1_to_{SECRETS}")
    yield f"/api/v1/admin/clients/{client}/secrets"
    cluster.node(2).sql("DELETE FROM api_client_secret WHERE ABS(number) > 1000")


def begin_list(pool, path):
    """A list of which the beginning has come."""
    connection = http.client.HTTPConnection("127.0.0.1", pool.port, timeout=LONG)
    connection.request("GET", path, headers={"x-api-key": pool.admin_key, "Accept": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return answer


def test_a_long_list_shows_one_state(cluster, pools, secrets):
    """Whatever another node changes meanwhile, in rows that have not been read yet as well."""
    answer = begin_list(pools[0], secrets)
    cluster.node(2).sql("DELETE FROM api_client_secret WHERE number BETWEEN 1001 AND 1100; "
                        "UPDATE api_client_secret SET number = -number WHERE number BETWEEN 1101 AND 1200")
    numbers = [int(number) for number in re.findall(rb'"Number":(-?\d+),', answer.read())]
    assert [number for number in numbers if abs(number) > 1000] == list(range(1000 + SECRETS, 1000, -1))


def test_a_node_is_killed_while_a_long_list_is_read(cluster, pools, secrets):
    """It breaks off, and goes on at no other node; from there, it is answered again from its beginning."""
    answer = begin_list(pools[0], secrets)
    cluster.node(1).kill()
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    whole = begin_list(pools[1], secrets).read()
    assert whole.count(b'"Number":') >= SECRETS


def test_changes_of_one_row_on_two_nodes(cluster, callers):
    """Each caller counts in a member of its own: no acknowledged count may be gone at the end."""
    path = make_account(callers[0])

    def count(caller, member):
        statuses, last = collections.Counter(), None
        for number in range(100):
            answer = caller.put(path, {member: str(number)})
            statuses[answer.status] += 1
            if answer.status == 200:
                last = str(number)
        return statuses, member, last

    for _ in until_in_conflict(cluster, "one row"):
        results = together(*[lambda caller=caller, member=member: count(caller, member)
                             for caller, member in zip(callers * 2, ("firstName", "lastName", "company"))])
        stored = callers[1].get(path).json()
        for statuses, member, last in results:
            assert set(statuses) <= {200, 503} and statuses[503] <= GIVEN_UP
            assert stored[member] == last


def test_changes_with_etags_on_two_nodes(cluster, callers):
    """A counter that is read and written back with If-Match: it ends at the number of acknowledged writes."""
    path = make_account(callers[0], company="0")
    statuses = collections.Counter()

    def count(caller):
        seen = collections.Counter()
        while seen.total() < 60:
            read = caller.get(path)
            assert read.status == 200, read
            answer = caller.put(path, {"company": str(int(read.json()["company"]) + 1)},
                                headers={"If-Match": read.headers["etag"]})
            seen[answer.status] += 1
        return seen

    for _ in until_in_conflict(cluster, "If-Match"):
        statuses.update(sum(together(*[lambda caller=caller: count(caller) for caller in callers * 2]),
                            collections.Counter()))
    assert set(statuses) == {200, 412}
    assert int(callers[0].get(path).json()["company"]) == statuses[200]


def test_hellos_of_one_client_on_two_nodes(cluster, pools, callers):
    group = pools[0].create_group("hellos")

    def greet(caller, name):
        statuses = collections.Counter()
        for number in range(100):
            answer = caller.post("/api/ClientHello", {
                "ClientCode": "one", "ClientGroupId": group, "AppName": name, "AppVersion": str(number)})
            statuses[answer.status] += 1
        return statuses

    for _ in until_in_conflict(cluster, "hellos"):
        greeted = together(*[lambda caller=caller, name=name: greet(caller, name)
                             for caller, name in zip(callers * 2, "ABCD")])
        statuses = sum(greeted, collections.Counter())
        assert set(statuses) <= {200, 503} and statuses[503] <= GIVEN_UP
    rows = pools[0].sql("SELECT app_version FROM discovery_client c JOIN discovery_group g ON g.id = c.group_id "
                        f"WHERE g.id = '{group}'")
    assert rows == [["99"]]


def take_last_places(callers, turns):
    """Accounts with room for three domains, six callers for each: what was seen, where more or less than three got a
    place, and answers that should not have been."""
    seen = collections.Counter()
    over, unexpected = [], []
    for turn in range(turns):
        path = make_account(callers[0], domainMaxCount=3)
        answers = together(*[lambda caller=caller, n=n: caller.post(f"{path}/domain", {"name": f"d{n}.example.org"})
                             for n, caller in enumerate(callers * 3)])
        statuses = collections.Counter(answer.status for answer in answers)
        seen += statuses
        unexpected += [(turn, f"node {n % 2 + 1}", answer, answer.log()) for n, answer in enumerate(answers)
                       if answer.status not in (201, 400)]
        count = callers[1].get(path).json()["domainCount"]
        if count != 3 or statuses[201] != 3:
            over.append((turn, count, statuses))
    return seen, over, unexpected


def test_last_places_on_two_nodes(cluster, callers):
    """An account with room for three domains gets three, whoever asks where."""
    for _ in until_in_conflict(cluster, "last places"):
        seen, over, unexpected = take_last_places(callers, 40)
    assert not over, f"{len(over)}: {over[:5]}"
    assert unexpected == []
    assert set(seen) == {201, 400}


def test_conflicts_while_statements_are_prepared(cluster, pools):
    """A worker at its first request prepares within the transaction, by which a node forgets to say that it has ended
    that transaction for another's. What came after was stored by itself, past all limits."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(ClusterInstallation(cluster, [number], pools[0], workers=4, max_requests=2))
                for number in (1, 2)]
        for _ in until_in_conflict(cluster, "prepared anew"):
            _, over, unexpected = take_last_places([pool.client(pool.admin_key) for pool in made], cases(120))
        assert not over, f"{len(over)}: {over[:5]}"
        assert unexpected == []


def test_synchronisations_of_one_group_on_two_nodes(cluster, pools, callers):
    """A list is the whole group: of two lists at once one is left, not the sum of both."""
    seen = collections.Counter()
    mixed = []

    def send(caller, group, letter):
        items = [{"ClientCode": f"{letter}-{n}", "ClientGroupsId": group, "AppName": "x", "AppVersion": "1"}
                 for n in range(3)]
        return caller.post("/api/ClientAddOrUpdateOrRemoveClients", items).status

    for _ in until_in_conflict(cluster, "lists"):
        for turn in range(40):
            group = pools[0].create_group(unique("lists"))
            seen.update(together(*[lambda caller=caller, letter=letter: send(caller, group, letter)
                                   for caller, letter in zip(callers, "ab")]))
            rows = pools[0].sql(f"SELECT client_code FROM discovery_client WHERE group_id = '{group}'")
            if len(rows) != 3 or len({code[0] for [code] in rows}) != 1:
                mixed.append((turn, sorted(code for [code] in rows)))
    assert not mixed, f"{len(mixed)}: {mixed[:5]}"
    assert set(seen) == {200}


def test_one_idempotency_key_on_two_nodes(cluster, callers):
    """The same POST at two pools at once makes one account, and both answer with it."""
    for _ in until_in_conflict(cluster, "idempotency"):
        for _ in range(40):
            name = unique("once")
            account = {"username": name, "passwordHash": BCRYPT, "emailAddress": "once@example.org"}
            answers = together(*[lambda caller=caller: caller.post(ACCOUNTS, account, headers={"Idempotency-Key": name})
                                 for caller in callers])
            assert [answer.status for answer in answers] == [201, 201], answers
            assert answers[0].json() == answers[1].json()


# --- reads, revocation, migration ---


def test_what_was_acknowledged_is_there_on_another_node(pools, callers):
    """Reads find it, changes change it, and its parts can be made."""
    stale, turns = collections.Counter(), 80
    group = pools[0].create_group("reads")
    with Writers(pools[0], group, count=3):
        for turn in range(turns):
            path = make_account(callers[0], domainMaxCount=1)
            stale["read"] += callers[1].get(path).status != 200
            path = make_account(callers[0], domainMaxCount=1)
            changed = callers[1].put(path, {"company": "changed"})
            stale["change"] += changed.status != 200 or changed.json()["company"] != "changed"
            path = make_account(callers[0], domainMaxCount=1)
            stale["part"] += callers[1].post(f"{path}/domain", {"name": "part.example.org"}).status != 201
            path = make_account(callers[0])
            stale["removal"] += callers[1].delete(path).status != 204
    print(f"stale of {turns} each: {dict(stale)}")
    assert sum(stale.values()) == 0


def test_revocation_reaches_other_nodes(pools, callers):
    """Every worker of the other pool has met the key; within a second none takes it any more."""
    late = []
    path = make_account(callers[0])
    for turn in range(3):
        name = unique("revoked")
        key = pools[0].create_key("admin", name=name)
        caller = pools[1].client(key)
        [[number]] = pools[0].sql(f"SELECT id FROM api_key WHERE name = '{name}'")
        together(*[lambda: [caller.get(path) for _ in range(20)]] * 8)
        time.sleep(0.3 * turn)  # at any time between two looks at the counter
        pools[0].cli("key", "revoke", number)
        revoked = time.monotonic()

        def last_use():
            last = 0
            while (sent := time.monotonic()) < revoked + 1.5:
                if caller.get(path).status == 200:
                    last = sent - revoked
            return last
        late.append(max(together(*[last_use] * 3)))
    print("revocation: last use after", ", ".join(f"{seconds:.2f} s" for seconds in late))
    assert max(late) <= NODE_SECONDS


def log_out_everywhere(pools, given_up=(), count=60):
    """On all pools at once, each with sessions of its own; all are refused everywhere within a second. What is answered
    with one of the statuses `given_up` is tried again."""
    tokens = []
    for pool in pools:
        subjects = [Subject(pool) for _ in range(count // 20)]
        tokens.append([(subject, subject.open()["access_token"]) for subject in subjects for _ in range(20)])
    time.sleep(1.5)  # what was written of their making

    def log_out(sessions):
        for subject, token in sessions:
            form = urllib.parse.urlencode({"token": token, "client_id": subject.client, "client_secret": subject.secret})
            while (answer := subject.installation.client().post("/oauth2/revoke", form, content_type=FORM)).status != 200:
                assert answer.status in given_up, answer

    yield  # now
    together(*[lambda sessions=sessions: log_out(sessions) for sessions in tokens])
    time.sleep(1)
    for pool in pools:
        for sessions in tokens:
            for _, token in sessions[::15]:
                assert pool.client().get("/v1/customers", headers={"Authorization": f"Bearer {token}"}).status == 401
    yield


def test_logouts_on_all_nodes_at_once(cluster, pools):
    """Each writes rows of its own: nothing is in conflict, as it is where the counter has to tell older programs."""
    steps = log_out_everywhere(pools)
    next(steps)
    before, begun = conflicts(cluster), time.monotonic()
    next(steps)
    seen, minutes = conflicts(cluster) - before, 1 + (time.monotonic() - begun) // 60
    print(f"logouts: {seen} conflicts")
    assert seen <= 2 * minutes  # all nodes write once a minute when the administrator's key was used
    pools[0].sql("UPDATE schema_version SET compatible_from = 0")
    try:
        for pool in pools:
            pool.pool.send_signal(signal.SIGHUP)  # new workers look at it
        for _ in until_in_conflict(cluster, "logouts that raise the counter"):
            steps = log_out_everywhere(pools, given_up=[503])  # five replays met a conflict each
            next(steps)
            next(steps)
    finally:
        pools[0].cli("migrate", "--newest-only", "--dir", TOP / "sql")


def test_two_administrators_on_two_nodes(cluster, pools, callers):
    """Each shuts the other one out, on a node of its own: one is told that it is the last."""
    admin, seen = pools[0].admin_id, collections.Counter()
    for _ in until_in_conflict(cluster, "administrators"):
        for _ in range(12):
            users = [callers[0].post("/v1/users", {"user": {"userName": unique("boss"), "roles": ["Administrator"]}})
                     .json()["userId"] for _ in range(2)]
            keys = [callers[0].post("/v1/api-keys", {"apiKey": {"name": "k", "ownerId": user}}).json()["apiKey"]
                    for user in users]
            pools[0].sql(f"UPDATE user SET enabled = FALSE WHERE id = '{admin}'")
            try:
                answers = together(*[
                    lambda pool=pool, key=key, user=user: pool.client(key).put(
                        "/v1/users", {"user": {"id": user, "enabled": False}})
                    for pool, key, user in zip(pools, keys, users[::-1])])
                left = pools[0].sql(f"SELECT COUNT(*) FROM user WHERE enabled AND id IN ('{users[0]}', '{users[1]}')")
            finally:
                pools[0].sql(f"UPDATE user SET enabled = TRUE WHERE id = '{admin}'; "
                             "UPDATE revocation SET counter = counter + 1")
            seen.update(answer.status for answer in answers)
            assert left != [["0"]], answers
            pools[0].sql(f"DELETE FROM user WHERE id IN ('{users[0]}', '{users[1]}')")
            time.sleep(1)  # nobody remembers that the administrator was shut out
    print(f"administrators: {dict(seen)}")
    assert set(seen) <= {200, 401, 409} and seen[200] >= 12


def test_a_new_key_on_all_nodes(cluster, pools):
    """The first run only stages the key; both nodes store secrets before, meanwhile and after, and all of them open."""
    first, second = pools[:2]
    files = [pool.state / "clientele.key" for pool in pools]
    options = ("--request-deadline=1s",)

    def store(pool):
        answer = pool.client(pool.admin_key).post("/v1/resources", {"resource": {
            "name": unique("key"), "type": "RSA", "password": unique("password"), "data": unique("data")}})
        assert answer.status == 200, answer

    def keys(path):
        return [line for line in path.read_text().splitlines() if not line.startswith("#")]

    store(first)
    said = first.cli(*options, "secret", "rotate", check=False)
    assert said.returncode == 0 and "Copy the file to all other nodes" in said.stderr
    assert [len(keys(path)) for path in files] == [2, 1, 1]
    store(second)
    for path in files[1:]:
        shutil.copy2(files[0], path)
    stop = threading.Event()

    def keep_storing():
        while not stop.is_set():
            store(second)

    writer = threading.Thread(target=keep_storing)
    writer.start()
    try:
        first.cli(*options, "secret", "rotate")
    finally:
        stop.set()
        writer.join()
    for path in files[1:]:
        shutil.copy2(files[0], path)
    assert [len(keys(path)) for path in files] == [1, 1, 1]
    store(first)
    store(second)
    for pool in (first, second):
        rows = json.loads(pool.cli("secret", "status", "--verify", "--json"))
        assert {row["state"] for row in rows} == {"active"} and len({row["key"] for row in rows}) == 1


def test_two_migrations_at_once(cluster):
    """Both succeed, and every file is applied once."""
    files = len(list((TOP / "sql").glob("*.sql")))
    programs = []
    try:
        for turn in range(2):
            name = f"migrated{turn}"
            cluster.node(1).sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", None)
            pair = [ClusterInstallation(cluster, [number], database_name=name, database_user="root", database_password="",
                                        migrate_user="", migrate_password="") for number in (1, 2)]
            programs += pair
            # Machines of one cluster have one key file: the later one would refuse to make another.
            pair[0].cli("secret", "init")
            shutil.copy2(pair[0].state / "clientele.key", pair[1].state / "clientele.key")
            outputs = together(*[lambda one=one: one.cli("migrate", "--dir", TOP / "sql") for one in pair])
            assert sum(output.count(": applied") for output in outputs) == files, outputs
            assert cluster.node(3).sql(f"SET wsrep_sync_wait = 15; SELECT COUNT(*) FROM {name}.schema_version", None) == [
                [str(files)]]
    finally:
        for program in programs:
            program.remove()
