/*
 * The peer in JavaScript: Fastify and the mariadb connector, one process for each processor. Key, statement and JSON,
 * and nothing else. Statements come from the environment, as for all peers.
 */
import cluster from "node:cluster";
import { createHash } from "node:crypto";
import { unlinkSync } from "node:fs";
import { availableParallelism } from "node:os";

import Fastify from "fastify";
import mariadb from "mariadb";

const { BENCH_LISTEN, BENCH_DATABASE, BENCH_CONNECTIONS } = process.env;
const SQL = Object.fromEntries(
  ["KEY", "LICENSE", "HOSTING", "LIST", "INSERT", "ENTRY"].map((name) => [name, process.env[`BENCH_${name}`]]));

function serve(processes) {
  const pool = mariadb.createPool({
    socketPath: BENCH_DATABASE, user: "root", database: "clientele", dateStrings: true, insertIdAsNumber: true, bigIntAsNumber: true,
    decimalAsNumber: true,
    connectionLimit: Math.max(1, Math.floor(Number(BENCH_CONNECTIONS) / processes)),
  });
  const app = Fastify({ logger: false });
  const one = async (sql, values) => (await pool.execute(sql, values))[0];
  const query = (request) => request.raw.url.slice(request.raw.url.indexOf("?") + 1);

  app.addHook("onRequest", async (request, reply) => {
    const key = createHash("sha256").update(request.headers["x-api-key"] ?? "").digest();
    if (!(await one(SQL.KEY, [key])))
      return reply.code(401).send({ message: "The key is not known." });
  });
  app.get("/license", async (request) => one(SQL.LICENSE, [query(request)]));
  app.get("/hosting", async (request) => one(SQL.HOSTING, [query(request)]));
  app.get("/list", async () => pool.execute(SQL.LIST, []));
  app.post("/insert", async (request) => {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute(SQL.INSERT, [query(request)]);
      await connection.execute(SQL.ENTRY, [query(request)]);
      await connection.commit();
    } catch (fault) {
      await connection.rollback();
      throw fault;
    } finally {
      connection.release();
    }
    return { code: query(request) };
  });
  app.listen({ path: BENCH_LISTEN });
}

const processes = availableParallelism();

if (cluster.isPrimary) {
  try {
    unlinkSync(BENCH_LISTEN);
  } catch {
    // It was not there.
  }
  for (let i = 0; i < processes; i++)
    cluster.fork();
} else {
  serve(processes);
}
