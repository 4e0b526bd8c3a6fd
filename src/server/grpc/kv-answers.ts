// SPDX-License-Identifier: Apache-2.0

import type { RangeRequest, TxnRequest } from "../../api/gen/etcdserverpb.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import { invariant } from "../../base/invariant.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import {
  type ApplyResult,
  executeRange,
  executeReadTxn,
  type OperationResult,
  planReadTxn,
  type Request,
  readsManyKeys,
} from "../../core/apply/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { ProposalWaiter, ReadWaiter, Refusal, ReplicaFace } from "../replica/face.ts";
import type { Slices } from "../replica/slices.ts";
import { AnswerPages } from "./answer-pages.ts";
import { applyErrorStatus, refusalStatus } from "./error-status.ts";
import { writeResultBody } from "./kv-encoding.ts";
import { RangeWork } from "./range-work.ts";
import { ReadTxnWork } from "./read-txn-work.ts";
import { HeaderWriter } from "./response-header.ts";
import { refuse } from "./service.ts";
import type { RequestType, SlowRequests } from "./slow-requests.ts";

/** What answers need of the member. */
export type KvReplica = Omit<ReplicaFace, "leases">;

const ANSWER_BUFFER_BYTES = 64 * 1024;
/** A buffer that a larger answer has made grow is not kept. */
const ANSWER_BUFFER_BYTES_KEPT = 1024 * 1024;

const WRITE_TYPES: Readonly<Partial<Record<Request["kind"], RequestType>>> = {
  put: "Put",
  deleteRange: "DeleteRange",
  txn: "Txn",
  compaction: "Compaction",
};

/** Turns results into answers on the wire and warns about slow ones. */
export class KvAnswers {
  readonly #replica: KvReplica;
  readonly #slow: SlowRequests;
  readonly #slices: Slices;
  readonly #headers: HeaderWriter;
  #writer = new WireWriter(ANSWER_BUFFER_BYTES);

  constructor(replica: KvReplica, slow: SlowRequests, slices: Slices) {
    this.#replica = replica;
    this.#slow = slow;
    this.#slices = slices;
    this.#headers = new HeaderWriter(replica.clusterId, replica.memberId);
  }

  now(): number {
    return this.#slow.now();
  }

  /** Reads the state and answers: one key at once, a range in as many turns as it takes. */
  range(call: UnaryCall, request: RangeRequest, startedMs: number, requestBytes: number): void {
    if (request.rangeEnd.length > 0) {
      return this.#manyKeys(call, request, startedMs, requestBytes);
    }
    const beganMs = this.now();
    const result = executeRange(this.#replica.store, request);
    this.#slow.rangeDone(result.kind === "range", beganMs);
    if (result.kind === "error") refuse(call, applyErrorStatus[result.error]);
    else this.#operation(call, result, this.#replica.store.currentRevision);
    const finished: Request = { kind: "range", range: request };
    this.#finished("Range", call, startedMs, finished, requestBytes, result);
  }

  #manyKeys(call: UnaryCall, range: RangeRequest, startedMs: number, requestBytes: number): void {
    const request: Request = { kind: "range", range };
    const pages = this.#pages();
    const beganMs = this.now();
    const work = new RangeWork({
      call,
      store: this.#replica.store,
      request: range,
      pages,
      writeHeader: (writer, revision) =>
        this.#headers.write(writer, revision, this.#replica.status().term),
      refuse: ({ error }) => {
        this.#slow.rangeDone(false, beganMs);
        refuse(call, applyErrorStatus[error]);
      },
      respond: (result) => {
        this.#slow.rangeDone(true, beganMs);
        pages.respond(call);
        const { length } = pages;
        this.#finished("Range", call, startedMs, request, requestBytes, result, length);
      },
    });
    if (this.#slices.run(work.step)) return;
    work.close();
    refuse(call, rpcErrors.requestTooManyRequests);
  }

  /** Runs a transaction of reads on the state and answers. */
  readTxn(call: UnaryCall, request: TxnRequest, startedMs: number, requestBytes: number): void {
    if (readsManyKeys(request)) {
      return this.#manyReads(call, request, startedMs, requestBytes);
    }
    const result = executeReadTxn(this.#replica.store, request);
    if (result.kind === "error") refuse(call, applyErrorStatus[result.error]);
    else this.#operation(call, result, result.revision);
    const finished: Request = { kind: "txn", txn: request };
    this.#finished("ReadonlyTxn", call, startedMs, finished, requestBytes, result);
  }

  #manyReads(call: UnaryCall, txn: TxnRequest, startedMs: number, requestBytes: number): void {
    const { store } = this.#replica;
    const request: Request = { kind: "txn", txn };
    const planned = planReadTxn(store, txn);
    if (planned.kind === "error") {
      refuse(call, applyErrorStatus[planned.error]);
      this.#finished("ReadonlyTxn", call, startedMs, request, requestBytes, planned);
      return;
    }
    const { plan, revision } = planned;
    const { succeeded } = plan;
    const work = new ReadTxnWork({
      call,
      store,
      plan,
      writeHeader: (writer) => this.#headers.write(writer, revision, this.#replica.status().term),
      responded: (bytes) => {
        const result: ApplyResult = { kind: "txn", revision, succeeded, responses: [] };
        this.#finished("ReadonlyTxn", call, startedMs, request, requestBytes, result, bytes);
      },
    });
    if (this.#slices.run(work.step)) return;
    work.close();
    refuse(call, rpcErrors.requestTooManyRequests);
  }

  /** Answers a proposal. */
  result(
    call: UnaryCall,
    result: ApplyResult,
    startedMs: number,
    request: Request,
    requestBytes: number,
  ): void {
    if (result.kind === "error") refuse(call, applyErrorStatus[result.error]);
    else if (result.kind === "compaction") this.#compaction(call, result.revision);
    else {
      const { kind } = result;
      invariant("revision" in result, `a client request was answered with ${kind}`);
      this.#operation(call, result, result.revision);
    }
    const type = WRITE_TYPES[request.kind] ?? "Txn";
    this.#finished(type, call, startedMs, request, requestBytes, result);
  }

  /** Lends the writer, and makes another one if it is needed for longer. */
  #pages(): AnswerPages {
    const keep = (): void => {
      this.#writer = new WireWriter(ANSWER_BUFFER_BYTES);
    };
    return new AnswerPages(() => this.#emptyWriter(), keep);
  }

  #emptyWriter(): WireWriter {
    if (this.#writer.length > ANSWER_BUFFER_BYTES_KEPT) {
      this.#writer = new WireWriter(ANSWER_BUFFER_BYTES);
    }
    this.#writer.reset();
    return this.#writer;
  }

  #operation(call: UnaryCall, result: OperationResult, revision: number): void {
    const writer = this.#emptyWriter();
    this.#headers.write(writer, revision, this.#replica.status().term);
    writeResultBody(writer, result);
    call.respond(writer.view());
  }

  #compaction(call: UnaryCall, revision: number): void {
    this.#writer.reset();
    this.#headers.write(this.#writer, revision, this.#replica.status().term);
    call.respond(this.#writer.view());
  }

  #finished(
    type: RequestType,
    call: UnaryCall,
    startedMs: number,
    request: Request,
    requestBytes: number,
    result: ApplyResult,
    responseBytes = this.#writer.length,
  ): void {
    if (!this.#slow.isSlow(type, result.kind !== "error", startedMs)) return;
    const { path, peerAddress } = call;
    this.#slow.warn({ path, peerAddress, startedMs, request, requestBytes, result, responseBytes });
  }
}

/** A call whose answer is on its way. One that its client has left gets none. */
abstract class WaitingCall {
  protected readonly answers: KvAnswers;
  protected readonly call: UnaryCall;
  protected readonly startedMs: number;
  protected readonly requestBytes: number;

  constructor(answers: KvAnswers, call: UnaryCall, requestBytes: number) {
    this.answers = answers;
    this.call = call;
    this.requestBytes = requestBytes;
    this.startedMs = answers.now();
  }

  unserved(reason: Refusal): void {
    if (!this.call.ended) refuse(this.call, refusalStatus[reason]);
  }
}

/** A linearizable range on its way. */
export class RangeWaiter extends WaitingCall implements ReadWaiter {
  readonly #request: RangeRequest;

  constructor(answers: KvAnswers, call: UnaryCall, request: RangeRequest, requestBytes: number) {
    super(answers, call, requestBytes);
    this.#request = request;
  }

  serve(): void {
    if (this.call.ended) return;
    this.answers.range(this.call, this.#request, this.startedMs, this.requestBytes);
  }
}

/** A linearizable transaction of reads on its way. */
export class ReadTxnWaiter extends WaitingCall implements ReadWaiter {
  readonly #request: TxnRequest;

  constructor(answers: KvAnswers, call: UnaryCall, request: TxnRequest, requestBytes: number) {
    super(answers, call, requestBytes);
    this.#request = request;
  }

  serve(): void {
    if (this.call.ended) return;
    this.answers.readTxn(this.call, this.#request, this.startedMs, this.requestBytes);
  }
}

/** A write on its way through the log. */
export class WriteWaiter extends WaitingCall implements ProposalWaiter {
  readonly #replica: KvReplica;
  readonly #request: Request;

  constructor(
    answers: KvAnswers,
    call: UnaryCall,
    replica: KvReplica,
    request: Request,
    requestBytes: number,
  ) {
    super(answers, call, requestBytes);
    this.#replica = replica;
    this.#request = request;
  }

  applied(result: ApplyResult): void {
    const request = this.#request;
    if (
      result.kind === "compaction" &&
      request.kind === "compaction" &&
      request.compaction.physical
    ) {
      this.#replica.whenCompacted(() => this.#answer(result));
    } else this.#answer(result);
  }

  #answer(result: ApplyResult): void {
    if (this.call.ended) return;
    this.answers.result(this.call, result, this.startedMs, this.#request, this.requestBytes);
  }
}
