// SPDX-License-Identifier: Apache-2.0

/**
 * What watching costs: the engine and the gRPC service up to the bytes of each response, without
 * sockets. Each row runs for about `SECONDS` (default 1) and prints a checksum of the bytes that
 * it made.
 *
 *     node bench/micro/watch.bench.ts
 */
import { WatchRequest } from "../../src/api/gen/etcdserverpb.ts";
import { KeyValue } from "../../src/api/gen/mvccpb.ts";
import { type HistorySource, type StoredEvent, WatchHub } from "../../src/core/mvcc/watch/index.ts";
import { type WatchCall, WatchService } from "../../src/server/grpc/watch.ts";
import { WatchFanout } from "../../src/server/replica/watch-fanout.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 1);
/** Stands for every pair: making pairs is the store's work, not measured here. */
const PAIR = KeyValue.encode({
  key: Buffer.from("bench/key"),
  value: Buffer.alloc(256, 0x61),
  createRevision: 2,
  modRevision: 1_000_000,
});
const SOCKET_BYTES = 64 * 1024;

/** A history that only remembers how far it is, or that repeats one event for ever. */
class BenchStore implements HistorySource {
  currentRevision = 1;
  readonly compactRevision = -1;
  readonly key: Buffer;

  constructor(key: string) {
    this.key = Buffer.from(key);
  }

  put(key: Buffer): StoredEvent {
    return this.#event(key, ++this.currentRevision);
  }

  eventsFrom(from: number, to: number, eventsMax: number) {
    const end = Math.min(to + 1, from + eventsMax);
    const events: StoredEvent[] = [];
    for (let main = from; main < end; main++) events.push(this.#event(this.key, main));
    return { events, nextRevision: end };
  }

  getAt(): Uint8Array | undefined {
    return undefined;
  }

  #event(key: Buffer, main: number): StoredEvent {
    return { kind: "put", key, kv: PAIR, main, sub: 0, createRevision: 2 };
  }
}

/** Stands for the endpoint: copies each message, as the endpoint does. */
class BenchCall implements WatchCall {
  readonly bufferedBytes = 0;
  readonly metadata = { get: () => undefined };
  readonly #socket = Buffer.alloc(SOCKET_BYTES);
  #position = 0;
  messages = 0;
  bytes = 0;
  checksum = 0;

  write(message: Uint8Array): boolean {
    if (this.#position + message.length > SOCKET_BYTES) this.#position = 0;
    if (message.length <= SOCKET_BYTES) this.#socket.set(message, this.#position);
    this.#position += message.length;
    this.messages++;
    this.bytes += message.length;
    this.checksum = (this.checksum * 31 + (message[message.length >> 1] ?? 0) + message.length) | 0;
    return true;
  }

  fail(): void {}
  pause(): void {}
  resume(): void {}
}

function setUp(store: BenchStore) {
  const hub = new WatchHub({ history: store, hashSeed: 1 });
  const fanout = new WatchFanout(hub, () => {});
  const service = new WatchService({
    hub,
    clusterId: 1n,
    memberId: 2n,
    raftTerm: () => 3,
    hasLeader: () => true,
    requestBytesMax: 1_572_864,
    progressIntervalMs: 0,
    random: { intBelow: () => 0 },
    startTimer: () => () => {},
    observer: {
      nowMs: () => performance.now(),
      controlSent: () => {},
      progressed: () => {},
      receiveFailed: () => {},
    },
    permission: () => undefined,
    wake: () => {},
  });
  const open = (): { call: BenchCall; watch(key: string, end?: string, from?: number): void } => {
    const call = new BenchCall();
    const handler = service.watch(call);
    return {
      call,
      watch(key, end = "", startRevision = 0) {
        const createRequest = {
          key: Buffer.from(key),
          rangeEnd: Buffer.from(end),
          startRevision,
        };
        handler.onMessage(WatchRequest.encode({ createRequest }));
      },
    };
  };
  return { hub, fanout, open };
}

/** Repeats `run` for about that long. */
function measure(
  run: () => void,
  seconds: number,
): { count: number; cpuMicros: number; wallMicros: number } {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let count = 0;
  while (performance.now() - start < seconds * 1000) {
    for (let inner = 0; inner < 10; inner++) run();
    count += 10;
  }
  const spent = process.cpuUsage(cpu);
  const wallMicros = ((performance.now() - start) * 1000) / count;
  return { count, cpuMicros: (spent.user + spent.system) / count, wallMicros };
}

function report(name: string, unit: string, perRun: number, run: () => void): void {
  measure(run, SECONDS / 2);
  const { cpuMicros, wallMicros } = measure(run, SECONDS);
  const rate = Math.round((perRun / wallMicros) * 1e6).toLocaleString("en");
  console.log(`${name}: ${rate} ${unit}/s, ${(cpuMicros / perRun).toFixed(3)} us CPU per ${unit}`);
}

function checksum(calls: readonly BenchCall[]): void {
  const sum = calls.reduce((total, call) => (total * 31 + call.checksum) | 0, 0);
  const bytes = calls.reduce((total, call) => total + call.bytes, 0);
  console.log(`  ${bytes} bytes, checksum ${sum >>> 0}`);
}

function watchersOfOneKey(): void {
  const store = new BenchStore("bench/key");
  const { fanout, open } = setUp(store);
  const calls = Array.from({ length: 10 }, () => {
    const { call, watch } = open();
    for (let count = 0; count < 100; count++) watch("bench/key");
    return call;
  });
  report("1,000 watchers of the key on 10 streams", "delivery", 1000, () =>
    fanout.onApplied([store.put(store.key)]),
  );
  checksum(calls);
}

function distinctKeys(name: string, key: (index: number) => string, end: string): void {
  const store = new BenchStore("bench/key");
  const { fanout, open } = setUp(store);
  const { call, watch } = open();
  for (let index = 0; index < 10_000; index++) {
    watch(key(index), end === "" ? "" : key(index) + end);
  }
  const baseline = Array.from({ length: 1000 }, (_, index) => Buffer.from(`unwatched-${index}`));
  const puts = (): void => {
    const events = baseline.map((unwatched) => store.put(unwatched));
    fanout.onApplied(events);
  };
  const onlyEvents = new BenchStore("bench/key");
  report(`  (making the events)`, "put", 1000, () => {
    for (const unwatched of baseline) onlyEvents.put(unwatched);
  });
  report(`${name}, puts to unwatched keys`, "put", 1000, puts);
  let next = 0;
  const watched = Array.from({ length: 10_000 }, (_, index) => Buffer.from(key(index)));
  report(`${name}, puts to watched keys`, "put", 1000, () => {
    const events: StoredEvent[] = [];
    for (let count = 0; count < 1000; count++) {
      next = (next + 7919) % watched.length;
      events.push(store.put(watched[next] ?? store.key));
    }
    fanout.onApplied(events);
  });
  checksum([call]);
}

function catchUp(): void {
  const store = new BenchStore("bench/key");
  store.currentRevision = 100_001;
  const { hub, open } = setUp(store);
  const { call, watch } = open();
  report("1 watcher through 100,000 events of history", "event", 100_000, () => {
    watch("bench/key", "", 2);
    while (hub.hasWork()) hub.step();
  });
  checksum([call]);
}

watchersOfOneKey();
distinctKeys("10,000 watchers of distinct keys", (index) => `bench/key-${index}`, "");
distinctKeys("10,000 watchers of distinct ranges", (index) => `bench/key-${index}/`, "~");
catchUp();
