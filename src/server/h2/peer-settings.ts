// SPDX-License-Identifier: Apache-2.0

import {
  ErrorCode,
  FRAME_BYTES_MAX,
  SETTING_ENABLE_PUSH,
  SETTING_HEADER_TABLE_SIZE,
  SETTING_INITIAL_WINDOW_SIZE,
  SETTING_MAX_CONCURRENT_STREAMS,
  SETTING_MAX_FRAME_SIZE,
  SETTING_MAX_HEADER_LIST_SIZE,
  uint32At,
  WINDOW_BYTES_MAX,
} from "./frames.ts";
import type { H2Limits } from "./limits.ts";

const ENTRY_BYTES = 6;
const FRAME_BYTES_LIMIT = 0xff_ffff;
const UNLIMITED = 0xffff_ffff;

/** What of a client's SETTINGS matters to this side; undefined where it said nothing. */
export interface PeerSettings {
  readonly initialWindow: number | undefined;
  readonly headerTableBytes: number | undefined;
}

/** Reads a SETTINGS payload, or says by which error it is wrong. */
export function readSettings(
  bytes: Uint8Array,
  start: number,
  end: number,
): PeerSettings | ErrorCode {
  if ((end - start) % ENTRY_BYTES !== 0) return ErrorCode.frameSizeError;
  let initialWindow: number | undefined;
  let headerTableBytes: number | undefined;
  for (let at = start; at < end; at += ENTRY_BYTES) {
    const name = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const value = uint32At(bytes, at + 2);
    switch (name) {
      case SETTING_HEADER_TABLE_SIZE:
        // The smallest value counts, even when a larger one follows in the same frame.
        headerTableBytes = Math.min(headerTableBytes ?? value, value);
        break;
      case SETTING_ENABLE_PUSH:
        if (value > 1) return ErrorCode.protocolError;
        break;
      case SETTING_INITIAL_WINDOW_SIZE:
        if (value > WINDOW_BYTES_MAX) return ErrorCode.flowControlError;
        initialWindow = value;
        break;
      case SETTING_MAX_FRAME_SIZE:
        // Frames of this side never exceed the smallest value that may be announced.
        if (value < FRAME_BYTES_MAX || value > FRAME_BYTES_LIMIT) return ErrorCode.protocolError;
        break;
      default:
    }
  }
  return { initialWindow, headerTableBytes };
}

/** The payload of our own SETTINGS. */
export function ownSettings(limits: H2Limits): Uint8Array {
  const entries: [number, number][] = [
    [SETTING_INITIAL_WINDOW_SIZE, limits.streamWindowBytes],
    [SETTING_MAX_HEADER_LIST_SIZE, limits.headerListBytesMax],
  ];
  if (limits.maxConcurrentStreams < UNLIMITED) {
    entries.push([SETTING_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams]);
  }
  const payload = Buffer.alloc(entries.length * ENTRY_BYTES);
  entries.forEach(([name, value], index) => {
    payload.writeUInt16BE(name, index * ENTRY_BYTES);
    payload.writeUInt32BE(value, index * ENTRY_BYTES + 2);
  });
  return payload;
}
