// SPDX-License-Identifier: Apache-2.0

/**
 * How much an echo call costs the HTTP/2 endpoint: starts one on a free port, drives it with
 * `h2load` (Debian: nghttp2-client) and prints requests per second and the CPU time per request of
 * this process, the server, and of its main thread. `SECONDS` sets the length of a run.
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

/** Runs h2load; `headers` are added to every request. Prints unless it is for warming up. */
async function run(
  [clients, inFlight, seconds]: readonly [number, number, number],
  headers: readonly string[] = [],
  silent = false,
): Promise<void> {
  const [process0, thread0] = [process.cpuUsage(), process.threadCpuUsage()];
  const args = ["-c", `${clients}`, "-m", `${inFlight}`, "-D", `${seconds}`, "-d", body];
  for (const header of ["content-type: application/grpc", "te: trailers", ...headers]) {
    args.push("-H", header);
  }
  const load = spawn("h2load", [...args, `${listener.url}/bench.Echo/Echo`]);
  let output = "";
  load.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve, reject) => load.on("close", resolve).on("error", reject));
  if (silent) return;
  const [all, main] = [process.cpuUsage(process0), process.threadCpuUsage(thread0)];
  const done = /(\d+) done/.exec(output)?.[1] ?? "0";
  const rate = /finished in [\d.]+s, ([\d.]+) req/.exec(output)?.[1] ?? "?";
  const micros = ({ user, system }: NodeJS.CpuUsage): string =>
    ((user + system) / Math.max(1, Number(done))).toFixed(2);
  const failed = /(\d+) failed/.exec(output)?.[1] ?? "?";
  console.log(
    `${clients} x ${inFlight} ${headers.join(" ")}: ${rate} requests/s, ` +
      `CPU ${micros(all)} us, main thread ${micros(main)} us, ${failed} failed`,
  );
}

await run([100, 10, 2], [], true);
await run([100, 10, SECONDS]);
await run([100, 10, SECONDS], ["grpc-timeout: 5000000u"]);
await run([100, 1, SECONDS]);
await run([1, 1, SECONDS]);
const counted = endpoint.counters[0];
console.log(`answered ${counted?.handled[0]}, ${counted?.bytesSent} bytes`);
rmSync(directory, { recursive: true });
endpoint.close();
await listener.close();
