// SPDX-License-Identifier: Apache-2.0
// Calls that the gRPC client refuses to make, over Node's own HTTP/2.

import { connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import type { Refusal } from "./refusal.ts";

/** A message behind gRPC's prefix. */
export function framed(message: Uint8Array): Uint8Array {
  const result = new Uint8Array(message.length + 5);
  new DataView(result.buffer).setUint32(1, message.length);
  result.set(message, 5);
  return result;
}

/** Sends one unary call with any header bytes (as Latin-1) and answers with its status. */
export function rawStatus(
  url: string,
  path: string,
  message: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Refusal> {
  return rawBodyStatus(url, path, framed(message), headers);
}

/** The same with any bytes where the request's message should be. */
export function rawBodyStatus(
  url: string,
  path: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Refusal> {
  const session = connect(url);
  return new Promise<Refusal>((resolve, reject) => {
    session.once("error", reject);
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    const take = (fields: Readonly<Record<string, unknown>>): void => {
      const code = fields["grpc-status"];
      if (typeof code !== "string") return;
      const text = String(fields["grpc-message"] ?? "");
      resolve({ code: status[Number(code)] ?? code, message: decodeURIComponent(text) });
    };
    call.on("response", take);
    call.on("trailers", take);
    call.on("error", reject);
    call.resume();
    call.end(body);
  }).finally(() => session.close());
}
