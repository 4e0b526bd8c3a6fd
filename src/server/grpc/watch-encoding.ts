// SPDX-License-Identifier: Apache-2.0

import { WatchResponse } from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { EMPTY_BYTES } from "../../base/bytes.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { HeaderWriter } from "./response-header.ts";

const TAG_WATCH_ID = 0x10;
const TAG_CANCELED = 0x20;
const TAG_COMPACT_REVISION = 0x28;
const TAG_FRAGMENT = 0x38;

/** A response to a create or cancel request, without its header. */
export type WatchControl = Omit<Init<WatchResponse>, "header" | "events">;

/** Larger responses get memory of their own, so that the encoder does not keep that much. */
const SCRATCH_BYTES_MAX = 256 * 1024;

/**
 * Puts watch responses together from a header, a few small fields and events that are encoded
 * already. One per service: the header's bytes are kept while revision and term stay the same.
 * Every result is valid until the next call only.
 */
export class WatchEncoder {
  readonly #header: HeaderWriter;
  readonly #raftTerm: () => number;
  readonly #writer = new WireWriter();
  readonly #headerWriter = new WireWriter();
  #headerBytes: Uint8Array = EMPTY_BYTES;
  #headerRevision = -1;
  #headerTerm = -1;

  constructor(clusterId: bigint, memberId: bigint, raftTerm: () => number) {
    this.#header = new HeaderWriter(clusterId, memberId);
    this.#raftTerm = raftTerm;
  }

  /** A response to a create or cancel request. */
  control(revision: number, fields: WatchControl): Uint8Array {
    const writer = this.#begin(revision);
    WatchResponse.write(fields, writer);
    return writer.view();
  }

  /** A cancel because history up to the compact revision is gone. */
  compacted(watchId: bigint, revision: number, compactRevision: number): Uint8Array {
    const writer = this.#begin(revision);
    writeWatchId(writer, watchId);
    writer.uint32(TAG_CANCELED);
    writer.bool(true);
    writer.uint32(TAG_COMPACT_REVISION);
    writer.number64(compactRevision);
    return writer.view();
  }

  /** Size of a response without events. */
  baseBytes(watchId: bigint, revision: number): number {
    const writer = this.#begin(revision);
    writeWatchId(writer, watchId);
    return writer.length;
  }

  /** A response with events, or with none to report progress; `more` marks a fragment. */
  events(
    watchId: bigint,
    revision: number,
    fields: readonly Uint8Array[],
    more: boolean,
  ): Uint8Array {
    const writer = this.#begin(revision);
    writeWatchId(writer, watchId);
    if (more) {
      writer.uint32(TAG_FRAGMENT);
      writer.bool(true);
    }
    let size = writer.length;
    for (const field of fields) size += field.length;
    if (size <= SCRATCH_BYTES_MAX) {
      for (const field of fields) writer.raw(field);
      return writer.view();
    }
    const message = Buffer.allocUnsafe(size);
    message.set(writer.view(), 0);
    let position = writer.length;
    for (const field of fields) {
      message.set(field, position);
      position += field.length;
    }
    return message;
  }

  #begin(revision: number): WireWriter {
    const term = this.#raftTerm();
    const writer = this.#writer;
    writer.reset();
    if (revision === this.#headerRevision && term === this.#headerTerm) {
      writer.raw(this.#headerBytes);
      return writer;
    }
    this.#headerWriter.reset();
    this.#header.write(this.#headerWriter, revision, term);
    this.#headerBytes = this.#headerWriter.view();
    writer.raw(this.#headerBytes);
    this.#headerRevision = revision;
    this.#headerTerm = term;
    return writer;
  }
}

function writeWatchId(writer: WireWriter, watchId: bigint): void {
  if (watchId === 0n) return;
  writer.uint32(TAG_WATCH_ID);
  writer.bigint64(watchId);
}
