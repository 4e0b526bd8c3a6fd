// SPDX-License-Identifier: Apache-2.0

import { WireWriter } from "../../base/wire-writer.ts";

/** Writes response headers; the identities never change, so their bytes are made once. */
export class HeaderWriter {
  readonly #identities: Uint8Array;

  constructor(clusterId: bigint, memberId: bigint) {
    const writer = new WireWriter();
    writer.uint32(0x08);
    writer.bigint64(clusterId);
    writer.uint32(0x10);
    writer.bigint64(memberId);
    this.#identities = writer.copy();
  }

  /** Field 1 of every response: identities, revision (left out when 0) and raft term. */
  write(writer: WireWriter, revision: number, raftTerm: number): void {
    writer.uint32(0x0a);
    const start = writer.open();
    writer.raw(this.#identities);
    if (revision !== 0) {
      writer.uint32(0x18);
      writer.number64(revision);
    }
    if (raftTerm !== 0) {
      writer.uint32(0x20);
      writer.number64(raftTerm);
    }
    writer.close(start);
  }
}

/** The header inside a transaction's answer: a revision and nothing else. */
export function writeInnerHeader(writer: WireWriter, revision: number): void {
  writer.uint32(0x0a);
  const start = writer.open();
  if (revision !== 0) {
    writer.uint32(0x18);
    writer.number64(revision);
  }
  writer.close(start);
}
