// SPDX-License-Identifier: Apache-2.0

import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  type CompactionResponse,
  type DeleteRangeResponse,
  KVService,
  type PutResponse,
  type RangeResponse,
  type TxnRequest,
  type TxnResponse,
} from "../../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import { GrpcClient } from "../../harness/grpc-client.ts";
import type { ServerCommand } from "../../harness/server-command.ts";
import { type ServerOptions, ServerProcess } from "../../harness/server-process.ts";
import {
  type Bytes,
  type DeleteOptions,
  deleteRequest,
  everything,
  type Pair,
  type PutOptions,
  pair,
  putRequest,
  type RangeOptions,
  rangeRequest,
} from "./requests.ts";
import { subjectCommand } from "./subject.ts";

/** A server with one client, and its key-value calls with text for keys and values. */
export class Store {
  readonly server: ServerProcess;
  readonly client: GrpcClient;

  private constructor(server: ServerProcess) {
    this.server = server;
    this.client = new GrpcClient(server.endpoint);
  }

  /** Starts the subject, or another server when one is named. */
  static async open(
    options: ServerOptions & { readonly command?: ServerCommand } = {},
  ): Promise<Store> {
    return new Store(await ServerProcess.start(options.command ?? subjectCommand(), options));
  }

  range(key: Bytes, options: RangeOptions = {}): Promise<RangeResponse> {
    return this.client.unary(KVService.range, rangeRequest(key, options));
  }

  put(key: Bytes, value: Bytes = "v", options: PutOptions = {}): Promise<PutResponse> {
    return this.client.unary(KVService.put, putRequest(key, value, options));
  }

  del(key: Bytes, options: DeleteOptions = {}): Promise<DeleteRangeResponse> {
    return this.client.unary(KVService.deleteRange, deleteRequest(key, options));
  }

  txn(request: Init<TxnRequest>): Promise<TxnResponse> {
    return this.client.unary(KVService.txn, request);
  }

  compact(revision: number, physical = false): Promise<CompactionResponse> {
    return this.client.unary(KVService.compact, { revision, physical });
  }

  /** Puts each of the keys with its own name as value; answers with their revisions. */
  async putAll(...keys: readonly string[]): Promise<number[]> {
    const revisions: number[] = [];
    for (const key of keys) {
      const answer = await this.put(key, key);
      revisions.push(answer.header?.revision ?? Number.NaN);
    }
    return revisions;
  }

  async get(key: Bytes): Promise<Pair | undefined> {
    return pair((await this.range(key)).kvs[0]);
  }

  async revision(): Promise<number> {
    return (await this.range("none")).header?.revision ?? Number.NaN;
  }

  async close(): Promise<void> {
    this.client.close();
    await this.server.dispose();
  }
}

/** One server for all cases of a group; every case finds it without keys. */
export function sharedStore(options: ServerOptions = {}): () => Store {
  let store: Store | undefined;
  beforeAll(async () => {
    store = await Store.open(options);
  });
  beforeEach(async () => {
    await store?.del("\0", everything);
  });
  afterAll(() => store?.close());
  return () => {
    if (store === undefined) throw new Error("the server of this group did not start");
    return store;
  };
}

/** Runs `body` on a server that nobody wrote to. */
export async function withFreshStore(
  body: (store: Store) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  const store = await Store.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}
