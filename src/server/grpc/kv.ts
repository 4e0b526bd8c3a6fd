// SPDX-License-Identifier: Apache-2.0

import {
  CompactionRequest,
  DeleteRangeRequest,
  KVService,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import { isReadOnly, isSerializable, type RequestKind } from "../../core/apply/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import { KvAnswers, RangeWaiter, ReadTxnWaiter, WriteWaiter } from "./kv-answers.ts";
import { refuse, type UnaryMethods } from "./service.ts";
import type { SlowRequests } from "./slow-requests.ts";
import { checkDeleteRange, checkPut, checkRange, checkTxn } from "./validate.ts";

export interface KvOptions {
  readonly replica: ReplicaFace;
  readonly txnOperationsMax: number;
  readonly slowRequests: SlowRequests;
}

/** `etcdserverpb.KV`: validates, then proposes writes and serves reads. */
export class KvService {
  readonly #replica: ReplicaFace;
  readonly #txnOperationsMax: number;
  readonly #answers: KvAnswers;

  constructor(options: KvOptions) {
    this.#replica = options.replica;
    this.#txnOperationsMax = options.txnOperationsMax;
    this.#answers = new KvAnswers(options.replica, options.slowRequests);
  }

  methods(): UnaryMethods {
    return new Map([
      [KVService.range.path, this.#range],
      [KVService.put.path, this.#put],
      [KVService.deleteRange.path, this.#deleteRange],
      [KVService.txn.path, this.#txn],
      [KVService.compact.path, this.#compact],
    ]);
  }

  readonly #range = (call: UnaryCall, message: Uint8Array): void => {
    const request = RangeRequest.decode(message);
    const error = checkRange(request);
    if (error !== undefined) return refuse(call, error);
    if (request.serializable) {
      return this.#answers.range(call, request, this.#answers.now());
    }
    // The message's memory is reused after this call; the read happens later.
    request.key = Buffer.from(request.key);
    if (request.rangeEnd.length > 0) request.rangeEnd = Buffer.from(request.rangeEnd);
    this.#replica.read(new RangeWaiter(this.#answers, call, request));
  };

  readonly #put = (call: UnaryCall, message: Uint8Array): void => {
    const error = checkPut(PutRequest.decode(message));
    if (error !== undefined) return refuse(call, error);
    this.#propose(call, "put", message);
  };

  readonly #deleteRange = (call: UnaryCall, message: Uint8Array): void => {
    const error = checkDeleteRange(DeleteRangeRequest.decode(message));
    if (error !== undefined) return refuse(call, error);
    this.#propose(call, "deleteRange", message);
  };

  readonly #txn = (call: UnaryCall, message: Uint8Array): void => {
    const request = TxnRequest.decode(message);
    const error = checkTxn(request, this.#txnOperationsMax);
    if (error !== undefined) return refuse(call, error);
    if (!isReadOnly(request)) return this.#propose(call, "txn", message);
    if (isSerializable(request)) {
      return this.#answers.readTxn(call, request, this.#answers.now());
    }
    const kept = TxnRequest.decode(Buffer.from(message));
    this.#replica.read(new ReadTxnWaiter(this.#answers, call, kept));
  };

  readonly #compact = (call: UnaryCall, message: Uint8Array): void => {
    const { physical } = CompactionRequest.decode(message);
    const description = { kind: "compaction", physical } as const;
    const waiter = new WriteWaiter(this.#answers, call, this.#replica, description);
    this.#replica.propose("compaction", message, waiter);
  };

  #propose(call: UnaryCall, kind: RequestKind, message: Uint8Array): void {
    const description = { kind: "write", name: kind, bytes: message.length } as const;
    const waiter = new WriteWaiter(this.#answers, call, this.#replica, description);
    this.#replica.propose(kind, message, waiter);
  }
}
