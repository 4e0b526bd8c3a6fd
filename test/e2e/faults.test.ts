// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails under load, and a stop under load: nothing acknowledged is lost.

import { createServer } from "node:net";
import { expect, test } from "vitest";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import type { ServerProcess } from "../harness/server-process.ts";
import {
  clientOf,
  faultyServer,
  freshDataDir,
  put,
  startIn,
  storedKeys,
  type Written,
  writeUntilFailure,
} from "./members.ts";

const LANES = 8;
/** Appends and syncs of a start and of a good while under load, before the disk fails. */
const GOOD_OPERATIONS = 150;

const faults = [
  ["a sync of the log fails", `datasync:.wal:${GOOD_OPERATIONS}:EIO`, "EIO", []],
  ["the disk is full for the log", `write:.wal:${GOOD_OPERATIONS}:ENOSPC`, "ENOSPC", []],
  [
    "the disk is full for a snapshot file",
    "write:/tmp-:0:ENOSPC",
    "ENOSPC",
    ["--snapshot-count=20"],
  ],
] as const;

async function expectAllStored(server: ServerProcess, written: Written): Promise<void> {
  const stored = await storedKeys(clientOf(server));
  expect(written.acknowledged.filter((key) => !stored.has(key))).toEqual([]);
}

test.each(faults)("when %s, the member stops and nothing acknowledged is lost", async (...row) => {
  const [, fault, code, args] = row;
  const dataDir = freshDataDir();
  const server = await startIn(dataDir, { command: faultyServer(fault), args });
  const written = await writeUntilFailure(clientOf(server), LANES);
  expect(await server.exited()).toEqual({ code: 1, signal: null });
  expect(written.acknowledged.length).toBeGreaterThan(LANES);
  expect(written.failures).toHaveLength(LANES);
  const lines = server.log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-2)).toMatchObject({ level: "error", msg: "the member cannot go on" });
  expect(lines.at(-1)).toMatchObject({ level: "fatal", msg: "server failed" });
  expect(lines.at(-1).error).toContain(code);
  expect(lines.at(-1).error).toContain(dataDir);
  await expectAllStored(await startIn(dataDir), written);
});

async function canListenOn(port: number): Promise<boolean> {
  const server = createServer();
  const listening = Promise.withResolvers<boolean>();
  server.once("error", () => listening.resolve(false));
  server.listen(port, "127.0.0.1", () => listening.resolve(true));
  const can = await listening.promise;
  await new Promise((resolve) => server.close(resolve));
  return can;
}

test("SIGTERM under load ends in the signal, with the ports free and nothing lost", async () => {
  const dataDir = freshDataDir();
  const server = await startIn(dataDir);
  const client = clientOf(server);
  const writing = writeUntilFailure(client, LANES);
  await put(clientOf(server), "under load");
  const exit = await server.kill("SIGTERM");
  expect(exit).toEqual({ code: null, signal: "SIGTERM" });
  const { client: clientPort, peer } = server.ports;
  expect(await Promise.all([clientPort, peer].map(canListenOn))).toEqual([true, true]);
  const written = await writing;
  expect(written.acknowledged.length).toBeGreaterThan(0);
  // 14: the connection was closed, and nobody listens any more.
  for (const failure of written.failures) expect(failure).toMatch(/^Error: 14 UNAVAILABLE/);
  await expectAllStored(await startIn(dataDir), written);
});

test("SIGTERM answers the calls that have reached the server", async () => {
  const server = await startIn(freshDataDir());
  const client = clientOf(server);
  await put(client, "connected");
  const calls = Array.from({ length: 200 }, (_, at) => put(client, `k${at}`));
  // This one is behind them on the same connection: when it is answered, all have arrived.
  await client.unary(KVService.range, { key: Uint8Array.of(0), serializable: true });
  await server.kill("SIGTERM");
  expect(await Promise.allSettled(calls)).toEqual(
    calls.map(() => ({ status: "fulfilled", value: undefined })),
  );
});
