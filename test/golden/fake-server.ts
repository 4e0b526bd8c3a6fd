// SPDX-License-Identifier: Apache-2.0

import * as grpc from "@grpc/grpc-js";
import {
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
  WatchRequest,
  WatchResponse,
  WatchService,
} from "../../src/api/gen/etcdserverpb.ts";
import type { Init, MessageCodec, MethodDescriptor } from "../../src/api/message-codec.ts";

/** One request as it arrived. */
export interface Recorded {
  readonly path: string;
  readonly request: Uint8Array;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Failure {
  readonly code: number;
  readonly details: string;
}

/** What a method answers with: encoded messages, or a status. */
export type Answer = readonly Uint8Array[] | Failure;

type Method = MethodDescriptor<unknown, unknown>;

/** What a request for the progress of a watch stream is answered with. */
const PROGRESS = { watchId: -1n, header: { revision: 4_711 } };

function isFailure(answer: Answer): answer is Failure {
  return "code" in answer;
}

const methods: readonly Method[] = [
  ...Object.values(KVService),
  ...Object.values(MaintenanceService),
  ...Object.values(ClusterService),
  LeaseService.leaseGrant,
  LeaseService.leaseRevoke,
  LeaseService.leaseTimeToLive,
  LeaseService.leaseLeases,
];

/** A gRPC server that gives the answers it was told to give and keeps what it was asked. */
export class FakeServer {
  readonly recorded: Recorded[] = [];
  readonly #server = new grpc.Server();
  readonly #watches = new Set<grpc.ServerDuplexStream<Uint8Array, Uint8Array>>();
  readonly #answers = new Map<string, Answer[]>();
  #port = 0;
  #streamCount = 0;
  #silent = false;

  static async start(credentials = grpc.ServerCredentials.createInsecure()): Promise<FakeServer> {
    const fake = new FakeServer();
    for (const method of methods) fake.#serve(method);
    fake.#serveWatch();
    fake.#serveKeepAlive();
    fake.#port = await new Promise<number>((resolve, reject) => {
      fake.#server.bindAsync("127.0.0.1:0", credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    return fake;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Sets a method's next answers, one per call; the last one stays. */
  answer<T>(
    method: { readonly path: string; readonly response: MessageCodec<T> },
    ...list: readonly (Init<T> | Failure)[]
  ): void {
    const answers = list.map((item) => (isStatus(item) ? item : [method.response.encode(item)]));
    this.#answers.set(method.path, answers);
  }

  /** Sets the messages of a streaming method's answer. */
  stream<T>(
    method: { readonly path: string; readonly response: MessageCodec<T> },
    ...messages: readonly Init<T>[]
  ): void {
    const encoded = messages.map((item) => method.response.encode(item));
    this.#answers.set(method.path, [encoded]);
  }

  /** The requests since the last call of this. */
  take(): Recorded[] {
    return this.recorded.splice(0);
  }

  /** How many watch streams were opened. */
  get streamCount(): number {
    return this.#streamCount;
  }

  /** Ends all watch streams as a server does that goes away. */
  breakStreams(): void {
    const status = { code: grpc.status.UNAVAILABLE, details: "going away" };
    for (const call of this.#watches) call.emit("error", status);
    this.#watches.clear();
  }

  /** From now on keep-alives get no answer. */
  fallSilent(): void {
    this.#silent = true;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #next(path: string): Answer {
    const answers = this.#answers.get(path) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer ?? { code: grpc.status.UNIMPLEMENTED, details: `no answer for ${path}` };
  }

  #record(path: string, request: Uint8Array, metadata: grpc.Metadata): void {
    this.recorded.push({ path, request, metadata: metadata.getMap() });
  }

  #serve(method: Method): void {
    const { path } = method;
    const definition = {
      ...bytesDefinition,
      path,
      requestStream: false,
      responseStream: method.responseStream,
    };
    const unary: grpc.handleUnaryCall<Uint8Array, Uint8Array> = (call, callback) => {
      this.#record(path, call.request, call.metadata);
      const answer = this.#next(path);
      if (isFailure(answer)) callback(answer);
      else callback(null, answer[0]);
    };
    const stream: grpc.handleServerStreamingCall<Uint8Array, Uint8Array> = (call) => {
      this.#record(path, call.request, call.metadata);
      const answer = this.#next(path);
      if (isFailure(answer)) call.emit("error", answer);
      else {
        for (const message of answer) call.write(message);
        call.end();
      }
    };
    this.#server.addService(
      { [path]: definition },
      { [path]: method.responseStream ? stream : unary },
    );
  }

  /** Answers every message of a stream with the next answer. */
  #serveKeepAlive(): void {
    const { path } = LeaseService.leaseKeepAlive;
    const definition = { ...bytesDefinition, path, requestStream: true, responseStream: true };
    const handler: grpc.handleBidiStreamingCall<Uint8Array, Uint8Array> = (call) => {
      call.on("data", (request: Uint8Array) => {
        this.#record(path, request, call.metadata);
        const answer = this.#next(path);
        if (isFailure(answer)) call.emit("error", answer);
        else if (!this.#silent) call.write(answer[0] ?? Buffer.alloc(0));
      });
      call.on("end", () => call.end());
      call.on("error", () => {});
    };
    this.#server.addService({ [path]: definition }, { [path]: handler });
  }

  /** Answers every create request with all messages; the stream then stays open. */
  #serveWatch(): void {
    const { path } = WatchService.watch;
    const definition = { ...bytesDefinition, path, requestStream: true, responseStream: true };
    const handler: grpc.handleBidiStreamingCall<Uint8Array, Uint8Array> = (call) => {
      this.#watches.add(call);
      this.#streamCount++;
      call.on("data", (request: Uint8Array) => {
        this.#record(path, request, call.metadata);
        const { createRequest, progressRequest } = WatchRequest.decode(request);
        if (progressRequest !== undefined) call.write(WatchResponse.encode(PROGRESS));
        if (createRequest === undefined) return;
        const answer = this.#next(path);
        if (isFailure(answer)) call.emit("error", answer);
        else for (const message of answer) call.write(message);
      });
      call.on("end", () => call.end());
      call.on("error", () => {});
    };
    this.#server.addService({ [path]: definition }, { [path]: handler });
  }
}

function isStatus(item: unknown): item is Failure {
  return typeof item === "object" && item !== null && "code" in item && "details" in item;
}

const bytesDefinition = {
  requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
  requestDeserialize: (bytes: Buffer) => Uint8Array.from(bytes),
  responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
  responseDeserialize: (bytes: Buffer) => bytes,
};
