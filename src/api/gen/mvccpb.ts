// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export interface KeyValue {
  key: Uint8Array;
  createRevision: number;
  modRevision: number;
  version: number;
  value: Uint8Array;
  lease: bigint;
}

export const KeyValue: MessageCodec<KeyValue> = {
  typeName: "mvccpb.KeyValue",
  create(init) {
    const message: KeyValue = {
      key: EMPTY,
      createRevision: 0,
      modRevision: 0,
      version: 0,
      value: EMPTY,
      lease: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); KeyValue.write(message, writer); return writer.copy(); },
  decode(bytes) { return KeyValue.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(10); writer.bytes(message.key); }
    if (message.createRevision !== undefined && message.createRevision !== 0) { writer.uint32(16); writer.number64(message.createRevision); }
    if (message.modRevision !== undefined && message.modRevision !== 0) { writer.uint32(24); writer.number64(message.modRevision); }
    if (message.version !== undefined && message.version !== 0) { writer.uint32(32); writer.number64(message.version); }
    if (message.value !== undefined && message.value.length > 0) { writer.uint32(42); writer.bytes(message.value); }
    if (message.lease !== undefined && message.lease !== 0n) { writer.uint32(48); writer.bigint64(message.lease); }
  },
  read(reader, begun) {
    const message: KeyValue = begun ?? {
      key: EMPTY,
      createRevision: 0,
      modRevision: 0,
      version: 0,
      value: EMPTY,
      lease: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.key = reader.bytes(); break;
        case 16: message.createRevision = reader.int64Number(); break;
        case 24: message.modRevision = reader.int64Number(); break;
        case 32: message.version = reader.int64Number(); break;
        case 42: message.value = reader.bytes(); break;
        case 48: message.lease = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Event {
  type: Event_EventType;
  kv: KeyValue | undefined;
  prevKv: KeyValue | undefined;
}

export const Event: MessageCodec<Event> = {
  typeName: "mvccpb.Event",
  create(init) {
    const message: Event = {
      type: 0,
      kv: undefined,
      prevKv: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Event.write(message, writer); return writer.copy(); },
  decode(bytes) { return Event.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.type !== undefined && message.type !== 0) { writer.uint32(8); writer.int32(message.type); }
    if (message.kv !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    KeyValue.write(message.kv, writer);
    writer.close(start); }
    }
    if (message.prevKv !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    KeyValue.write(message.prevKv, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: Event = begun ?? {
      type: 0,
      kv: undefined,
      prevKv: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.type = reader.int32(); break;
        case 18: message.kv = KeyValue.read(reader.nested(), message.kv); break;
        case 26: message.prevKv = KeyValue.read(reader.nested(), message.prevKv); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type Event_EventType = number;
export const Event_EventType = {
  PUT: 0,
  DELETE: 1,
} as const;
