// SPDX-License-Identifier: Apache-2.0

/** What a header name means to the endpoint; settled once, when the entry is made. */
export const HeaderKind = {
  metadata: 0,
  method: 1,
  scheme: 2,
  path: 3,
  authority: 4,
  contentType: 5,
  grpcTimeout: 6,
  grpcEncoding: 7,
  /** gRPC's and HTTP/2's own, kept out of what `Metadata` lists. */
  reserved: 8,
  /** Metadata whose value is base64. */
  binary: 9,
  /** `connection` and the like, which HTTP/2 forbids. */
  forbidden: 10,
  /** A pseudo header that a request must not have, or a name with characters it must not have. */
  malformed: 11,
  host: 12,
} as const;
export type HeaderKind = (typeof HeaderKind)[keyof typeof HeaderKind];

const kinds = new Map<string, HeaderKind>([
  [":method", HeaderKind.method],
  [":scheme", HeaderKind.scheme],
  [":path", HeaderKind.path],
  [":authority", HeaderKind.authority],
  ["content-type", HeaderKind.contentType],
  ["grpc-timeout", HeaderKind.grpcTimeout],
  ["grpc-encoding", HeaderKind.grpcEncoding],
  ["grpc-message-type", HeaderKind.reserved],
  ["grpc-message", HeaderKind.reserved],
  ["grpc-status", HeaderKind.reserved],
  ["grpc-status-details-bin", HeaderKind.reserved],
  ["grpc-accept-encoding", HeaderKind.reserved],
  ["te", HeaderKind.reserved],
  ["host", HeaderKind.host],
  ["connection", HeaderKind.forbidden],
  ["proxy-connection", HeaderKind.forbidden],
  ["keep-alive", HeaderKind.forbidden],
  ["transfer-encoding", HeaderKind.forbidden],
  ["upgrade", HeaderKind.forbidden],
]);

/** Lower-case tokens of RFC 9110; a leading colon is for pseudo headers, known ones only. */
const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

function kindOf(name: string): HeaderKind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  if (!tokenPattern.test(name)) return HeaderKind.malformed;
  return name.endsWith("-bin") ? HeaderKind.binary : HeaderKind.metadata;
}

/** RFC 7541, section 4.1: what an entry weighs beyond its octets. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** One decoded header field; never changed after it was made, so tables and requests share it. */
export class HeaderEntry {
  readonly name: string;
  readonly value: string;
  readonly kind: HeaderKind;
  /** Size by HPACK's rule. */
  readonly bytes: number;

  /** Names and values hold one character per octet. */
  constructor(name: string, value: string, kind: HeaderKind = kindOf(name)) {
    this.name = name;
    this.value = value;
    this.kind = kind;
    this.bytes = name.length + value.length + ENTRY_OVERHEAD_BYTES;
  }
}
