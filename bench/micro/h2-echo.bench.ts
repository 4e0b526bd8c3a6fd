// SPDX-License-Identifier: Apache-2.0

/**
 * How much an echo call costs the HTTP/2 endpoint: starts one on a free port, drives it with
 * `h2load` (Debian: nghttp2-client) and prints requests per second and the CPU time that this
 * process, the server, spent per request. `SECONDS` sets the length of a run.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GrpcEndpoint, type Method } from "../../src/server/h2/index.ts";
import { listen } from "../../src/server/net/index.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 3);
const REQUEST_BYTES = 280;

const echo: Method = { kind: "unary", handler: (call, message) => call.respond(message) };
const endpoint = new GrpcEndpoint({
  methods: new Map([["/bench.Echo/Echo", echo]]),
  clock: { monotonicMs: () => performance.now(), unixMs: () => Date.now() },
});
const listener = await listen({
  url: "http://127.0.0.1:0",
  onSocket: (socket) => endpoint.accept(socket),
});
const directory = mkdtempSync(join(tmpdir(), "h2-echo-"));
const body = join(directory, "request");
const request = Buffer.alloc(5 + REQUEST_BYTES, 7);
request.writeUInt8(0, 0);
request.writeUInt32BE(REQUEST_BYTES, 1);
writeFileSync(body, request);

async function run(clients: number, inFlight: number, headers: string[] = []): Promise<void> {
  const before = process.cpuUsage();
  const args = ["-c", `${clients}`, "-m", `${inFlight}`, "-D", `${SECONDS}`, "-d", body];
  for (const header of ["content-type: application/grpc", "te: trailers", ...headers]) {
    args.push("-H", header);
  }
  const load = spawn("h2load", [...args, `${listener.url}/bench.Echo/Echo`]);
  let output = "";
  load.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve) => load.on("close", resolve));
  const spent = process.cpuUsage(before);
  const done = Number(/(\d+) done/.exec(output)?.[1] ?? 0);
  const rate = /finished in [\d.]+s, ([\d.]+) req/.exec(output)?.[1] ?? "?";
  const failed = /(\d+) failed/.exec(output)?.[1] ?? "?";
  const micros = ((spent.user + spent.system) / Math.max(1, done)).toFixed(2);
  console.log(
    `${clients}x${inFlight} ${headers.join(" ")}: ${rate} req/s, ${micros} us, ${failed} failed`,
  );
}

for (const [clients, inFlight] of [
  [100, 10],
  [100, 1],
  [1, 1],
] as const) {
  await run(clients, inFlight);
}
await run(100, 10, ["grpc-timeout: 5000000u"]);
rmSync(directory, { recursive: true });
endpoint.close();
await listener.close();
