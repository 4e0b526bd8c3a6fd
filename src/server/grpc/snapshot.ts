// SPDX-License-Identifier: Apache-2.0

import { SnapshotRequest, SnapshotResponse } from "../../api/gen/etcdserverpb.ts";
import { GrpcCode, rpcErrors } from "../../api/rpc-errors.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { StreamCall, StreamListener } from "../h2/index.ts";
import { type CallChecks, refusalOf } from "./interceptors.ts";
import { singleRequest } from "./single-request.ts";

/** Snapshots under way at once, each of which takes its size on the disk. */
const SNAPSHOTS_MAX = 4;
/** Bytes of the database in a message, as etcd has it. */
const BLOB_BYTES = 32 * 1024;
/** What stands before a blob's length: the third field of the message, as bytes. */
const BLOB_TAG = (3 << 3) | 2;
/** The number of bytes that remain, the blob's tag and its length. */
const HEAD_BYTES_MAX = 32;

/** A database as bytes, a chunk at a time. */
export interface DatabaseStream {
  readonly sizeBytes: number;
  /** What it gives is overwritten once the one after it has been asked for. */
  next(): Promise<
    | { readonly kind: "chunk"; readonly bytes: Uint8Array }
    | { readonly kind: "end"; readonly hash: Uint8Array }
  >;
  close(): void;
}

export interface SnapshotOptions {
  /** Exports what is applied now; rejects with what the operating system says. */
  readonly open: () => Promise<DatabaseStream>;
  /** Empty until the cluster version is decided. */
  readonly version: () => string;
  readonly failed: (error: Error) => void;
  readonly checks: CallChecks;
}

/** `etcdserverpb.Maintenance/Snapshot`: the state as a database of etcd, and its SHA-256. */
export class SnapshotService {
  readonly #options: SnapshotOptions;
  #running = 0;

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  readonly snapshot = (call: StreamCall): StreamListener => {
    const refusal = refusalOf(call, this.#options.checks);
    if (refusal !== undefined) call.fail(refusal.code, refusal.message);
    const room = new Room();
    return singleRequest(call, {
      // The request says nothing, but it has to be one.
      read: (message) => void SnapshotRequest.decode(message),
      begin: () => void this.#run(call, room),
      onCancel: () => room.open(),
      onDrain: () => room.open(),
    });
  };

  /** Sends everything; resolves when the call is over, however. */
  async #run(call: StreamCall, room: Room): Promise<void> {
    if (this.#running === SNAPSHOTS_MAX) {
      const { code, message } = rpcErrors.requestTooManyRequests;
      call.fail(code, message);
      return;
    }
    this.#running++;
    try {
      const database = await this.#options.open();
      try {
        await this.#send(call, database, room);
      } finally {
        database.close();
      }
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#options.failed(error);
      if (!call.ended) call.fail(GrpcCode.internal, `snapshot: ${error.message}`);
    } finally {
      this.#running--;
    }
  }

  async #send(call: StreamCall, database: DatabaseStream, room: Room): Promise<void> {
    const version = this.#options.version();
    const tail = SnapshotResponse.encode({ version });
    let remainingBytes = database.sizeBytes;
    while (!call.ended) {
      const chunk = await database.next();
      if (call.ended) return;
      if (chunk.kind === "end") {
        call.write(SnapshotResponse.encode({ blob: chunk.hash, version }));
        call.end();
        return;
      }
      const messages: Uint8Array[][] = [];
      for (let at = 0; at < chunk.bytes.length; at += BLOB_BYTES) {
        const blob = chunk.bytes.subarray(at, at + BLOB_BYTES);
        remainingBytes -= blob.length;
        messages.push([blobHead(remainingBytes, blob.length), blob, tail]);
      }
      // What is asked for next overwrites what was lent before this.
      if (!call.lend(messages)) await room.opened();
    }
  }
}

/** A `SnapshotResponse` up to where its blob begins. */
function blobHead(remainingBytes: number, blobBytes: number): Uint8Array {
  const writer = new WireWriter(HEAD_BYTES_MAX);
  SnapshotResponse.write({ remainingBytes }, writer);
  writer.uint32(BLOB_TAG);
  writer.uint32(blobBytes);
  return writer.view();
}

/** Whether the client has taken what was sent. */
class Room {
  #waiting = Promise.withResolvers<void>();

  open(): void {
    this.#waiting.resolve();
  }

  /** Resolves at the next `open`, or at once when there was one since the last call. */
  async opened(): Promise<void> {
    await this.#waiting.promise;
    this.#waiting = Promise.withResolvers<void>();
  }
}
