// SPDX-License-Identifier: Apache-2.0

import {
  KVService,
  type RequestOp,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import type { Event, KeyValue } from "../../api/gen/mvccpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import { type ByteText, decodeBytes, encodeText } from "../../base/byte-text.ts";
import { type Client, RpcError, WatchStream } from "../../client/index.ts";
import { prefixRange } from "../key-range.ts";

const PAGE_KEYS = 1000;

export interface MirrorOptions {
  readonly source: Client;
  readonly destination: Client;
  /** What to mirror; everything when empty. */
  readonly prefix: ByteText;
  /** What stands in place of the prefix; undefined keeps it, but see `run`. */
  readonly destinationPrefix: ByteText | undefined;
  /** Mirror changes from here on; up to 1, copy what there is first. */
  readonly revision: number;
  /** Most operations of one transaction. */
  readonly operationsMax: number;
}

/** Copies keys from one cluster to another and keeps following. */
export class Mirror {
  /** How many keys were written or deleted. */
  count = 0;
  readonly #options: MirrorOptions;
  #newPrefix: ByteText;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#newPrefix = options.destinationPrefix ?? "";
  }

  /**
   * Works until the source ends the watch. When changes are followed from a given revision, the
   * prefix is not kept but dropped unless another one is named, as by etcdctl 3.7.1.
   * @returns why the watch ended, undefined without a reason
   * @throws {RpcError} when a call fails
   */
  async run(): Promise<string | undefined> {
    const { revision, prefix, destinationPrefix } = this.#options;
    if (revision > 1) return this.#follow(revision);
    this.#newPrefix = destinationPrefix ?? prefix;
    return this.#follow((await this.#copy()) + 1);
  }

  /** Copies what there is, page by page, as of one revision, which it answers with. */
  async #copy(): Promise<number> {
    const { source, prefix } = this.#options;
    const probe = { key: encodeText(prefix === "" ? "foo" : prefix) };
    const found = await source.call(KVService.range, probe, { repeatable: true });
    const revision = found.header?.revision ?? 0;
    let range = prefixRange(prefix);
    for (;;) {
      const request = { ...range, revision, limit: PAGE_KEYS, sortTarget: SortTarget.KEY };
      const page = await source.call(KVService.range, request, { repeatable: true });
      for (const kv of page.kvs) await this.#put(kv);
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) return revision;
      range = { ...range, key: Buffer.concat([last.key, Uint8Array.of(0)]) };
    }
  }

  async #put({ key, value }: KeyValue): Promise<void> {
    const request = { key: this.#rename(key), value };
    await this.#options.destination.call(KVService.put, request);
    this.count++;
  }

  /** Only the first occurrence is replaced, wherever in the key it is. */
  #rename(key: Uint8Array): Uint8Array {
    const { prefix } = this.#options;
    return encodeText(decodeBytes(key).replace(prefix, () => this.#newPrefix));
  }

  async #follow(startRevision: number): Promise<string | undefined> {
    const { source, prefix } = this.#options;
    const createRequest = { ...prefixRange(prefix), startRevision };
    try {
      for await (const response of new WatchStream(source, { createRequest })) {
        if (response.compactRevision !== 0) return rpcErrors.compacted.message;
        if (response.canceled) return undefined;
        await this.#repeat(response.events);
      }
    } catch (error) {
      if (error instanceof DestinationFailure) throw error.cause;
      if (!(error instanceof RpcError)) throw error;
    }
    return undefined;
  }

  /** Repeats changes, those of one revision in one transaction. */
  async #repeat(events: readonly Event[]): Promise<void> {
    let operations: Init<RequestOp>[] = [];
    let revision = 0;
    for (const { type, kv } of events) {
      if (kv === undefined) continue;
      const full = operations.length >= this.#options.operationsMax;
      if (operations.length > 0 && (full || kv.modRevision > revision)) {
        await this.#commit(operations);
        operations = [];
      }
      revision = kv.modRevision;
      const key = this.#rename(kv.key);
      operations.push(
        type === 1 ? { requestDeleteRange: { key } } : { requestPut: { key, value: kv.value } },
      );
      this.count++;
    }
    if (operations.length > 0) await this.#commit(operations);
  }

  async #commit(success: readonly Init<RequestOp>[]): Promise<void> {
    try {
      await this.#options.destination.call(KVService.txn, { success: [...success] });
    } catch (error) {
      throw new DestinationFailure("the destination refused a change", { cause: error });
    }
  }
}

/** Tells a failure of the destination from one of the watch that it happened in. */
class DestinationFailure extends Error {
  override readonly name = "DestinationFailure";
}
