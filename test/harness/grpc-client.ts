// SPDX-License-Identifier: Apache-2.0

import * as grpc from "@grpc/grpc-js";
import type { Init, MessageCodec, MethodDescriptor } from "../../src/api/message-codec.ts";

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  /** Milliseconds until the client gives up; ten seconds without it. */
  readonly deadlineMs?: number;
}

const deadlineMsDefault = 10_000;
/** The largest answer taken; far above what any case asks for. */
const responseBytesMax = 512 * 1024 * 1024;

function serializer<T>(codec: MessageCodec<T>): (message: Init<T>) => Buffer {
  return (message) => {
    const bytes = codec.encode(message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function deserializer<T>(codec: MessageCodec<T>): (bytes: Buffer) => T {
  return (bytes) => codec.decode(bytes);
}

function metadataOf(options: CallOptions): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  return metadata;
}

/** A raw gRPC client over one connection of its own: no retries, no translation of errors. */
export class GrpcClient {
  readonly #client: grpc.Client;

  constructor(endpoint: string) {
    this.#client = new grpc.Client(endpoint, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_retries": 0,
      // Servers under test come up within milliseconds; the default waits a second.
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 200,
      "grpc.max_receive_message_length": responseBytesMax,
      "grpc.max_send_message_length": responseBytesMax,
    });
  }

  unary<Q, R>(
    method: MethodDescriptor<Q, R>,
    request: Init<Q>,
    options: CallOptions = {},
  ): Promise<R> {
    const deadline = Date.now() + (options.deadlineMs ?? deadlineMsDefault);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        serializer(method.request),
        deserializer(method.response),
        request,
        metadataOf(options),
        { deadline },
        (error, response) => {
          if (error !== null) reject(error);
          else if (response === undefined) reject(new Error(`${method.path}: empty answer`));
          else resolve(response);
        },
      );
    });
  }

  serverStream<Q, R>(
    method: MethodDescriptor<Q, R>,
    request: Init<Q>,
    options: CallOptions = {},
  ): grpc.ClientReadableStream<R> {
    const deadline = Date.now() + (options.deadlineMs ?? deadlineMsDefault);
    return this.#client.makeServerStreamRequest(
      method.path,
      serializer(method.request),
      deserializer(method.response),
      request,
      metadataOf(options),
      { deadline },
    );
  }

  /** A stream in both directions, without a deadline: the caller cancels it. */
  bidi<Q, R>(
    method: MethodDescriptor<Q, R>,
    options: CallOptions = {},
  ): grpc.ClientDuplexStream<Init<Q>, R> {
    return this.#client.makeBidiStreamRequest(
      method.path,
      serializer(method.request),
      deserializer(method.response),
      metadataOf(options),
    );
  }

  close(): void {
    this.#client.close();
  }
}
