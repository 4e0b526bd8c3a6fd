// SPDX-License-Identifier: Apache-2.0

import { KVService, RangeRequest } from "../../api/gen/etcdserverpb.ts";
import type { RpcError } from "../../api/rpc-errors.ts";
import { isReadOnly, isSerializable, type Request } from "../../core/apply/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { PreparedRequest, ReplicaFace } from "../replica/face.ts";
import type { Slices } from "../replica/slices.ts";
import { KvAnswers, RangeWaiter, ReadTxnWaiter, WriteWaiter } from "./kv-answers.ts";
import { refuse, type UnaryMethods } from "./service.ts";
import type { SlowRequests } from "./slow-requests.ts";
import type { SpaceCheck } from "./space-check.ts";
import { checkDeleteRange, checkPut, checkRange, checkTxn } from "./validate.ts";

export interface KvOptions {
  readonly replica: Omit<ReplicaFace, "leases">;
  readonly txnOperationsMax: number;
  readonly slowRequests: SlowRequests;
  readonly space: SpaceCheck;
  readonly slices: Slices;
}

/** `etcdserverpb.KV`: validates, then proposes writes and serves reads. */
export class KvService {
  readonly #replica: KvOptions["replica"];
  readonly #txnOperationsMax: number;
  readonly #answers: KvAnswers;
  readonly #space: SpaceCheck;

  constructor(options: KvOptions) {
    this.#replica = options.replica;
    this.#txnOperationsMax = options.txnOperationsMax;
    this.#space = options.space;
    this.#answers = new KvAnswers(options.replica, options.slowRequests, options.slices);
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
      return this.#answers.range(call, request, this.#answers.now(), message.length);
    }
    // The message's memory is reused after this call; the read happens later.
    request.key = Buffer.from(request.key);
    if (request.rangeEnd.length > 0) request.rangeEnd = Buffer.from(request.rangeEnd);
    this.#replica.read(new RangeWaiter(this.#answers, call, request, message.length));
  };

  readonly #put = (call: UnaryCall, message: Uint8Array): void => {
    const prepared = this.#replica.prepare("put", message);
    this.#propose(call, prepared, message.length);
  };

  readonly #deleteRange = (call: UnaryCall, message: Uint8Array): void => {
    const prepared = this.#replica.prepare("deleteRange", message);
    this.#propose(call, prepared, message.length);
  };

  readonly #txn = (call: UnaryCall, message: Uint8Array): void => {
    const prepared = this.#replica.prepare("txn", message);
    const { request } = prepared;
    if (request.kind !== "txn" || !isReadOnly(request.txn)) {
      return this.#propose(call, prepared, message.length);
    }
    const { txn } = request;
    const error = checkTxn(txn, this.#txnOperationsMax);
    if (error !== undefined) refuse(call, error);
    else if (isSerializable(txn))
      this.#answers.readTxn(call, txn, this.#answers.now(), message.length);
    else this.#replica.read(new ReadTxnWaiter(this.#answers, call, txn, message.length));
  };

  readonly #compact = (call: UnaryCall, message: Uint8Array): void => {
    const prepared = this.#replica.prepare("compaction", message);
    this.#propose(call, prepared, message.length);
  };

  /** Room is asked for before the request is checked, as etcd does. */
  #propose(call: UnaryCall, prepared: PreparedRequest, messageBytes: number): void {
    const { request } = prepared;
    if (!this.#space.admits(call, request)) return;
    const error = checkWrite(request, this.#txnOperationsMax);
    if (error !== undefined) return refuse(call, error);
    const waiter = new WriteWaiter(this.#answers, call, this.#replica, request, messageBytes);
    this.#replica.propose(prepared, waiter);
  }
}

function checkWrite(request: Request, txnOperationsMax: number): RpcError | undefined {
  switch (request.kind) {
    case "put":
      return checkPut(request.put);
    case "deleteRange":
      return checkDeleteRange(request.deleteRange);
    case "txn":
      return checkTxn(request.txn, txnOperationsMax);
    default:
      return undefined;
  }
}
