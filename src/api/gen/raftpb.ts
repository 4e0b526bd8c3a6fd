// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";

/** An open enum: numbers outside the list can arrive. */
export type EntryType = number;
export const EntryType = {
  EntryNormal: 0,
  EntryConfChange: 1,
  EntryConfChangeV2: 2,
} as const;

/** An open enum: numbers outside the list can arrive. */
export type MessageType = number;
export const MessageType = {
  MsgHup: 0,
  MsgBeat: 1,
  MsgProp: 2,
  MsgApp: 3,
  MsgAppResp: 4,
  MsgVote: 5,
  MsgVoteResp: 6,
  MsgSnap: 7,
  MsgHeartbeat: 8,
  MsgHeartbeatResp: 9,
  MsgUnreachable: 10,
  MsgSnapStatus: 11,
  MsgCheckQuorum: 12,
  MsgTransferLeader: 13,
  MsgTimeoutNow: 14,
  MsgReadIndex: 15,
  MsgReadIndexResp: 16,
  MsgPreVote: 17,
  MsgPreVoteResp: 18,
  MsgStorageAppend: 19,
  MsgStorageAppendResp: 20,
  MsgStorageApply: 21,
  MsgStorageApplyResp: 22,
  MsgForgetLeader: 23,
} as const;

/** An open enum: numbers outside the list can arrive. */
export type ConfChangeTransition = number;
export const ConfChangeTransition = {
  ConfChangeTransitionAuto: 0,
  ConfChangeTransitionJointImplicit: 1,
  ConfChangeTransitionJointExplicit: 2,
} as const;

/** An open enum: numbers outside the list can arrive. */
export type ConfChangeType = number;
export const ConfChangeType = {
  ConfChangeAddNode: 0,
  ConfChangeRemoveNode: 1,
  ConfChangeUpdateNode: 2,
  ConfChangeAddLearnerNode: 3,
} as const;

export interface Entry {
  Type: EntryType | undefined;
  Term: number | undefined;
  Index: number | undefined;
  Data: Uint8Array | undefined;
}

export const Entry: MessageCodec<Entry> = {
  typeName: "raftpb.Entry",
  create(init) {
    const message: Entry = {
      Type: undefined,
      Term: undefined,
      Index: undefined,
      Data: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Entry.write(message, writer); return writer.copy(); },
  decode(bytes) { return Entry.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.Type !== undefined) { writer.uint32(8); writer.int32(message.Type); }
    if (message.Term !== undefined) { writer.uint32(16); writer.number64(message.Term); }
    if (message.Index !== undefined) { writer.uint32(24); writer.number64(message.Index); }
    if (message.Data !== undefined) { writer.uint32(34); writer.bytes(message.Data); }
  },
  read(reader, begun) {
    const message: Entry = begun ?? {
      Type: undefined,
      Term: undefined,
      Index: undefined,
      Data: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.Type = reader.int32(); break;
        case 16: message.Term = reader.uint64Number(); break;
        case 24: message.Index = reader.uint64Number(); break;
        case 34: message.Data = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface SnapshotMetadata {
  confState: ConfState | undefined;
  index: number | undefined;
  term: number | undefined;
}

export const SnapshotMetadata: MessageCodec<SnapshotMetadata> = {
  typeName: "raftpb.SnapshotMetadata",
  create(init) {
    const message: SnapshotMetadata = {
      confState: undefined,
      index: undefined,
      term: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); SnapshotMetadata.write(message, writer); return writer.copy(); },
  decode(bytes) { return SnapshotMetadata.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.confState !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ConfState.write(message.confState, writer);
    writer.close(start); }
    }
    if (message.index !== undefined) { writer.uint32(16); writer.number64(message.index); }
    if (message.term !== undefined) { writer.uint32(24); writer.number64(message.term); }
  },
  read(reader, begun) {
    const message: SnapshotMetadata = begun ?? {
      confState: undefined,
      index: undefined,
      term: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.confState = ConfState.read(reader.nested(), message.confState); break;
        case 16: message.index = reader.uint64Number(); break;
        case 24: message.term = reader.uint64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Snapshot {
  data: Uint8Array | undefined;
  metadata: SnapshotMetadata | undefined;
}

export const Snapshot: MessageCodec<Snapshot> = {
  typeName: "raftpb.Snapshot",
  create(init) {
    const message: Snapshot = {
      data: undefined,
      metadata: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Snapshot.write(message, writer); return writer.copy(); },
  decode(bytes) { return Snapshot.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.data !== undefined) { writer.uint32(10); writer.bytes(message.data); }
    if (message.metadata !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    SnapshotMetadata.write(message.metadata, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: Snapshot = begun ?? {
      data: undefined,
      metadata: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.data = reader.bytes(); break;
        case 18: message.metadata = SnapshotMetadata.read(reader.nested(), message.metadata); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Message {
  type: MessageType | undefined;
  to: bigint | undefined;
  from: bigint | undefined;
  term: number | undefined;
  logTerm: number | undefined;
  index: number | undefined;
  entries: Entry[];
  commit: number | undefined;
  snapshot: Snapshot | undefined;
  reject: boolean | undefined;
  rejectHint: number | undefined;
  context: Uint8Array | undefined;
  vote: bigint | undefined;
  responses: Message[];
}

export const Message: MessageCodec<Message> = {
  typeName: "raftpb.Message",
  create(init) {
    const message: Message = {
      type: undefined,
      to: undefined,
      from: undefined,
      term: undefined,
      logTerm: undefined,
      index: undefined,
      entries: [],
      commit: undefined,
      snapshot: undefined,
      reject: undefined,
      rejectHint: undefined,
      context: undefined,
      vote: undefined,
      responses: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Message.write(message, writer); return writer.copy(); },
  decode(bytes) { return Message.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.type !== undefined) { writer.uint32(8); writer.int32(message.type); }
    if (message.to !== undefined) { writer.uint32(16); writer.bigint64(message.to); }
    if (message.from !== undefined) { writer.uint32(24); writer.bigint64(message.from); }
    if (message.term !== undefined) { writer.uint32(32); writer.number64(message.term); }
    if (message.logTerm !== undefined) { writer.uint32(40); writer.number64(message.logTerm); }
    if (message.index !== undefined) { writer.uint32(48); writer.number64(message.index); }
    if (message.entries !== undefined) for (const item of message.entries) {
    writer.uint32(58);
    { const start = writer.open();
    Entry.write(item, writer);
    writer.close(start); }
    }
    if (message.commit !== undefined) { writer.uint32(64); writer.number64(message.commit); }
    if (message.snapshot !== undefined) {
    writer.uint32(74);
    { const start = writer.open();
    Snapshot.write(message.snapshot, writer);
    writer.close(start); }
    }
    if (message.reject !== undefined) { writer.uint32(80); writer.bool(message.reject); }
    if (message.rejectHint !== undefined) { writer.uint32(88); writer.number64(message.rejectHint); }
    if (message.context !== undefined) { writer.uint32(98); writer.bytes(message.context); }
    if (message.vote !== undefined) { writer.uint32(104); writer.bigint64(message.vote); }
    if (message.responses !== undefined) for (const item of message.responses) {
    writer.uint32(114);
    { const start = writer.open();
    Message.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: Message = begun ?? {
      type: undefined,
      to: undefined,
      from: undefined,
      term: undefined,
      logTerm: undefined,
      index: undefined,
      entries: [],
      commit: undefined,
      snapshot: undefined,
      reject: undefined,
      rejectHint: undefined,
      context: undefined,
      vote: undefined,
      responses: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.type = reader.int32(); break;
        case 16: message.to = reader.uint64(); break;
        case 24: message.from = reader.uint64(); break;
        case 32: message.term = reader.uint64Number(); break;
        case 40: message.logTerm = reader.uint64Number(); break;
        case 48: message.index = reader.uint64Number(); break;
        case 58: message.entries.push(Entry.read(reader.nested())); break;
        case 64: message.commit = reader.uint64Number(); break;
        case 74: message.snapshot = Snapshot.read(reader.nested(), message.snapshot); break;
        case 80: message.reject = reader.bool(); break;
        case 88: message.rejectHint = reader.uint64Number(); break;
        case 98: message.context = reader.bytes(); break;
        case 104: message.vote = reader.uint64(); break;
        case 114: message.responses.push(Message.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface HardState {
  term: number | undefined;
  vote: bigint | undefined;
  commit: number | undefined;
}

export const HardState: MessageCodec<HardState> = {
  typeName: "raftpb.HardState",
  create(init) {
    const message: HardState = {
      term: undefined,
      vote: undefined,
      commit: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); HardState.write(message, writer); return writer.copy(); },
  decode(bytes) { return HardState.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.term !== undefined) { writer.uint32(8); writer.number64(message.term); }
    if (message.vote !== undefined) { writer.uint32(16); writer.bigint64(message.vote); }
    if (message.commit !== undefined) { writer.uint32(24); writer.number64(message.commit); }
  },
  read(reader, begun) {
    const message: HardState = begun ?? {
      term: undefined,
      vote: undefined,
      commit: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.term = reader.uint64Number(); break;
        case 16: message.vote = reader.uint64(); break;
        case 24: message.commit = reader.uint64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ConfState {
  voters: bigint[];
  learners: bigint[];
  votersOutgoing: bigint[];
  learnersNext: bigint[];
  autoLeave: boolean | undefined;
}

export const ConfState: MessageCodec<ConfState> = {
  typeName: "raftpb.ConfState",
  create(init) {
    const message: ConfState = {
      voters: [],
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ConfState.write(message, writer); return writer.copy(); },
  decode(bytes) { return ConfState.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.voters !== undefined) for (const item of message.voters) {
    writer.uint32(8);
    writer.bigint64(item); }
    if (message.learners !== undefined) for (const item of message.learners) {
    writer.uint32(16);
    writer.bigint64(item); }
    if (message.votersOutgoing !== undefined) for (const item of message.votersOutgoing) {
    writer.uint32(24);
    writer.bigint64(item); }
    if (message.learnersNext !== undefined) for (const item of message.learnersNext) {
    writer.uint32(32);
    writer.bigint64(item); }
    if (message.autoLeave !== undefined) { writer.uint32(40); writer.bool(message.autoLeave); }
  },
  read(reader, begun) {
    const message: ConfState = begun ?? {
      voters: [],
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.voters.push(reader.uint64()); break;
        case 10: { const packed = reader.nested(); while (packed.position < packed.end) message.voters.push(packed.uint64()); } break;
        case 16: message.learners.push(reader.uint64()); break;
        case 18: { const packed = reader.nested(); while (packed.position < packed.end) message.learners.push(packed.uint64()); } break;
        case 24: message.votersOutgoing.push(reader.uint64()); break;
        case 26: { const packed = reader.nested(); while (packed.position < packed.end) message.votersOutgoing.push(packed.uint64()); } break;
        case 32: message.learnersNext.push(reader.uint64()); break;
        case 34: { const packed = reader.nested(); while (packed.position < packed.end) message.learnersNext.push(packed.uint64()); } break;
        case 40: message.autoLeave = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ConfChange {
  id: bigint | undefined;
  type: ConfChangeType | undefined;
  nodeId: bigint | undefined;
  context: Uint8Array | undefined;
}

export const ConfChange: MessageCodec<ConfChange> = {
  typeName: "raftpb.ConfChange",
  create(init) {
    const message: ConfChange = {
      id: undefined,
      type: undefined,
      nodeId: undefined,
      context: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ConfChange.write(message, writer); return writer.copy(); },
  decode(bytes) { return ConfChange.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.id !== undefined) { writer.uint32(8); writer.bigint64(message.id); }
    if (message.type !== undefined) { writer.uint32(16); writer.int32(message.type); }
    if (message.nodeId !== undefined) { writer.uint32(24); writer.bigint64(message.nodeId); }
    if (message.context !== undefined) { writer.uint32(34); writer.bytes(message.context); }
  },
  read(reader, begun) {
    const message: ConfChange = begun ?? {
      id: undefined,
      type: undefined,
      nodeId: undefined,
      context: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.id = reader.uint64(); break;
        case 16: message.type = reader.int32(); break;
        case 24: message.nodeId = reader.uint64(); break;
        case 34: message.context = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ConfChangeSingle {
  type: ConfChangeType | undefined;
  nodeId: bigint | undefined;
}

export const ConfChangeSingle: MessageCodec<ConfChangeSingle> = {
  typeName: "raftpb.ConfChangeSingle",
  create(init) {
    const message: ConfChangeSingle = {
      type: undefined,
      nodeId: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ConfChangeSingle.write(message, writer); return writer.copy(); },
  decode(bytes) { return ConfChangeSingle.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.type !== undefined) { writer.uint32(8); writer.int32(message.type); }
    if (message.nodeId !== undefined) { writer.uint32(16); writer.bigint64(message.nodeId); }
  },
  read(reader, begun) {
    const message: ConfChangeSingle = begun ?? {
      type: undefined,
      nodeId: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.type = reader.int32(); break;
        case 16: message.nodeId = reader.uint64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ConfChangeV2 {
  transition: ConfChangeTransition | undefined;
  changes: ConfChangeSingle[];
  context: Uint8Array | undefined;
}

export const ConfChangeV2: MessageCodec<ConfChangeV2> = {
  typeName: "raftpb.ConfChangeV2",
  create(init) {
    const message: ConfChangeV2 = {
      transition: undefined,
      changes: [],
      context: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ConfChangeV2.write(message, writer); return writer.copy(); },
  decode(bytes) { return ConfChangeV2.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.transition !== undefined) { writer.uint32(8); writer.int32(message.transition); }
    if (message.changes !== undefined) for (const item of message.changes) {
    writer.uint32(18);
    { const start = writer.open();
    ConfChangeSingle.write(item, writer);
    writer.close(start); }
    }
    if (message.context !== undefined) { writer.uint32(26); writer.bytes(message.context); }
  },
  read(reader, begun) {
    const message: ConfChangeV2 = begun ?? {
      transition: undefined,
      changes: [],
      context: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.transition = reader.int32(); break;
        case 18: message.changes.push(ConfChangeSingle.read(reader.nested())); break;
        case 26: message.context = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};
