// SPDX-License-Identifier: Apache-2.0

import {
  type ClientReadableStream,
  connectivityState,
  Client as GrpcClient,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { MethodDescriptor } from "../api/message-codec.ts";
import { GrpcCode } from "../api/rpc-errors.ts";
import type { Attempt, UnaryConnection } from "./attempt.ts";
import { connectionProblem } from "./dial-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { goDetails, RpcError, sizeProblem, toRpcError } from "./errors.ts";
import {
  type CallOptions,
  type ClientOptions,
  KEEPALIVE_TIME_MIN_MS,
  KEEPALIVE_TIMEOUT_DEFAULT_MS,
  RECEIVE_BYTES_MAX_DEFAULT,
  RECONNECT_BACKOFF_MAX_MS,
  RECONNECT_BACKOFF_MIN_MS,
  SEND_BYTES_MAX_DEFAULT,
  type TlsOptions,
} from "./options.ts";
import { channelCredentials, nameOptions } from "./tls.ts";

/** Messages both ways, encoded. */
export interface DuplexStream extends AsyncIterable<unknown> {
  write(message: Uint8Array): void;
  cancel(): void;
}

/** One endpoint and its channel. */
export class Connection implements UnaryConnection {
  readonly endpoint: Endpoint;
  readonly secure: boolean;
  readonly #client: GrpcClient;
  readonly #sendBytesMax: number;

  constructor(endpoint: Endpoint, options: ClientOptions, tls: TlsOptions | undefined) {
    this.endpoint = endpoint;
    this.secure = tls !== undefined;
    this.#sendBytesMax = options.sendBytesMax || SEND_BYTES_MAX_DEFAULT;
    this.#client = new GrpcClient(endpoint.target, channelCredentials(tls, endpoint.host), {
      ...nameOptions(tls, endpoint.host),
      "grpc.default_authority": endpoint.authority,
      "grpc.max_receive_message_length": options.receiveBytesMax || RECEIVE_BYTES_MAX_DEFAULT,
      "grpc.max_send_message_length": -1,
      "grpc.keepalive_time_ms": Math.max(options.keepaliveTimeMs ?? 0, KEEPALIVE_TIME_MIN_MS),
      "grpc.keepalive_timeout_ms": options.keepaliveTimeoutMs ?? KEEPALIVE_TIMEOUT_DEFAULT_MS,
      "grpc.initial_reconnect_backoff_ms": RECONNECT_BACKOFF_MIN_MS,
      "grpc.max_reconnect_backoff_ms": RECONNECT_BACKOFF_MAX_MS,
      "grpc.enable_retries": 0,
      "grpc.enable_http_proxy": 0,
      "grpc.service_config_disable_resolution": 1,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_channelz": 0,
    });
  }

  get ready(): boolean {
    return this.#client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  /** Asks for a connection; answers when the channel's state is no longer the present one. */
  stateChange(deadlineMs: number): Promise<void> {
    const channel = this.#client.getChannel();
    const state = channel.getConnectivityState(true);
    return new Promise((resolve) => {
      channel.watchConnectivityState(state, deadlineMs, () => resolve());
    });
  }

  /** Sends one request once; never rejects. */
  async unary<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    request: Uint8Array,
    options: CallOptions,
  ): Promise<Attempt<Response>> {
    const problem = sizeProblem(request, this.#sendBytesMax);
    if (problem !== undefined) return this.#refuseLarge(problem, options);
    return new Promise((resolve) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
        (bytes: Buffer) => method.response.decode(bytes),
        request,
        metadataOf(options),
        callOptions(options),
        (error, response) => {
          options.signal?.removeEventListener("abort", abort);
          if (error !== null) resolve(this.failure(error));
          else if (response !== undefined) resolve({ kind: "answer", response });
        },
      );
      const abort = (): void => call.cancel();
      options.signal?.addEventListener("abort", abort);
    });
  }

  /** Connects first, as a connection that cannot be made matters more than the size. */
  async #refuseLarge(problem: RpcError, options: CallOptions): Promise<Attempt<never>> {
    const limit = options.deadlineMs ?? Number.POSITIVE_INFINITY;
    while (!this.ready && Date.now() < limit) await this.stateChange(limit);
    const error = this.ready
      ? problem
      : new RpcError(GrpcCode.deadlineExceeded, "context deadline exceeded");
    return { kind: "failed", error, peer: this.endpoint.address };
  }

  /**
   * A request answered by a stream of messages, still encoded. The signal of the call ends it.
   * @throws {RpcError} for a request above the limit
   */
  serverStream(
    path: string,
    request: Uint8Array,
    options: CallOptions,
  ): ClientReadableStream<Buffer> {
    const problem = sizeProblem(request, this.#sendBytesMax);
    if (problem !== undefined) throw problem;
    const stream = this.#client.makeServerStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      request,
      metadataOf(options),
      callOptions(options),
    );
    const { signal } = options;
    const abort = (): void => stream.cancel();
    signal?.addEventListener("abort", abort);
    stream.once("close", () => signal?.removeEventListener("abort", abort));
    if (signal?.aborted === true) abort();
    return stream;
  }

  async stream(
    path: string,
    request: Uint8Array,
    options: CallOptions,
    take: (message: Uint8Array) => void,
  ): Promise<void> {
    const stream = this.serverStream(path, request, options);
    try {
      for await (const message of stream) {
        if (message instanceof Uint8Array) take(message);
      }
    } catch (error) {
      throw toRpcError(error);
    } finally {
      stream.cancel();
    }
  }

  /** A stream both ways, messages encoded. A message above the limit ends it with an `RpcError`. */
  duplexStream(path: string, options: CallOptions): DuplexStream {
    const stream = this.#client.makeBidiStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      metadataOf(options),
      callOptions(options),
    );
    const sendBytesMax = this.#sendBytesMax;
    return {
      write: (message) => {
        const problem = sizeProblem(message, sendBytesMax);
        if (problem === undefined) stream.write(message);
        else stream.destroy(problem);
      },
      cancel: () => stream.cancel(),
      [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    };
  }

  /** What an error of grpc-js means. */
  failure(error: ServiceError): Exclude<Attempt<never>, { kind: "answer" }> {
    const problem = connectionProblem(error.details, this.endpoint);
    if (problem !== undefined) return { kind: "unconnected", problem };
    const rpcError = new RpcError(error.code, goDetails(error.code, error.details), {
      cause: error,
    });
    return { kind: "failed", error: rpcError, peer: this.endpoint.address };
  }

  close(): void {
    this.#client.close();
  }
}

function metadataOf(options: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  return metadata;
}

function callOptions(options: CallOptions): { deadline?: number } {
  return options.deadlineMs === undefined ? {} : { deadline: options.deadlineMs };
}
