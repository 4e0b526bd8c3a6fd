// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { request, type Server } from "node:http";
import { connect, createServer as createNetServer } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../base/contracts/logger.ts";
import { MetricRegistry } from "../observe/index.ts";
import { createHttpServer } from "./handler.ts";
import type { AlarmName, HealthSource } from "./health-source.ts";

class FakeSource implements HealthSource {
  leaderKnown = true;
  isLearner = false;
  alarms: AlarmName[] = [];
  versions = {
    server: "3.7.1",
    cluster: "3.7.0" as string | undefined,
    storage: "3.7.0" as string | undefined,
  };
  localError: string | undefined;
  quorumError: string | undefined;
  readonly reads: string[] = [];
  async serializableRead(): Promise<void> {
    this.reads.push("serializable");
    if (this.localError !== undefined) throw new Error(this.localError);
  }
  async linearizableRead(): Promise<void> {
    this.reads.push("linearizable");
    if (this.quorumError !== undefined) throw new Error(this.quorumError);
  }
}

let source: FakeSource;
let metrics: MetricRegistry;
let server: Server;
let port = 0;

beforeEach(async () => {
  source = new FakeSource();
  metrics = new MetricRegistry();
  server = createHttpServer({ source, metrics, logger: silentLogger });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise<void>((resolve) => server.close(() => resolve()));
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bytes: Buffer;
}

function ask(path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const raw = response.rawHeaders;
        const names = raw.filter((_, index) => index % 2 === 0);
        const pairs = names.map((name, index) => [name, raw[index * 2 + 1] ?? ""] as const);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(pairs.filter(([name]) => name !== "Date")),
          body: bytes.toString("utf8"),
          bytes,
        });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

const cors = {
  "Access-Control-Allow-Headers": "accept, content-type, authorization",
  "Access-Control-Allow-Methods": "POST, GET, OPTIONS, PUT, DELETE",
  "Access-Control-Allow-Origin": "*",
};
const text = { "Content-Type": "text/plain; charset=utf-8" };
const nosniff = { "X-Content-Type-Options": "nosniff" };
/** Node's client asks to close unless told otherwise; Go confirms that, so do we. */
const keepAlive = { Connection: "keep-alive" };

test("S-457 a healthy member answers /health with exactly etcd's headers and body", async () => {
  const answer = await ask("/health", "GET", keepAlive);
  expect(answer.status).toBe(200);
  expect(answer.headers).toEqual({ ...cors, ...text, "Content-Length": "29" });
  expect(answer.body).toBe('{"health":"true","reason":""}');
  expect(source.reads).toEqual(["linearizable"]);
});

test("S-458 without a leader only the serializable /health is healthy", async () => {
  source.leaderKnown = false;
  const answer = await ask("/health");
  expect([answer.status, answer.body]).toEqual([
    503,
    '{"health":"false","reason":"RAFT NO LEADER"}\n',
  ]);
  expect(answer.headers).toMatchObject({ ...text, ...nosniff });
  expect((await ask("/health?serializable=true")).status).toBe(200);
  expect(source.reads).toEqual(["serializable"]);
});

test("S-459, S-460 an alarm makes /health fail unless it is excluded", async () => {
  source.alarms = ["NOSPACE"];
  const answer = await ask("/health");
  expect([answer.status, answer.body]).toEqual([
    503,
    '{"health":"false","reason":"ALARM NOSPACE"}\n',
  ]);
  expect((await ask("/health?exclude=NOSPACE")).status).toBe(200);
  source.alarms = ["NOSPACE", "CORRUPT"];
  expect((await ask("/health?exclude=NOSPACE")).body).toContain("ALARM CORRUPT");
  expect((await ask("/health?exclude=NOSPACE&exclude=CORRUPT")).status).toBe(200);
});

test("a failing read is the reason, escaped as Go escapes JSON", async () => {
  source.quorumError = 'a "b" <c>';
  expect((await ask("/health")).body).toBe(
    '{"health":"false","reason":"RANGE ERROR:a \\"b\\" \\u003cc\\u003e"}\n',
  );
});

test("S-461 a corrupt member is alive but not ready", async () => {
  source.alarms = ["CORRUPT"];
  const answer = await ask("/readyz");
  expect(answer.status).toBe(503);
  expect(answer.headers).toMatchObject({ ...text, ...nosniff });
  expect(answer.body).toBe(
    "[-]data_corruption failed: alarm activated: CORRUPT\n" +
      "[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\n\n",
  );
  expect((await ask("/livez")).status).toBe(200);
});

test("S-462, S-463 a member that lost its quorum is alive but not ready", async () => {
  source.quorumError = "etcdserver: request timed out";
  expect((await ask("/livez")).body).toBe("ok\n");
  const answer = await ask("/readyz");
  expect(answer.status).toBe(503);
  expect(answer.body).toContain("[-]linearizable_read failed: etcdserver: request timed out\n");
});

test("a learner is not ready", async () => {
  source.isLearner = true;
  expect((await ask("/readyz")).body).toContain(
    "[-]non_learner failed: not supported for learner\n",
  );
});

test("S-464 a verbose good answer lists the checks", async () => {
  const answer = await ask("/readyz?verbose", "GET", keepAlive);
  expect(answer.headers).toEqual({ ...cors, ...text, ...nosniff, "Content-Length": "91" });
  expect(answer.body.split("\n").sort()).toEqual(
    [
      "[+]data_corruption ok",
      "[+]linearizable_read ok",
      "[+]non_learner ok",
      "[+]serializable_read ok",
      "ok",
      "",
    ].sort(),
  );
});

test("checks can be excluded, unknown names do no harm", async () => {
  source.quorumError = "no";
  const answer = await ask("/readyz?verbose&exclude=linearizable_read&exclude=nonsense");
  expect(answer.status).toBe(200);
  expect(answer.body).not.toContain("linearizable");
});

test("S-465 every check has a path of its own, which excludes nothing", async () => {
  expect((await ask("/readyz/serializable_read")).body).toBe("ok\n");
  source.quorumError = "no";
  expect((await ask("/readyz/linearizable_read?exclude=linearizable_read")).status).toBe(503);
  expect((await ask("/livez/linearizable_read")).status).toBe(404);
});

test.each(["/health", "/readyz", "/livez", "/livez/serializable_read", "/version"])(
  "S-466 %s takes nothing but GET",
  async (path) => {
    const answer = await ask(path, "POST", keepAlive);
    expect(answer.status).toBe(405);
    expect(answer.body).toBe("Method Not Allowed\n");
    expect(answer.headers).toEqual({
      ...cors,
      ...text,
      ...nosniff,
      Allow: "GET",
      "Content-Length": "19",
    });
    const head = await ask(path, "HEAD");
    expect([head.status, head.body]).toEqual([405, ""]);
  },
);

test("S-467 /version tells three versions, and what is not known yet", async () => {
  const answer = await ask("/version");
  expect(answer.headers["Content-Type"]).toBe("application/json");
  expect(answer.body).toBe('{"etcdserver":"3.7.1","etcdcluster":"3.7.0","storage":"3.7.0"}');
  source.versions = { server: "3.7.1", cluster: undefined, storage: undefined };
  expect((await ask("/version")).body).toBe(
    '{"etcdserver":"3.7.1","etcdcluster":"not_decided","storage":"unknown"}',
  );
});

test("S-468 /metrics is Prometheus text under etcd's names", async () => {
  metrics.collect("etcd_server_has_leader", () => 1);
  const answer = await ask("/metrics");
  expect(answer.headers["Content-Type"]).toBe(
    "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
  );
  expect(answer.body).toContain("\netcd_server_has_leader 1\n");
  expect(answer.body).toContain("\npromhttp_metric_handler_requests_in_flight 1\n");
  expect((await ask("/metrics")).body).toContain('requests_total{code="200"} 1\n');
});

test("metrics are compressed only for those who take gzip", async () => {
  const answer = await ask("/metrics", "GET", { "Accept-Encoding": "deflate, gzip;q=0.5" });
  expect(answer.headers["Content-Encoding"]).toBe("gzip");
  expect(gunzipSync(answer.bytes).toString()).toContain(
    "# TYPE etcd_server_health_success counter",
  );
  const plain = await ask("/metrics", "GET", { "Accept-Encoding": "gzip;q=0, deflate" });
  expect(plain.headers["Content-Encoding"]).toBeUndefined();
});

test("S-469 successful and failed health requests are counted apart", async () => {
  await ask("/health");
  const before = (await ask("/metrics")).body;
  expect(before).toContain("\netcd_server_health_failures 0\n");
  expect(before).toContain("\netcd_server_health_success 1\n");
  source.leaderKnown = false;
  await ask("/health");
  expect((await ask("/metrics")).body).toContain("\netcd_server_health_failures 1\n");
});

test("every run of a check is counted with its result", async () => {
  source.quorumError = "no";
  await ask("/readyz");
  const { body } = await ask("/metrics");
  expect(body).toContain('etcd_server_healthcheck{name="linearizable_read",type="readyz"} 0\n');
  expect(body).toContain(
    'etcd_server_healthchecks_total{name="non_learner",status="success",type="readyz"} 1\n',
  );
});

test("S-475 OPTIONS is answered for any path with the CORS headers", async () => {
  const answer = await ask("/anything", "OPTIONS", { Origin: "http://x", ...keepAlive });
  expect([answer.status, answer.body]).toEqual([200, ""]);
  expect(answer.headers).toEqual({ ...cors, "Content-Length": "0" });
});

test.each(["/", "/nope", "/health/", "/v3/kv/range"])("%s is not found", async (path) => {
  const answer = await ask(path, "GET", keepAlive);
  expect([answer.status, answer.body]).toEqual([404, "404 page not found\n"]);
  expect(answer.headers).toEqual({ ...cors, ...text, ...nosniff, "Content-Length": "19" });
});

test("unclean paths are redirected as Go's router does", async () => {
  const answer = await ask("//health/../health?a=1&b=2");
  expect([answer.status, answer.headers["Location"]]).toEqual([307, "/health?a=1&b=2"]);
  expect(answer.body).toBe('<a href="/health?a=1&amp;b=2">Temporary Redirect</a>.\n\n');
});

describe("connections that were handed over", () => {
  /** A server that does not listen, with a client whose connection it was given. */
  async function handOver(sent: string, headersTimeoutMs?: number) {
    const http = createHttpServer({
      source,
      metrics: new MetricRegistry(),
      logger: silentLogger,
      ...(headersTimeoutMs === undefined ? {} : { headersTimeoutMs }),
    });
    const front = createNetServer((socket) => http.emit("connection", socket));
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    const address = front.address();
    const client = connect(typeof address === "object" && address !== null ? address.port : 0);
    let received = "";
    client.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    const closed = new Promise<string>((resolve) => client.on("close", () => resolve(received)));
    onTestFinished(() => {
      client.destroy();
      http.close();
      front.close();
    });
    client.write(sent);
    return { http, client, closed };
  }

  test("are closed when the head of a request does not come to its end", async () => {
    const { closed } = await handOver("GET /version HTTP/1.1\r\nX-Slow: ", 50);
    expect(await closed).toMatch(/^HTTP\/1.1 408 /);
  });

  test("are closed when the server stops and they are idle", async () => {
    const { http, client, closed } = await handOver("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(client, "data");
    http.closeIdleConnections();
    expect(await closed).toMatch(/^HTTP\/1.1 200 /);
  });

  test("may name the whole URL, as clients of a proxy do", async () => {
    const head = "GET http://etcd.example:2379/version HTTP/1.1\r\nHost: a\r\nConnection: close";
    const { closed } = await handOver(`${head}\r\n\r\n`);
    expect(await closed).toMatch(/^HTTP\/1.1 200 /);
  });
});
