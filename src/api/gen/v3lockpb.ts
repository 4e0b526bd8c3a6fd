// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec, MethodDescriptor } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";
import * as etcdserverpb from "./etcdserverpb.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export interface LockRequest {
  name: Uint8Array;
  lease: bigint;
}

export const LockRequest: MessageCodec<LockRequest> = {
  typeName: "v3lockpb.LockRequest",
  create(init) {
    const message: LockRequest = {
      name: EMPTY,
      lease: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LockRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LockRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.bytes(message.name); }
    if (message.lease !== undefined && message.lease !== 0n) { writer.uint32(16); writer.bigint64(message.lease); }
  },
  read(reader, begun) {
    const message: LockRequest = begun ?? {
      name: EMPTY,
      lease: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.bytes(); break;
        case 16: message.lease = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LockResponse {
  header: etcdserverpb.ResponseHeader | undefined;
  key: Uint8Array;
}

export const LockResponse: MessageCodec<LockResponse> = {
  typeName: "v3lockpb.LockResponse",
  create(init) {
    const message: LockResponse = {
      header: undefined,
      key: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LockResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LockResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(18); writer.bytes(message.key); }
  },
  read(reader, begun) {
    const message: LockResponse = begun ?? {
      header: undefined,
      key: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = etcdserverpb.ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.key = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface UnlockRequest {
  key: Uint8Array;
}

export const UnlockRequest: MessageCodec<UnlockRequest> = {
  typeName: "v3lockpb.UnlockRequest",
  create(init) {
    const message: UnlockRequest = {
      key: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); UnlockRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return UnlockRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(10); writer.bytes(message.key); }
  },
  read(reader, begun) {
    const message: UnlockRequest = begun ?? {
      key: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.key = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface UnlockResponse {
  header: etcdserverpb.ResponseHeader | undefined;
}

export const UnlockResponse: MessageCodec<UnlockResponse> = {
  typeName: "v3lockpb.UnlockResponse",
  create(init) {
    const message: UnlockResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); UnlockResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return UnlockResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: UnlockResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = etcdserverpb.ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export const LockService = {
  lock: {
    path: "/v3lockpb.Lock/Lock",
    request: LockRequest, response: LockResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<LockRequest, LockResponse>,
  unlock: {
    path: "/v3lockpb.Lock/Unlock",
    request: UnlockRequest, response: UnlockResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<UnlockRequest, UnlockResponse>,
} as const;
