// SPDX-License-Identifier: Apache-2.0

import {
  RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import { GrpcCode, type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import { invariant } from "../../base/invariant.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { StreamCall, StreamListener } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import type { Slices } from "../replica/slices.ts";
import { refusalStatus } from "./error-status.ts";
import { type CallChecks, refusalOf } from "./interceptors.ts";
import { writePairs, writeRangeEnd } from "./kv-encoding.ts";
import { type RangeChunk, RangeChunks } from "./range-chunks.ts";
import { HeaderWriter } from "./response-header.ts";
import { type SingleRequest, singleRequest } from "./single-request.ts";
import type { SlowRequests } from "./slow-requests.ts";
import { checkRange } from "./validate.ts";

const TAG_RANGE_RESPONSE = 0x0a;

export interface RangeStreamOptions {
  readonly replica: Pick<ReplicaFace, "clusterId" | "memberId" | "store" | "status" | "read">;
  readonly slices: Slices;
  readonly checks: CallChecks;
  /** Hears how long each chunk took to be read. */
  readonly times: Pick<SlowRequests, "now" | "rangeDone">;
  /** The size that chunks come near to. */
  readonly requestBytesMax: number;
}

/** `etcdserverpb.KV/RangeStream`: a range of any size in chunks, all of one revision. */
export class RangeStreamService {
  readonly #options: RangeStreamOptions;

  constructor(options: RangeStreamOptions) {
    this.#options = options;
  }

  readonly rangeStream = (call: StreamCall): StreamListener => {
    const stream = new RangeStream(call, this.#options);
    const refusal = refusalOf(call, this.#options.checks);
    if (refusal !== undefined) call.fail(refusal.code, refusal.message);
    return singleRequest(call, stream);
  };
}

/**
 * One stream. It reads a chunk only when the client has taken what came before, so it holds one
 * chunk and the endpoint's queue at most. A slow client pins nothing: every chunk is read anew by
 * key at the stream's revision, and when that gets compacted the stream ends with an error.
 */
class RangeStream implements SingleRequest {
  readonly #call: StreamCall;
  readonly #options: RangeStreamOptions;
  readonly #headers: HeaderWriter;
  #request: RangeRequest | undefined;
  #chunks: RangeChunks | undefined;
  #headerRevision = 0;
  /** Since when the next chunk is being read. */
  #beganMs = 0;

  constructor(call: StreamCall, options: RangeStreamOptions) {
    this.#call = call;
    this.#options = options;
    this.#headers = new HeaderWriter(options.replica.clusterId, options.replica.memberId);
  }

  read(message: Uint8Array): void {
    const request = RangeRequest.decode(message);
    request.key = Uint8Array.prototype.slice.call(request.key);
    request.rangeEnd = Uint8Array.prototype.slice.call(request.rangeEnd);
    this.#request = request;
  }

  begin(): void {
    const request = this.#request;
    invariant(request !== undefined, "a range stream begins with its request");
    const refusal = checkRange(request) ?? checkStreamable(request);
    if (refusal !== undefined) return this.#fail(refusal);
    if (request.serializable) return this.#start(request);
    this.#options.replica.read({
      serve: () => {
        if (!this.#call.ended) this.#start(request);
      },
      unserved: (reason) => this.#fail(refusalStatus[reason]),
    });
  }

  onCancel(): void {
    this.#chunks = undefined;
  }

  onDrain(): void {
    this.#goOn();
  }

  #start(request: RangeRequest): void {
    const { store } = this.#options.replica;
    const { key, rangeEnd, revision, keysOnly } = request;
    const reader = store.reader(key, rangeEnd, { revision, keysOnly, holds: false });
    if (reader === "compacted") return this.#fail(rpcErrors.compacted);
    if (reader === "future") return this.#fail(rpcErrors.futureRev);
    this.#headerRevision = store.currentRevision;
    this.#chunks = new RangeChunks(reader, request, this.#options.requestBytesMax);
    this.#goOn();
  }

  /** Reads until a chunk was sent that the client has not taken yet. */
  #goOn(): void {
    if (this.#chunks === undefined) return;
    this.#beganMs = this.#options.times.now();
    if (!this.#options.slices.run(this.#step)) this.#fail(rpcErrors.requestTooManyRequests);
  }

  readonly #step = (): boolean => {
    const chunk = this.#call.ended ? undefined : this.#chunks?.step();
    if (this.#call.ended || this.#chunks === undefined) return true;
    if (chunk === undefined) return false;
    const { times } = this.#options;
    times.rangeDone(chunk !== "compacted", this.#beganMs);
    this.#beganMs = times.now();
    if (chunk === "compacted") {
      this.#fail(rpcErrors.compacted);
      return true;
    }
    const takesMore = this.#call.write(this.#encode(chunk));
    if (chunk.last === undefined) return !takesMore;
    this.#chunks = undefined;
    this.#call.end();
    return true;
  };

  #encode(chunk: RangeChunk): Uint8Array {
    const writer = new WireWriter();
    writer.uint32(TAG_RANGE_RESPONSE);
    const start = writer.open();
    if (chunk.last !== undefined) {
      this.#headers.write(writer, this.#headerRevision, this.#options.replica.status().term);
    }
    writePairs(writer, chunk, 0, chunk.kvs.length);
    if (chunk.last !== undefined) writeRangeEnd(writer, chunk.last);
    writer.close(start);
    return writer.view();
  }

  #fail({ code, message }: RpcError): void {
    this.#chunks = undefined;
    if (!this.#call.ended) this.#call.fail(code, message);
  }
}

/** What can be answered in chunks: pairs in the order of their keys, none filtered out. */
function checkStreamable(request: RangeRequest): RpcError | undefined {
  const { sortOrder, sortTarget } = request;
  const isInOrder =
    sortOrder === SortOrder.NONE ||
    (sortOrder === SortOrder.ASCEND && sortTarget === SortTarget.KEY);
  if (!isInOrder) return unimplemented("RangeStream does not support custom sort orders");
  const isFiltered =
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0;
  return isFiltered ? unimplemented("RangeStream does not support revision filters") : undefined;
}

function unimplemented(message: string): RpcError {
  return { code: GrpcCode.unimplemented, message };
}
