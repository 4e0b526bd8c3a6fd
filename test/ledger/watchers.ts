// SPDX-License-Identifier: Apache-2.0

import type { ClientDuplexStream } from "@grpc/grpc-js";
import {
  type WatchRequest,
  type WatchResponse,
  WatchService,
} from "../../src/api/gen/etcdserverpb.ts";
import { type Event, Event_EventType } from "../../src/api/gen/mvccpb.ts";
import type { Init } from "../../src/api/message-codec.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { stored } from "./store-view.ts";
import { describeDelete, describePut, type SeenEvent, type WatchRecord } from "./watch-rules.ts";

/** A progress request is repeated after so long, as one may stay without an answer. */
const progressMs = 100;
const catchUpMsMax = 60_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface WatcherOptions {
  readonly name: string;
  readonly key: string;
  readonly rangeEnd: string;
  /** Hangs up after so many events and comes back, besides the times when the server dies. */
  readonly hangUpAfter: number | undefined;
}

function seen(event: Event): SeenEvent {
  const { kv } = event;
  if (kv === undefined) throw new Error("an event without a pair");
  const revision = kv.modRevision;
  if (event.type === Event_EventType.PUT) return { revision, text: describePut(stored(kv)) };
  return { revision, text: describeDelete(decoder.decode(kv.key), revision) };
}

/** A watcher that outlives its connections: it resumes behind the last revision that it saw. */
export class ReconnectingWatcher implements WatchRecord {
  readonly name: string;
  readonly events: SeenEvent[] = [];
  readonly #options: WatcherOptions;
  #client: GrpcClient | undefined;
  #stream: ClientDuplexStream<Init<WatchRequest>, WatchResponse> | undefined;
  #endpoint = "";
  #nextRevision = 1;
  #eventsOnStream = 0;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(options: WatcherOptions) {
    this.name = options.name;
    this.#options = options;
  }

  covers(key: string): boolean {
    const { key: start, rangeEnd } = this.#options;
    return rangeEnd === "" ? key === start : key >= start && key < rangeEnd;
  }

  /** To be called whenever the server has been started. */
  connect(endpoint: string): void {
    this.close();
    this.#endpoint = endpoint;
    this.#client = new GrpcClient(endpoint);
    this.#open();
  }

  /** Waits until the server says that all events up to the revision have been sent. */
  async caughtUp(revision: number): Promise<void> {
    const deadline = Date.now() + catchUpMsMax;
    while (this.#nextRevision <= revision) {
      if (this.#failure !== undefined) throw this.#failure;
      if (Date.now() > deadline) {
        throw new Error(`${this.name} on ${this.#endpoint} is at ${this.#nextRevision} for good`);
      }
      this.#stream?.write({ progressRequest: {} });
      const late = Promise.withResolvers<void>();
      this.#wake = late.resolve;
      const timer = setTimeout(late.resolve, progressMs);
      await late.promise;
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#stream?.removeAllListeners("data");
    this.#stream?.cancel();
    this.#client?.close();
    this.#stream = undefined;
  }

  #open(): void {
    const stream = this.#client?.bidi(WatchService.watch);
    if (stream === undefined) return;
    this.#stream = stream;
    this.#eventsOnStream = 0;
    stream.on("data", (answer: WatchResponse) => this.#onAnswer(answer));
    stream.on("error", () => {
      // The server died or this side hung up; `connect` opens the next stream.
    });
    const { key, rangeEnd } = this.#options;
    const range = { key: encoder.encode(key), rangeEnd: encoder.encode(rangeEnd) };
    stream.write({ createRequest: { ...range, startRevision: this.#nextRevision } });
  }

  #onAnswer(answer: WatchResponse): void {
    if (answer.canceled) {
      this.#failure = new Error(
        `${this.name} was canceled: ${JSON.stringify(answer.cancelReason)}`,
      );
    }
    if (answer.created) return;
    for (const event of answer.events) {
      const each = seen(event);
      this.events.push(each);
      this.#nextRevision = each.revision + 1;
    }
    if (answer.events.length === 0) this.#nextRevision = (answer.header?.revision ?? 0) + 1;
    this.#eventsOnStream += answer.events.length;
    if (this.#eventsOnStream >= (this.#options.hangUpAfter ?? Number.POSITIVE_INFINITY)) {
      this.#stream?.removeAllListeners("data");
      this.#stream?.cancel();
      this.#open();
    }
    this.#wake();
  }
}
