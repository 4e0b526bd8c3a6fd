// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";

export interface snapshot {
  crc: number | undefined;
  data: Uint8Array | undefined;
}

export const snapshot: MessageCodec<snapshot> = {
  typeName: "snappb.snapshot",
  create(init) {
    const message: snapshot = {
      crc: undefined,
      data: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); snapshot.write(message, writer); return writer.copy(); },
  decode(bytes) { return snapshot.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.crc !== undefined) { writer.uint32(8); writer.uint32(message.crc); }
    if (message.data !== undefined) { writer.uint32(18); writer.bytes(message.data); }
  },
  read(reader, begun) {
    const message: snapshot = begun ?? {
      crc: undefined,
      data: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.crc = reader.uint32(); break;
        case 18: message.data = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};
