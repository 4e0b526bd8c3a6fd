// SPDX-License-Identifier: Apache-2.0

import { type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import type { Random } from "../../base/contracts/random.ts";
import type { WatchHub } from "../../core/mvcc/watch/index.ts";
import { WatchEncoder } from "./watch-encoding.ts";
import {
  type SessionContext,
  type StartTimer,
  type StreamObserver,
  type WatchCall,
  type WatchPermission,
  WatchSession,
} from "./watch-session.ts";

export type {
  RequestedRange,
  StartTimer,
  StreamObserver,
  WatchCall,
  WatchPermission,
} from "./watch-session.ts";

/** What the endpoint calls for one stream. */
export interface WatchStreamHandler {
  onMessage(message: Uint8Array): void;
  onHalfClose(): void;
  onCancel(): void;
  onDrain(): void;
}

export interface WatchServiceOptions {
  readonly hub: WatchHub;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly raftTerm: () => number;
  readonly hasLeader: () => boolean;
  /** `--max-request-bytes`. */
  readonly requestBytesMax: number;
  /** `--watch-progress-notify-interval` in milliseconds; 0 for the default. */
  readonly progressIntervalMs: number;
  readonly random: Random;
  readonly startTimer: StartTimer;
  readonly permission: WatchPermission;
  readonly observer: StreamObserver;
  /** Called when the hub may have got work; the fan-out's `wake`. */
  readonly wake: () => void;
}

/** etcd adds this to `--max-request-bytes` wherever it compares sizes of whole messages. */
const REQUEST_OVERHEAD_BYTES = 512 * 1024;
const PROGRESS_INTERVAL_MS_DEFAULT = 600_000;
const PROGRESS_INTERVAL_MS_MIN = 100;
/** One part in so many of the interval is added at most, at random. */
const PROGRESS_JITTER_PARTS = 10;

const HAS_LEADER_METADATA = "hasleader";
const HAS_LEADER_WANTED = "true";

const IGNORE: WatchStreamHandler = {
  onMessage() {},
  onHalfClose() {},
  onCancel() {},
  onDrain() {},
};

/** `etcdserverpb.Watch/Watch`: turns streams of requests into watchers of the hub. */
export class WatchService {
  readonly #context: SessionContext;
  readonly #hasLeader: () => boolean;
  readonly #sessions = new Set<WatchSession>();
  #stopped = false;

  constructor(options: WatchServiceOptions) {
    const { hub, permission, startTimer, observer, wake, random } = options;
    const intervalMs = progressIntervalMs(options.progressIntervalMs);
    this.#hasLeader = options.hasLeader;
    this.#context = {
      hub,
      permission,
      startTimer,
      observer,
      wake,
      encoder: new WatchEncoder(options.clusterId, options.memberId, options.raftTerm),
      progressIntervalMs: () =>
        intervalMs + random.intBelow(Math.ceil(intervalMs / PROGRESS_JITTER_PARTS)),
      fragmentBytes: options.requestBytesMax + REQUEST_OVERHEAD_BYTES,
      onClosed: (session) => this.#sessions.delete(session),
    };
  }

  /** Opens a stream: the handler of the service's one method. */
  readonly watch = (call: WatchCall): WatchStreamHandler => {
    const refusal = this.#refusal(call);
    if (refusal !== undefined) {
      call.fail(refusal.code, refusal.message);
      return IGNORE;
    }
    const session = new WatchSession(call, this.#context);
    this.#sessions.add(session);
    return session;
  };

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

  #refusal(call: WatchCall): RpcError | undefined {
    if (this.#stopped) return rpcErrors.stopped;
    if (wantsLeader(call) && !this.#hasLeader()) return rpcErrors.noLeader;
    return undefined;
  }
}

function wantsLeader(call: WatchCall): boolean {
  return call.metadata.get(HAS_LEADER_METADATA) === HAS_LEADER_WANTED;
}

function progressIntervalMs(configuredMs: number): number {
  if (configuredMs <= 0) return PROGRESS_INTERVAL_MS_DEFAULT;
  return Math.max(configuredMs, PROGRESS_INTERVAL_MS_MIN);
}
