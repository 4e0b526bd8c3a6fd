// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../base/grpc-code.ts";
import { type HeaderEntry, HeaderKind } from "../../base/hpack/header-entry.ts";
import { ErrorCode } from "./frames.ts";
import { base64ErrorAt, Metadata } from "./metadata.ts";
import type { MethodEntry, MethodTable } from "./method-table.ts";
import { parseTimeout, quoted } from "./status.ts";

/** Why a request is not served: a reset, or a response without a message. */
export type Refusal =
  | { readonly kind: "reset"; readonly code: ErrorCode }
  | {
      readonly kind: "answer";
      readonly httpStatus: number;
      readonly code: number;
      readonly message: string;
      readonly acceptEncoding: boolean;
    };

/**
 * The headers of a request, understood. Requests whose header blocks are the same share one head,
 * so it never changes.
 */
export interface RequestHead {
  readonly path: string;
  readonly metadata: Metadata;
  /** Set unless there is a refusal. */
  readonly entry: MethodEntry | undefined;
  readonly refusal: Refusal | undefined;
  /** Milliseconds until the client gives up; -1 when it did not say. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
}

/** What is picked up while walking over the fields. */
class Draft {
  method: string | undefined;
  scheme: string | undefined;
  path: string | undefined;
  authorities = 0;
  hosts = 0;
  contentType: string | undefined;
  timeoutMs = -1;
  encoding = "";
  /** A value that grpc-go answers with HTTP 400. */
  badValue: string | undefined;
  /** Not a request by HTTP/2's rules. */
  malformed = false;
  #regularSeen = false;

  take(entry: HeaderEntry): void {
    if (entry.name.charCodeAt(0) === 0x3a) {
      if (this.#regularSeen) this.malformed = true;
    } else {
      this.#regularSeen = true;
    }
    switch (entry.kind) {
      case HeaderKind.metadata:
      case HeaderKind.reserved:
        return;
      case HeaderKind.method:
        this.malformed ||= this.method !== undefined;
        this.method = entry.value;
        return;
      case HeaderKind.scheme:
        this.malformed ||= this.scheme !== undefined;
        this.scheme = entry.value;
        return;
      case HeaderKind.path:
        this.malformed ||= this.path !== undefined;
        this.path = entry.value;
        return;
      default:
        this.#takeOther(entry);
    }
  }

  #takeOther(entry: HeaderEntry): void {
    switch (entry.kind) {
      case HeaderKind.authority:
        this.authorities++;
        return;
      case HeaderKind.host:
        this.hosts++;
        return;
      case HeaderKind.contentType:
        this.contentType = entry.value;
        return;
      case HeaderKind.grpcEncoding:
        this.encoding = entry.value;
        return;
      case HeaderKind.grpcTimeout: {
        const timeout = parseTimeout(entry.value);
        if (typeof timeout === "number") this.timeoutMs = timeout;
        else this.badValue = `malformed grpc-timeout: ${timeout}`;
        return;
      }
      case HeaderKind.binary: {
        const stray = base64ErrorAt(entry.value);
        if (stray < 0) return;
        const where = `${quoted(entry.value)} in header ${quoted(entry.name)}`;
        this.badValue = `malformed binary metadata ${where}: illegal base64 data at input byte ${stray}`;
        return;
      }
      default:
        this.malformed = true;
    }
  }
}

/** `application/grpc`, alone or with a subtype or parameters. */
const grpcContentType = /^application\/grpc(?:[+;]|$)/;

function answer(
  httpStatus: number,
  code: number,
  message: string,
  acceptEncoding = false,
): Refusal {
  return { kind: "answer", httpStatus, code, message, acceptEncoding };
}

/** The checks of grpc-go's server transport, in its order. */
function refuse(draft: Draft): Refusal | undefined {
  const { method, path, scheme } = draft;
  if (draft.malformed || method === undefined || path === undefined || scheme === undefined) {
    return { kind: "reset", code: ErrorCode.protocolError };
  }
  if (draft.authorities > 1 || draft.hosts > 1) {
    const counts = `num values of :authority: ${draft.authorities}, num values of host: ${draft.hosts}`;
    const text = `${counts}, both must only have 1 value as per HTTP/2 spec`;
    return answer(400, GrpcCode.internal, text);
  }
  if (!grpcContentType.test(draft.contentType ?? "")) {
    const text = `invalid gRPC request content-type ${quoted(draft.contentType ?? "")}`;
    return answer(415, GrpcCode.invalidArgument, text);
  }
  if (draft.badValue !== undefined) return answer(400, GrpcCode.internal, draft.badValue);
  if (method !== "POST") {
    const text = `Received a HEADERS frame with :method ${quoted(method)} which should be POST`;
    return answer(405, GrpcCode.internal, text);
  }
  return undefined;
}

/** Understands a header list; `truncated` says that it was longer than the limit. */
export function readHead(
  fields: readonly HeaderEntry[],
  truncated: boolean,
  methods: MethodTable,
): RequestHead {
  const draft = new Draft();
  for (const field of fields) draft.take(field);
  const path = draft.path ?? "";
  const entry = methods.find(path);
  const { encoding, timeoutMs } = draft;
  const gzip = encoding === "gzip";
  let refusal: Refusal | undefined;
  if (truncated) refusal = { kind: "reset", code: ErrorCode.frameSizeError };
  else refusal = refuse(draft);
  if (refusal === undefined && entry === undefined) {
    refusal = answer(200, GrpcCode.unimplemented, methods.unknownText(path, quoted));
  }
  if (refusal === undefined && encoding !== "" && encoding !== "identity" && !gzip) {
    const text = `grpc: Decompressor is not installed for grpc-encoding ${quoted(encoding)}`;
    refusal = answer(200, GrpcCode.unimplemented, text, true);
  }
  return { path, metadata: new Metadata(fields), entry, refusal, timeoutMs, gzip };
}
