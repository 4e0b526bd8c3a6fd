// SPDX-License-Identifier: Apache-2.0

import { type WatchRequest, WatchResponse, WatchService } from "../api/gen/etcdserverpb.ts";
import type { Init } from "../api/message-codec.ts";
import { GrpcCode, rpcErrors } from "../api/rpc-errors.ts";
import type { Client } from "./client.ts";
import { RpcError, toRpcError } from "./errors.ts";
import type { CallOptions } from "./options.ts";

// How often a stream that broke before its first answer is opened anew is not limited: a watch
// waits for its cluster. The pause keeps it from spinning.
export const WATCH_REOPEN_PAUSE_MS = 100;

/** Answers of one watch, in order, until the stream is closed. */
export class WatchStream implements AsyncIterable<WatchResponse> {
  readonly #client: Client;
  readonly #request: Init<WatchRequest>;
  readonly #options: CallOptions;

  constructor(client: Client, request: Init<WatchRequest>, options: CallOptions = {}) {
    this.#client = client;
    this.#request = request;
    this.#options = options;
  }

  /** @throws {RpcError} when the server ends the stream */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchResponse> {
    let startRevision = this.#request.createRequest?.startRevision ?? 0;
    for (;;) {
      try {
        for await (const response of this.#open(startRevision)) {
          startRevision = nextRevision(response, startRevision);
          yield response;
        }
      } catch (error) {
        if (isHalting(error)) throw error;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, WATCH_REOPEN_PAUSE_MS);
      await promise;
    }
  }

  async *#open(startRevision: number): AsyncGenerator<WatchResponse> {
    const connection = await this.#client.connected(this.#options);
    const stream = connection.duplexStream(WatchService.watch.path, this.#options);
    const createRequest = { ...this.#request.createRequest, startRevision };
    stream.write(WatchService.watch.request.encode({ createRequest }));
    try {
      for await (const message of stream) {
        if (message instanceof Uint8Array) yield WatchResponse.decode(message);
      }
    } catch (error) {
      throw toRpcError(error);
    } finally {
      stream.cancel();
    }
  }
}

/** Whether an error, or undefined for a plain end, is the end of a watch and not of a connection. */
export function isHalting(error: unknown): boolean {
  if (error === undefined) return false;
  if (!(error instanceof RpcError) || error.details === rpcErrors.noLeader.message) return true;
  return error.code !== GrpcCode.unavailable && error.code !== GrpcCode.internal;
}

/** Where to go on after this answer if the stream breaks now. */
export function nextRevision(response: WatchResponse, startRevision: number): number {
  const revision = response.header?.revision ?? 0;
  // The creation tells the present revision, which matters to a watch from now on only. The later
  // parts of a split answer still belong to the same revision.
  const told = response.created ? startRevision === 0 : !response.canceled && !response.fragment;
  return told && revision > 0 ? revision + 1 : startRevision;
}
