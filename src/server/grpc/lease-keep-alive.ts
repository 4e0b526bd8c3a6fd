// SPDX-License-Identifier: Apache-2.0

import {
  LeaseCheckpointRequest,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
} from "../../api/gen/etcdserverpb.ts";
import { GrpcCode, type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { StreamCall, StreamListener } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import { refusalStatus } from "./error-status.ts";
import { malformedMessage } from "./malformed.ts";

/** Renewals of one stream under way at once; more are left unread until some are answered. */
const RENEWALS_IN_FLIGHT_MAX = 256;

const NOT_PRIMARY: RpcError = { code: GrpcCode.unknown, message: "not a primary lessor" };

const IGNORE: StreamListener = { onMessage() {}, onHalfClose() {}, onCancel() {} };

/** `etcdserverpb.Lease/LeaseKeepAlive`: streams of renewals, which do not go through the log. */
export class LeaseKeepAliveService {
  readonly #replica: ReplicaFace;
  readonly #clock: Clock;
  readonly #receiveFailed: () => void;
  readonly #sessions = new Set<KeepAliveSession>();
  /** Renewals of leases that have expired: they wait for the revoke. */
  #undecided: Renewal[] = [];
  #stopped = false;

  /** `receiveFailed`: what a client sent cannot be read. */
  constructor(replica: ReplicaFace, clock: Clock, receiveFailed: () => void = () => {}) {
    this.#replica = replica;
    this.#clock = clock;
    this.#receiveFailed = receiveFailed;
  }

  /** Opens a stream: the handler of the method. */
  readonly keepAlive = (call: StreamCall): StreamListener => {
    const refusal = this.#refusal(call);
    if (refusal !== undefined) {
      call.fail(refusal.code, refusal.message);
      return IGNORE;
    }
    const session = new KeepAliveSession(call, {
      begin: this.#begin,
      closed: (done) => this.#sessions.delete(done),
      receiveFailed: this.#receiveFailed,
    });
    this.#sessions.add(session);
    return session;
  };

  /** A turn of the loop is over: expired leases may have been revoked. */
  onTurn(): void {
    if (this.#undecided.length === 0) return;
    const undecided = this.#undecided;
    this.#undecided = [];
    for (const renewal of undecided) this.#decide(renewal);
  }

  /** The member lost its leader: streams that asked for one end, others stay. */
  onLeaderLost(): void {
    for (const session of [...this.#sessions]) {
      if (wantsLeader(session.call)) session.fail(rpcErrors.noLeader);
    }
  }

  /** The member stops: all streams end, and new ones are refused. */
  stop(): void {
    this.#stopped = true;
    for (const session of [...this.#sessions]) session.fail(rpcErrors.stopped);
  }

  #refusal(call: StreamCall): RpcError | undefined {
    if (this.#stopped) return rpcErrors.stopped;
    const hasLeader = this.#replica.status().leader !== 0n;
    return wantsLeader(call) && !hasLeader ? rpcErrors.noLeader : undefined;
  }

  readonly #begin = (session: KeepAliveSession, id: bigint): void => {
    // The revision as of now: one at which the lease may already be revoked is never told.
    const renewal = { session, id, revision: this.#replica.store.currentRevision };
    this.#replica.read({
      serve: () => this.#renew(renewal),
      unserved: (reason) => {
        const isAlone = reason === "timeout" && this.#replica.status().leader === 0n;
        session.fail(isAlone ? rpcErrors.noLeader : refusalStatus[reason]);
      },
    });
  };

  /** This member has just been confirmed to lead, if it is the one that leads. */
  #renew(renewal: Renewal): void {
    const { id, session } = renewal;
    if (session.isOver) return;
    const { leases } = this.#replica;
    if (!leases.isPrimary || !leases.mustClear(id)) return this.#decide(renewal);
    const checkpoints = [{ ID: id, remainingTTL: 0 }];
    const message = LeaseCheckpointRequest.encode({ checkpoints });
    this.#replica.propose(this.#replica.prepare("leaseCheckpoint", message), {
      applied: () => this.#decide(renewal),
      unserved: (reason) => session.fail(refusalStatus[reason]),
    });
  }

  #decide(renewal: Renewal): void {
    const { session, id, revision } = renewal;
    if (session.isOver) return;
    const outcome = this.#replica.leases.renew(id, this.#clock.monotonicMs());
    switch (outcome.kind) {
      case "renewed":
        return session.answer(this.#response(id, revision, outcome.ttlSeconds));
      case "notFound":
        return session.answer(this.#response(id, revision, 0));
      case "expired":
        this.#undecided.push(renewal);
        return;
      case "notPrimary":
        return session.fail(NOT_PRIMARY);
    }
  }

  #response(id: bigint, revision: number, ttlSeconds: number): Uint8Array {
    const { clusterId, memberId } = this.#replica;
    const raftTerm = this.#replica.status().term;
    const header = { clusterId, memberId, revision, raftTerm };
    return LeaseKeepAliveResponse.encode({ header, ID: id, TTL: ttlSeconds });
  }
}

interface Renewal {
  readonly session: KeepAliveSession;
  readonly id: bigint;
  readonly revision: number;
}

interface SessionHost {
  begin(session: KeepAliveSession, id: bigint): void;
  closed(session: KeepAliveSession): void;
  receiveFailed(): void;
}

/** One stream of renewals. */
class KeepAliveSession implements StreamListener {
  readonly call: StreamCall;
  readonly #host: SessionHost;
  #inFlight = 0;
  #isDraining = false;
  #isHalfClosed = false;
  isOver = false;

  constructor(call: StreamCall, host: SessionHost) {
    this.call = call;
    this.#host = host;
  }

  onMessage(message: Uint8Array): void {
    if (this.isOver) return;
    let id: bigint;
    try {
      id = LeaseKeepAliveRequest.decode(message).ID;
    } catch (error) {
      const refusal = malformedMessage(error);
      this.#host.receiveFailed();
      return this.fail(refusal);
    }
    this.#inFlight++;
    if (this.#inFlight === RENEWALS_IN_FLIGHT_MAX) this.call.pause();
    this.#host.begin(this, id);
  }

  onHalfClose(): void {
    this.#isHalfClosed = true;
    if (this.#inFlight === 0) this.#end();
  }

  onCancel(): void {
    this.#close();
  }

  onDrain(): void {
    this.#isDraining = false;
    this.#resume();
  }

  answer(response: Uint8Array): void {
    if (this.isOver) return;
    this.#inFlight--;
    if (!this.call.write(response)) {
      this.#isDraining = true;
      this.call.pause();
    }
    if (this.#inFlight === 0 && this.#isHalfClosed) this.#end();
    else if (this.#inFlight === RENEWALS_IN_FLIGHT_MAX - 1) this.#resume();
  }

  fail({ code, message }: RpcError): void {
    if (this.isOver) return;
    this.#close();
    this.call.fail(code, message);
  }

  /** Reads on, unless something else still asks to wait. */
  #resume(): void {
    if (this.isOver || this.#isDraining || this.#inFlight >= RENEWALS_IN_FLIGHT_MAX) return;
    this.call.resume();
  }

  #end(): void {
    if (this.isOver) return;
    this.#close();
    this.call.end();
  }

  #close(): void {
    this.isOver = true;
    this.#host.closed(this);
  }
}

function wantsLeader(call: StreamCall): boolean {
  return call.metadata.get("hasleader") === "true";
}
