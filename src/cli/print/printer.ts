// SPDX-License-Identifier: Apache-2.0

import type {
  DeleteRangeResponse,
  HashKVResponse,
  PutResponse,
  RangeResponse,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "../../api/gen/etcdserverpb.ts";

/** What the health of one endpoint came to; `took` is a Go duration, `error` empty when healthy. */
export interface EndpointHealth {
  readonly endpoint: string;
  readonly health: boolean;
  readonly took: string;
  readonly error: string;
}

export interface EndpointStatus {
  readonly endpoint: string;
  readonly status: StatusResponse;
}

export interface EndpointHashKv {
  readonly endpoint: string;
  readonly hashKv: HashKVResponse;
}

/** The output of one kind of answer. */
export type Print<T> = (value: T) => string | Uint8Array;

/**
 * Turns answers into output in one format. A method that is missing means that the format does
 * not exist for that answer.
 */
export interface Printer {
  readonly get?: Print<RangeResponse>;
  readonly put?: Print<PutResponse>;
  readonly del?: Print<DeleteRangeResponse>;
  readonly txn?: Print<TxnResponse>;
  readonly watch?: Print<WatchResponse>;
  readonly endpointHealth?: Print<readonly EndpointHealth[]>;
  readonly endpointStatus?: Print<readonly EndpointStatus[]>;
  readonly endpointHashKv?: Print<readonly EndpointHashKv[]>;
}

export interface PrintOptions {
  readonly hex: boolean;
  /** Only for `get` in the simple format. */
  readonly valueOnly: boolean;
}

export const formats = ["simple", "fields", "json", "protobuf", "table"] as const;
export type Format = (typeof formats)[number];

export function isFormat(text: string): text is Format {
  return formats.some((format) => format === text);
}

/** The printer of a format. Each is a module of its own, so that a command loads only one. */
export async function createPrinter(format: Format, options: PrintOptions): Promise<Printer> {
  switch (format) {
    case "simple":
      return (await import("./simple.ts")).simplePrinter(options);
    case "fields":
      return (await import("./fields.ts")).fieldsPrinter(options);
    case "json":
      return (await import("./json.ts")).jsonPrinter();
    case "protobuf":
      return (await import("./protobuf.ts")).protobufPrinter();
    case "table":
      return (await import("./table.ts")).tablePrinter();
  }
}
