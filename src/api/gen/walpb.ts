// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";
import * as raftpb from "./raftpb.ts";

export interface Record {
  type: number | undefined;
  crc: number | undefined;
  data: Uint8Array | undefined;
}

export const Record: MessageCodec<Record> = {
  typeName: "walpb.Record",
  create(init) {
    const message: Record = {
      type: undefined,
      crc: undefined,
      data: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Record.write(message, writer); return writer.copy(); },
  decode(bytes) { return Record.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.type !== undefined) { writer.uint32(8); writer.number64(message.type); }
    if (message.crc !== undefined) { writer.uint32(16); writer.uint32(message.crc); }
    if (message.data !== undefined) { writer.uint32(26); writer.bytes(message.data); }
  },
  read(reader, begun) {
    const message: Record = begun ?? {
      type: undefined,
      crc: undefined,
      data: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.type = reader.int64Number(); break;
        case 16: message.crc = reader.uint32(); break;
        case 26: message.data = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Snapshot {
  index: number | undefined;
  term: number | undefined;
  confState: raftpb.ConfState | undefined;
}

export const Snapshot: MessageCodec<Snapshot> = {
  typeName: "walpb.Snapshot",
  create(init) {
    const message: Snapshot = {
      index: undefined,
      term: undefined,
      confState: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Snapshot.write(message, writer); return writer.copy(); },
  decode(bytes) { return Snapshot.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.index !== undefined) { writer.uint32(8); writer.number64(message.index); }
    if (message.term !== undefined) { writer.uint32(16); writer.number64(message.term); }
    if (message.confState !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    raftpb.ConfState.write(message.confState, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: Snapshot = begun ?? {
      index: undefined,
      term: undefined,
      confState: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.index = reader.uint64Number(); break;
        case 16: message.term = reader.uint64Number(); break;
        case 26: message.confState = raftpb.ConfState.read(reader.nested(), message.confState); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};
