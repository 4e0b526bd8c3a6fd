// SPDX-License-Identifier: Apache-2.0

import { WatchRequest, WatchResponse } from "../../../api/gen/etcdserverpb.ts";
import type { Init } from "../../../api/message-codec.ts";
import type { StoredEvent, WatchLimits } from "../../../core/mvcc/watch/index.ts";
import { WatchHub } from "../../../core/mvcc/watch/index.ts";
import { NaiveStore } from "../../../core/mvcc/watch/testing/naive-store.ts";
import { WatchFanout } from "../../replica/watch-fanout.ts";
import {
  type WatchCall,
  WatchService,
  type WatchServiceOptions,
  type WatchStreamHandler,
} from "../watch.ts";

export const CLUSTER_ID = 0xcdf818194e3a8c32n;
export const MEMBER_ID = 0x8e9e05c52164694dn;
export const RAFT_TERM = 7;

/** The endpoint's side of a stream: keeps what was written, and can be told to stop reading. */
export class FakeCall implements WatchCall {
  readonly sent: Uint8Array[] = [];
  readonly highBytes: number;
  bufferedBytes = 0;
  bufferedBytesPeak = 0;
  stalled = false;
  paused = false;
  status: { code: number; message: string } | undefined;
  readonly metadata: { get(name: string): string | undefined };
  #awaitsDrain = false;

  constructor(metadata: Readonly<Record<string, string>> = {}, highBytes = 0) {
    this.metadata = { get: (name) => metadata[name] };
    this.highBytes = highBytes;
  }

  write(message: Uint8Array): boolean {
    this.sent.push(new Uint8Array(message));
    if (!this.stalled) return true;
    this.bufferedBytes += message.length;
    this.bufferedBytesPeak = Math.max(this.bufferedBytesPeak, this.bufferedBytes);
    const room = this.bufferedBytes <= this.highBytes;
    if (!room) this.#awaitsDrain = true;
    return room;
  }

  fail(code: number, message: string): void {
    this.status = { code, message };
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** The client reads everything that was written. */
  drain(handler: WatchStreamHandler): void {
    this.stalled = false;
    this.bufferedBytes = 0;
    if (!this.#awaitsDrain) return;
    this.#awaitsDrain = false;
    handler.onDrain();
  }
}

/** A client of the rig: one stream. */
export class RigClient {
  readonly call: FakeCall;
  readonly handler: WatchStreamHandler;

  constructor(service: WatchService, call: FakeCall) {
    this.call = call;
    this.handler = service.watch(call);
  }

  send(request: Init<WatchRequest>): void {
    this.handler.onMessage(WatchRequest.encode(request));
  }

  create(
    key: string,
    fields: Omit<NonNullable<Init<WatchRequest>["createRequest"]>, "key" | "rangeEnd"> & {
      readonly end?: string;
    } = {},
  ): void {
    const { end, ...rest } = fields;
    const rangeEnd = Buffer.from(end ?? "");
    this.send({ createRequest: { key: Buffer.from(key), rangeEnd, ...rest } });
  }

  cancel(watchId: bigint): void {
    this.send({ cancelRequest: { watchId } });
  }

  progress(): void {
    this.send({ progressRequest: {} });
  }

  drain(): void {
    this.call.drain(this.handler);
  }

  /** Everything received since the last call. */
  take(): WatchResponse[] {
    return this.call.sent.splice(0).map((message) => WatchResponse.decode(message));
  }
}

/** Store, hub, fan-out and service wired together, with time and turns in the test's hands. */
export class WatchRig {
  readonly store: NaiveStore;
  readonly hub: WatchHub;
  readonly fanout: WatchFanout;
  readonly service: WatchService;
  hasLeader = true;
  readonly observed: string[] = [];
  nowMs = 0;
  readonly #turns: (() => void)[] = [];
  readonly #timers = new Set<{ dueMs: number; fire: () => void }>();

  constructor(
    options: Partial<WatchServiceOptions> & {
      readonly limits?: WatchLimits;
      readonly store?: NaiveStore;
    } = {},
  ) {
    const { limits, store, ...service } = options;
    this.store = store ?? new NaiveStore();
    const hubOptions = { history: this.store, hashSeed: 1 };
    this.hub = new WatchHub(limits === undefined ? hubOptions : { ...hubOptions, limits });
    this.fanout = new WatchFanout(this.hub, (run) => this.#turns.push(run));
    this.service = new WatchService({
      hub: this.hub,
      clusterId: CLUSTER_ID,
      memberId: MEMBER_ID,
      raftTerm: () => RAFT_TERM,
      hasLeader: () => this.hasLeader,
      requestBytesMax: 1_572_864,
      progressIntervalMs: 1000,
      random: { intBelow: () => 0 },
      startTimer: (delayMs, fire) => this.#startTimer(delayMs, fire),
      permission: () => undefined,
      observer: {
        nowMs: () => this.nowMs,
        controlSent: () => this.observed.push("control"),
        progressed: () => this.observed.push("progress"),
        receiveFailed: () => this.observed.push("receive failed"),
      },
      wake: () => this.fanout.wake(),
      ...service,
    });
  }

  connect(metadata: Readonly<Record<string, string>> = {}, highBytes?: number): RigClient {
    return new RigClient(this.service, new FakeCall(metadata, highBytes));
  }

  /** Hands events out as the loop does behind an apply batch. */
  apply(...batches: readonly StoredEvent[][]): void {
    this.fanout.onApplied(batches.flat());
  }

  put(key: string, value?: string | Uint8Array): void {
    this.apply(this.store.put(key, value));
  }

  delete(key: string): void {
    this.apply(this.store.delete(key));
  }

  /** Runs one deferred turn; says whether there was one. */
  turn(): boolean {
    const run = this.#turns.shift();
    run?.();
    return run !== undefined;
  }

  /** Runs turns until nothing is left to do. */
  settle(): void {
    for (let turns = 0; this.turn(); turns++) {
      if (turns > 100_000) throw new Error("the hub never gets done");
    }
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Lets time pass, firing timers in order. */
  advance(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const [timer] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs);
      if (timer === undefined || timer.dueMs > endMs) break;
      this.#timers.delete(timer);
      this.nowMs = timer.dueMs;
      timer.fire();
    }
    this.nowMs = endMs;
  }

  #startTimer(delayMs: number, fire: () => void): () => void {
    const timer = { dueMs: this.nowMs + delayMs, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}

/** Keys of all events of the responses, in order. */
export function eventKeys(responses: readonly WatchResponse[]): string[] {
  return responses.flatMap(({ events }) =>
    events.map(({ kv }) => Buffer.from(kv?.key ?? []).toString()),
  );
}

/** Mod revisions of all events of the responses, in order. */
export function eventRevisions(responses: readonly WatchResponse[]): number[] {
  return responses.flatMap(({ events }) => events.map(({ kv }) => kv?.modRevision ?? 0));
}
