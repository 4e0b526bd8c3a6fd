// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";

export interface RaftAttributes {
  peerUrls: string[];
  isLearner: boolean;
}

export const RaftAttributes: MessageCodec<RaftAttributes> = {
  typeName: "membershippb.RaftAttributes",
  create(init) {
    const message: RaftAttributes = {
      peerUrls: [],
      isLearner: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); RaftAttributes.write(message, writer); return writer.copy(); },
  decode(bytes) { return RaftAttributes.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.peerUrls !== undefined) for (const item of message.peerUrls) {
    writer.uint32(10);
    writer.string(item); }
    if (message.isLearner !== undefined && message.isLearner !== false) { writer.uint32(16); writer.bool(message.isLearner); }
  },
  read(reader, begun) {
    const message: RaftAttributes = begun ?? {
      peerUrls: [],
      isLearner: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.peerUrls.push(reader.string()); break;
        case 16: message.isLearner = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Attributes {
  name: string;
  clientUrls: string[];
}

export const Attributes: MessageCodec<Attributes> = {
  typeName: "membershippb.Attributes",
  create(init) {
    const message: Attributes = {
      name: "",
      clientUrls: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Attributes.write(message, writer); return writer.copy(); },
  decode(bytes) { return Attributes.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.clientUrls !== undefined) for (const item of message.clientUrls) {
    writer.uint32(18);
    writer.string(item); }
  },
  read(reader, begun) {
    const message: Attributes = begun ?? {
      name: "",
      clientUrls: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.clientUrls.push(reader.string()); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Member {
  ID: bigint;
  raftAttributes: RaftAttributes | undefined;
  memberAttributes: Attributes | undefined;
}

export const Member: MessageCodec<Member> = {
  typeName: "membershippb.Member",
  create(init) {
    const message: Member = {
      ID: 0n,
      raftAttributes: undefined,
      memberAttributes: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Member.write(message, writer); return writer.copy(); },
  decode(bytes) { return Member.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.raftAttributes !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    RaftAttributes.write(message.raftAttributes, writer);
    writer.close(start); }
    }
    if (message.memberAttributes !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    Attributes.write(message.memberAttributes, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: Member = begun ?? {
      ID: 0n,
      raftAttributes: undefined,
      memberAttributes: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        case 18: message.raftAttributes = RaftAttributes.read(reader.nested(), message.raftAttributes); break;
        case 26: message.memberAttributes = Attributes.read(reader.nested(), message.memberAttributes); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ClusterVersionSetRequest {
  ver: string;
}

export const ClusterVersionSetRequest: MessageCodec<ClusterVersionSetRequest> = {
  typeName: "membershippb.ClusterVersionSetRequest",
  create(init) {
    const message: ClusterVersionSetRequest = {
      ver: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ClusterVersionSetRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return ClusterVersionSetRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ver !== undefined && message.ver.length > 0) { writer.uint32(10); writer.string(message.ver); }
  },
  read(reader, begun) {
    const message: ClusterVersionSetRequest = begun ?? {
      ver: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.ver = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ClusterMemberAttrSetRequest {
  memberID: bigint;
  memberAttributes: Attributes | undefined;
}

export const ClusterMemberAttrSetRequest: MessageCodec<ClusterMemberAttrSetRequest> = {
  typeName: "membershippb.ClusterMemberAttrSetRequest",
  create(init) {
    const message: ClusterMemberAttrSetRequest = {
      memberID: 0n,
      memberAttributes: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ClusterMemberAttrSetRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return ClusterMemberAttrSetRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.memberID !== undefined && message.memberID !== 0n) { writer.uint32(8); writer.bigint64(message.memberID); }
    if (message.memberAttributes !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    Attributes.write(message.memberAttributes, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: ClusterMemberAttrSetRequest = begun ?? {
      memberID: 0n,
      memberAttributes: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.memberID = reader.uint64(); break;
        case 18: message.memberAttributes = Attributes.read(reader.nested(), message.memberAttributes); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DowngradeInfoSetRequest {
  enabled: boolean;
  ver: string;
}

export const DowngradeInfoSetRequest: MessageCodec<DowngradeInfoSetRequest> = {
  typeName: "membershippb.DowngradeInfoSetRequest",
  create(init) {
    const message: DowngradeInfoSetRequest = {
      enabled: false,
      ver: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DowngradeInfoSetRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return DowngradeInfoSetRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.enabled !== undefined && message.enabled !== false) { writer.uint32(8); writer.bool(message.enabled); }
    if (message.ver !== undefined && message.ver.length > 0) { writer.uint32(18); writer.string(message.ver); }
  },
  read(reader, begun) {
    const message: DowngradeInfoSetRequest = begun ?? {
      enabled: false,
      ver: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.enabled = reader.bool(); break;
        case 18: message.ver = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};
