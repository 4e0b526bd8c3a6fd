// SPDX-License-Identifier: Apache-2.0

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { grpcFrame } from "../../bench/rows.ts";
import { StreamConnection } from "../../bench/scenarios/stream-connection.ts";
import { countEvents } from "../../bench/scenarios/watch-message.ts";
import {
  LeaseKeepAliveRequest,
  LeaseService,
  WatchRequest,
  WatchService,
} from "../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../src/api/message-codec.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { keyAt, keyCount, type Workload } from "./workload.ts";

const watchConnections = 4;
const streamsPerConnection = 5;
const watchersPerStream = 20;
const rangeKeys = 100;
/** A connection of watchers that is replaced asks for so many revisions of the past. */
const historyRevisions = 2_000;
const keepAliveMs = 10;

function watchMessage(request: Init<WatchRequest>): Uint8Array {
  return grpcFrame(WatchRequest.encode(request));
}

/** Watchers of keys, of ranges and of everything; leases kept alive; one client that does not read. */
export class StreamLoad {
  readonly #port: number;
  readonly #random: SeededRandom;
  readonly #failure = Promise.withResolvers<never>();
  readonly #watching: StreamConnection[] = [];
  #renewing: StreamConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #slow: SlowWatcher | undefined;
  events = 0;
  renewals = 0;

  private constructor(port: number, random: SeededRandom) {
    this.#port = port;
    this.#random = random;
    // Whoever waits hears of it; nobody may be waiting at the moment.
    this.#failure.promise.catch(() => {});
  }

  static async open(port: number, random: SeededRandom, workload: Workload): Promise<StreamLoad> {
    const load = new StreamLoad(port, random);
    for (let count = 0; count < watchConnections; count += 1) {
      load.#watching.push(await load.#watch(0));
    }
    load.#slow = new SlowWatcher(port);
    await load.#renew(workload);
    return load;
  }

  /** Never resolves; rejects when a connection breaks. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /** Replaces one connection of watchers; the new ones begin in the past. */
  async replaceOne(currentRevision: number): Promise<void> {
    this.#watching.shift()?.close();
    const start = Math.max(1, currentRevision - historyRevisions);
    this.#watching.push(await this.#watch(start));
  }

  /** Lets the client that does not read take everything that waits for it. */
  async drainSlow(forMs: number): Promise<void> {
    await this.#slow?.readFor(forMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#renewing?.close();
    this.#slow?.close();
    for (const connection of this.#watching) connection.close();
  }

  async #watch(startRevision: number): Promise<StreamConnection> {
    const connection = await StreamConnection.open(this.#port, this.#failure.reject);
    for (let stream = 0; stream < streamsPerConnection; stream += 1) {
      const opened = connection.stream(WatchService.watch.path, (bytes, start, end) => {
        this.events += countEvents(bytes, start, end);
      });
      for (let watcher = 0; watcher < watchersPerStream; watcher += 1) {
        const first = this.#random.intBelow(keyCount);
        const rangeEnd = watcher === 0 ? keyAt(first + rangeKeys) : new Uint8Array();
        const prevKv = this.#random.chance(20);
        opened.send(
          watchMessage({ createRequest: { key: keyAt(first), rangeEnd, startRevision, prevKv } }),
        );
      }
    }
    const all = connection.stream(WatchService.watch.path, (bytes, start, end) => {
      this.events += countEvents(bytes, start, end);
    });
    const key = keyAt(0);
    all.send(
      watchMessage({ createRequest: { key, rangeEnd: keyAt(keyCount / 4), startRevision } }),
    );
    return connection;
  }

  async #renew(workload: Workload): Promise<void> {
    const connection = await StreamConnection.open(this.#port, this.#failure.reject);
    const stream = connection.stream(LeaseService.leaseKeepAlive.path, () => {
      this.renewals += 1;
    });
    this.#renewing = connection;
    this.#timer = setInterval(() => {
      const ID = workload.someLease();
      if (ID !== undefined) stream.send(grpcFrame(LeaseKeepAliveRequest.encode({ ID })));
    }, keepAliveMs);
  }
}

/** Watches everything and reads nothing, but when it is told to. */
class SlowWatcher {
  readonly #session: ClientHttp2Session;
  #stream: ClientHttp2Stream;

  constructor(port: number) {
    this.#session = connect(`http://127.0.0.1:${port}`);
    this.#session.on("error", () => {
      // The session ends with the server.
    });
    this.#stream = this.#watch();
  }

  /** Reads for so long, hangs up and watches anew. */
  async readFor(durationMs: number): Promise<void> {
    this.#stream.resume();
    await new Promise<void>((resolve) => setTimeout(resolve, durationMs));
    this.#stream.close();
    this.#stream = this.#watch();
  }

  close(): void {
    this.#stream.close();
    this.#session.destroy();
  }

  #watch(): ClientHttp2Stream {
    const stream = this.#session.request({
      ":method": "POST",
      ":path": WatchService.watch.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {
      // It ends with the session.
    });
    const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
    stream.write(watchMessage({ createRequest: everything }));
    return stream;
  }
}
