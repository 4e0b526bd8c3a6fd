// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";
import * as etcdserverpb from "./etcdserverpb.ts";

export interface Lease {
  ID: bigint;
  TTL: number;
  RemainingTTL: number;
}

export const Lease: MessageCodec<Lease> = {
  typeName: "leasepb.Lease",
  create(init) {
    const message: Lease = {
      ID: 0n,
      TTL: 0,
      RemainingTTL: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Lease.write(message, writer); return writer.copy(); },
  decode(bytes) { return Lease.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.TTL !== undefined && message.TTL !== 0) { writer.uint32(16); writer.number64(message.TTL); }
    if (message.RemainingTTL !== undefined && message.RemainingTTL !== 0) { writer.uint32(24); writer.number64(message.RemainingTTL); }
  },
  read(reader, begun) {
    const message: Lease = begun ?? {
      ID: 0n,
      TTL: 0,
      RemainingTTL: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.int64(); break;
        case 16: message.TTL = reader.int64Number(); break;
        case 24: message.RemainingTTL = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseInternalRequest {
  LeaseTimeToLiveRequest: etcdserverpb.LeaseTimeToLiveRequest | undefined;
}

export const LeaseInternalRequest: MessageCodec<LeaseInternalRequest> = {
  typeName: "leasepb.LeaseInternalRequest",
  create(init) {
    const message: LeaseInternalRequest = {
      LeaseTimeToLiveRequest: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseInternalRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseInternalRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.LeaseTimeToLiveRequest !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.LeaseTimeToLiveRequest.write(message.LeaseTimeToLiveRequest, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaseInternalRequest = begun ?? {
      LeaseTimeToLiveRequest: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.LeaseTimeToLiveRequest = etcdserverpb.LeaseTimeToLiveRequest.read(reader.nested(), message.LeaseTimeToLiveRequest); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseInternalResponse {
  LeaseTimeToLiveResponse: etcdserverpb.LeaseTimeToLiveResponse | undefined;
}

export const LeaseInternalResponse: MessageCodec<LeaseInternalResponse> = {
  typeName: "leasepb.LeaseInternalResponse",
  create(init) {
    const message: LeaseInternalResponse = {
      LeaseTimeToLiveResponse: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseInternalResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseInternalResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.LeaseTimeToLiveResponse !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.LeaseTimeToLiveResponse.write(message.LeaseTimeToLiveResponse, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaseInternalResponse = begun ?? {
      LeaseTimeToLiveResponse: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.LeaseTimeToLiveResponse = etcdserverpb.LeaseTimeToLiveResponse.read(reader.nested(), message.LeaseTimeToLiveResponse); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};
