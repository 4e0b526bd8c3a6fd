// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { listRecords } from "../../src/core/wal/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { etcdxCommand, type ServerCommand } from "../harness/server-command.ts";
import { type ServerOptions, ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";

/** Our server, as a process of its own. */
export function ownServer(): ServerCommand {
  const command = etcdxCommand();
  if (command === undefined) throw new Error("this checkout has no server");
  return command;
}

/** Our server on a disk that fails: `operation:path-part:after:code`. */
export function faultyServer(fault: string): ServerCommand {
  const program = join(import.meta.dirname, "faulty-server.ts");
  return { name: `etcdx with ${fault}`, words: [process.execPath, program, fault] };
}

/** Our server with segments of so many bytes. */
export function smallLogServer(segmentBytes: number): ServerCommand {
  const program = join(import.meta.dirname, "small-log-server.ts");
  const words = [process.execPath, program, String(segmentBytes)];
  return { name: "etcdx with small segments", words };
}

/** A server in `dataDir` until the test has finished. */
export async function startIn(
  dataDir: string,
  options: ServerOptions & { readonly command?: ServerCommand } = {},
): Promise<ServerProcess> {
  const server = await ServerProcess.start(options.command ?? ownServer(), { ...options, dataDir });
  onTestFinished(() => server.dispose());
  return server;
}

/** A fresh directory for data, inside one that is removed afterwards. */
export function freshDataDir(): string {
  return join(tempDir(), "data");
}

export function clientOf(server: ServerProcess): GrpcClient {
  const client = new GrpcClient(server.endpoint);
  onTestFinished(() => client.close());
  return client;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export async function put(client: GrpcClient, key: string, value = key): Promise<void> {
  await client.unary(KVService.put, { key: bytes(key), value: bytes(value) });
}

export async function putMany(client: GrpcClient, prefix: string, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  await Promise.all(keys.map((key) => put(client, key)));
}

/** Every key that is stored. */
export async function storedKeys(client: GrpcClient): Promise<Set<string>> {
  const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0), keysOnly: true };
  const { kvs } = await client.unary(KVService.range, everything);
  return new Set(kvs.map((kv) => new TextDecoder().decode(kv.key)));
}

export interface Written {
  /** Keys whose put was answered with success. */
  readonly acknowledged: readonly string[];
  /** What the puts that failed said, one text each. */
  readonly failures: readonly string[];
}

/** Puts one key after the other in `lanes` lanes, each until its put fails. */
export async function writeUntilFailure(client: GrpcClient, lanes: number): Promise<Written> {
  const acknowledged: string[] = [];
  const failures: string[] = [];
  const lane = async (name: number): Promise<void> => {
    for (let count = 0; ; count++) {
      const key = `lane${name}/${count}`;
      try {
        await put(client, key);
      } catch (error) {
        failures.push(String(error));
        return;
      }
      acknowledged.push(key);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, name) => lane(name)));
  return { acknowledged, failures };
}

export const walDirectory = (dataDir: string): string => join(dataDir, "member/wal");
export const storeFile = (dataDir: string): string =>
  join(dataDir, "member/snap/store.lmdb/data.mdb");

/** The last segment of a log and where in it the last record begins. */
export function lastRecordOf(dataDir: string): { path: string; offset: number } {
  const record = listRecords(new NodeDisk(), walDirectory(dataDir)).at(-1);
  if (record === undefined) throw new Error("the log has no record");
  return { path: record.file, offset: record.offset };
}

/** Every file of a directory with its bytes, to see that nothing was touched. */
export function filesOf(directory: string): Map<string, string> {
  const names = readdirSync(directory).sort();
  return new Map(names.map((name) => [name, readFileSync(join(directory, name), "hex")]));
}
