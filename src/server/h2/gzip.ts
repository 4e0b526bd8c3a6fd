// SPDX-License-Identifier: Apache-2.0

import { gunzipSync } from "node:zlib";
import { errorText } from "../../base/error-text.ts";
import { GrpcCode } from "../../base/grpc-code.ts";
import type { GrpcFailure } from "./message-assembly.ts";

/** Decompresses a message, stopping at the limit, or says how the call has to fail. */
export function inflate(message: Buffer, bytesMax: number): Buffer | GrpcFailure {
  try {
    return gunzipSync(message, { maxOutputLength: Math.max(1, bytesMax) });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      const text = `grpc: received message after decompression larger than max ${bytesMax}`;
      return { code: GrpcCode.resourceExhausted, message: text };
    }
    const reason = errorText(error);
    const text = `grpc: failed to decompress the received message: ${reason}`;
    return { code: GrpcCode.internal, message: text };
  }
}
