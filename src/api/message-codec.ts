// SPDX-License-Identifier: Apache-2.0

import type { WireReader } from "../base/wire-reader.ts";
import type { WireWriter } from "../base/wire-writer.ts";

/** What a message is made from: every field may be left out, at any depth. */
export type Init<T> = T extends Uint8Array | string | number | bigint | boolean | undefined
  ? T
  : T extends readonly (infer E)[]
    ? readonly Init<E>[]
    : { readonly [K in keyof T]?: Init<T[K]> | undefined };

/** A message's codec. `decode` shares memory with its input; `encode` gives fresh bytes. */
export interface MessageCodec<T> {
  /** Full name, such as `etcdserverpb.PutRequest`. */
  readonly typeName: string;
  /** A message with the given fields, all others at their zero value. */
  create(init?: Partial<T>): T;
  encode(message: Init<T>): Uint8Array;
  decode(bytes: Uint8Array): T;
  /** Writes the fields without a length. */
  write(message: Init<T>, writer: WireWriter): void;
  /**
   * Reads fields up to the reader's end, into a message that an earlier occurrence of its field
   * has begun, if there is one: protobuf merges them.
   */
  read(reader: WireReader, begun?: T): T;
}

/** One RPC as the wire knows it. */
export interface MethodDescriptor<Request, Response> {
  readonly path: string;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}
