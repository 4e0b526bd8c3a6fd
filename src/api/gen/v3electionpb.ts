// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec, MethodDescriptor } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";
import * as etcdserverpb from "./etcdserverpb.ts";
import * as mvccpb from "./mvccpb.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export interface CampaignRequest {
  name: Uint8Array;
  lease: bigint;
  value: Uint8Array;
}

export const CampaignRequest: MessageCodec<CampaignRequest> = {
  typeName: "v3electionpb.CampaignRequest",
  create(init) {
    const message: CampaignRequest = {
      name: EMPTY,
      lease: 0n,
      value: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); CampaignRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return CampaignRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.bytes(message.name); }
    if (message.lease !== undefined && message.lease !== 0n) { writer.uint32(16); writer.bigint64(message.lease); }
    if (message.value !== undefined && message.value.length > 0) { writer.uint32(26); writer.bytes(message.value); }
  },
  read(reader, begun) {
    const message: CampaignRequest = begun ?? {
      name: EMPTY,
      lease: 0n,
      value: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.bytes(); break;
        case 16: message.lease = reader.int64(); break;
        case 26: message.value = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface CampaignResponse {
  header: etcdserverpb.ResponseHeader | undefined;
  leader: LeaderKey | undefined;
}

export const CampaignResponse: MessageCodec<CampaignResponse> = {
  typeName: "v3electionpb.CampaignResponse",
  create(init) {
    const message: CampaignResponse = {
      header: undefined,
      leader: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); CampaignResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return CampaignResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.leader !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    LeaderKey.write(message.leader, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: CampaignResponse = begun ?? {
      header: undefined,
      leader: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = etcdserverpb.ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.leader = LeaderKey.read(reader.nested(), message.leader); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaderKey {
  name: Uint8Array;
  key: Uint8Array;
  rev: number;
  lease: bigint;
}

export const LeaderKey: MessageCodec<LeaderKey> = {
  typeName: "v3electionpb.LeaderKey",
  create(init) {
    const message: LeaderKey = {
      name: EMPTY,
      key: EMPTY,
      rev: 0,
      lease: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaderKey.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaderKey.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.bytes(message.name); }
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(18); writer.bytes(message.key); }
    if (message.rev !== undefined && message.rev !== 0) { writer.uint32(24); writer.number64(message.rev); }
    if (message.lease !== undefined && message.lease !== 0n) { writer.uint32(32); writer.bigint64(message.lease); }
  },
  read(reader, begun) {
    const message: LeaderKey = begun ?? {
      name: EMPTY,
      key: EMPTY,
      rev: 0,
      lease: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.bytes(); break;
        case 18: message.key = reader.bytes(); break;
        case 24: message.rev = reader.int64Number(); break;
        case 32: message.lease = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaderRequest {
  name: Uint8Array;
}

export const LeaderRequest: MessageCodec<LeaderRequest> = {
  typeName: "v3electionpb.LeaderRequest",
  create(init) {
    const message: LeaderRequest = {
      name: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaderRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaderRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.bytes(message.name); }
  },
  read(reader, begun) {
    const message: LeaderRequest = begun ?? {
      name: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaderResponse {
  header: etcdserverpb.ResponseHeader | undefined;
  kv: mvccpb.KeyValue | undefined;
}

export const LeaderResponse: MessageCodec<LeaderResponse> = {
  typeName: "v3electionpb.LeaderResponse",
  create(init) {
    const message: LeaderResponse = {
      header: undefined,
      kv: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaderResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaderResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.kv !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    mvccpb.KeyValue.write(message.kv, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaderResponse = begun ?? {
      header: undefined,
      kv: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = etcdserverpb.ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.kv = mvccpb.KeyValue.read(reader.nested(), message.kv); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ResignRequest {
  leader: LeaderKey | undefined;
}

export const ResignRequest: MessageCodec<ResignRequest> = {
  typeName: "v3electionpb.ResignRequest",
  create(init) {
    const message: ResignRequest = {
      leader: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ResignRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return ResignRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.leader !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    LeaderKey.write(message.leader, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: ResignRequest = begun ?? {
      leader: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.leader = LeaderKey.read(reader.nested(), message.leader); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ResignResponse {
  header: etcdserverpb.ResponseHeader | undefined;
}

export const ResignResponse: MessageCodec<ResignResponse> = {
  typeName: "v3electionpb.ResignResponse",
  create(init) {
    const message: ResignResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ResignResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return ResignResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: ResignResponse = begun ?? {
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

export interface ProclaimRequest {
  leader: LeaderKey | undefined;
  value: Uint8Array;
}

export const ProclaimRequest: MessageCodec<ProclaimRequest> = {
  typeName: "v3electionpb.ProclaimRequest",
  create(init) {
    const message: ProclaimRequest = {
      leader: undefined,
      value: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ProclaimRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return ProclaimRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.leader !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    LeaderKey.write(message.leader, writer);
    writer.close(start); }
    }
    if (message.value !== undefined && message.value.length > 0) { writer.uint32(18); writer.bytes(message.value); }
  },
  read(reader, begun) {
    const message: ProclaimRequest = begun ?? {
      leader: undefined,
      value: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.leader = LeaderKey.read(reader.nested(), message.leader); break;
        case 18: message.value = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ProclaimResponse {
  header: etcdserverpb.ResponseHeader | undefined;
}

export const ProclaimResponse: MessageCodec<ProclaimResponse> = {
  typeName: "v3electionpb.ProclaimResponse",
  create(init) {
    const message: ProclaimResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ProclaimResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return ProclaimResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    etcdserverpb.ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: ProclaimResponse = begun ?? {
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

export const ElectionService = {
  campaign: {
    path: "/v3electionpb.Election/Campaign",
    request: CampaignRequest, response: CampaignResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<CampaignRequest, CampaignResponse>,
  proclaim: {
    path: "/v3electionpb.Election/Proclaim",
    request: ProclaimRequest, response: ProclaimResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<ProclaimRequest, ProclaimResponse>,
  leader: {
    path: "/v3electionpb.Election/Leader",
    request: LeaderRequest, response: LeaderResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<LeaderRequest, LeaderResponse>,
  observe: {
    path: "/v3electionpb.Election/Observe",
    request: LeaderRequest, response: LeaderResponse,
    requestStream: false, responseStream: true,
  } satisfies MethodDescriptor<LeaderRequest, LeaderResponse>,
  resign: {
    path: "/v3electionpb.Election/Resign",
    request: ResignRequest, response: ResignResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<ResignRequest, ResignResponse>,
} as const;
