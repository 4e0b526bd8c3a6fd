// SPDX-License-Identifier: Apache-2.0

import { LeaseService, MaintenanceService } from "../../api/gen/etcdserverpb.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { type ApplyResult, isReadOnly, type Request } from "../../core/apply/index.ts";
import { describeRequest } from "../replica/describe-request.ts";
import { durationText } from "../replica/duration-text.ts";

const CALLER = "grpc/slow-requests.ts";
/** What is said of the messages of services other than KV. */
const UNKNOWN = -1;
/** The other services' requests that are measured. */
const TYPES_BY_PATH: ReadonlyMap<string, RequestType> = new Map([
  [LeaseService.leaseGrant.path, "LeaseGrant"],
  [LeaseService.leaseRevoke.path, "LeaseRevoke"],
  [MaintenanceService.alarm.path, "Alarm"],
]);

/** One answered request of KV, for the log line that a slow one earns. */
export interface FinishedRequest {
  readonly path: string;
  readonly peerAddress: string;
  readonly startedMs: number;
  readonly request: Request;
  readonly requestBytes: number;
  readonly result: ApplyResult;
  readonly responseBytes: number;
}

/** What requests are called in metrics. */
export type RequestType =
  | "Range"
  | "ReadonlyTxn"
  | "Put"
  | "DeleteRange"
  | "Txn"
  | "Compaction"
  | "LeaseGrant"
  | "LeaseRevoke"
  | "Alarm";

export interface SlowRequestOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** `--warning-unary-request-duration` */
  readonly requestMs: number;
  /** `--warning-apply-duration`, which counts for reads that go through no log, too. */
  readonly applyMs: number;
  /** Hears of every request, in milliseconds. */
  readonly observe: (type: RequestType, isOk: boolean, tookMs: number) => void;
  /** Hears of every range by itself, in milliseconds: what the key space took. */
  readonly observeRange: (isOk: boolean, tookMs: number) => void;
}

/** Warns about unary requests and local reads that took longer than they should. */
export class SlowRequests {
  readonly #options: SlowRequestOptions;
  readonly #thresholdMs: number;

  constructor(options: SlowRequestOptions) {
    this.#options = options;
    this.#thresholdMs = Math.min(options.requestMs, options.applyMs);
  }

  now(): number {
    return this.#options.clock.monotonicMs();
  }

  /** A range has been read since then. */
  rangeDone(isOk: boolean, beganMs: number): void {
    this.#options.observeRange(isOk, this.now() - beganMs);
  }

  /** A request is answered; whether there may be something to warn about. */
  isSlow(type: RequestType, isOk: boolean, startedMs: number): boolean {
    const spentMs = this.now() - startedMs;
    this.#options.observe(type, isOk, spentMs);
    return spentMs > this.#thresholdMs;
  }

  warn(finished: FinishedRequest): void {
    const { requestMs, applyMs } = this.#options;
    const spentMs = this.now() - finished.startedMs;
    if (spentMs > applyMs && isLocalRead(finished)) this.#warnRead(finished, spentMs);
    if (spentMs <= requestMs || finished.result.kind === "error") return;
    const counts = countsOf(finished);
    this.#warnRequest(finished, spentMs, {
      "request count": counts.request,
      "request size": finished.request.kind === "compaction" ? UNKNOWN : finished.requestBytes,
      "response count": counts.response,
      "response size": finished.request.kind === "compaction" ? UNKNOWN : finished.responseBytes,
      "request content":
        finished.request.kind === "compaction" ? "" : describeRequest(finished.request),
    });
  }

  /** The same for a call of another service, of which only the time is told. */
  warnOther(path: string, peerAddress: string, isOk: boolean, startedMs: number): void {
    const spentMs = this.now() - startedMs;
    const type = TYPES_BY_PATH.get(path);
    if (type !== undefined) this.#options.observe(type, isOk, spentMs);
    if (spentMs <= this.#options.requestMs) return;
    this.#warnRequest({ path, peerAddress }, spentMs, {
      "request count": UNKNOWN,
      "request size": UNKNOWN,
      "response count": UNKNOWN,
      "response size": UNKNOWN,
      "request content": "",
    });
  }

  #warnRequest(
    { path, peerAddress }: Pick<FinishedRequest, "path" | "peerAddress">,
    spentMs: number,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    const { clock, logger } = this.#options;
    logger.log("warn", CALLER, "request stats", {
      "start time": new Date(clock.unixMs() - spentMs).toISOString(),
      "time spent": durationText(spentMs),
      remote: peerAddress,
      "response type": path,
      ...fields,
    });
  }

  #warnRead({ request, result, responseBytes }: FinishedRequest, spentMs: number): void {
    const count = result.kind === "range" ? `range_response_count:${result.pairs} ` : "";
    this.#options.logger.log("warn", CALLER, "apply request took too long", {
      took: durationText(spentMs),
      "expected-duration": durationText(this.#options.applyMs),
      prefix: request.kind === "range" ? "read-only range " : "read-only txn ",
      request: describeRequest(request),
      response: `${count}size:${responseBytes}`,
    });
  }
}

function isLocalRead({ request }: FinishedRequest): boolean {
  return request.kind === "range" || (request.kind === "txn" && isReadOnly(request.txn));
}

/** How much was asked for and given, counted as etcd does. */
function countsOf({ request, result }: FinishedRequest): { request: number; response: number } {
  switch (result.kind) {
    case "range":
      return { request: 0, response: result.count };
    case "put":
      return { request: 1, response: 0 };
    case "deleteRange":
      return { request: 0, response: result.deleted };
    case "txn": {
      if (request.kind !== "txn") return { request: UNKNOWN, response: 0 };
      const { success, failure } = request.txn;
      return { request: (result.succeeded ? success : failure).length, response: 0 };
    }
    default:
      return { request: UNKNOWN, response: UNKNOWN };
  }
}
