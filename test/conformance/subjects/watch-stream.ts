// SPDX-License-Identifier: Apache-2.0

import type { ClientDuplexStream } from "@grpc/grpc-js";
import {
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
  WatchService,
} from "../../../src/api/gen/etcdserverpb.ts";
import { type Event, Event_EventType } from "../../../src/api/gen/mvccpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import type { GrpcClient } from "../../harness/grpc-client.ts";
import { type Bytes, bytes, text } from "./requests.ts";

export type WatchOptions = Omit<Init<WatchCreateRequest>, "key" | "rangeEnd"> & {
  readonly rangeEnd?: Bytes;
};

const answerWaitMs = 30_000;
/** After so long without an answer a progress request is sent again. */
const progressWaitMs = 200;

/** `PUT key=value@revision` or `DELETE key@revision`. */
export function describeEvent(event: Event): string {
  const { kv } = event;
  const place = `${text(kv?.key)}`;
  return event.type === Event_EventType.DELETE
    ? `DELETE ${place}@${kv?.modRevision}`
    : `PUT ${place}=${text(kv?.value)}@${kv?.modRevision}`;
}

/** One watch stream, read answer by answer in the order of their arrival. */
export class WatchStream {
  /** Every answer so far, read or not. */
  readonly received: WatchResponse[] = [];
  readonly #stream: ClientDuplexStream<Init<WatchRequest>, WatchResponse>;
  #taken = 0;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(client: GrpcClient) {
    this.#stream = client.bidi(WatchService.watch);
    this.#stream.on("data", (answer: WatchResponse) => {
      this.received.push(answer);
      this.#wake();
    });
    const end = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    this.#stream.on("error", end);
    this.#stream.on("end", () => end(new Error("the watch stream ended")));
  }

  send(request: Init<WatchRequest>): void {
    this.#stream.write(request);
  }

  /** Asks for a watcher and waits for the next answer, which should be about it. */
  create(key: Bytes, options: WatchOptions = {}): Promise<WatchResponse> {
    const { rangeEnd = "", ...more } = options;
    this.send({ createRequest: { key: bytes(key), rangeEnd: bytes(rangeEnd), ...more } });
    return this.next();
  }

  /** Asks to cancel; an answer is for `next`. */
  cancel(watchId: bigint): void {
    this.send({ cancelRequest: { watchId } });
  }

  /**
   * Asks how far the stream is until that is answered, as a watcher that still catches up leaves a
   * request without an answer; gives the answer, other than which nothing must have arrived.
   */
  async progress(): Promise<WatchResponse> {
    for (const deadline = Date.now() + answerWaitMs; ; ) {
      this.send({ progressRequest: {} });
      const answered = await this.#arrivalWithin(progressWaitMs);
      if (answered) return this.next();
      if (Date.now() > deadline) throw new Error("a progress request stays without an answer");
    }
  }

  /** The next answer not yet read. */
  async next(): Promise<WatchResponse> {
    const deadline = Date.now() + answerWaitMs;
    for (;;) {
      const answer = this.received[this.#taken];
      if (answer !== undefined) {
        this.#taken += 1;
        return answer;
      }
      if (this.#failure !== undefined) throw this.#failure;
      await this.#arrival(deadline);
    }
  }

  /** Reads answers until `count` events are there; answers with them in words. */
  async events(count: number): Promise<string[]> {
    const events: string[] = [];
    while (events.length < count) {
      events.push(...(await this.next()).events.map(describeEvent));
    }
    return events;
  }

  close(): void {
    this.#stream.cancel();
  }

  /** Says whether an answer that was not read is there, or comes in time. */
  async #arrivalWithin(waitMs: number): Promise<boolean> {
    if (this.received.length > this.#taken || this.#failure !== undefined) return true;
    return this.#arrival(Date.now() + waitMs).then(
      () => true,
      () => false,
    );
  }

  #arrival(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no answer on the watch stream within ${answerWaitMs} ms`)),
        Math.max(0, deadline - Date.now()),
      );
      this.#wake = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}

/** Runs `body` with a watch stream that is closed behind it. */
export async function withWatch<T>(
  client: GrpcClient,
  body: (watch: WatchStream) => Promise<T>,
): Promise<T> {
  const watch = new WatchStream(client);
  try {
    return await body(watch);
  } finally {
    watch.close();
  }
}
