// SPDX-License-Identifier: Apache-2.0

import {
  type WatchCreateRequest,
  type WatchRequest,
  WatchResponse,
  WatchService,
} from "../api/gen/etcdserverpb.ts";
import type { Init } from "../api/message-codec.ts";
import type { Client } from "./client.ts";
import { toRpcError, WatchRefusedError } from "./errors.ts";
import type { CallOptions } from "./options.ts";
import { isHalting, nextRevision, WATCH_REOPEN_PAUSE_MS } from "./watch-stream.ts";

// Answers that one watch may leave unread before the stream of all of them is no longer read.
const UNREAD_ANSWERS_MAX = 10_000;
const BROADCAST_ID = -1n;

/**
 * Several watches on one stream, as etcd's client library shares it. When the connection breaks,
 * all are created anew where each had come to. A watch whose answers nobody takes holds up the
 * others once its limit of unread answers is reached.
 */
export class WatchSession {
  readonly #client: Client;
  readonly #options: CallOptions;
  #stream: SharedStream | undefined;

  constructor(client: Client, options: CallOptions = {}) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Starts a watch and waits until the server has answered. What the server refuses, and the end
   * of the stream, come as an error from the iteration.
   */
  async watch(createRequest: Init<WatchCreateRequest>): Promise<AsyncIterable<WatchResponse>> {
    const watch = new SharedWatch(createRequest);
    this.#open().add(watch);
    await watch.started;
    return watch;
  }

  /** Asks how far the stream has come; every watch of it gets the answer. */
  async requestProgress(): Promise<void> {
    await this.#open().send({ progressRequest: {} });
  }

  #open(): SharedStream {
    if (this.#stream === undefined || this.#stream.ended) {
      this.#stream = new SharedStream(this.#client, this.#options);
    }
    return this.#stream;
  }
}

/** One watch: what it asked for, where it is, and what has not been taken yet. */
class SharedWatch implements AsyncIterable<WatchResponse> {
  readonly request: Init<WatchCreateRequest>;
  readonly started: Promise<void>;
  id: bigint | undefined;
  #startRevision: number;
  #error: unknown;
  #ended = false;
  #room = Promise.withResolvers<void>();
  #arrival = Promise.withResolvers<void>();
  readonly #unread: WatchResponse[] = [];
  readonly #start = Promise.withResolvers<void>();

  constructor(request: Init<WatchCreateRequest>) {
    this.request = request;
    this.started = this.#start.promise;
    this.#startRevision = request.startRevision ?? 0;
  }

  /** The request that continues the watch. */
  get createRequest(): Init<WatchCreateRequest> {
    return { ...this.request, startRevision: this.#startRevision };
  }

  start(response: WatchResponse): void {
    this.id = response.watchId;
    this.#startRevision = nextRevision(response, this.#startRevision);
    this.#start.resolve();
  }

  /** Waits while too much is unread. */
  async push(response: WatchResponse): Promise<void> {
    while (this.#unread.length >= UNREAD_ANSWERS_MAX) await this.#room.promise;
    this.#startRevision = nextRevision(response, this.#startRevision);
    this.#unread.push(response);
    this.#arrival.resolve();
  }

  end(error?: unknown): void {
    this.#error = error;
    this.#ended = true;
    this.#start.resolve();
    this.#arrival.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchResponse> {
    for (;;) {
      const response = this.#unread.shift();
      if (response !== undefined) {
        this.#room.resolve();
        this.#room = Promise.withResolvers();
        yield response;
      } else if (this.#ended) {
        if (this.#error !== undefined) throw this.#error;
        return;
      } else {
        this.#arrival = Promise.withResolvers();
        await this.#arrival.promise;
      }
    }
  }
}

/** The stream that carries the watches, over as many connections as it takes. */
class SharedStream {
  ended = false;
  readonly #client: Client;
  readonly #options: CallOptions;
  #write: ((message: Uint8Array) => void) | undefined;
  #connected = Promise.withResolvers<void>();
  /** Watches that the server knows by their id. */
  readonly #watches = new Map<bigint, SharedWatch>();
  /** Watches to create: the first one has been asked for, and its answer comes next. */
  #waiting: SharedWatch[] = [];

  constructor(client: Client, options: CallOptions) {
    this.#client = client;
    this.#options = options;
    void this.#run();
  }

  add(watch: SharedWatch): void {
    this.#waiting.push(watch);
    if (this.#waiting.length === 1) this.#createNext();
  }

  async send(request: Init<WatchRequest>): Promise<void> {
    await this.#connected.promise;
    this.#write?.(WatchService.watch.request.encode(request));
  }

  #createNext(): void {
    const [watch] = this.#waiting;
    if (watch === undefined || this.#write === undefined) return;
    this.#write(WatchService.watch.request.encode({ createRequest: watch.createRequest }));
  }

  async #run(): Promise<void> {
    for (;;) {
      const error = await this.#serve();
      this.#write = undefined;
      if (isHalting(error)) return this.#end(error);
      this.#connected = Promise.withResolvers();
      this.#waiting = [...this.#watches.values(), ...this.#waiting];
      this.#watches.clear();
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, WATCH_REOPEN_PAUSE_MS);
      await promise;
    }
  }

  /** Reads one connection's stream; answers with what ended it, undefined for a plain end. */
  async #serve(): Promise<unknown> {
    try {
      const connection = await this.#client.connected(this.#options);
      const stream = connection.duplexStream(WatchService.watch.path, this.#options);
      try {
        this.#write = (message) => void stream.write(message);
        this.#createNext();
        this.#connected.resolve();
        for await (const message of stream) {
          if (message instanceof Uint8Array) await this.#take(WatchResponse.decode(message));
        }
        return undefined;
      } finally {
        stream.cancel();
      }
    } catch (error) {
      return toRpcError(error);
    }
  }

  async #take(response: WatchResponse): Promise<void> {
    if (response.created) return this.#created(response);
    if (response.watchId === BROADCAST_ID) {
      for (const watch of this.#watches.values()) await watch.push(response);
      return;
    }
    const watch = this.#watches.get(response.watchId);
    if (watch === undefined) return;
    if (response.canceled) this.#watches.delete(response.watchId);
    // What was canceled by the client's own wish, or without a reason that concerns it, just ends.
    if (!response.canceled || response.compactRevision !== 0) await watch.push(response);
    if (response.canceled) watch.end();
  }

  #created(response: WatchResponse): void {
    const watch = this.#waiting.shift();
    if (watch === undefined) return;
    const { canceled, cancelReason, watchId } = response;
    if (watchId === BROADCAST_ID || (canceled && cancelReason !== "")) {
      watch.end(new WatchRefusedError(cancelReason));
    } else {
      this.#watches.set(watchId, watch);
      watch.start(response);
      if (canceled) watch.end();
    }
    this.#createNext();
  }

  #end(error: unknown): void {
    this.ended = true;
    this.#connected.resolve();
    for (const watch of [...this.#watches.values(), ...this.#waiting]) watch.end(error);
  }
}
